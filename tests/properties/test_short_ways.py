"""The short ways of the reader give what the long ones give."""

# ruff: noqa: SLF001 - the short way is taken away

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierpub.note import Grammar, Matcher, Syntax, body, parse_note, prose
from tierpub.note.inline import tier_paths
from tierpub.policy import parse_policy, paths
from tierpub.vault import scan

GRAMMAR = Grammar(
    "confidential", ("_public/", "_internal/", "_secret/"), ("public", "internal", "secret")
)
RULE = re.compile(r"IBAN|X Y|is_|a\[")
MATCHER = Matcher(
    lambda text: [(*match.span(), "0") for match in RULE.finditer(text)],
    lambda text: not RULE.search(text),
)
RELATIONS = (
    "#is_/same_as :: [[X|Y]]", "#is_/same_as :: [X](X.md)", "#has :: [[/_secret/P/X.secret|X]]",
    "#a_/b :: [X](/_secret/P/X.md)", "#confidential/secret :: [[X]]",
)  # fmt: skip
SIGNS = (
    "#is_/same_as :: ", "#a", " :: ", "::", "[[", "]]", "[", "](", "]", "(", ")", "X", "|", "*",
    "_", "`", "%%", "<b>", "&amp;", "^id", "[^1]", "!", "\\", " ", "/", "http://a", "é", "{", "- ",
    "12", "$", "\t", ".md", "'", '"', "==", "/_secret/P/X.secret.md", "_public/X", "X Y", "IBAN",
    "#confidential/secret", "confidential",
)  # fmt: skip
PATHS = (
    "[", "]", "(", ")", "](", "](/_secret/", "![", "/", "_secret/", "_internal/a", "a", "b.md",
    ".md", ".MD)", ".md)", "\n", " ", "x(y)", ".mdx", ".md#h)", "%2f", "\\", "[[", "]]", "|", "<",
    ">", "!", "_public/.md)", "[[/_secret/", "[[/_Public/x", "[[/_internal/P/X.internal|X]]", "#",
    "ſ",
)  # fmt: skip


@st.composite
def headings(draw):
    """A heading that is nearly one relation."""
    text = draw(st.sampled_from(RELATIONS))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(SIGNS)) + text[at + draw(st.integers(0, 2)) :]
    return f"### {text}" + draw(st.sampled_from(("", " ", " ##", "\n\ntext\n", "\r\n")))


@settings(max_examples=400)
@given(text=headings(), ruled=st.booleans())
def test_a_relation_is_read_as_any_heading(text, ruled):
    """A heading that is one relation has the portions that the scanners find in it."""
    matcher = MATCHER if ruled else None
    short = parse_note(text, "x", GRAMMAR, matcher)
    ways = prose.read_relation, body.relation_heading
    prose.read_relation, body.relation_heading = lambda *_: False, lambda *_: None
    try:
        assert short == parse_note(text, "x", GRAMMAR, matcher)
    finally:
        prose.read_relation, body.relation_heading = ways


def test_relations_take_the_short_way(monkeypatch):
    """The headings that footers consist of do take it."""
    taken = []
    ways = prose.read_relation, body.relation_heading

    def heading(*args):
        found = ways[1](*args)
        taken.append("wikilink" if found else "")
        return found

    def words(*args):
        found = ways[0](*args)
        taken[-1] = "link" if found else ""
        return found

    monkeypatch.setattr(body, "relation_heading", heading)
    monkeypatch.setattr(prose, "read_relation", words)
    for text in RELATIONS:
        parse_note(f"# {text}", "x", GRAMMAR)
    assert taken == ["wikilink", "link", "wikilink", "link", ""]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PATHS), min_size=1, max_size=14))
def test_paths_of_wikilinks_are_found_as_any_path(parts):
    """A path into a tier's tree in a wikilink ends where the grammar's pattern ends it."""
    text = "".join(parts)
    short = tier_paths.tier_paths(text, GRAMMAR)
    way = tier_paths._wikilink
    tier_paths._wikilink = lambda *_, **__: None
    try:
        assert short == tier_paths.tier_paths(text, GRAMMAR)
    finally:
        tier_paths._wikilink = way


PLACES = (
    "/", "_secret", "_internal", "_Standards", "_Secret", "P", "X", "Ä", "X Y", ".", "..", " ",
    ".md", ".secret", ".internal", ".secret.secret", ".SECRET", ".png", "\\", "%20", "#h", "~",
    "(1)", ",", "A\u0308", "\xa0", "\u200b", "_", "-", "//", "/_secret/P/X.secret", "/../",
)  # fmt: skip


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    """A vault with a few names that are told apart by little."""
    root = tmp_path_factory.mktemp("places")
    for name in ("P/X", "P/Ä", "P/X Y", "X", "P/X.secret", "P/X.md"):
        file = root / f"_Standards/{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("text\n", encoding="utf-8")
    policy = "version: 1\ntiers: [public, internal, secret]\ndefaults: {note: public}\n"
    return scan(root, parse_policy(policy, "policy.yaml", Path()))


@settings(max_examples=600)
@given(
    tree=st.sampled_from(("/_secret/", "/_secret/P/", "/_internal/", "/")),
    parts=st.lists(st.sampled_from(PLACES), max_size=6),
    syntax=st.sampled_from(Syntax),
)
def test_paths_of_projections_are_resolved_as_any_destination(vault, tree, parts, syntax):
    """A plain path into a tier's tree names what all its readings would."""
    raw = tree + "".join(parts)
    short = vault._resolver.projection(raw)
    assert short in (None, vault._resolver.target(vault._decode(raw, syntax), "P/X.md"))


def test_plain_paths_of_projections_take_the_short_way(vault):
    """The links that footers consist of do take it."""
    for raw in ("/_secret/P/X.secret", "/_internal/P/Ä.internal.md", "/_secret/P/X Y.secret"):
        assert (
            vault._resolver.projection(raw).sources
            == vault._resolver.target(vault._decode(raw, Syntax.WIKI), "X.md").sources
        )
    assert vault._resolver.projection("/_secret/P/../X.secret") is None


PATTERNS = (
    "/a/**", "/A b/*", "!/a/x*", "/É/**", "/ß/**", "a/**", "/a*/**", "/a", "*.md", "/a/b/",
    "!/c/**",
    "/[a]/**", "/a\u0301/**", "/ss/x",
)  # fmt: skip
PARTS_OF_PATHS = (
    "a", "A", "A B", "É", "E\u0301", "ß", "SS", "c", "x", "a.md", "á", "\u200ba", "..", "",
    "Σ", "ς",
)  # fmt: skip


@settings(max_examples=600)
@given(
    patterns=st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3),
    parts=st.lists(st.sampled_from(PARTS_OF_PATHS), min_size=1, max_size=4),
    make=st.sampled_from((paths.paths, paths.links)),
)
def test_folders_at_the_root_are_told_as_patterns_tell_them(patterns, parts, make):
    """That a path lies below no folder which the patterns ask for is what they would say."""
    path = "/".join(parts)
    way = paths._tops
    short = make(patterns)(path)
    paths._tops = lambda _: None
    try:
        assert short == make(patterns)(path)
    finally:
        paths._tops = way


def test_rooted_patterns_take_the_short_way():
    """The patterns that policies mostly consist of do take it."""
    assert paths._tops(["/assets/**", "!/Assets/x", "/É/*"]) == {"assets", "é"}
    assert paths._tops(["/assets/**", "x/**"]) is None
    assert paths._tops(["/a*/**"]) is None
