"""Which rule speaks of what: precedence, folding, and each matcher."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tierpub.policy import NoteRules, Policy, fold_field, parse_policy
from tierpub.policy.text import compile_text, required

HEAD = "version: 1\ntiers: [public, internal, protect, private, secret]\n"


def policy(rules: str, head: str = HEAD) -> Policy:
    """A policy with these rules."""
    return parse_policy(f"{head}rules:\n{rules}", "policy.yaml", Path())


def one(kind: str, *patterns: str) -> NoteRules:
    """The rules of a policy with a single rule."""
    listed = ", ".join("'" + each.replace("'", "''") + "'" for each in patterns)
    return policy(f"  - {kind}: [{listed}]\n    tier: private\n").rules_for("A.md")


def hit(kind: str, pattern: str, subject: object) -> bool:
    """Whether a rule of `kind` with `pattern` speaks of `subject`."""
    return getattr(one(kind, pattern), kind)(subject) is not None


def nfd(text: str) -> str:
    """`text` decomposed."""
    return unicodedata.normalize("NFD", text)


MATCHES = [
    # paths
    ("note", "People/**", "People/Ann.md", True),
    ("note", "People/**", "x/People/Ann.md", False),
    ("note", "/People", "People/Ann.md", True),
    ("note", "People", "x/People/Ann.md", True),
    ("note", "People/Ann", "People/Ann.md", True),
    ("note", "People/Ann.md", "People/Ann.md", True),
    ("note", "people/ANN.MD", "People/Ann.md", True),
    ("note", "People/*", "People/x/Ann.md", True),
    ("note", "*.md", "People/x/Ann.md", True),
    ("note", "UN*/**", "UNESCO/a.md", True),
    ("note", "UN*/**", "UN.md", False),
    ("note", "**", "a/b.md", True),
    ("note", "Ann", "Annex.md", False),
    ("note", nfd("Köln/**"), "Köln/a.md", True),
    ("note", "Köln/**", nfd("KÖLN/a.md"), True),
    ("note", "Straße/**", "STRASSE/a.md", True),
    ("note", "Stra?e", "Straße.md", True),
    ("note", "An\u200bn", "Ann.md", True),
    ("note", "Ann", "A\u00adnn.md", True),
    ("note", "a b/**", "a b/c.md", True),
    ("note", "a(b).c", "a(b).c.md", True),
    ("note", "a+b", "aab.md", False),
    ("note", "line*", "line\nbreak.md", True),
    ("body", "People/**", "People/Ann.md", True),
    ("attachment", "**/*.pdf", "a/b.PDF", True),
    ("attachment", "*.pdf", "b.pdf.png", False),
    # fields
    ("field", "phone", ("phone",), True),
    ("field", "phone", ("a", "b", "Phone"), True),
    ("field", "phone", ("phone", "home", "no"), True),
    ("field", "phone", ("phones",), False),
    ("field", "a.b", ("a", "b"), True),
    ("field", "a.b", ("a", "b", "c"), True),
    ("field", "a.b", ("x", "a", "b"), False),
    ("field", "a.b", ("a",), False),
    ("field", "a.b", ("a.b",), True),
    ("field", "a.*", ("a", "x.y"), True),
    ("field", "a.*", ("a",), False),
    ("field", "a.*.c", ("a", "b", "d", "c"), False),
    ("field", "a.**.c", ("a", "b", "d", "c"), True),
    ("field", "*_username", ("X_Twitter_username",), True),
    ("field", "*_username", ("X Twitter-Username",), True),
    ("field", "street_address", ("Street  Address",), True),
    ("field", "street-address", ("street_address:",), True),
    ("field", "dv_is_", ("dv_is_", "same_as"), True),
    ("field", "dv_is_", ("dv_is", "same_as"), False),
    ("field", "straße", ("STRASSE",), True),
    ("field", "größe", (nfd("Größe"),), True),
    ("field", "[a-c]x", ("bx",), True),
    ("field", "[a-c]x", ("-x",), False),
    ("field", "a[_]b", ("a-b",), True),
    ("field", "a[-x]b", ("a b",), True),
    ("field", "a[!x]b", ("a", "b"), False),
    ("field", "sal\u200bary", ("salary",), True),
    ("field", "salary", ("sal\u200bary",), True),
    ("field", "a*b", ("a\0b",), True),
    # inline fields
    ("inline_field", "Population", "**Population**", True),
    ("inline_field", "Population", " population: ", True),
    ("inline_field", "Population", "_Population_", True),
    ("inline_field", "Population", "**Population:**", True),
    ("inline_field", "**Population**", "Population", True),
    ("inline_field", "_code", "_code", True),
    ("inline_field", "_code_", "_code_", True),
    ("inline_field", "has_/salary", "#has_/Salary", True),
    ("inline_field", "#has_/salary", "has_/salary", True),
    ("inline_field", "has_/_code", "#has_/_code ", True),
    ("inline_field", "has_/*", "#has_/_code", True),
    ("inline_field", "street address", "Street_Address", True),
    ("inline_field", "salary", "has_/salary", False),
    # headings, languages, callouts, comments
    ("section", "Salar*", "SALARIES 2026", True),
    ("section", "Salaries", "  Salaries : ", True),
    ("section", "Salaries", "The Salaries", False),
    ("section", "*2026*", "Pay 1/2 2026 of\u00a0all", True),
    ("section", "a b", "A   B", True),
    ("section", "Gehälter", nfd("GEHÄLTER"), True),
    ("section", "a?c", "abc", True),
    ("section", "[ab]c", "bc", True),
    ("section", "[!ab]c", "bc", False),
    ("section", "a[c", "a[c", True),
    ("section", "1.2", "1x2", False),
    ("code", "dataview", "DataView", True),
    ("code", "dataview", "dataviewjs", False),
    ("code", "*", "", True),
    ("callout", "draft*", "Draft-x", True),
    ("comment", "TODO*", "todo: a\nb", True),
    # tags
    ("tag", "hr/**", "#hr", True),
    ("tag", "hr/**", "HR/pay/x", True),
    ("tag", "hr", "hr/pay", True),
    ("tag", "#hr", "hr", True),
    ("tag", "hr", "hrx", False),
    ("tag", "hr", "x/hr", False),
    ("tag", "**/hr", "x/hr/y", True),
    ("tag", "hr/*", "hr", False),
    ("tag", "hr/*", "hr/pay/x", True),
    # links
    ("link", "/assets/**", "assets/a/b.png", True),
    ("link", "/assets/**", "/Assets/a.png", True),
    ("link", "/assets/**", "x/assets/a.png", False),
    ("link", "_Standards/db/**", "_Standards/db/x.md", True),
    ("link", "Ann", "_Standards/People/Ann", True),
    ("link", "**", "https://example.org/", False),
    ("link", "https://example.org/**", "https/example.org/a", False),
    ("link", "https://*.wikipedia.org/**", "https://EN.Wikipedia.org/wiki/A/B", True),
    ("link", "https://*.wikipedia.org/**", "https://en.wikipedia.org", True),
    ("link", "https://*.wikipedia.org/**", "https://en.wikipedia.org?x", True),
    ("link", "https://*.wikipedia.org/**", "https://en.wikipedia.org.evil.com/", False),
    ("link", "https://*.wikipedia.org/**", "https://evil.com/.wikipedia.org/", False),
    ("link", "https://*.wikipedia.org/**", "https://evil.com?.wikipedia.org/", False),
    ("link", "https://*.wikipedia.org/**", "https://evil.com#.wikipedia.org/", False),
    ("link", "https://*.wikipedia.org/**", "https://pass@en.wikipedia.org/", False),
    ("link", "https://*.wikipedia.org/**", "http://en.wikipedia.org/", False),
    ("link", "http*://*.wikipedia.org/**", "http://en.wikipedia.org/", True),
    ("link", "https://a.example/**", "https://a.example:443/x", True),
    ("link", "https://a.example/**", "https://a.example./x", True),
    ("link", "https://a.example/**", "//a.example/x", True),
    ("link", "https://a.example/x/**", "https://a.example/%78/y", True),
    ("link", "https://a.example/*", "https://a.example/x/y", False),
    ("link", "https://a.example/**/z", "https://a.example/x/y/z", True),
    ("link", "mailto:**", "MAILTO:a/b@c", True),
    ("link", "Re:Zero/**", "Re:Zero/a.md", True),
    ("link", "Zero", "Re:x/Zero.md", True),
    ("link", "**", "mailto:a@b.c", False),
    ("link", "zotero:**", "zotero:a/b", True),
]


@pytest.mark.parametrize(("kind", "pattern", "subject", "expected"), MATCHES)
def test_matcher(kind: str, pattern: str, subject: object, *, expected: bool) -> None:
    """Each kind of rule speaks of what its pattern names, in any spelling, and of nothing else."""
    assert hit(kind, pattern, subject) is expected


def test_last_match_wins_within_a_kind() -> None:
    """Of several rules of a kind that match, the last speaks."""
    rules = policy(
        "  - {note: People/**, tier: private}\n  - {note: People/Open/**, tier: public}\n"
        "  - {note: Other/**, tier: secret}\n"
    ).rules_for("x.md")
    assert [r.line if (r := rules.note(f"People/{n}.md")) else None for n in ("A", "Open/B")] == [
        4,
        5,
    ]


def test_kinds_do_not_mix() -> None:
    """A rule of one kind is no answer for another."""
    rules = one("section", "*")
    assert (rules.code("x"), rules.tag("x"), rules.note("x"), rules.field(("x",))) == (None,) * 4


def test_exclamation_mark_takes_back() -> None:
    """In a list of paths a pattern with `!` takes back what an earlier one named."""
    rules = one("note", "People/**", "!People/Open")
    assert rules.note("People/Ann.md")
    assert not rules.note("People/Open.md")
    assert not rules.note("People/Open/Bo.md")


def test_in_limits_a_rule_to_its_notes() -> None:
    """A rule with `in` is not among the rules of other notes."""
    made = policy("  - {field: pay, tier: secret, in: [Partners/**, Staff]}\n")
    assert [
        made.rules_for(n).field(("pay",)) is not None
        for n in ("partners/A.md", "x/Staff.md", "People/A.md")
    ] == [True, True, False]


def test_notes_under_the_same_rules_share_their_answers() -> None:
    """Notes to which the same rules apply get one object."""
    made = policy("  - {field: pay, tier: secret, in: Partners/**}\n")
    assert made.rules_for("Partners/A.md") is made.rules_for("Partners/B.md")
    assert made.rules_for("Partners/A.md") is not made.rules_for("C.md")


def test_a_rule_says_what_it_is() -> None:
    """A rule carries its tier, reason, notes, guard and line."""
    made = policy(
        "  - field: [a, b]\n    tier: Secret\n    reason: >\n      two\n      lines\n"
        "    in: x/**\n    guard: true\n"
    )
    rule = made.rules[0]
    assert (rule.kind, rule.patterns, rule.tier) == ("field", ("a", "b"), 4)
    assert (rule.reason, rule.within, rule.guard, rule.line) == ("two lines", ("x/**",), True, 4)


def test_label_key_is_under_no_field_rule() -> None:
    """The label key at the top is exempt from `field`, and only there."""
    rules = one("field", "*")
    assert rules.field(("Confidential",)) is None
    assert rules.field(("x", "confidential")) is not None


def test_answers_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of answers is bounded and stays right."""
    monkeypatch.setattr("tierpub.policy.rules.MEMO", 3)
    rules = one("section", "a*")
    found = [rules.section(f"{'ab'[i % 2]}{i}") is not None for i in range(20)]
    assert found == [True, False] * 10


