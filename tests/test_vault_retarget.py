"""Rewriting destinations: what a link reads like in a projection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_vault_resolve import ANGLE, HERE, HTML, MD, PLAIN, WIKI, build

from tierpub.tiers import Ladder

DEEP = "out/{tier}/{path}.{tier}.md"


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    """The vault of most tests here."""
    return build(tmp_path_factory.mktemp("vault"))


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """The same with trees that stand deeper than the source."""
    return build(tmp_path_factory.mktemp("deep"), projection=DEEP)


def rewritten(vault, raw, syntax, note=HERE, tier="internal"):
    """`raw` as it reads at `tier`."""
    return vault.retarget(raw, syntax, vault.resolve(raw, syntax, note), note, tier)


@pytest.mark.parametrize(
    ("raw", "syntax", "new"),
    [
        ("IOX", WIKI, "IOX.internal"),
        ("iox", WIKI, "iox.internal"),
        ("IOX.md", WIKI, "IOX.internal.md"),
        ("IOX.MD", MD, "IOX.internal.MD"),
        ("IOX#Pay#^b", WIKI, "IOX.internal#Pay#^b"),
        ("IOX ", WIKI, "IOX.internal "),
        ("People/Ann", WIKI, "People/Ann.internal"),
        ("_Standards/People/Ann", WIKI, "_internal/People/Ann.internal"),
        ("_standards/people/ann", WIKI, "_internal/people/ann.internal"),
        ("/_Standards/People/Ann.md", MD, "/_internal/People/Ann.internal.md"),
        ("../People/Ann.md", MD, "../People/Ann.internal.md"),
        ("./../People/./Ann.md", MD, "./../People/./Ann.internal.md"),
        ("./Ann.md", MD, "./Ann.internal.md"),
        ("../../_Standards/People/Ann.md", MD, "../../_internal/People/Ann.internal.md"),
        ("../../../../_Standards/People/Ann", MD, "../../../../_internal/People/Ann.internal"),
        ("Bob%20(old).md#x%20y", MD, "Bob%20(old).internal.md#x%20y"),
        ("Bob%20\\(old\\).md", MD, "Bob%20\\(old\\).internal.md"),
        ("Bob%20(old)%2Emd", MD, "Bob%20(old).internal%2Emd"),
        ("Bob (old).md", ANGLE, "Bob (old).internal.md"),
        ("%5FStandards/People/M%C3%B6ller.md", MD, "_internal/People/M%C3%B6ller.internal.md"),
        ("&#95;Standards/People/M&ouml;ller.md", HTML, "_internal/People/M&ouml;ller.internal.md"),
        ("\\_Standards/People/Ann.md", MD, "_internal/People/Ann.internal.md"),
        ("..\\People\\Ann.md", MD, "..\\People\\Ann.internal.md"),
        ("People\\Ann\\", WIKI, "People\\Ann.internal\\"),
        ("100%2525.md", MD, "100%2525.internal.md"),
        ("C#", WIKI, "C#.internal"),
        ("Möller.md?x=1", MD, "Möller.internal.md?x=1"),
        ("WD~Amy_E._Pope,1", WIKI, "WD~Amy_E._Pope,1.internal"),
        ("_Standards/WikiData/WD~IOX,1", WIKI, "_internal/WikiData/WD~IOX,1.internal"),
        ("../Away/WD~I._X,1", WIKI, "../Away/WD~I._X,1.internal"),
        ("/_Standards/Away/X.md#h", MD, "/_internal/Away/X.internal.md#h"),
        ("/_Standards/Away/x.png", MD, "/_internal/Away/x.png"),
        ("/_Standards/UN/pic.png", MD, "/_internal/UN/pic.png"),
        ("/_Standards/Away/", MD, "/_internal/Away/"),
        ("/_Standards/People/", MD, "/_internal/People/"),
        ("X.secret", WIKI, "X.secret.internal"),
        (
            "obsidian://open?vault=v&file=_Standards%2FPeople%2FAnn&x=1",
            MD,
            "obsidian://open?vault=v&file=_internal%2FPeople%2FAnn.internal&x=1",
        ),
        (
            "obsidian://open?vault=v&amp;file=People/M%C3%B6ller",
            HTML,
            "obsidian://open?vault=v&amp;file=People/M%C3%B6ller.internal",
        ),
        (
            "file:///home/me/v/_Standards/People/Ann.md#x",
            MD,
            "file:///home/me/v/_internal/People/Ann.internal.md#x",
        ),
        ("file:///v/_Standards/Away/X", PLAIN, "file:///v/_internal/Away/X.internal"),
        ("C:/v/_Standards/People/Ann.md", MD, "C:/v/_internal/People/Ann.internal.md"),
    ],
)
def test_only_the_characters_that_must_change_do(vault, raw, syntax, new):
    """The tier's name goes in, the source's folder is replaced, and all else stays."""
    assert rewritten(vault, raw, syntax) == new


@pytest.mark.parametrize(
    ("raw", "syntax"),
    [
        ("", WIKI),
        ("#own heading", WIKI),
        ("Nobody", WIKI),
        ("People", WIKI),
        ("People/", WIKI),
        ("../none.png", MD),
        ("../Away/", MD),
        ("pic.png", WIKI),
        ("/assets/map.png", MD),
        ("../../assets/map.png", MD),
        ("/_secret/UN/IOX.secret.md", MD),
        ("IOX.secret", WIKI),
        ("https://example.org/_Standards/People/Ann.md", MD),
        ("mailto:a@example.org", MD),
    ],
)
def test_what_has_no_projection_stays_as_it_is(vault, raw, syntax):
    """Names, attachments, folders, tier paths and URLs are not rewritten."""
    assert rewritten(vault, raw, syntax) is None


@pytest.mark.parametrize(
    ("raw", "new"),
    [
        ("IOX", "IOX.internal"),
        ("../People/Ann", "../People/Ann.internal"),
        ("_Standards/People/Ann", "out/internal/People/Ann.internal"),
        ("../../_Standards/People/Ann", "../../../out/internal/People/Ann.internal"),
        ("../../assets/map.png", "../../../assets/map.png"),
        ("../../_secret/UN/x", "../../../_secret/UN/x"),
        ("/assets/map.png", None),
    ],
)
def test_relative_links_are_mended_where_trees_are_deeper(deep, raw, new):
    """A link that climbs out of the source climbs as far as its projection needs."""
    assert rewritten(deep, raw, WIKI) == new


@pytest.mark.parametrize(
    ("raw", "new"),
    [
        ("/People/Ann.md", "/_internal/People/Ann.internal.md"),
        ("People/Ann", "People/Ann.internal"),
        ("../People/Ann", "../People/Ann.internal"),
        ("Ann", "Ann.internal"),
    ],
)
def test_the_vault_itself_may_be_the_source(tmp_path, raw, new):
    """Without a source folder an absolute path gets the tree's folder put before it."""
    vault = build(tmp_path, ["People/Ann.md", "UN/IOX.md", "_secret/UN/x.md"], source=".")
    assert vault.notes == ("People/Ann.md", "UN/IOX.md")
    assert rewritten(vault, raw, WIKI) == new


