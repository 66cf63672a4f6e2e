"""What a policy file may not say, each with the line and column where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tierpub.errors import Fault, TierpubError
from tierpub.policy import load_policy, parse_policy

HEAD = "version: 1\ntiers: [public, internal, secret]\n"


def faults(text: str) -> tuple[Fault, ...]:
    """The faults for which `text` is refused."""
    with pytest.raises(TierpubError) as caught:
        parse_policy(text, "policy.yaml", Path())
    return caught.value.faults


def seen(text: str) -> list[str]:
    """Each fault as `code line:column`."""
    return [f"{f.code} {f.place.line}:{f.place.column}" for f in faults(text) if f.place]


def rule(body: str) -> str:
    """A policy with one rule, its first line `body`."""
    return f"{HEAD}rules:\n  - {body}\n    tier: public\n"


REFUSED = {
    "empty file": ("", "empty-policy"),
    "only a comment": ("# nothing\n", "empty-policy"),
    "no YAML": (HEAD + "a: [1\n", "bad-yaml"),
    "top is a list": ("- a\n", "wrong-type 1:1"),
    "second document": (HEAD + "---\nversion: 1\n", "second-document 3:1"),
    "nested without end": (HEAD + "rules: " + "[" * 500, "bad-yaml 3:"),
    "no version": ("tiers: [public]\n", "missing-key 1:1"),
    "future version": ("version: 2\ntiers: [public]\n", "bad-value 1:10"),
    "no tiers": ("version: 1\n", "missing-key 1:1"),
    "empty tiers": ("version: 1\ntiers: []\n", "empty-value 2:8"),
    "tiers left empty": ("version: 1\ntiers:\n", "empty-value 2:7"),
    "duplicate key": (HEAD + "mentions: warn\nmentions: off\n", "duplicate-key 4:1"),
    "duplicate key in a rule": (rule("note: a\n    note: b"), "duplicate-key 5:5"),
    "quoted duplicate": (HEAD + 'mentions: warn\n"mentions": off\n', "duplicate-key 4:1"),
    "unknown key": (HEAD + "mentoins: warn\n", "unknown-key 3:1"),
    "unknown key in a rule": (rule("note: a\n    teir: public"), "unknown-key 5:5"),
    "key in another case": (HEAD + "Mentions: warn\n", "unknown-key 3:1"),
    "key that is a list": (HEAD + "? [a]\n: b\n", "bad-key 3:3"),
    "anchor": (HEAD + "mentions: &x warn\n", "anchor 3:11"),
    "alias": (HEAD + "links: *v\n", "alias 3:8"),
    "merge key": (HEAD + "vault: {<<: {source: a}}\n", "merge-key 3:9"),
    "tag": (HEAD + "mentions: !!str warn\n", "tag 3:11"),
    "own tag": (HEAD + "mentions: !x warn\n", "tag 3:11"),
    "line break unseen": (HEAD + "mentions: warn # \u2028x\n", "hidden-line-break 3:18"),
    "NEL": (HEAD + "mentions: warn # \x85x\n", "hidden-line-break 3:18"),
    "list for a word": (HEAD + "mentions: [warn]\n", "wrong-type 3:11"),
    "unknown word": (HEAD + "mentions: wran\n", "bad-value 3:11"),
    "word for a mapping": (HEAD + "vault: here\n", "wrong-type 3:8"),
    "yes is no boolean": (HEAD + "links: {retarget: yes}\n", "wrong-type 3:19"),
    "no as a tier": ("version: 1\ntiers: [no, yess]\n", "wrong-type 2:9"),
    "a number as a tier": ("version: 1\ntiers: [1, a]\n", "wrong-type 2:9"),
    "a date as a pattern": (rule("field: 2020-01-01"), "wrong-type 4:12"),
    "same tier twice": ("version: 1\ntiers: [public, Public]\n", "same-tier 2:17"),
    "same tier in NFD": ("version: 1\ntiers: [\u00e4, a\u0308]\n", "same-tier 2:12"),
    "same tier in full width": ("version: 1\ntiers: [pub, ｐub]\n", "same-tier 2:14"),
    "tier with a slash": ("version: 1\ntiers: [a/b]\n", "bad-name 2:9"),
    "tier with a backslash": ("version: 1\ntiers: ['a\\b']\n", "bad-name 2:9"),
    "tier with a leading dot": ("version: 1\ntiers: [.git]\n", "bad-name 2:9"),
    "tier that climbs": ("version: 1\ntiers: ['..']\n", "bad-name 2:9"),
    "tier with a dot": ("version: 1\ntiers: [a.b]\n", "bad-name 2:9"),
    "tier with a blank at its end": ("version: 1\ntiers: ['a ']\n", "bad-name 2:9"),
    "tier with a blank": ("version: 1\ntiers: [top secret]\n", "bad-name 2:9"),
    "tier with a control": ('version: 1\ntiers: ["a\\u0007"]\n', "bad-name 2:9"),
    "tier with an unseen sign": ("version: 1\ntiers: [a\u200bb]\n", "bad-name 2:9"),
    "tier with a brace": ("version: 1\ntiers: ['{path}']\n", "bad-name 2:9"),
    "tier called inherit": ("version: 1\ntiers: [Inherit]\n", "bad-name 2:9"),
    "tier called like a device": ("version: 1\ntiers: [con]\n", "bad-name 2:9"),
    "tier too long": (f"version: 1\ntiers: [{'a' * 65}]\n", "bad-name 2:9"),
    "seal_from unknown": (HEAD + "seal_from: privat\n", "unknown-tier 3:12"),
    "recipients of an open tier": (
        "version: 1\ntiers:\n  - name: a\n    recipients: [age1x]\n  - b\nseal_from: b\n",
        "open-recipients 4:5",
    ),
    "recipients and nothing sealed": (
        "version: 1\ntiers:\n  - name: a\n    recipients: [age1x]\n",
        "open-recipients 4:5",
    ),
    "secret key": (
        "version: 1\ntiers:\n  - name: a\n    recipients: [AGE-SECRET-KEY-1QQQ]\nseal_from: a\n",
        "secret-key 4:18",
    ),
    "note default inherits": (HEAD + "defaults: {note: inherit}\n", "bad-value 3:18"),
    "default unknown": (HEAD + "defaults: {body: secert}\n", "unknown-tier 3:18"),
    "label key with a colon": (HEAD + "labels: {key: 'a:b'}\n", "bad-name 3:15"),
    "label key that is Obsidian's": (HEAD + "labels: {key: Tags}\n", "bad-name 3:15"),
    "mark with a placeholder": (HEAD + "redaction: {mark: '[{why}]'}\n", "bad-mark 3:19"),
    "mark on two lines": (HEAD + 'redaction: {mark: "a\\nb"}\n', "bad-mark 3:19"),
    "allow without text": (HEAD + "allow:\n  - in: '**'\n", "missing-key 4:5"),
    "ignore never matches": (HEAD + "vault: {ignore: ['a[b']}\n", "bad-pattern 3:18"),
    "source climbs": (HEAD + "vault: {source: ../x}\n", "bad-source 3:17"),
    "source absolute": (HEAD + "vault: {source: /x}\n", "bad-source 3:17"),
    "source is the root": (HEAD + "vault: {source: .}\n", "bad-source 3:17"),
    "rule without matcher": (HEAD + "rules:\n  - tier: public\n", "no-matcher 4:5"),
    "rule with two": (rule("note: a\n    body: b"), "two-matchers 5:5"),
    "rule without tier": (HEAD + "rules:\n  - note: a\n", "missing-key 4:5"),
    "rule of unknown tier": (HEAD + "rules:\n  - note: a\n    tier: pubic\n", "unknown-tier 5:11"),
    "rule is a word": (HEAD + "rules: [note]\n", "wrong-type 3:9"),
    "empty pattern": (rule("note: ''"), "empty-value 4:11"),
    "blank pattern": (rule("section: '  '"), "empty-value 4:14"),
    "no pattern": (rule("note: []"), "empty-value 4:11"),
    "pattern left out": (rule("note:"), "empty-value 4:10"),
    "empty pattern in a list": (rule("note: [a, '']"), "empty-value 4:15"),
    "guard on a note": (rule("note: a\n    guard: true"), "bad-guard 5:5"),
    "bad class": (rule("section: '[z-a]'"), "bad-pattern 4:14"),
    "open class in a path": (rule("note: 'a[b'"), "bad-pattern 4:11"),
    "comment for a path": (rule("note: '#a'"), "bad-pattern 4:11"),
    "link for a path": (rule("note: '[[Ann]]'"), "bad-pattern 4:11"),
    "link for a link": (rule("link: '[[Ann]]'"), "bad-pattern 4:11"),
    "Windows path": (rule("note: 'People\\Ann'"), "bad-pattern 4:11"),
    "dots in a path": (rule("note: '../a'"), "bad-pattern 4:11"),
    "two slashes in a path": (rule("note: 'a//b'"), "bad-pattern 4:11"),
    "blank at a path's end": (rule("note: 'a '"), "bad-pattern 4:11"),
    "source in a path": (rule("note: _Standards/People/**"), "bad-pattern 4:11"),
    "source in `in`": (rule("field: a\n    in: /_standards/x"), "bad-pattern 5:9"),
    "empty key in a field": (rule("field: a..b"), "bad-pattern 4:12"),
    "nothing but dress in a field": (rule("field: '#'"), "bad-pattern 4:12"),
    "nothing but dress in a tag": (rule("tag: '#'"), "bad-pattern 4:10"),
    "nothing seen in a section": (rule('section: "\\u200b"'), "bad-pattern 4:14"),
    "look-around": (rule("text: '(?=a)b'"), "bad-pattern 4:11"),
    "open group": (rule("text: '(a'"), "bad-pattern 4:11"),
    "matches nothing": (rule("text: 'a*'"), "bad-pattern 4:11"),
    "matches a border": (rule("text: '\\b|secret'"), "bad-pattern 4:11"),
    "matches a line's end": (rule("text: '(?m)$'"), "bad-pattern 4:11"),
    "matches between words": (rule("text: 'x|\\B'"), "bad-pattern 4:11"),
    "matches bytes": (rule("text: 'a\\C'"), "bad-pattern 4:11"),
    "second expression bad": (rule("text: [a, '(']"), "bad-pattern 4:15"),
}

PROJECTIONS = [
    "{path}.md",
    "_{tier}/note.md",
    "out/{path}.{tier}.md",
    "{path}.{tier}.md",
    "/{tier}/{path}.md",
    "C:/{tier}/{path}.md",
    "../{tier}/{path}.md",
    "{tier}/../{path}.md",
    "_{tier}/{path}",
    "_{tier}/{path}.{level}.md",
    "_{tier}/{path}/{path}.md",
    "_{tier}/x{path}.md",
    "_{tier}/{path}{.md",
    ".git/{tier}/{path}.md",
    "_{tier}//{path}.md",
    "_{tier}\\\\{path}.md",
    "_{tier} /{path}.md",
    "_{tier}/{path}:x.md",
    "_Standards/{tier}/{path}.md",
    "_standards/_{tier}/{path}.md",
]


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_place(name: str) -> None:
    """What is wrong in a policy is refused once, where it stands."""
    text, expected = REFUSED[name]
    found = seen(text)
    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize("pattern", PROJECTIONS)
def test_projection_refused(pattern: str) -> None:
    """A projection pattern that would mix, lose or misplace files is refused in its line."""
    found = seen(f'{HEAD}vault: {{projection: "{pattern}"}}\n')
    assert found
    assert {each.split(":")[0] for each in found} == {"bad-projection 3"}


def test_tree_holding_the_source_refused() -> None:
    """A tier's tree that holds the source is refused."""
    text = "version: 1\ntiers: [a]\nvault: {source: _a/notes, projection: '_{tier}/{path}.md'}\n"
    assert seen(text) == ["bad-projection 3:39"]