@pytest.mark.parametrize(
    "name",
    [
        "has_/street name",
        "#has_/Street_Name",
        " **has-/street-name** ",
        "**has_/street name:**",
        "_has_/street name_",
        "***`has_/Street  Name`*** :",
        "has_/stre\u200bet\u00a0name",
        "# has_/street\tname::",
    ],
)
def test_fold_field(name: str) -> None:
    """Names of fields that a reader takes for the same fold to the same."""
    assert fold_field(name) == "has_/street_name"


@given(st.text())
def test_fold_field_is_idempotent(name: str) -> None:
    """A folded name folds to itself."""
    assert fold_field(fold_field(name)) == fold_field(name)


def spans(pattern: str, text: str) -> list[tuple[int, int]]:
    """Where a `text` rule matches."""
    return [(start, end) for start, end, _ in one("text", pattern).text(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("ö", "aäö 😀 ö", [(2, 3), (6, 7)]),
        (r"\d+", "😀😀 12 ü 3", [(3, 5), (8, 9)]),
        ("Müller", nfd("Herr Müller x"), [(5, 12)]),
        (nfd("Müller"), "Herr Müller x", [(5, 11)]),
        (r"u\x{308}", nfd("Müller"), [(1, 3)]),
        ("한", nfd("a 한 b"), [(2, 5)]),
        ("K", "\u212a", [(0, 1)]),
        ("a+", "aa b\naaa", [(0, 2), (5, 8)]),
        (r"\x{A0}", "a\u00a0b", [(1, 2)]),
        ("x.y", "x\ud800y", [(0, 3)]),
        ("(?i)secret", "SeCrEt", [(0, 6)]),
        ("a(b)?(?P<n>c)", "xac", [(1, 3)]),
        ("ab", "", []),
        ("@x", "no sign", []),
    ],
)
def test_text_offsets(pattern: str, text: str, found: list[tuple[int, int]]) -> None:
    """Matches of `text` are character offsets into the text as it stands, in any normal form."""
    assert spans(pattern, text) == found


