"""Frontmatter by hand: the spans of each style, and what is refused."""

from __future__ import annotations

import time

import pytest

from tierpub.note.frontmatter import Frontmatter, parse_frontmatter
from tierpub.note.portions import Kind

Row = tuple[str, str, int, str, str]


def rows(text: str) -> list[Row]:
    """Kind, name, parent, owned text and inner text of each portion but the FRONTMATTER."""
    found = parse_frontmatter(text, "n.md")
    assert found.faults == ()
    return [
        (p.kind.name, p.name, p.parent, text[p.start : p.end], text[p.inner_start : p.inner_end])
        for p in found.portions[1:]
    ]


def spans(yaml: str) -> list[Row]:
    """`rows` of a note with this frontmatter."""
    return rows(f"---\n{yaml}---\n\nBody\n")


def refused(text: str) -> list[tuple[str, int | None, int | None]]:
    """Code, line and column of each fault."""
    faults = parse_frontmatter(text, "n.md").faults
    assert all(f.severity == "error" and f.hint and f.place for f in faults)
    return [(f.code, f.place.line, f.place.column) for f in faults if f.place]


STYLES: list[tuple[str, str, list[Row]]] = [
    ("plain", "a: x y\n", [("FIELD", "a", 1, "a: x y\n", "x y")]),
    ("single", "a: 'x''y'\n", [("FIELD", "a", 1, "a: 'x''y'\n", "'x''y'")]),
    ("double", '"a b": "\\x5b"\n', [("FIELD", "a b", 1, '"a b": "\\x5b"\n', '"\\x5b"')]),
    ("empty", "a:\n", [("FIELD", "a", 1, "a:\n", "")]),
    ("unicode key", "ünï: é\n", [("FIELD", "ünï", 1, "ünï: é\n", "é")]),
    (
        "literal with indicators",
        "a: |2-\n   x # no\n\nb: 1\n",
        [
            ("FIELD", "a", 1, "a: |2-\n   x # no\n\n", "|2-\n   x # no\n\n"),
            ("FIELD", "b", 1, "b: 1\n", "1"),
        ],
    ),
    ("folded", "a: >+\n  x\n  y\n", [("FIELD", "a", 1, "a: >+\n  x\n  y\n", ">+\n  x\n  y\n")]),
    (
        "plain on two lines with a comment beside it",
        "a: x\n  y # c\n\nb:\n",
        [
            ("FIELD", "a", 1, "a: x\n  y # c\n\n", "x\n  y"),
            ("YAML_COMMENT", "", 2, " # c", "# c"),
            ("FIELD", "b", 1, "b:\n", ""),
        ],
    ),
    (
        "comments beside a key, in its lines, and between fields",
        "a: # beside\n  # in\n  - x\n# between\n\nb: 1\n",
        [
            ("FIELD", "a", 1, "a: # beside\n  # in\n  - x\n", "- x"),
            ("YAML_COMMENT", "", 2, " # beside", "# beside"),
            ("YAML_COMMENT", "", 2, "  # in\n", "# in"),
            ("ENTRY", "", 2, "  - x\n", "x"),
            ("YAML_COMMENT", "", 1, "# between\n\n", "# between"),
            ("FIELD", "b", 1, "b: 1\n", "1"),
        ],
    ),
    (
        "compact mapping in a sequence at its key's column",
        "a:\n- n: x\n  m: y\n-\n",
        [
            ("FIELD", "a", 1, "a:\n- n: x\n  m: y\n-\n", "- n: x\n  m: y\n-"),
            ("ENTRY", "", 2, "- n: x\n  m: y\n", "n: x\n  m: y"),
            ("FIELD", "n", 3, "n: x\n", "x"),
            ("FIELD", "m", 3, "  m: y\n", "y"),
            ("ENTRY", "", 2, "-\n", ""),
        ],
    ),
    (
        "nested sequences",
        "a:\n  - - x\n    - y\n",
        [
            ("FIELD", "a", 1, "a:\n  - - x\n    - y\n", "- - x\n    - y"),
            ("ENTRY", "", 2, "  - - x\n    - y\n", "- x\n    - y"),
            ("ENTRY", "", 3, "- x\n", "x"),
            ("ENTRY", "", 3, "    - y\n", "y"),
        ],
    ),
    (
        "flow over lines",
        "a: [x, # c\n  'y' ,\n ]\n",
        [
            ("FIELD", "a", 1, "a: [x, # c\n  'y' ,\n ]\n", "[x, # c\n  'y' ,\n ]"),
            ("ENTRY", "", 2, "x", "x"),
            ("ENTRY", "", 2, ", # c\n  'y'", "'y'"),
            ("YAML_COMMENT", "", 4, " # c", "# c"),
        ],
    ),
    (
        "flow mapping with keys that have no value",
        "a: {k, l: , m: 1}\n",
        [
            ("FIELD", "a", 1, "a: {k, l: , m: 1}\n", "{k, l: , m: 1}"),
            ("FIELD", "k", 2, "k", ""),
            ("FIELD", "l", 2, ", l: ", ""),
            ("FIELD", "m", 2, ", m: 1", "1"),
        ],
    ),
    (
        "flow key without value that has a comment",
        "a: {k, l: # c\n , m}\n",
        [
            ("FIELD", "a", 1, "a: {k, l: # c\n , m}\n", "{k, l: # c\n , m}"),
            ("FIELD", "k", 2, "k", ""),
            ("FIELD", "l", 2, ", l: # c\n", ""),
            ("YAML_COMMENT", "", 4, " # c", "# c"),
            ("FIELD", "m", 2, " , m", ""),
        ],
    ),
    (
        "flow sequences meant as links",
        "a: [[X#h, {b}, c|d]]\nb: [[[A]], [[B]]]\n",
        [
            ("FIELD", "a", 1, "a: [[X#h, {b}, c|d]]\n", "[[X#h, {b}, c|d]]"),
            ("FIELD", "b", 1, "b: [[[A]], [[B]]]\n", "[[[A]], [[B]]]"),
            ("ENTRY", "", 3, "[[A]]", "[[A]]"),
            ("ENTRY", "", 3, ", [[B]]", "[[B]]"),
        ],
    ),
]


