"""Parts of the audit: laying texts side by side, needles, the shape of a publication."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from audit_tools import make_bench

from benchmarks.plants import picture
from tierpub.audit import audit
from tierpub.audit.blanks import extra_blanks
from tierpub.audit.compare import compare, line_column
from tierpub.audit.forms import even_tiers, slug, squeezed
from tierpub.audit.hit import confidence
from tierpub.audit.layout import Layout, guessed
from tierpub.audit.marks import mark_pattern, marked
from tierpub.audit.media import metadata
from tierpub.audit.needles import NeedleSet
from tierpub.audit.pieces import LONGEST, pieces, runs
from tierpub.audit.publication import open_publication
from tierpub.audit.reading.blocks import read_blocks
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.retyped import retyped
from tierpub.audit.tokens import tokenizer
from tierpub.errors import TierpubError
from tierpub.policy import parse_policy
from tierpub.tiers import Ladder

LADDER = Layout(Ladder(("public", "internal", "secret")))


def differences(canonical, projection, hidden=(), level=0):
    """What differs, where the words of `hidden` are above the level."""
    canvas = Canvas(canonical, 0, 2)
    for words in hidden:
        at = canonical.index(words)
        canvas.lay(at, at + len(words), 2, "field")
    found = compare(canvas, projection, level, tokenizer(LADDER, level), "N")
    return [(each.sort, each.words) for each in found]


@pytest.mark.parametrize(
    ("canonical", "projection"),
    [
        ("a b c\n", "a b c\n"),
        ("[[X]] and [[X|y]]\n", "[[X.public|X]] and [[X.public|y]]\n"),
        ("[[_Standards/P/X]]\n", "[[_public/P/X.public|X]]\n"),
        ("[x](/_Standards/P/X.md#h)\n", "[x](/_public/P/X.public.md#h)\n"),
        ("[x](%5FStandards/P/X.md)\n", "[x](%5Fpublic/P/X.public.md)\n"),
        ("---\nconfidential: secret\na: b\n---\n", "---\nconfidential: public\na: b\n---\n"),
        ("| [[X\\|y]] |\n", "| [[X.public\\|y]] |\n"),
    ],
)
def test_declared_edits_are_no_differences(canonical, projection):
    """Link targets, repeated link words and the banner may change."""
    assert differences(canonical, projection) == []


@pytest.mark.parametrize(
    ("canonical", "hidden", "projection", "found"),
    [
        ("a hid b\n", ["hid"], "a b\n", []),
        ("a (hid) b\n", ["hid"], "a b\n", []),
        ("a hid b\n", ["hid"], "a hid b\n", [("leaked", "hid")]),
        ("a hid b\n", ["hid"], "a b hid\n", [("leaked", "hid")]),
        ("a b c\n", [], "a c\n", [("lost", "b")]),
        ("a b c\n", [], "a b x c\n", [("altered", "x")]),
        ("a b c\n", [], "a b  c\n", [("altered", "")]),
        ("a b c\n", [], "a b\nc\n", [("altered", "")]),
        ("a b, c\n", [], "a b! c\n", [("altered", "!")]),
        ("one two hid two\n", ["hid"], "one two two\n", []),
        ("a hid\n", ["hid"], "", [("lost", "a")]),
        ("a hid b\n", ["hid"], "a  b\n", [("altered", "")]),
        ("[a hid b](c d)\n", ["hid"], "[a  b](c d)\n", [("altered", "")]),
        ("a [[X.internal]]\n", ["[[X.internal]]"], "a [[X.internal]]\n",
         [("leaked", "X internal")]),
    ],
)  # fmt: skip
def test_differences(canonical, hidden, projection, found):
    """Hidden words that are there, words from nowhere, words that are missing."""
    got = differences(canonical, projection, hidden)
    assert [(sort, words.replace("[ [ ", "")) for sort, words in got if sort != "altered" or words
            or found] == found or [g[0] for g in got] == [f[0] for f in found]  # fmt: skip
    assert bool(got) == bool(found)


@pytest.mark.parametrize(
    ("canonical", "projection", "lines"),
    [
        ("a\n\nhid\n\nb\n", "a\n\nb\n", []),
        ("a\n\nhid\n\nb\n", "a\n\n\nb\n", [4]),
        ("a\nhid\nb\n", "a\n\nb\n", []),
        ("a\nhid\nb\n", "a\n\n\nb\n", [4]),
        ("a\n\nhid\n\n\nb\n", "a\n\n\nb\n", []),
        ("> a\n>\n> hid\n>\n> b\n", "> a\n>\n>\n> b\n", [4]),
        ("a\n\nhid\n", "a\n\n", []),
        ("a\n\nhid\n", "a\n\n\n", [3]),
        ("x\nhid\nx\n\n\nx\n", "x\nx\n\n\nx\n", []),
        ("x\n\n\nx\n\nhid\n\nx\n", "x\n\n\nx\n\n\nx\n", [7]),
        ("a\n\nb hid\n\nc hid\n", "a\n\nb\n\n\nc\n", [6]),
        ("a\n\nb hid\n\nhid\n\nc\n\n\n\nd\n", "a\n\nb\n\n\nc\n\n\n\nd\n", [6]),
        ("a\r\n\r\nhid\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n", [4]),
    ],
)
def test_a_cut_leaves_no_blank_line_behind(canonical, projection, lines):
    """More blank lines than stand anywhere between two lines of the note would tell of the cut."""
    canvas = Canvas(canonical, 0, 2)
    for hidden in re.finditer("hid", canonical):
        canvas.lay(*hidden.span(), 2, "text")
    found = extra_blanks(canvas, projection, 0, tokenizer(LADDER, 0))
    assert [projection.count("\n", 0, at) + 1 for at in found] == lines


MARKS = """\
version: 1
tiers: [public, internal, secret]
redaction: {inline: INLINE, mark: "[{tier}: {reason}]"}
rules: [{note: "X/**", tier: secret, reason: known to few}]
"""


def marks(text: str, inline: str = "mark") -> list[str]:
    """What the auditor takes for marks."""
    policy = parse_policy(MARKS.replace("INLINE", inline), "p", Path())
    return [text[start:end] for start, end in marked(text, mark_pattern(policy))]


def test_a_mark_holds_nothing_but_tiers_and_reasons():
    """What the policy does not state in a mark is text like any other."""
    assert marks("a [secret: known to few] b") == ["[secret: known to few]"]
    assert marks("a [secret: ] b") == ["[secret: ]"]
    assert marks("a [secret: Ann Falconer] [Ann: known to few] b") == []
    assert marks("a [secret: known to few] b", "cut") == []


def test_a_marked_item_is_counted_anew():
    """The number before a mark is the next after its neighbour's; the canonical one is hidden."""
    assert marks("1. a\n2. [secret: ]\n") == ["2. [secret: ]"]
    assert marks("1. a\n1987. [secret: ]\n") == ["[secret: ]"]