def test_text_of_several_rules() -> None:
    """Each `text` rule gives its own matches; those of one rule never overlap."""
    rules = policy("  - {text: [abc, bcd, '[b]c'], tier: secret}\n  - {text: cd, tier: private}\n")
    found = rules.rules_for("x.md").text("abcd")
    assert [(start, end, rule.tier) for start, end, rule in found] == [(0, 4, 4), (2, 4, 3)]


def test_without_text_rules_nothing_is_searched() -> None:
    """Where no `text` rule is, none is found and the rules say so."""
    rules = one("section", "a")
    assert (rules.has_text, rules.text("a")) == (False, [])


def test_same_group_name_in_two_expressions() -> None:
    """Expressions need not know of one another."""
    rules = one("text", "(?P<n>a)", "(?P<n>b)")
    assert [found[:2] for found in rules.text("ab")] == [(0, 1), (1, 2)]


_PARTS = st.sampled_from(
    [
        "a",
        "@",
        r"\@",
        "+",
        r"\+",
        "*",
        "?",
        "{2,}",
        "{0,1}",
        "|",
        "(",
        "(?:",
        "(?i)",
        ")",
        "[@]",
        "[^@]",
        r"[\]@]",
        "[]@]",
        r"\d",
        r"\pL",
        r"\x{40}",
        "-",
        ",",
        ":",
        r"\{",
        r"\\",
        "=",
        "{",
        "}",
    ]
)


@given(st.lists(_PARTS, max_size=8).map("".join), st.text("a@+-,:=1{}\\(", max_size=12))
@example("a|@", "a")
@example("(a)|@", "a")
@example("a@?", "a")
@example("a@{0,1}", "a")
@example("[@]|a", "a")
@example("(@|a)", "a")
@example(r"\x{40}|a", "a")
@example("aa{1,2}", "aa")
@example("(?:(a)|@)+", "a")
def test_required_sign_stands_in_every_match(pattern: str, text: str) -> None:
    """The sign by which a text is passed over quickly stands in all that could be found."""
    sign = required(pattern)
    try:
        regex = compile_text(pattern)
    except Exception:  # noqa: BLE001 - most such patterns are none
        return
    assert all(sign in text[m.start() : m.end()] for m in regex.finditer(text))


def test_hostile_patterns_take_no_time() -> None:
    """A pattern with many stars answers at once, whatever it is asked."""
    subject = "a" * 3000
    assert not hit("section", "*a" * 30 + "*b", subject)
    assert not hit("note", "*a" * 30 + "*b", subject)
    assert not spans("(a+)+b", subject)
