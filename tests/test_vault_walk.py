"""Walking a vault: what is a note, what is refused, and what reading gives."""

from __future__ import annotations

import os

import pytest
from test_vault_resolve import WIKI, Layout, build

from tierpub.errors import TierpubError
from tierpub.vault import scan


def codes(vault):
    """The kinds of the vault's faults."""
    return [fault.code for fault in vault.faults]


def refusal(call, *args):
    """The fault that `call` is refused with."""
    with pytest.raises(TierpubError) as caught:
        call(*args)
    return caught.value.faults[0]


def test_notes_are_the_markdown_files_below_the_source(tmp_path):
    """Notes are sorted, in the spelling on disk; nothing else is one."""
    names = ["b.md", "A/z.MD", "A/b.txt", "A/.hidden.md", "x.secret.md"]
    vault = build(tmp_path, [f"_Standards/{n}" for n in names] + ["out.md", "_secret/p.md"])
    assert vault.notes == ("A/z.MD", "b.md", "x.secret.md")


def test_ignored_files_are_no_notes(tmp_path):
    """The policy's patterns, the vault's `.gitignore` and nested ones all count."""
    names = [
        "a.md",
        "b.md",
        "c.md",
        "keep.md",
        "N/d.md",
        "N/e.md",
        "N/K/keep.md",
        ".git/x.md",
        "Ignored/y.md",
    ]
    root = tmp_path
    for path, text in {
        ".gitignore": "b.md\nkeep.md\n",
        "_Standards/N/.gitignore": "/d.md\n!keep.md\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    vault = build(root, [f"_Standards/{n}" for n in names], ignore=("Ignored/", "c.md"))
    assert vault.notes == ("N/K/keep.md", "N/e.md", "a.md")
    assert vault.resolve("b", WIKI, "a.md").sort == "outside"
    assert vault.resolve("N/d", WIKI, "a.md").sort == "outside"


def test_the_policys_patterns_outrank_gitignore(tmp_path):
    """A nested `.gitignore` cannot make a note of what the policy ignores."""
    (tmp_path / "_Standards").mkdir()
    (tmp_path / "_Standards" / ".gitignore").write_text("!secret.md\n")
    vault = build(tmp_path, ["_Standards/a.md", "_Standards/secret.md"], ignore=("secret.md",))
    assert vault.notes == ("a.md",)


def test_projections_are_not_in_the_index(tmp_path):
    """A file in a tier's tree is never found by its name."""
    vault = build(tmp_path, ["_Standards/a.md", "_secret/Only.md", "_SECRET/Upper.md"])
    assert vault.resolve("Only", WIKI, "a.md").sort == "name"
    assert vault.resolve("Upper", WIKI, "a.md").sort == "name"


def test_folders_of_projections_are_not_in_the_index(tmp_path):
    """A folder that stands in a tier's tree alone is never found by its name."""
    vault = build(tmp_path, ["_Standards/a.md", "_secret/Sub/Only.md"])
    assert vault.resolve("Sub/", WIKI, "a.md").paths == ()


def test_projections_beside_other_files_are_not_in_the_index(tmp_path):
    """Where a pattern has no folder for each tier, the ending tells a projection."""
    files = ["_Standards/a.md", "out/Only.secret.md", "out/Other.md"]
    vault = build(tmp_path, files, projection="out/{path}.{tier}.md")
    assert vault.resolve("Only.secret", WIKI, "a.md").sort == "tier"
    assert vault.resolve("Other", WIKI, "a.md").sort == "outside"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (b"a\xff.md", "name-not-utf-8"),
        (b"a\n.md", "control-in-name"),
        (b"a\x1b[2J.md", "control-in-name"),
        ("a\u202egpj.md".encode(), "bidi-in-name"),
        ("a\u2028.md".encode(), "control-in-name"),
        (b"a\\..\\b.md", "backslash-in-name"),
        (b"a\n/b.md", "control-in-name"),
        (b"con.md", "reserved-name"),
    ],
)
def test_unsafe_names_are_faults(tmp_path, name, code):
    """A name that no reader could trust is a fault, and its place is shown escaped."""
    path = tmp_path / "_Standards" / os.fsdecode(name)
    path.parent.mkdir(parents=True)
    path.touch()
    vault = scan(tmp_path, Layout())
    assert code in codes(vault)
    assert all(str(fault.place).isprintable() for fault in vault.faults)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Ann", "ANN"),
        ("Möller", "Mo\u0308ller"),
        ("Straße", "Strasse"),
        ("ﬁ", "fi"),
        ("A/x", "a/X"),
    ],
)
def test_names_that_one_file_system_takes_for_one_are_faults(tmp_path, one, two):
    """Two notes whose projections might overwrite each other are refused."""
    vault = build(tmp_path, [f"_Standards/{one}.md", f"_Standards/{two}.md"])
    assert codes(vault) == ["colliding-names"]