@pytest.mark.parametrize(
    ("note", "hidden", "unsure"),
    [
        ("hid # open words\n", "hid", True),
        ("hid [L]: http://x.example/a\n", "hid", True),
        ("open hid words\n", "hid", False),
        ("> hid 1. open words\n", "hid", True),
        ("- hid, open words\n", "hid", False),
    ],
)
def test_what_would_read_as_something_else_may_go(note, hidden, unsure):
    """Only where what is left of a block is no such block is its loss doubtful."""
    canvas = Canvas(note, 0, 2)
    canvas.root = read_blocks(note)
    at = note.index(hidden)
    canvas.lay(at, at + len(hidden), 2, "link")
    assert retyped(canvas, note.rindex(" "), 0) is unsure


def test_lines_and_columns_count_from_one():
    """As editors do."""
    assert line_column("ab\ncd", 4) == (2, 2)


def test_slugs_are_words_with_hyphens():
    """Signs between words are one hyphen, letters of any script stay."""
    assert slug(squeezed(" Zoë & Ann_Keller-Smith!")) == "zoë-ann-keller-smith"


def test_tiers_follow_letters_that_fold_to_several():
    """`ß` folds to two letters, a decomposed letter to one."""
    text, tiers = even_tiers("aßZoe\u0308x", bytes([0, 1, 0, 0, 2, 2, 0]))
    assert (text, tiers) == ("asszoëx", bytes([0, 1, 1, 0, 0, 2, 0]))


def test_tiers_follow_letters_around_what_is_not_seen():
    """A sign without width goes, and its tier with it."""
    assert even_tiers("a\u200bb", bytes([0, 1, 2])) == ("ab", bytes([0, 2]))


def test_signs_around_a_word_are_a_part_of_it():
    """A string of a sign and a word is not that word alone, as names of files would have it."""
    found = NeedleSet()
    found.add("%% confidential", "value", 2, "A.md", 0)
    found.close()
    found.settle()
    assert [hit.column for hit in found.hits(b"confidential, %% confidential", 0)] == [15]


def test_needles_take_the_lowest_tier_that_reads_them():
    """A string that stands in visible text is visible from there on."""
    found = NeedleSet()
    found.add("quiet harbour", "title", 2, "A.md", -1)
    found.add("loud harbour", "title", 2, "A.md", -1)
    found.close()
    found.seen("the Quiet_Harbour", bytes([1]) * 17, 0)
    hits = {hit.needle.text for hit in found.hits(b"quiet harbour, loud harbour", 1)}
    assert hits == {"loud harbour"}


def test_a_part_of_a_visible_word_is_not_visible():
    """A name is no less secret for a longer word that holds it; a cut word ends at the cut."""
    found = NeedleSet()
    for name in ("Anna", "Annika", "Rosa"):
        found.add(name, "title", 2, "A.md", -1)
    found.close()
    tiers = bytes([0] * 27 + [2] * 6 + [0] * 4)
    found.seen("annals of Annapolis, AnnikawordsvRosa", tiers, 0)
    found.settle()
    assert {hit.needle.text for hit in found.hits(b"Anna, Annika, Rosa", 0)} == {"anna"}


