"""Every short way of the auditor leads where the long one does."""

# ruff: noqa: SLF001, E501 - both ways are parts of modules; signs are easier to see in long lines

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tierpub.audit import layout as layouts
from tierpub.audit import tokens
from tierpub.audit.layout import Layout
from tierpub.audit.reading import inline, note, paint_inline
from tierpub.audit.reading.blocks import Block, read_blocks, sections, walk
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.reading.destinations import plain_targets
from tierpub.audit.reading.inline import links
from tierpub.audit.reading.levels import read_vault
from tierpub.audit.reading.parts import tags
from tierpub.audit.reading.scan import masked, scan
from tierpub.policy import fold_field, parse_policy
from tierpub.tiers import Ladder

LADDER = Layout(Ladder(("public", "internal", "secret")))
SIGNS = (
    "[[", "]]", "[", "]", "](", "(", ")", "|", "\\|", "\\", "#", "%%", "<!--", "-->", '<a href="b/c">',
    "<", ">", "http://a.b", "https://c.d/e(f)", "xhttp://a", "ftp://g", "mailto:x@y", "]:", "!", "\n",
    "\n\n", "\r\n", "---\n", "- ", "> ", "# ", "## ", "    ", "1. ", "|--|\n", "word", "a b", "tag",
    "tags: ", "confidential: ", "Confıdential", "conﬁdential: x\n", "  - confidential/secret\n", "é",
    "_secret/", "_SECRET/", "_ſecret/", "_ıNTERNAL/", ".internal.md", ".ıNTERNAL]]", "&amp;", "*", "__",
    "`", "```\n", "===\n", "[^1]: ", "[!note]", "\u0301", "\ue000",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(SIGNS), max_size=24).map("".join)
MANY = settings(max_examples=400, deadline=None)


@MANY
@given(TEXTS)
@example("[[a\ue000]]")
def test_plain_targets_are_those_of_the_links(text):
    """Where all links are plain, their targets are those that the reader of all links gives."""
    plain = plain_targets(text)
    if plain is not None:
        read = {piece.target for piece in links(text)}
        assert {each for each in plain if ":" not in each} == {e for e in read if ":" not in e}


@MANY
@given(TEXTS)
def test_addresses_are_found_where_they_begin(text):
    """Bare URLs and loose links are those that the expressions find anywhere."""
    found = [piece.start for piece in inline._urls(text)]
    assert found == [match.start() for match in inline._URL.finditer(text)]
    loose = [match.span() for match in inline._loose(text)]
    assert loose == [match.span() for match in inline._LOOSE.finditer(text)]


@MANY
@given(TEXTS)
def test_wikilinks_without_brackets_are_those_of_the_whole_expression(text):
    """The quick expression matches what the whole one does, where it matches."""
    for at in range(len(text)):
        quick = inline._SIMPLE_WIKI.match(text, at)
        if quick:
            whole = inline.WIKI.match(text, at)
            assert whole is not None
            assert (whole.span(), whole["inside"]) == (quick.span(), quick["inside"])


@MANY
@given(TEXTS)
def test_tags_are_found_by_their_sign(text):
    """A tag begins where no word stands before it."""
    before = r"(?<![^\s(\[{,;.\"'>:|*_!?])"
    slow = re.finditer(before + r"#(?P<tag>[\w/+-]*[^\W\d][\w/+-]*)", text)
    assert [(t.start, t.end) for t in tags(text)] == [match.span() for match in slow]


@MANY
@given(TEXTS, st.sampled_from(["confidential", "tag-of", "é"]))
@example("tags:\n  - confidential/secret", "confidential")
@example("tags: a\nother: b\n  - confidential/secret", "confidential")
def test_labels_are_found_in_the_rows_that_may_hold_them(rows, key):
    """The rows that are looked at hold all labels that all rows do."""
    text = f"---\n{rows}\n---\n"
    end = tokens._front_end(text)
    found, named = [], False
    for match in tokens._ROW.finditer(text, 0, end):
        if match[1]:
            name = fold_field(match[1].strip("\"'"))
            named = name in ("tags", "tag")
            if name == fold_field(key) and match[2]:
                found.append(match.span(2))
        if named:
            tag = re.compile(rf"(?<![\w/]){re.escape(key)}/([\w+-]+)", re.IGNORECASE)
            found += [m.span(1) for m in tag.finditer(text, *match.span())]
    first = re.match(r"[^\W_]*", key.casefold())[0]
    expected = found if first in text[:end].casefold() else []
    assert list(tokens.label_places(text, key)) == expected