def test_a_tier_name_is_encoded_where_the_link_is(tmp_path):
    """In a Markdown destination a blank of a tier's name cannot stand."""
    vault = build(tmp_path, ladder=Ladder(("public", "very secret")))
    assert rewritten(vault, "Top.md", MD, tier="very secret") == "Top.very%20secret.md"
    assert rewritten(vault, "Top", WIKI, tier="very secret") == "Top.very secret"


PARTS = [
    "..",
    ".",
    "_Standards",
    "%5FStandards",
    "People",
    "Ann",
    "Ann.md",
    "UN",
    "IOX",
    "M%C3%B6ller",
    "Zoe",
    "",
    "100%2525",
    "C#",
    "Bob%20(old)",
]


@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("/".join),
    st.sampled_from([WIKI, MD, ANGLE, HTML, PLAIN]),
    st.sampled_from([HERE, "Top.md", "People/Deep/Er/Note.md"]),
)
def test_a_rewritten_link_names_the_projection_of_its_target(vault, raw, syntax, note):
    """What a rewritten link to a note resolves to is that note's projection at that tier."""
    target = vault.resolve(raw, syntax, note)
    new = vault.retarget(raw, syntax, target, note, "secret")
    if target.sort == "note" and new is not None:
        again = vault.resolve(new, syntax, note)
        assert again.tree == vault.pattern.ladder.top
        assert target.note in again.notes


@pytest.mark.parametrize("tier", ["public", "secret"])
def test_each_level_gets_its_own_rewriting(vault, tier):
    """One plan serves every level."""
    assert rewritten(vault, "_Standards/Top", WIKI, tier=tier) == f"_{tier}/Top.{tier}"