def test_what_is_visible_in_one_form_of_a_name_is_so_in_its_slug():
    """The lowest tier of all that have one slug counts for it, whichever was added first."""
    found = NeedleSet()
    found.add("Ann & Bob Keller", "title", 2, "A.md", -1)
    found.add("Ann, Bob Keller", "title", 2, "A.md", -1)
    found.close()
    found.seen("Ann, Bob Keller", None, 0)
    found.settle()
    said = [hit.needle.text for hit in found.hits(b"ann-bob-keller, ann & bob keller", 0)]
    assert said == ["ann & bob keller"]


def test_needles_are_whole_words():
    """A name within a longer word is none; in Chinese there are no words to look for."""
    found = NeedleSet()
    found.add("Ann", "title", 2, "A.md", -1)
    found.add("王小明", "title", 2, "A.md", -1)
    found.close()
    assert [hit.needle.text for hit in found.hits("Annex 见王小明说".encode(), 0)] == ["王小明"]


@pytest.mark.parametrize(
    ("text", "sure"),
    [("Bob", "low"), ("active", "low"), ("1234", "low"), ("Falconers", "medium"),
     ("Ann Falconer", "high"), ("+41 22 555 01 77", "high")],
)  # fmt: skip
def test_confidence(text, sure):
    """Short and common strings are notes, long ones errors."""
    found = NeedleSet()
    found.add(text, "value", 2, "A.md", 0)
    found.close()
    (hit,) = found.hits(text.encode(), 0)
    assert confidence(hit) == sure


def test_pieces_cover_a_text_and_are_short():
    """Every word of a sentence stands in a piece."""
    text = "The quick brown fox jumps over the lazy dog while nobody looks at it from the pier"
    found = list(pieces(text))
    assert all(len(piece) <= LONGEST + 1 for piece in found)
    assert {word for piece in found for word in piece.split()} == set(text.split())


def test_runs_begin_at_every_word():
    """So that a part of a sentence is found wherever it was cut; signs around words are left."""
    assert list(runs("the (landlord) wants to sell -- in = spring, groundbreakingly.")) == [
        "the (landlord) wants", "landlord) wants", "wants to sell -- in", "to sell -- in = spring",
        "sell -- in = spring", "in = spring, groundbreakingly", "spring, groundbreakingly",
        "groundbreakingly",
    ]  # fmt: skip


def test_squeezed():
    """Blanks of all kinds are one."""
    assert squeezed(" A\n _b\u00a0") == "a b"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\xff\xd8\xff\xe1\x00\x08Exif\x00\x00\xff\xda\x00\x02\xff\xd9", ["EXIF data"]),
        (b"\xff\xd8\xff\xfe\x00\x04hi\xff\xda\x00\x02\xff\xd9", ["a comment"]),
        (b"\xff\xd8\xff\xda\x00\x02\xff\xd9trailer", ["bytes after its end"]),
        (b"\xff\xd8\xff\xe0\x00\x04JF\xff\xda\x00\x02\xff\xd9", []),
        (b"GIF89a\x21\xfe\x02hi\x00\x3b", ["a comment"]),
        (b"%PDF-1.7 /Author (me)", ["an author, a title or the like"]),
        (b"<svg><metadata/></svg>", ["metadata"]),
        (picture(b"a\0b") + b"x", ["text", "bytes after its end"]),
        (b"plain words", []),
    ],
)
def test_metadata(data, found):
    """What files hold about themselves, by type."""
    assert metadata(data) == found


def test_every_shape_of_a_publication_is_known(tmp_path):
    """A release, a tier's folder, a tree, and a vault root are read alike."""
    bench = make_bench(tmp_path)
    layout = LADDER
    root = tmp_path / "root"
    for path, data in bench.trees[0].items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    shapes = [bench.out, bench.out / "public", bench.out / "public/_public", root]
    for shape in shapes:
        found = open_publication(shape, layout, lambda *_: None)
        assert set(found.files[0]) == set(bench.trees[0])
        assert found.strangers == []


@pytest.mark.parametrize("make", [lambda _: None, lambda path: path.mkdir(),
                                  lambda path: path.write_text("x")])  # fmt: skip
def test_nothing_to_audit_is_an_error(tmp_path, make):
    """An audit that looked at nothing has not found that all is well."""
    make(tmp_path / "p")
    with pytest.raises(TierpubError) as raised:
        audit(tmp_path / "p")
    assert raised.value.faults[0].code == "no-publication"


def test_a_vault_needs_its_policy(tmp_path):
    """Without one nobody knows what is above a level."""
    with pytest.raises(TierpubError) as raised:
        audit(tmp_path, vault=tmp_path)
    assert raised.value.faults[0].code == "no-policy"


def test_tiers_are_guessed_from_folders(tmp_path):
    """Names that nobody ranked are known, but not their order."""
    for name in ("_public", "_staff"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"a{name.replace('_', '.')}.md").write_text("x")
    layout = guessed(tmp_path)
    assert "staff" in layout.ladder.names
    assert not layout.ranked
