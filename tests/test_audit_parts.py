"""Parts of the audit: laying texts side by side, needles, the shape of a publication."""

from __future__ import annotations

import pytest
from audit_tools import make_bench

from benchmarks.plants import picture
from tierpub.audit import audit
from tierpub.audit.compare import compare, line_column
from tierpub.audit.forms import even_text, even_tiers, forms, squeezed
from tierpub.audit.layout import Layout, guessed
from tierpub.audit.media import metadata
from tierpub.audit.needles import LONGEST, NeedleSet, confidence, pieces, runs
from tierpub.audit.publication import open_publication
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.tokens import tokenizer
from tierpub.errors import TierpubError
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


def test_lines_and_columns_count_from_one():
    """As editors do."""
    assert line_column("ab\ncd", 4) == (2, 2)


def test_forms_differ_and_are_made_even():
    """No form is a beginning of the plain one, and each is what an evened text would hold."""
    made = dict(forms("Zoë & Ann Keller-Smith"))
    assert made["plain"] == "zoë & ann keller-smith"
    assert made["slug"] == "zoë-ann-keller-smith"
    assert {"URL", "HTML", "JSON", "hex", "base64"} <= {name for name, _ in forms("Zoë & Ann K")}
    assert all(form == even_text(form) for _, form in forms("Zoë & Ann"))


def test_base64_is_found_at_each_alignment():
    """Whatever stands before the string in what was encoded."""
    import base64  # noqa: PLC0415

    wanted = [form for name, form in forms("hidden words") if name == "base64"]
    for before in (b"", b"x", b"xy", b"xyz"):
        text = even_text(base64.b64encode(before + b"hidden words" + b"!!").decode())
        assert any(form in text for form in wanted)


def test_tiers_follow_letters_that_fold_to_several():
    """`ß` folds to two letters, a decomposed letter to one."""
    text, tiers = even_tiers("aßZoe\u0308x", bytes([0, 1, 0, 0, 2, 2, 0]))
    assert (text, tiers) == ("asszoëx", bytes([0, 1, 1, 0, 0, 2, 0]))


def test_needles_take_the_lowest_tier_that_reads_them():
    """A string that stands in visible text is visible from there on."""
    found = NeedleSet()
    found.add("quiet harbour", "title", 2, "A.md", -1)
    found.add("loud harbour", "title", 2, "A.md", -1)
    found.close()
    found.seen("the Quiet_Harbour", bytes([1]) * 17, 0)
    hits = {hit.needle.text for hit in found.hits(b"quiet harbour, loud harbour", 1)}
    assert hits == {"loud harbour"}


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
    """So that a part of a sentence is found wherever it was cut."""
    assert list(runs("the landlord wants to sell in spring")) == [
        "the landlord wants",
        "landlord wants to", "wants to sell in", "to sell in spring", "sell in spring",
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
