"""What links name: every way to write a destination, and nothing that gets past."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierpub.note.portions import Syntax
from tierpub.tiers import Ladder
from tierpub.vault import decode, scan
from tierpub.vault.index import Shelf
from tierpub.vault.names import Table

WIKI, MD, ANGLE, HTML, PLAIN, *_ = Syntax

SECRET = 5
FILES = [
    "_Standards/UN/IOX.md",
    "_Standards/UN/Ann.md",
    "_Standards/UN/pic.png",
    "_Standards/People/Ann.md",
    "_Standards/People/Bob (old).md",
    "_Standards/People/Möller.md",
    "_Standards/People/100%25.md",
    "_Standards/People/A&B.md",
    "_Standards/People/C#.md",
    "_Standards/People/Straße.md",
    "_Standards/People/Strasse.md",
    "_Standards/People/Weiß.md",
    "_Standards/People/Deep/Er/Note.md",
    "_Standards/WikiData/WD~Amy_E._Pope,1.md",
    "_Standards/Odd/X.secret.md",
    "_Standards/Odd/X.md",
    "_Standards/Ignored/Gone.md",
    "_Standards/Top.md",
    "_secret/UN/IOX.secret.md",
    "assets/map.png",
    "docs/Only outside.md",
    "docs/Both.md",
    "_Standards/UN/Both.md",
]


LADDER = Ladder(("public", "internal", "protect", "private", "personal", "secret"))


@dataclass(frozen=True)
class Layout:
    """The part of a policy that a vault reads."""

    ladder: Ladder = LADDER
    source: str = "_Standards"
    projection: str = "_{tier}/{path}.{tier}.md"
    ignore: tuple[str, ...] = ("Ignored/",)


def build(root, files=FILES, **layout):
    """A vault at `root` that holds `files`."""
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return scan(root, Layout(**layout))


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    """The vault of most tests here."""
    return build(tmp_path_factory.mktemp("vault"))


HERE = "UN/IOX.md"


@pytest.mark.parametrize(
    ("raw", "syntax", "note"),
    [
        ("/_Standards/People/Ann.md", MD, "People/Ann.md"),
        ("/_Standards/People/Ann", WIKI, "People/Ann.md"),
        ("_Standards/People/Ann", WIKI, "People/Ann.md"),
        ("People/Ann", WIKI, "People/Ann.md"),
        ("../People/Ann.md", MD, "People/Ann.md"),
        ("./../People/./Ann", WIKI, "People/Ann.md"),
        ("../../../../../_Standards/People/Ann", WIKI, "People/Ann.md"),
        ("Ann", WIKI, "UN/Ann.md"),
        ("./Ann.md", MD, "UN/Ann.md"),
        ("Note", WIKI, "People/Deep/Er/Note.md"),
        ("Er/Note", WIKI, "People/Deep/Er/Note.md"),
        ("Deep/Er/Note.md", MD, "People/Deep/Er/Note.md"),
        ("Top", WIKI, "Top.md"),
        ("WD~Amy_E._Pope,1", WIKI, "WikiData/WD~Amy_E._Pope,1.md"),
        ("IOX", WIKI, HERE),
        ("", WIKI, HERE),
        ("#heading", MD, HERE),
        ("#^block", WIKI, HERE),
        ("%23heading", MD, HERE),
    ],
)
def test_each_way_to_name_a_note_finds_it(vault, raw, syntax, note):
    """Absolute, from the root, by the end of a path, relative, bare and empty all resolve."""
    target = vault.resolve(raw, syntax, HERE)
    assert (target.sort, target.note) == ("note", note)


@pytest.mark.parametrize(
    ("raw", "syntax", "note"),
    [
        ("nOTE", WIKI, "People/Deep/Er/Note.md"),
        ("_STANDARDS/people/ANN.MD", MD, "People/Ann.md"),
        (unicodedata.normalize("NFD", "Möller"), WIKI, "People/Möller.md"),
        ("/_Standards/People/" + unicodedata.normalize("NFD", "MÖLLER"), MD, "People/Möller.md"),
        ("M%C3%B6ller.md", MD, "People/Möller.md"),
        ("Mo%CC%88ller.md", MD, "People/Möller.md"),
        ("M%C3%B6ller", WIKI, "People/Möller.md"),
        ("M&ouml;ller.md", MD, "People/Möller.md"),
        ("M&#246;ller", HTML, "People/Möller.md"),
        ("M&#xF6;ller", WIKI, "People/Möller.md"),
        ("M&#37;C3%B6ller.md", MD, "People/Möller.md"),
        ("%2FStandards/../_Standards/People/Möller", MD, "People/Möller.md"),
        ("%5FStandards%2FPeople%2FM%C3%B6ller.md", MD, "People/Möller.md"),
        ("People\\Möller.md", WIKI, "People/Möller.md"),
        ("..\\People\\Möller.md", MD, "People/Möller.md"),
        ("\\_Standards\\People\\Möller.md", ANGLE, "People/Möller.md"),
        ("/\\_Standards/People/Möller", PLAIN, "People/Möller.md"),
        ("Möller\\", WIKI, "People/Möller.md"),
        ("  Möller ", WIKI, "People/Möller.md"),
        ("People / Möller", WIKI, "People/Möller.md"),
        ("Bob\u00a0(old)", WIKI, "People/Bob (old).md"),
        ("Bob%20(old).md", MD, "People/Bob (old).md"),
        ("Bob%20\\(old\\).md", MD, "People/Bob (old).md"),
        ("Bob (old).md", ANGLE, "People/Bob (old).md"),
        ("Bob&#32;&#40;old&#41;", HTML, "People/Bob (old).md"),
        ("100%25", WIKI, "People/100%25.md"),
        ("100%2525", MD, "People/100%25.md"),
        ("100%25", MD, "People/100%25.md"),
        ("A&B", MD, "People/A&B.md"),
        ("A&amp;B", HTML, "People/A&B.md"),
        ("A\\&B", MD, "People/A&B.md"),
        ("C#", WIKI, "People/C#.md"),
        ("C%23.md", MD, "People/C#.md"),
        ("Möller.md?x=1", MD, "People/Möller.md"),
        ("M\töller.md", HTML, "People/Möller.md"),
        ("WEISS", WIKI, "People/Weiß.md"),
    ],
)
def test_encoded_destinations_name_the_note_they_hide(vault, raw, syntax, note):
    """Case, normalisation, percent-encoding, references, escapes and separators hide no note."""
    assert note in vault.resolve(raw, syntax, HERE).notes


@pytest.mark.parametrize(
    ("raw", "syntax"),
    [
        ("/_secret/People/Ann.secret.md", MD),
        ("_secret/People/Ann", WIKI),
        ("%5Fsecret/People/Ann.secret", MD),
        ("%255Fsecret/People/Ann", MD),
        ("&#95;secret/People/Ann", MD),
        ("&lowbar;secret/People/Ann", HTML),
        ("&#37;5Fsecret/People/Ann", MD),
        ("\\_secret/People/Ann", MD),
        ("\\_secret\\People\\Ann", WIKI),
        ("..\\..\\_secret\\People\\Ann.secret.md", MD),
        ("../../_secret/People/Ann", WIKI),
        ("../../../../_SECRET/People/Ann", WIKI),
        ("./../../_ſecret/People/Ann", WIKI),
        ("foo/../_secret/People/Ann", WIKI),
        ("/x/vault/_secret/People/Ann.secret.md", MD),
        ("//_secret/People/Ann", MD),
        ("file:///home/me/vault/_secret/People/Ann.secret.md", MD),
        ("file://host/v/%5Fsecret/People/Ann", HTML),
        ("C:\\Users\\me\\_secret\\People\\Ann.secret.md", ANGLE),
        ("obsidian://open?vault=v&file=_secret%2FPeople%2FAnn.secret", MD),
        ("obsidian://open?vault=v&amp;file=%5Fsecret%2FPeople%2FAnn", HTML),
        ("OBSIDIAN://open?path=%2Fhome%2Fme%2F_secret%2FPeople%2FAnn.secret.md", MD),
        ("obsidian://vault/v/_secret/People/Ann.secret", PLAIN),
        ("obsidian:///home/me/_secret/People/Ann.secret", PLAIN),
        ("obsidian://advanced-uri?vault=v&filepath=_secret%252FPeople%252FAnn", MD),
        ("_secret/People/Ann.public.md", WIKI),
        ("_public/People/Ann.secret.md", WIKI),
    ],
)
def test_a_path_into_a_tiers_tree_has_that_tier_and_its_note(vault, raw, syntax):
    """However it is written, a path below `_secret` is secret and names the note behind it."""
    target = vault.resolve(raw, syntax, HERE)
    assert target.tree == SECRET
    assert "People/Ann.md" in target.notes or target.sort == "external"


@pytest.mark.parametrize("raw", ["/x/_secret/_public/Ann", "/x/_public/_secret/Ann"])
def test_the_highest_of_several_trees_in_a_path_counts(vault, raw):
    """A path through two tiers' trees has the higher of them."""
    assert vault.resolve(raw, MD, HERE).tree == SECRET


