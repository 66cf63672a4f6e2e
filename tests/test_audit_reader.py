"""The auditor's own reader: which characters it takes for which tier."""

from __future__ import annotations

import pytest

from tierpub.audit.layout import of_policy
from tierpub.audit.reading.blocks import read_blocks, sections
from tierpub.audit.reading.front import UnreadableError, read_front
from tierpub.audit.reading.levels import read_vault
from tierpub.audit.reading.scan import scan
from tierpub.policy import parse_policy

POLICY = """\
version: 1
tiers: [public, internal, protect, private, secret]
mentions: "off"
defaults: {note: internal, comment: secret}
rules:
  - {note: ["Open/**", "WikiData/**"], tier: public}
  - {note: People/**, tier: private}
  - {field: [phone, "*_address"], tier: protect}
  - {inline_field: pay, tier: private}
  - {section: "Salar*", tier: private}
  - {tag: "hr/**", tier: private}
  - {code: [dataview, dataviewjs], tier: internal}
  - {callout: draft, tier: protect}
  - {link: "https://*.corp.example/**", tier: protect}
  - {text: 'K\\d{6}', tier: private}
"""
NOTES = {
    "People/Ann.md": "Herself.\n",
    "WikiData/Lake.md": "# Water\n\nWet.\n\n## Salaries\n\nFive. ^pay\n",
}


def read(tmp_path, text, policy=POLICY, name="Open/N.md", notes=NOTES):
    """The painted note, in a vault with two others."""
    for path, body in {**notes, name: text}.items():
        place = tmp_path / "_Standards" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(body, encoding="utf-8", newline="")
    stated = parse_policy(policy, "p", tmp_path)
    return read_vault(tmp_path, stated, of_policy(stated)).canvases[name]


def words(canvas, level):
    """The words of a note that a level may read."""
    return "".join(c if c.isalnum() else " " for c in canvas.visible(level)).split()


CASES = {
    "a field by rule, its key with it": ("---\nphone: 1\ntown: x\n---\n", "town x"),
    "a nested leaf, its keys with it": ("---\na:\n  home_address: s\nb: c\n---\n", "b c"),
    "one item of a list": ('---\nl:\n  - "[[Ann]]"\n  - x\n---\n', "l x"),
    "a value that holds a hidden link": ('---\na: "ask [[Ann]] now"\nb: c\n---\n', "b c"),
    "a comment in frontmatter": ("---\na: b # call her\n---\n", "a b"),
    "fields that a label names": ("---\nconfidential_private: [fee]\nfee: 4\nb: c\n---\n", "b c"),
    "a section by rule": ("Open.\n\n## Salaries\n\nFive.\n\n## More\n\nWords.\n",
                          "Open More Words"),
    "a section by label": ("## A [confidential:: private]\n\nB.\n\n# C\n", "C"),
    "a heading in a fence is none": ("## Salaries\n\n```\n# x\n```\n\n# C\n", "C"),
    "an item with its children": ("- a\n- b [confidential:: private]\n    - c\n- d\n", "a d"),
    "a quote by tag": ("> a #confidential/private\n> b\n\nc\n", "c"),
    "a callout by type": ("> [!private] a\n> b\n\nc\n", "c"),
    "a callout by rule": ("> [!draft] a\n\nc\n", "c"),
    "a row": ("| a | b |\n|---|---|\n| c | d #hr/pay |\n| e | f |\n", "a b e f"),
    "a table by its header": ("| a #hr/x | b |\n|---|---|\n| c | d |\n\ne\n", "e"),
    "a pair of comments": ("a\n\n%% confidential: private %%\n\nb\n\n%% /confidential %%\n\nc\n",
                           "a c"),
    "a comment": ("a %% b %% c <!-- d --> e\n", "a c e"),
    "a comment without end": ("> a %% b\n> c\n\nd\n", "a d"),
    "percent signs in code are none": ("`%%` a `%%`\n", "a"),
    "a link": ("See [[Ann|her]] now.\n", "See now"),
    "a Markdown link": ("See [her](../People/Ann.md) now.\n", "See now"),
    "an escaped link": ("See [her](..%2FPeople%2F%41nn.md) now.\n", "See now"),
    "a reference and its definition": ("See [her][a] now.\n\n[a]: ../People/Ann.md\n", "See now"),
    "a definition that nothing refers to": ("a\n\n[x]: ../WikiData/Lake.md\n", "a"),
    "a link in HTML": ('See <a href="../People/Ann.md">her</a> now.\n', "See now"),
    "a URL by rule": ("See https://x.corp.example/y now.\n", "See now"),
    "a path into a tier's tree": ("Look in /_secret/Plans now.\n", "Look in now"),
    "a projection's name": ("- [[Lake.secret]]\n- b\n", "b"),
    "an item that is only a hidden link": ("- [[Ann]]\n    - her pay\n- b\n", "b"),
    "a heading that is only a hidden link": ("## [[Ann]]\n\nx\n\n## b\n", "b"),
    "a callout whose title is only a hidden link": ("> [!note] [[Ann]]\n> x\n\nb\n", "b"),
    "a callout whose title is a comment": ("> [!note] %% c %%\n> x\n\nb\n", "note x b"),
    "a hidden link in mathematics": (r"a $\href{People/Ann.md}{x} y$ b" + "\n", "a y b"),
    "a path in an attribute of any name": ('a <b data-x="People/Ann">x</b> b\n', "a b"),
    "an address in a style": ('a <b style="c: url(People/Ann.md)">x</b> b\n', "a b"),
    "a relation with a hidden link": ("#is_/same_as :: [[Ann]]\n\nb\n", "b"),
    "an anchor to a hidden heading": ("- [[Lake#Salaries]]\n- b\n", "b"),
    "an anchor to a hidden block": ("- [[Lake#^pay]]\n- b\n", "b"),
    "an inline field": ("a [pay:: 5] b\npay:: 6\n", "a b"),
    "a footnote that only hidden text refers to": (
        "a\n\nb[^x] #hr/x\n\n[^x]: c\n", "a"),
    "a footnote that nothing refers to": ("a\n\n[^x]: c\n", "a"),
    "a program in a line": ("`$=dv.current().a`\n\nb\n", "b"),
    "code by language": ("```dataview\nlist\n```\n\na\n", "a"),
    "a match of text": ("a K123456 b\n", "a b"),
    "a match within markup": ("a K12**34**56 b\n", "a b"),
    "a section with nothing left": ("## Links\n\n- [[Ann]]\n\n## b\n", "b"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_the_public_reads(tmp_path, case):
    """Hidden text is painted, and nothing else is."""
    text, shown = CASES[case]
    assert words(read(tmp_path, text), 0) == shown.split()


@pytest.mark.parametrize("case", CASES)
def test_the_highest_tier_reads_everything(tmp_path, case):
    """No paint is above the ladder."""
    canvas = read(tmp_path, CASES[case][0])
    assert canvas.visible(4) == canvas.text


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("a", 0), ("---\nconfidential: private\n---\n", 3), ("---\ntags: [x, hr/pay]\n---\n", 3),
        ("---\ntags: [confidential/secret]\n---\n", 4), ("a\n\nconfidential:: private\n", 3),
        ("a\n\nconfidential: private\n", 3), ("---\nConfidential: protect\n---\n", 2),
    ],
)  # fmt: skip
def test_the_tier_of_a_note(tmp_path, text, tier):
    """Labels raise a note, in any of their forms."""
    assert read(tmp_path, text).ground == tier