@pytest.mark.parametrize(("yaml", "expected"), [s[1:] for s in STYLES], ids=[s[0] for s in STYLES])
def test_spans_of_each_style(yaml: str, expected: list[Row]) -> None:
    """Each style of YAML gives the owned and inner spans that the rules name."""
    assert spans(yaml) == expected


def test_a_link_alone_in_a_flow_sequence_is_its_entry() -> None:
    """Of brackets on brackets the innermost pair of pairs is the link."""
    assert spans("a: [[[A]]]\n")[1:] == [("ENTRY", "", 2, "[[A]]", "[[A]]")]


def test_flow_elements_have_level_1() -> None:
    """Level tells flow style from block style."""
    found = parse_frontmatter("---\na: [x]\n---\n", "n.md")
    assert [p.level for p in found.portions] == [0, 0, 1]


def test_values_are_decoded() -> None:
    """Escapes, folding and doubled quotes are resolved; a link keeps its source."""
    text = "---\na: \"\\x5b[X]]\"\nb: 'it''s'\nc: >-\n  x\n  y\nd: [[X,1]]\n---\n"
    assert list(parse_frontmatter(text, "n.md").values.values()) == [
        "[[X]]",
        "it's",
        "x y",
        "[[X,1]]",
    ]


def test_frontmatter_owns_its_fences_and_the_blank_lines_after() -> None:
    """The first portion reaches from the BOM to the body, its inner span between the fences."""
    text = "\ufeff--- \r\na: 1\r\n---\r\n \r\n\r\nBody"
    found = parse_frontmatter(text, "n.md")
    first = found.portions[0]
    assert (first.kind, first.start, first.parent) == (Kind.FRONTMATTER, 0, 0)
    assert text[first.end :] == text[found.end :] == "Body"
    assert text[first.inner_start : first.inner_end] == "a: 1\r\n"


def test_bom_and_crlf_do_not_shift_spans() -> None:
    """Spans are exact behind a BOM and with CR LF."""
    assert rows("\ufeff---\r\na: x # c\r\nb: [y, z]\r\n---\r\n") == [
        ("FIELD", "a", 1, "a: x # c\r\n", "x"),
        ("YAML_COMMENT", "", 2, " # c", "# c"),
        ("FIELD", "b", 1, "b: [y, z]\r\n", "[y, z]"),
        ("ENTRY", "", 4, "y", "y"),
        ("ENTRY", "", 4, ", z", "z"),
    ]


@pytest.mark.parametrize("text", ["---\n---\n", "---\n\n---", "---\n# c\n---\n"])
def test_empty_frontmatter_is_frontmatter(text: str) -> None:
    """Nothing or only comments between the fences is fine."""
    found = parse_frontmatter(text, "n.md")
    assert found.faults == ()
    assert found.portions[0].end == len(text)


@pytest.mark.parametrize(
    "text",
    ["", "Body", "\n\nBody\n---\nx\n---\n", "----\nx\n", "--- x\n---\n", "- a\n---\n", "{x}\n"],
)
def test_a_note_without_frontmatter_has_no_portions(text: str) -> None:
    """Body text gives nothing and no fault, and the body begins at the first character."""
    assert parse_frontmatter(text, "n.md") == Frontmatter((), {}, 0, ())


def test_the_body_begins_behind_a_bom() -> None:
    """Without frontmatter a BOM is no part of the body."""
    assert parse_frontmatter("\ufeffBody", "n.md").end == 1