@pytest.mark.parametrize("raw", ["IOX.secret", "iox.SECRET.md", "UN/IOX.secret", "./IOX.secret"])
def test_a_name_with_a_tiers_ending_is_the_projection_of_its_note(vault, raw):
    """A bare `X.secret` names the secret projection of X."""
    target = vault.resolve(raw, WIKI, HERE)
    assert (target.sort, target.tree, target.note) == ("tier", SECRET, HERE)


@pytest.mark.parametrize("raw", ["Nobody.secret", "Nobody.public.secret", "Nobody.secret.public"])
def test_a_tiers_ending_counts_where_no_note_stands(vault, raw):
    """The highest ending counts even where its note is not known."""
    target = vault.resolve(raw, WIKI, HERE)
    assert (target.sort, target.tree) == ("tier", SECRET)


def test_a_real_note_named_like_a_projection_counts_as_both(vault):
    """`X.secret.md` in the source is a note, and its name's tier and X count as well."""
    target = vault.resolve("X.secret", WIKI, HERE)
    assert (target.sort, target.tree, target.note) == ("note", SECRET, "Odd/X.secret.md")
    assert set(target.notes) == {"Odd/X.secret.md", "Odd/X.md"}


def test_a_bare_name_tells_every_note_it_matches(vault):
    """The chosen note is that of the same folder, the others are told."""
    target = vault.resolve("ann", WIKI, HERE)
    assert target.note == "UN/Ann.md"
    assert set(target.notes) == {"UN/Ann.md", "People/Ann.md"}