@MANY
@given(TEXTS)
@example("> [!no%% x %%te] t\n> words\n")
@example("[a]: b%% c %%\n")
@example("[a]: b%% c d %%\n")
def test_comments_within_words_leave_the_blocks_as_they_are(text):
    """Where the second look at the blocks is left out, it would find the same."""

    def shape(block: Block) -> list[object]:
        return [(b.kind, b.start, b.end, b.level, b.callout) for b in walk(block)]

    root = read_blocks(text)
    ranges = scan(text, note._indented(text, root))
    comments = [piece for piece in ranges if piece.sort == "comment"]
    if all(note._within_words(text, comment) for comment in comments):
        assert shape(read_blocks(masked(text, comments, ("comment",)))) == shape(root)


@MANY
@given(st.lists(st.integers(1, 6), max_size=9))
def test_a_section_ends_at_the_next_heading_of_its_rank_or_above(ranks):
    """For headings of any ranks in any order."""
    text = "".join(f"{'#' * rank} h\n\nwords\n\n" for rank in ranks)
    root = read_blocks(text)
    heads = [block for block in walk(root) if block.kind == "heading"]
    expected = [
        (head, next((h.start for h in heads[at + 1 :] if h.level <= head.level), len(text)))
        for at, head in enumerate(heads)
    ]
    assert [(id(head), end) for head, end in sections(root)] == [(id(h), e) for h, e in expected]


@MANY
@given(TEXTS)
def test_no_name_of_a_higher_tree_is_overlooked(text):
    """In any case and with look-alike letters: what an expression finds may be there."""
    found = re.search(r"_internal/|_secret/|\.internal|\.secret", text, re.IGNORECASE)
    assert LADDER.may_lead_higher(text, 0) or not found


@MANY
@given(TEXTS)
def test_places_without_markup_lead_back(text):
    """Each character of a text without its markup stands where it says, character references
    at their ends."""
    bare, spots = paint_inline._unmarked(text)
    places = [paint_inline._place(spots, at) for at in range(len(bare))]
    assert places == sorted(places)
    for at, place in enumerate(places):
        assert bare[at] == text[place] or text[place] == ";"


@MANY
@given(TEXTS, st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_the_lowest_word_is_the_lowest_letter(text, tiers):
    """Over any painting."""
    canvas = Canvas(text, 0, 3)
    canvas.tiers[:] = bytes(tiers[at % len(tiers)] for at in range(len(text)))
    letters = [tier for sign, tier in zip(text, canvas.tiers, strict=True) if sign.isalnum()]
    expected = min(letters, default=min(canvas.tiers, default=0))
    assert canvas.lowest_word(0, len(text)) == expected


POLICY = """\
version: 1
tiers: [public, internal, secret]
defaults: {note: public}
rules: [{text: 'K[0-9]{4}', tier: secret}]
"""


@pytest.mark.parametrize(
    "row", ["code: K1234", 'code: "\\x4b1234"', "code: >\n  K1234", "K1234: x", '"\\x4b1234": x']
)
def test_rules_over_text_see_what_yaml_reads(tmp_path, row):
    """A value or key that no rule matches as it is written may be matched as it is read."""
    (tmp_path / "_Standards").mkdir()
    (tmp_path / "_Standards/N.md").write_text(f"---\nother: y\n{row}\n---\n\nwords\n")
    policy = parse_policy(POLICY, "policy.yaml", tmp_path)
    canvas = read_vault(tmp_path, policy, layouts.of_policy(policy)).canvases["N.md"]
    leaf = canvas.text.rindex(":", 0, canvas.text.index("\n---\n")) - 1
    assert canvas.tiers[leaf] == 2
    assert canvas.tiers[canvas.text.index("other")] == 0


def test_a_tree_with_a_letter_that_is_no_i_is_another_folder(tmp_path):
    """A name that only an expression takes for a tree's stops no audit."""
    (tmp_path / "_Standards").mkdir()
    (tmp_path / "_Standards/N.md").write_text("a _ınternal/x b [[_İnternal/y]]\n")
    policy = parse_policy(POLICY, "policy.yaml", tmp_path)
    reading = read_vault(tmp_path, policy, layouts.of_policy(policy))
    assert set(reading.canvases["N.md"].tiers) <= {0, 2}
