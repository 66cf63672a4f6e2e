"""The writer: what it writes, leaves, removes and refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tierpub.errors import TierpubError
from tierpub.publish import Counts, Output, Scope, Sealed, apply, open_state, placing, plan
from tierpub.tiers import Ladder

LADDER = Ladder(("public", "internal", "private"))
ALL = Scope(LADDER, frozenset({0, 1, 2}))


def seal(plain: bytes, recipients: tuple[str, ...]) -> bytes:
    """A sealing that differs each time, as age's does."""
    return b"age" + os.urandom(8) + bytes(len(plain)) + "".join(recipients).encode()


def publish(vault: Path, *outputs, scope: Scope = ALL, out: Path | None = None, **options):
    """Plan and apply; returns the counts."""
    with open_state(vault) as state:
        return apply(plan(out or vault, outputs, state, scope, **options), seal)


def refused(vault: Path, *outputs, **options) -> set[tuple[str, str]]:
    """The (code, place) of every fault with which a run is refused."""
    with pytest.raises(TierpubError) as caught:
        publish(vault, *outputs, **options)
    return {(fault.code, fault.place.file) for fault in caught.value.faults}


def tree(root: Path) -> dict[str, bytes | None]:
    """Every file with its bytes and every folder below `root`, the state left out."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
        if ".tierpub" not in path.relative_to(root).parts
    }


A = Output("_public/UN/A.public.md", b"a", 0)
B = Output("_public/UN/B.public.md", b"b", 0)
C = Output("_internal/C.internal.md", b"c", 1)


def other(output: Output, data: bytes) -> Output:
    """The same output with other bytes."""
    return Output(output.path, data, output.tier)


def test_writes_what_is_missing(tmp_path):
    """A first run writes every output and nothing else."""
    assert publish(tmp_path, A, C) == Counts(created=2)
    assert tree(tmp_path) == {
        "_public": None,
        "_public/UN": None,
        A.path: b"a",
        "_internal": None,
        C.path: b"c",
    }


def test_published_files_are_readable_by_all(tmp_path):
    """A file's mode is 0644 whatever the umask is."""
    before = os.umask(0o077)
    try:
        publish(tmp_path, A)
    finally:
        os.umask(before)
    assert (tmp_path / A.path).stat().st_mode & 0o777 == 0o644


def test_right_bytes_with_another_mode_are_mended(tmp_path):
    """An unchanged file with other permissions gets those of published files."""
    publish(tmp_path, A)
    (tmp_path / A.path).chmod(0o600)
    publish(tmp_path, A)
    assert (tmp_path / A.path).stat().st_mode & 0o777 == 0o644


def test_unchanged_files_keep_their_time(tmp_path):
    """A second run leaves identical files alone, modification time included."""
    publish(tmp_path, A)
    os.utime(tmp_path / A.path, ns=(1, 1))
    assert publish(tmp_path, A) == Counts(unchanged=1)
    assert (tmp_path / A.path).stat().st_mtime_ns == 1


def test_replaces_what_it_wrote(tmp_path):
    """A file that an earlier run wrote is replaced when its text changes."""
    publish(tmp_path, A, B)
    assert publish(tmp_path, other(A, b"new"), B) == Counts(replaced=1, unchanged=1)
    assert (tmp_path / A.path).read_bytes() == b"new"


def test_replaced_file_is_a_new_file(tmp_path):
    """A hard link to the old file keeps the old bytes."""
    publish(tmp_path, A)
    os.link(tmp_path / A.path, tmp_path / "link")
    publish(tmp_path, other(A, b"new"))
    assert (tmp_path / "link").read_bytes() == b"a"


@pytest.mark.parametrize("renames", [True, False], ids=["rename", "link"])
def test_a_file_that_appears_meanwhile_stays(tmp_path, monkeypatch, renames):
    """A new file takes no other's place, with the rename that cannot and with a link."""
    if not renames:
        monkeypatch.setattr(placing, "rename_to_new", lambda *_: False)
    assert publish(tmp_path, B) == Counts(created=1)
    with open_state(tmp_path) as state:
        made = plan(tmp_path, [A, B], state, ALL)
        (tmp_path / A.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / A.path).write_bytes(b"a stranger's")
        with pytest.raises(TierpubError, match="changed during the run"):
            apply(made, seal)
    files = {path: data for path, data in tree(tmp_path).items() if data is not None}
    assert files == {A.path: b"a stranger's", B.path: B.data}