def test_defaults_count_where_nothing_else_speaks(tmp_path):
    """A default of the body is that of text in no labelled portion."""
    policy = POLICY.replace("comment: secret", "comment: secret, body: protect")
    canvas = read(tmp_path, "a\n\n## b [confidential:: internal]\n\nc\n", policy)
    assert words(canvas, 0) == []
    assert words(canvas, 1) == ["b", "confidential", "internal", "c"]


def test_a_note_that_cannot_be_read_is_of_the_highest_tier(tmp_path):
    """What YAML refuses is not guessed at."""
    assert read(tmp_path, "---\na: [\n---\nx\n").ground == 4


def test_frontmatter_that_others_end_elsewhere_is_unreadable():
    """A note on which readers differ has no frontmatter that can be trusted."""
    with pytest.raises(UnreadableError):
        read_front("---\na: b\n----\nc: d\n---\nx\n")


@pytest.mark.parametrize("text", ["", "x", "\n---\na: b\n---\n", "--- x\n"])
def test_what_is_no_frontmatter(text):
    """Only fences at the very beginning count."""
    assert read_front(text).leaves == ()


def test_code_and_comments_by_what_comes_first():
    """A fence in a comment is comment, a comment in a fence is code."""
    text = "%%\n```\n%%\n\n```\n%% a\n```\n`%%` %% b %%\n"
    found = [(piece.sort, text[piece.start : piece.end]) for piece in scan(text, [])]
    assert found == [
        ("comment", "%%\n```\n%%"), ("fence", "```\n%% a\n```"), ("span", "`%%`"),
        ("comment", "%% b %%"),
    ]  # fmt: skip


def test_sections_end_in_their_container():
    """A heading in a quote opens a section of the quote alone."""
    text = "> ## a\n> b\n\nc\n"
    ((head, end),) = sections(read_blocks(text))
    assert text[head.start : end] == "> ## a\n> b\n"


def test_offsets_hold_with_line_ends_of_windows(tmp_path):
    """Carriage returns move nothing."""
    canvas = read(tmp_path, "# a\r\n\r\n## Salaries\r\n\r\nFive.\r\n\r\n## b\r\n")
    assert words(canvas, 0) == ["a", "b"]