WRONG = [
    ("a: [\n", "yaml-syntax", 3, 1),
    ("a: b: c\n", "yaml-syntax", 2, 5),
    ("a:\n\t- x\n", "yaml-tab", 3, 1),
    ("- a\n", "yaml-root", 2, 1),
    ("word\n", "yaml-root", 2, 1),
    ("null\n", "yaml-root", 2, 1),
    ('a: 1\n"a": 2\n', "yaml-duplicate-key", 3, 1),
    ("x:\n  - {a: 1, 'a': 2}\n", "yaml-duplicate-key", 3, 12),
    ("location: 1\nlocation: 2\n", "yaml-duplicate-key", 3, 1),
    ("yes: 1\ntrue: 2\n", "yaml-duplicate-key", 3, 1),
    ('"\\x61": 1\na: 2\n', "yaml-duplicate-key", 3, 1),
    ("a: &x 1\n", "yaml-anchor", 2, 4),
    ("a: *x\n", "yaml-alias", 2, 4),
    ("<<: {a: 1}\n", "yaml-merge-key", 2, 1),
    ("a: !!str 1\n", "yaml-tag", 2, 4),
    ("a: ! 1\n", "yaml-tag", 2, 4),
    ("a: !x [b]\n", "yaml-tag", 2, 4),
    ("? a\n: b\n", "yaml-complex-key", 2, 1),
    ("[a]: b\n", "yaml-complex-key", 2, 1),
    ("a: {{b}}\n", "yaml-complex-key", 2, 5),
    ("a: 1\n...\n", "yaml-documents", 3, 1),
    ("a: 1\n...\n# c\n", "yaml-documents", 3, 1),
    ("a: x\u2028y\n", "yaml-character", 2, 5),
    ("a: x\u2029y\n", "yaml-character", 2, 5),
    ("a: x\x85y\n", "yaml-character", 2, 5),
    ("a: x\ufeffy\n", "yaml-character", 2, 5),
    ("a: x\0y\n", "yaml-character", 2, 5),
    ("a: x\ud800y\n", "yaml-character", 2, 5),
    ("a: x\rb: 1\n", "yaml-line-end", 2, 5),
    ("a: " + "[" * 40 + "]" * 40 + "\n", "yaml-depth", 2, 35),
    ("a: 'x'#y\n", "yaml-comment", 2, 7),
    ("a: [x, 'y'#z\n ]\n", "yaml-comment", 2, 11),
    ("a: 2026-02-30\n", "yaml-value", 2, 4),
    ("a: =\n", "yaml-value", 2, 4),
    ("a: [[X, #y]]\n  z]]\n", "yaml-link", 2, 9),
    ("a: 1\n----\n", "frontmatter-fence", 3, 1),
    ("---a: 1\n", "frontmatter-fence", 2, 1),
    ("--- a\n", "frontmatter-fence", 2, 1),
]


@pytest.mark.parametrize(("yaml", "code", "line", "column"), WRONG)
def test_what_is_refused_between_fences(yaml: str, code: str, line: int, column: int) -> None:
    """What YAML or its readers may take otherwise is a fault at its exact place."""
    assert refused(f"---\n{yaml}---\nBody\n") == [(code, line, column)]
    assert refused(f"\ufeff---\n{yaml}---\nBody\n") == [(code, line, column)]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("---\na: 1\n", "frontmatter-open", 1, 1),
        ("---", "frontmatter-open", 1, 1),
        ("----\na: 1\n---\n", "frontmatter-place", 1, 1),
        ("\n\n---\na: 1\n---\n", "frontmatter-place", 3, 1),
        ("\n\ufeff---\na: 1\n---\n", "frontmatter-place", 2, 2),
        ("\ufeff\ufeff---\na: 1\n---\n", "frontmatter-place", 1, 3),
        ("\u200b---\na: 1\n---\n", "frontmatter-place", 1, 2),
        ("---\xa0\na: 1\n---\n", "frontmatter-place", 1, 1),
        ("---\ra: 1\r---\r", "frontmatter-place", 1, 1),
        ('{\n"a": 1\n}\n', "frontmatter-foreign", 1, 1),
        ('{\n"a": 1\n} ', "frontmatter-foreign", 1, 1),
        ("}\na\n{", "frontmatter-foreign", 1, 1),
        ('+++\na = "1"\n+++\n', "frontmatter-foreign", 1, 1),
    ],
)
def test_fences_that_readers_take_differently(text: str, code: str, line: int, column: int) -> None:
    """A block that is frontmatter to some readers only is refused."""
    assert refused(text) == [(code, line, column)]


def test_all_faults_are_listed() -> None:
    """Faults that allow to read on do not hide the next."""
    found = refused("---\na: &x 1\na: 2\nb: !t 3\n---\n")
    assert [code for code, _, _ in found] == ["yaml-anchor", "yaml-duplicate-key", "yaml-tag"]


def test_no_message_holds_note_text() -> None:
    """A fault may be printed where the note may not be read."""
    for yaml, *_ in WRONG:
        found = parse_frontmatter(f"---\nQuarzbach: 1\nQuarzbach: 2\n{yaml}---\n", "n.md")
        assert not any("Quarzbach" in f.message + f.hint for f in found.faults)


def test_deep_nesting_is_a_fault_and_takes_no_time() -> None:
    """A hundred thousand brackets neither overflow the stack nor hang."""
    began = time.monotonic()
    assert [c for c, *_ in refused("---\na: " + "[" * 100_000 + "\n---\n")] == ["yaml-depth"]
    assert time.monotonic() - began < 5