def test_unlike_names_do_not_collide(tmp_path):
    """One name in two folders, and a note beside a folder of its name, are no fault."""
    names = ["A/x.md", "B/x.md", "A.md", "Straße.md", "B/Strasse.md", "x.txt", "x.md"]
    assert codes(build(tmp_path, [f"_Standards/{n}" for n in names])) == []


def test_a_symlink_out_of_the_vault_is_a_fault(tmp_path):
    """Files and folders that lead out are told; nothing behind them is a note."""
    root, away = tmp_path / "v", tmp_path / "away"
    away.mkdir()
    (away / "x.md").write_text("x")
    (root / "_Standards").mkdir(parents=True)
    (root / "_Standards" / "dir").symlink_to(away)
    (root / "_Standards" / "file.md").symlink_to(away / "x.md")
    (root / "elsewhere").symlink_to(away)
    vault = build(root, ["_Standards/a.md"])
    assert codes(vault) == ["symlink-outside", "symlink-outside"]
    assert vault.notes == ("a.md",)
    assert vault.resolve("file", WIKI, "a.md").sort == "outside"


def test_a_symlink_within_the_vault_is_outside_the_source(tmp_path):
    """It is not followed, and what a link names behind it counts as outside."""
    (tmp_path / "_Standards").mkdir()
    (tmp_path / "_Standards" / "ring").symlink_to(".")
    vault = build(tmp_path, ["_Standards/a.md"])
    assert (codes(vault), vault.notes) == ([], ("a.md",))
    assert vault.resolve("_Standards/ring/a", WIKI, "a.md").sort == "outside"
    assert vault.resolve("./ring/a.md", WIKI, "a.md").sort == "outside"


def test_a_pipe_that_is_called_like_a_note_is_none(tmp_path):
    """What is no regular file is never read."""
    (tmp_path / "_Standards").mkdir()
    os.mkfifo(tmp_path / "_Standards" / "pipe.md")
    assert build(tmp_path, ["_Standards/a.md"]).notes == ("a.md",)


def test_no_vault_no_source_no_notes_are_refused(tmp_path):
    """Each with a hint."""
    (tmp_path / "empty" / "_Standards").mkdir(parents=True)
    cases = [("nowhere", "no-vault"), (".", "no-source"), ("empty", "no-notes")]
    for folder, code in cases:
        fault = refusal(scan, tmp_path / folder, Layout())
        assert (fault.code, bool(fault.hint)) == (code, True)


def test_a_source_behind_a_symlink_is_refused(tmp_path):
    """The source must be a folder of the vault."""
    (tmp_path / "real").mkdir()
    (tmp_path / "_Standards").symlink_to("real")
    assert refusal(scan, tmp_path, Layout()).code == "symlink-source"