def test_identical_file_is_adopted(tmp_path):
    """A file that stood there with the right bytes is ours from then on."""
    (tmp_path / A.path).parent.mkdir(parents=True)
    (tmp_path / A.path).write_bytes(b"a")
    assert publish(tmp_path, A) == Counts(unchanged=1)
    assert publish(tmp_path, other(A, b"new")) == Counts(replaced=1)


def test_file_that_came_to_be_right_from_elsewhere_is_adopted(tmp_path):
    """A file that a colleague's commit brought to today's bytes is replaced tomorrow."""
    publish(tmp_path, A)
    (tmp_path / A.path).write_bytes(b"z")
    os.utime(tmp_path / A.path, ns=(5, 5))
    publish(tmp_path, other(A, b"z"))
    assert publish(tmp_path, other(A, b"new")) == Counts(replaced=1)


def test_removes_what_it_would_not_write_again(tmp_path):
    """What an earlier run wrote and this one does not is removed, empty folders too."""
    publish(tmp_path, A, B, C)
    assert publish(tmp_path, C) == Counts(unchanged=1, removed=2)
    assert tree(tmp_path) == {"_internal": None, C.path: b"c"}


def test_folder_with_another_file_stays(tmp_path):
    """A folder in which somebody else keeps a file is left alone with it."""
    publish(tmp_path, A, C)
    (tmp_path / "_public/UN/mine.txt").write_bytes(b"mine")
    publish(tmp_path, C)
    assert tree(tmp_path)["_public/UN/mine.txt"] == b"mine"


def test_other_levels_stay(tmp_path):
    """A run for one level removes nothing of another."""
    publish(tmp_path, A, C)
    assert publish(tmp_path, scope=Scope(LADDER, frozenset({1}))) == Counts(removed=1)
    assert tree(tmp_path)[A.path] == b"a"


def test_named_notes_only(tmp_path):
    """A run for named notes removes only what those notes left."""
    publish(tmp_path, A, B)
    scope = Scope(LADDER, frozenset({0}), only=frozenset({B.path}))
    assert publish(tmp_path, scope=scope) == Counts(removed=1)
    assert A.path in tree(tmp_path)
    assert B.path not in tree(tmp_path)


def test_renamed_tier_goes(tmp_path):
    """The tree of a tier that is no longer on the ladder is removed."""
    publish(tmp_path, A, C)
    ladder = Ladder(("public", "inside"))
    publish(tmp_path, A, scope=Scope(ladder, frozenset({0})))
    assert C.path not in tree(tmp_path)


def test_grown_ladder_moves_no_file_to_another_tier(tmp_path):
    """A tier put in below another leaves the other's files to the other."""
    publish(tmp_path, A, C)
    ladder = Ladder(("public", "protect", "internal"))
    publish(tmp_path, A, scope=Scope(ladder, frozenset({0, 1})))
    assert C.path in tree(tmp_path)


def test_stranger_refuses_the_whole_run(tmp_path):
    """A file we did not write is never overwritten, and nothing else is written either."""
    (tmp_path / "_public/UN").mkdir(parents=True)
    (tmp_path / A.path).write_bytes(b"mine")
    before = tree(tmp_path)
    assert refused(tmp_path, C, A) == {("stranger", A.path)}
    assert tree(tmp_path) == before
    assert not (tmp_path / ".tierpub").exists()


def test_all_strangers_are_listed(tmp_path):
    """Every stranger is named at once, each at its own tier."""
    for output in (A, C):
        (tmp_path / output.path).parent.mkdir(parents=True)
        (tmp_path / output.path).write_bytes(b"mine")
    with pytest.raises(TierpubError) as caught:
        publish(tmp_path, A, C)
    assert [(f.place.file, f.tier) for f in caught.value.faults] == [(A.path, 0), (C.path, 1)]


def test_edited_file_is_a_stranger(tmp_path):
    """A file of ours that somebody changed is not overwritten."""
    publish(tmp_path, A)
    (tmp_path / A.path).write_bytes(b"edited")
    assert refused(tmp_path, other(A, b"new")) == {("stranger", A.path)}