def test_a_bare_name_prefers_the_folder_of_its_note(vault):
    """A match in the note's own folder is chosen before a shorter path."""
    assert vault.resolve("ann", WIKI, "People/Möller.md").note == "People/Ann.md"


def test_a_link_to_the_own_note_is_each_notes_own(vault):
    """Two notes of one folder that hold the same `[[#heading]]` name themselves."""
    for note in (HERE, "UN/Ann.md"):
        assert vault.resolve("#x", WIKI, note).note == note


def test_a_name_matches_every_normalisation_on_disk(tmp_path):
    """Notes stored in NFC and in NFD are both told for one bare name."""
    nfd = unicodedata.normalize("NFD", "Möller")
    vault = build(tmp_path, ["_Standards/A/Möller.md", f"_Standards/B/{nfd}.md"])
    for raw in ("MÖLLER", nfd):
        assert len(vault.resolve(raw, WIKI, "A/x.md").notes) == 2


def test_blanks_at_the_edges_of_a_name_hide_nothing(tmp_path):
    """A file whose name begins or ends in a blank is found without it."""
    vault = build(tmp_path, ["_Standards/A / Edge .md"])
    for raw in ("Edge", "A/Edge", "_Standards/A/Edge.md"):
        assert vault.resolve(raw, WIKI, "x.md").note == "A / Edge .md"


def test_a_bare_name_from_elsewhere_takes_the_shortest_path(vault):
    """Where the note's own folder has no match, the shortest path is chosen."""
    assert vault.resolve("ann", WIKI, "Odd/X.md").note == "UN/Ann.md"


@pytest.mark.parametrize(("raw", "note"), [("straße", "Straße"), ("strasse", "Strasse")])
def test_names_that_only_fold_alike_stay_two(vault, raw, note):
    """`ß` and `ss` are one only where nothing is spelt as the link is."""
    assert vault.resolve(raw, WIKI, HERE).notes == (f"People/{note}.md",)