@pytest.mark.parametrize(
    "pattern", ["{path}.md", "_{tier}/x.md", "p-{path}.{tier}.md", "_{tier}/{path}.txt"]
)
def test_a_pattern_that_cannot_be_read_back_is_refused(tmp_path, pattern):
    """A projection must be told from every other file by its path."""
    (tmp_path / "_Standards").mkdir()
    assert refusal(scan, tmp_path, Layout(projection=pattern)).code == "bad-projection"


@pytest.mark.parametrize("data", ["a\r\nb\rc\n", "\ufeffa", "", "a\u2028b\x85c"])
def test_reading_changes_no_byte(tmp_path, data):
    """Line ends, BOM and odd separators come out as they stand."""
    vault = build(tmp_path, ["_Standards/a.md"])
    (tmp_path / "_Standards/a.md").write_bytes(data.encode())
    assert vault.read("a.md") == data


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"a\xc3\xa4b\n\xc3\xa4\xff", "not-utf-8", "_Standards/a.md:2:2"),
        (b"\xed\xa0\x80", "not-utf-8", "_Standards/a.md:1:1"),
        (b"\xc0\xaf", "not-utf-8", "_Standards/a.md:1:1"),
        (b"ab\n\nc\0", "nul-byte", "_Standards/a.md:3:2"),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(tmp_path, data, code, place):
    """Invalid UTF-8 and NUL bytes are refused by line and column."""
    vault = build(tmp_path, ["_Standards/a.md"])
    (tmp_path / "_Standards/a.md").write_bytes(data)
    fault = refusal(vault.read, "a.md")
    assert (fault.code, str(fault.place)) == (code, place)


@pytest.mark.parametrize("name", ["../out.md", "b.md", "/etc/passwd", "A.md", ""])
def test_only_notes_can_be_read(tmp_path, name):
    """`read` opens nothing that the walk did not call a note, in exactly that spelling."""
    vault = build(tmp_path, ["_Standards/a.md", "out.md"])
    assert refusal(vault.read, name).code == "no-such-note"


def test_a_note_that_became_a_symlink_is_not_read(tmp_path):
    """What was a file at the walk must be one when it is read."""
    vault = build(tmp_path, ["_Standards/a.md", "out.md"])
    (tmp_path / "_Standards/a.md").unlink()
    (tmp_path / "_Standards/a.md").symlink_to(tmp_path / "out.md")
    assert refusal(vault.read, "a.md").code == "unreadable-note"


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("_{tier}/{path}.{tier}.md", "_secret/UN/Ann.secret.md"),
        ("out/{tier}/{path}.md", "out/secret/UN/Ann.md"),
        ("out/{path}.{tier}.md", "out/UN/Ann.secret.md"),
        ("{path}-{tier}.md", "UN/Ann-secret.md"),
    ],
)
def test_projection_paths_can_be_read_back(tmp_path, pattern, path):
    """`projected_from` undoes `projection_path` for any pattern."""
    vault = build(tmp_path, ["_Standards/UN/Ann.md"], projection=pattern)
    assert vault.projection_path("UN/Ann.md", "secret") == path
    assert vault.projected_from(path) == (5, "UN/Ann.md")
    assert vault.projected_from("assets/x.png") is None


@pytest.mark.parametrize(
    ("path", "rank", "note"),
    [
        ("_secret", 5, ""),
        ("_public/UN/Ann", 0, "UN/Ann.md"),
        ("_SECRET/UN/Ann.Secret.md", 5, "UN/Ann.md"),
        ("_secret/UN/pic.png", 5, "UN/pic.png"),
        ("_secret/UN/Ann.public.md", 5, "UN/Ann.public.md"),
    ],
)
def test_everything_in_a_tree_is_its_tiers(tmp_path, path, rank, note):
    """With or without the ending, in any case, there or not."""
    vault = build(tmp_path, ["_Standards/a.md"])
    assert vault.projected_from(path) == (rank, note)


def test_a_deep_vault_is_walked(tmp_path):
    """Depth costs no recursion."""
    vault = build(tmp_path, ["_Standards/" + "d/" * 900 + "a.md"])
    assert len(vault.notes) == 1