def test_edited_stale_file_is_not_removed(tmp_path):
    """A file of ours that somebody changed is not removed; its name may be hidden by now."""
    publish(tmp_path, A, C)
    (tmp_path / A.path).write_bytes(b"edited")
    with pytest.raises(TierpubError) as caught:
        publish(tmp_path, C)
    assert [fault.tier for fault in caught.value.faults] == [None]
    assert tree(tmp_path)[A.path] == b"edited"


def test_removed_by_hand_is_forgotten(tmp_path):
    """A stale file that is gone already is no fault."""
    publish(tmp_path, A)
    (tmp_path / A.path).unlink()
    assert publish(tmp_path) == Counts()
    (tmp_path / A.path).parent.mkdir(parents=True)
    (tmp_path / A.path).write_bytes(b"mine")
    assert publish(tmp_path) == Counts()
    assert tree(tmp_path)[A.path] == b"mine"


@pytest.mark.parametrize("kind", ["folder", "symlink", "dangling", "pipe"])
def test_no_regular_file_in_the_way(tmp_path, kind):
    """A folder, a symlink or a pipe at an output's path is a stranger, and nothing hangs."""
    path = tmp_path / A.path
    path.parent.mkdir(parents=True)
    (tmp_path / "same").write_bytes(b"a")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / ("same" if kind == "symlink" else "nowhere"))
    assert refused(tmp_path, A) == {("stranger", A.path)}


@pytest.mark.parametrize("target", ["inside", "outside", "nowhere", "file"])
def test_symlinked_parent(tmp_path, target):
    """A folder that is a symlink is never written through, wherever it leads."""
    vault = tmp_path / "vault"
    for folder in (vault / "_public", vault / "inside", tmp_path / "outside"):
        folder.mkdir(parents=True)
    places = {"outside": tmp_path / "outside", "nowhere": vault / "x", "inside": vault / "inside"}
    if target == "file":
        (vault / "_public/UN").write_bytes(b"mine")
    else:
        (vault / "_public/UN").symlink_to(places[target])
    assert refused(vault, A, B) == {("blocked-folder", "_public/UN")}
    assert not list((tmp_path / "outside").iterdir())


def test_stale_file_behind_a_symlink_is_refused(tmp_path):
    """What we wrote is not removed through a symlink, and not forgotten either."""
    publish(tmp_path, A, C)
    (tmp_path / "_public").rename(tmp_path / "elsewhere")
    (tmp_path / "_public").symlink_to("elsewhere")
    assert refused(tmp_path, C) == {("blocked-folder", "_public")}


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "..", "../x", "a/../../x", "/etc/x", "a//b", "a/", "a/./b", "a\0b",
        "a/" + "é" * 128, ".tierpub/key", ".git/hooks/post-commit", ".GIT/config",
        "_Standards/A.md", "_standards/A.md",
    ],
)  # fmt: skip
def test_paths_that_are_none(tmp_path, path):
    """A path that leads out, names nothing, or lies in the source or a tool's folder is refused."""
    scope = Scope(LADDER, frozenset({0}), source="_Standards")
    assert refused(tmp_path, Output(path, b"", 0), scope=scope) == {("bad-output-path", path)}
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a/X.md", "a/x.md"),
        ("é", "e\N{COMBINING ACUTE ACCENT}"),
        ("a", "a"),
        ("ß", "SS"),
        ("a/b", "a"),
        ("a", "A/b/c"),
    ],
)
def test_names_that_collide(tmp_path, one, two):
    """Outputs that some file system holds for one are refused, at the higher tier of both."""
    with pytest.raises(TierpubError) as caught:
        publish(tmp_path, Output(one, b"1", 0), Output(two, b"2", 1))
    assert [(f.code, f.tier) for f in caught.value.faults] == [("output-collision", 1)]


def test_names_that_are_no_text(tmp_path):
    """A name that is no UTF-8 is written, remembered and removed like any other."""
    output = Output("_public/" + os.fsdecode(b"\xff"), b"a", 0)
    publish(tmp_path, output)
    assert publish(tmp_path, other(output, b"b")) == Counts(replaced=1)
    assert publish(tmp_path) == Counts(removed=1)