def test_tier_named_like_the_source_refused() -> None:
    """A tier whose tree would be the source in another case is refused."""
    text = "version: 1\ntiers: [STANDARDS]\n"
    assert [fault.code for fault in faults(text)] == ["bad-projection"]


def test_all_faults_at_once_in_order() -> None:
    """One reading names every fault, in the order of the file."""
    text = (
        HEAD + "seal_from: sceret\nmentoins: warn\nvault: {source: /x}\nrules:\n"
        "  - note: a\n    tier: pubic\n  - text: '('\n    tier: secret\n"
    )
    assert seen(text) == [
        "unknown-tier 3:12",
        "unknown-key 4:1",
        "bad-source 5:17",
        "unknown-tier 8:11",
        "bad-pattern 9:11",
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (HEAD + "seal_from: sceret\n", "`secret`"),
        (HEAD + "mentoins: warn\n", "`mentions`"),
        (HEAD + "mentions: wran\n", "`warn`"),
        (rule("sectoin: a"), "`section`"),
        (rule("inline-field: a"), "`inline_field`"),
        ("version: 1\ntiers: [yes, b]\n", '"yes"'),
        (rule("note: _Standards/People/**"), "`People/**`"),
    ],
)
def test_hint_names_what_was_meant(text: str, meant: str) -> None:
    """A fault says what was probably meant."""
    assert meant in faults(text)[0].hint


def test_secret_key_is_not_quoted() -> None:
    """A secret key that got into the policy does not get into the message."""
    found = faults(REFUSED["secret key"][0])
    assert "1QQQ" not in str(found)


def test_file_not_utf8_names_the_line(tmp_path: Path) -> None:
    """A policy in another encoding is refused in the line of its first odd byte."""
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"version: 1\n# \xe4\n")
    with pytest.raises(TierpubError) as caught:
        load_policy(path)
    assert str(caught.value) == f"{path}:2: the policy is not UTF-8"


def test_half_a_surrogate_refused() -> None:
    """Text that has no UTF-8 is refused as such."""
    assert [fault.code for fault in faults(HEAD + "# \ud800\n")] == ["not-utf8"]


def test_missing_file_names_init(tmp_path: Path) -> None:
    """Without a policy file the hint is the command that makes one."""
    with pytest.raises(TierpubError) as caught:
        load_policy(tmp_path / "none.yaml")
    assert "tierpub init" in caught.value.faults[0].hint


def test_re2_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    """A bad expression becomes a fault, and RE2 itself prints nothing."""
    faults(rule("text: '(?=a)b'"))
    assert capfd.readouterr().err == ""