def test_a_name_that_also_stands_outside_says_so(vault):
    """A note and a file outside of one name: a note, and `outside`."""
    target = vault.resolve("Both", WIKI, HERE)
    assert (target.sort, target.note, target.outside) == ("note", "UN/Both.md", True)


@pytest.mark.parametrize(
    ("raw", "syntax", "sort", "path"),
    [
        ("Only outside", WIKI, "outside", "docs/Only outside.md"),
        ("/assets/map.png", MD, "outside", "assets/map.png"),
        ("map.png", WIKI, "outside", "assets/map.png"),
        ("/assets/none.png", MD, "outside", "assets/none.png"),
        ("../../assets/none.png", MD, "outside", "assets/none.png"),
        ("docs/none", WIKI, "outside", "docs/none"),
        ("docs/", MD, "outside", "docs"),
        ("Gone", WIKI, "outside", "_Standards/Ignored/Gone.md"),
        ("_Standards/Ignored/Gone", WIKI, "outside", "_Standards/Ignored/Gone.md"),
        ("pic.png", WIKI, "attachment", "_Standards/UN/pic.png"),
        ("/_Standards/UN/pic.png", MD, "attachment", "_Standards/UN/pic.png"),
        ("_Standards/People/", WIKI, "folder", "_Standards/People"),
        ("../People/", MD, "folder", "_Standards/People"),
        ("People/", WIKI, "folder", "_Standards/People"),
        ("/", MD, "folder", ""),
        ("../..", MD, "folder", ""),
        ("..", WIKI, "folder", "_Standards"),
        (".", WIKI, "folder", "_Standards/UN"),
        ("Nobody", WIKI, "name", "Nobody"),
        ("People", WIKI, "name", "People"),
        ("https://example.org/_x", MD, "external", "https://example.org/_x"),
        ("//example.org/x", MD, "external", "//example.org/x"),
        ("mailto:a@example.org", MD, "external", "mailto:a@example.org"),
        ("javascript:alert(1)", HTML, "external", "javascript:alert(1)"),
        ("data:text/plain,Ann", HTML, "external", "data:text/plain,Ann"),
        ("file:///etc/passwd", MD, "external", "file:///etc/passwd"),
        ("obsidian://show-plugin?id=x", MD, "external", "obsidian://show-plugin?id=x"),
    ],
)
def test_everything_else_is_sorted(vault, raw, syntax, sort, path):
    """Outside, ignored, attachments, folders, names and URLs are told apart."""
    target = vault.resolve(raw, syntax, HERE)
    assert (target.sort, target.path, target.notes) == (sort, path, ())


@pytest.mark.parametrize(
    ("raw", "sources"),
    [
        ("_Standards/WikiData/WD~IOX,1", ("WikiData/WD~IOX,1.md",)),
        ("../WikiData/WD~I._X,1", ("WikiData/WD~I._X,1.md",)),
        ("People/Zoe", ("People/Zoe.md", "UN/People/Zoe.md")),
        ("../People", ("People.md",)),
        ("./none.png", ("UN/none.png",)),
        ("file:///home/me/_Standards/People/Zoe.md", ("People/Zoe.md",)),
        ("obsidian://open?vault=v&file=People%2FZoe", ("People/Zoe.md",)),
    ],
)
def test_a_missing_path_says_what_it_would_be_in_the_source(vault, raw, sources):
    """Rules of notes reach a path that no file stands at."""
    target = vault.resolve(raw, MD, HERE)
    assert (target.sort, target.sources) == ("missing", sources)


@pytest.mark.parametrize(
    "raw",
    [
        "file:///home/someone/else/_Standards/People/Ann.md",
        "file:///mnt/People/Ann.md#top",
        "file://localhost/v/_Standards/People/%41nn.md",
        "C:/v/_Standards/People/Ann.md",
        "obsidian://open?vault=v&file=People%2FAnn",
        "obsidian://open?vault=v&file=_Standards%2FPeople%2FAnn%23top",
        "obsidian://open?file=_Standards/People/Ann&heading=x",
        "obsidian://vault/v/_Standards/People/Ann",
        "obsidian://adv-uri?filepath=_Standards%252FPeople%252FAnn.md",
        "obs&#105;dian://open?file=People/Ann",
    ],
)
def test_urls_that_open_a_note_name_it(vault, raw):
    """`obsidian:` and `file:` URLs and Windows paths resolve to the file they open."""
    assert vault.resolve(raw, MD, HERE).note == "People/Ann.md"