def test_another_out_folder(tmp_path):
    """Each out folder has a record of its own."""
    vault, out = tmp_path / "vault", tmp_path / "deep/out"
    vault.mkdir()
    publish(vault, A, out=out)
    publish(vault, C)
    assert publish(vault, C, out=out) == Counts(created=1, removed=1)
    assert set(tree(vault)) == {"_internal", C.path}
    assert set(tree(out)) == {"_internal", C.path}


def test_moved_vault(tmp_path):
    """A vault that is moved as a whole keeps its record."""
    (tmp_path / "old").mkdir()
    publish(tmp_path / "old", A, C)
    (tmp_path / "old").rename(tmp_path / "new")
    assert publish(tmp_path / "new", C) == Counts(unchanged=1, removed=1)


def test_out_is_a_file(tmp_path):
    """An out folder that is a file is refused."""
    (tmp_path / "out").write_bytes(b"")
    assert refused(tmp_path, A, out=tmp_path / "out") == {("blocked-folder", ".")}


def test_dry_plan_writes_nothing(tmp_path):
    """A plan says what would be done and does none of it."""
    with open_state(tmp_path) as state:
        made = plan(tmp_path, [A, C], state, ALL)
    assert made.counts == Counts(created=2)
    assert made.changes
    assert list(tmp_path.iterdir()) == []


SEALED = Sealed("_private.tar.age", 2, b"plain text", ("age1b", "age1a"))


def test_unchanged_bundle_keeps_its_ciphertext(tmp_path):
    """The same plaintext for the same recipients, in any order, is not sealed again."""
    publish(tmp_path, SEALED)
    before = tree(tmp_path)
    again = Sealed(SEALED.path, 2, SEALED.plain, ("age1a", "age1b"))
    assert publish(tmp_path, again) == Counts(unchanged=1)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "changed",
    [
        Sealed(SEALED.path, 2, b"other text", SEALED.recipients),
        Sealed(SEALED.path, 2, SEALED.plain, ("age1a",)),
        Sealed(SEALED.path, 2, SEALED.plain, ("age1a", "age1z")),
        Sealed(SEALED.path, 2, SEALED.plain, ("age1aage1b",)),
        Sealed(SEALED.path, 2, SEALED.plain, ("age1a", "age1b", "age1c")),
    ],
)
def test_changed_bundle_is_sealed_anew(tmp_path, changed):
    """Other plaintext, a recipient less or more: the bundle is replaced."""
    publish(tmp_path, SEALED)
    before = tree(tmp_path)
    assert publish(tmp_path, changed) == Counts(replaced=1)
    assert tree(tmp_path) != before


def test_reseal(tmp_path):
    """With `reseal` an unchanged bundle is sealed anew."""
    publish(tmp_path, SEALED)
    assert publish(tmp_path, SEALED, reseal=True) == Counts(replaced=1)


def test_bundle_without_record_is_a_stranger_unless_it_opens_to_the_same(tmp_path):
    """Without a record a bundle is ours only when our identity opens it to the very plaintext."""
    (tmp_path / SEALED.path).write_bytes(b"age")
    assert refused(tmp_path, SEALED) == {("stranger", SEALED.path)}
    assert refused(tmp_path, SEALED, unseal=lambda _: None) == {("stranger", SEALED.path)}
    assert refused(tmp_path, SEALED, unseal=lambda _: b"x") == {("stranger", SEALED.path)}
    assert publish(tmp_path, SEALED, unseal=lambda _: SEALED.plain) == Counts(replaced=1)


def test_failed_seal_writes_nothing(tmp_path):
    """When sealing fails no file of any tier has been written."""

    def fail(plain: bytes, recipients: tuple[str, ...]) -> bytes:
        raise ValueError(recipients)

    with open_state(tmp_path) as state:
        made = plan(tmp_path, [A, SEALED], state, ALL)
        with pytest.raises(ValueError, match="age1b"):
            apply(made, fail)
    assert tree(tmp_path) == {}


def test_plaintext_never_touches_the_disk(tmp_path, monkeypatch):
    """No byte string handed to the system for writing holds a sealed tier's text."""
    written = []
    write = os.write
    monkeypatch.setattr(
        os, "write", lambda fd, data: (written.append(bytes(data)), write(fd, data))[1]
    )
    publish(tmp_path, SEALED, A)
    assert b"a" in written
    assert not any(SEALED.plain in data for data in written)
    stored = [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
    assert not any(SEALED.plain in data for data in stored)