def test_a_file_url_into_this_vault_names_its_note(vault):
    """A `file:` URL with the vault's own path on disk resolves."""
    url = vault.root.as_uri() + "/_Standards/People/Ann.md"
    assert vault.resolve(url, MD, HERE).note == "People/Ann.md"


@pytest.mark.parametrize(
    ("raw", "syntax", "anchor"),
    [
        ("Ann#Pay#2026", WIKI, "Pay#2026"),
        ("Ann#^b1", WIKI, "^b1"),
        ("Ann.md#Pay%20rise", MD, "Pay rise"),
        ("#Pay", WIKI, "Pay"),
        ("##Pay", WIKI, "Pay"),
        ("^^b1", WIKI, "^b1"),
        ("obsidian://open?file=Ann%23Pay", MD, "Pay"),
        ("obsidian://adv-uri?filepath=Ann&block=b1", MD, "^b1"),
    ],
)
def test_anchors_are_decoded(vault, raw, syntax, anchor):
    """What follows `#` is told as the reader's program reads it."""
    assert vault.resolve(raw, syntax, HERE).anchor == anchor


WEIRD = [
    "..",
    "/",
    ".",
    "#",
    "\\",
    "%",
    "%00",
    "\0",
    "../" * 40,
    "a" * 9000,
    "/" * 9000,
    "[[",
    "&#x110000;",
    "\ud800",
    "%ED%A0%80",
    "file:",
    "file://",
    "obsidian:",
    "obsidian://",
    "://",
    ":",
    "C:",
    "?",
    "?#",
    "##",
    "..#x",
    " ",
    "\n",
    "_secret",
    "/_secret/",
    ".md",
    ".secret",
    ".secret.md",
    "../" * 40 + "_secret/x",
    "&" * 3000,
    "%25" * 3000,
    "a/" * 5000 + "b",
]


@pytest.mark.parametrize("syntax", list(Syntax))
@pytest.mark.parametrize("raw", WEIRD, ids=range(len(WEIRD)))
def test_no_destination_makes_it_fail(vault, raw, syntax):
    """Whatever stands in a destination, there is a target, and a rewrite or none."""
    target = vault.resolve(raw, syntax, HERE)
    assert vault.retarget(raw, syntax, target, HERE, "secret") != raw


PIECES = st.sampled_from(
    [
        "_secret",
        "_Standards",
        "People",
        "Ann",
        "/",
        "\\",
        "..",
        ".",
        "%5F",
        "%2F",
        "%",
        "&#95;",
        "&",
        "#",
        "?",
        ".md",
        ".secret",
        " ",
        "obsidian://open?file=",
        "file:///",
        ":",
        "ö",
        "%C3",
        "\\_",
        "|",
        "(",
        "x",
    ]
)


@given(st.lists(PIECES, max_size=9).map("".join), st.sampled_from(list(Syntax)))
def test_positions_of_a_reading_lie_in_the_text(raw, syntax):
    """Every character of a reading has its place in the raw text, in order."""
    for reading in decode(raw, syntax).readings:
        assert len(reading.at) == len(reading.path) + 1
        assert list(reading.at) == sorted(reading.at)
        assert reading.at[-1] <= len(raw)


def test_one_lookup_among_many_of_a_name_looks_at_few(tmp_path, monkeypatch):
    """50,000 notes of one name are found by a constant number of table lookups."""
    shelf = Shelf("_Standards/")
    for i in range(50_000):
        shelf.add(f"d{i % 100}/e{i}/README.md")
    shelf.freeze()
    shelf.ending(["e7", "README"])  # makes the table of this ending
    asked = []
    by_key = Table.by_key
    monkeypatch.setattr(Table, "by_key", lambda s, low: asked.append(low) or by_key(s, low))
    monkeypatch.setattr("tierpub.vault.index.key", lambda text: asked.append(text) or text.lower())
    assert shelf.ending(["e9", "README"]) == ("d9/e9/README.md",)
    assert len(shelf.ending(["README"])) == 50_000
    assert shelf.at("_Standards/d9/e9/README") == ("d9/e9/README.md",)
    assert len(asked) < 16
