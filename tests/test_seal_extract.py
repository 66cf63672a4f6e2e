"""Laying out a bundle: new files only, and nothing at all when a step fails."""

import os
from pathlib import Path

import pytest

from tierpub.errors import TierpubError
from tierpub.seal import Member, extract

FILES = [Member("a/b/c.md", b"1"), Member("a/d.md", b"2"), Member("ünï.md", b"3")]


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def refused(members, folder: Path) -> str:
    with pytest.raises(TierpubError) as caught:
        extract(members, folder)
    (found,) = {fault.code for fault in caught.value.faults}
    return found


def test_files_and_modes(tmp_path: Path):
    """Files are written with mode 0600 and folders made with 0700, whatever the umask."""
    old = os.umask(0)
    try:
        assert extract(FILES, tmp_path / "out") == 3
    finally:
        os.umask(old)
    modes = {
        p.name: p.stat().st_mode & 0o777 for p in [tmp_path / "out", *tmp_path.rglob("out/**/*")]
    }
    assert {modes[name] for name in ("c.md", "d.md", "ünï.md")} == {0o600}
    assert {modes[name] for name in ("out", "a", "b")} == {0o700}
    assert (tmp_path / "out/a/b/c.md").read_bytes() == b"1"


def test_beside_what_is_there(tmp_path: Path):
    """Folders and files that are there already stay as they are."""
    (tmp_path / "a").mkdir(mode=0o755)
    (tmp_path / "a/mine.md").write_text("mine")
    extract(FILES, tmp_path)
    assert tree(tmp_path) == {"a", "a/mine.md", "a/b", "a/b/c.md", "a/d.md", "ünï.md"}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("how", ["file", "folder", "link", "dangling"])
def test_nothing_is_overwritten(tmp_path: Path, how):
    """Where the last name is taken, by whatever, nothing is left behind and what was there stays."""
    there = tmp_path / "ünï.md"
    if how == "file":
        there.write_text("mine")
    elif how == "folder":
        there.mkdir()
    else:
        there.symlink_to(tmp_path / "other")
        if how == "link":
            (tmp_path / "other").write_text("mine")
    before = tree(tmp_path)
    assert refused(FILES, tmp_path) == "extract-failed"
    assert tree(tmp_path) == before
    assert how in {"folder", "dangling"} or there.read_text() == "mine"


def test_never_through_a_symlink(tmp_path: Path):
    """A symlink in the place of a folder is not followed, and nothing is left behind."""
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (target / "a").symlink_to(outside)
    assert refused([Member("0.md", b""), *FILES], target) == "extract-failed"
    assert tree(outside) == set()
    assert tree(target) == {"a"}


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/../../x", ".tierpub-padding", "a\\x"])
def test_bad_name(tmp_path: Path, name):
    """Names are checked here again, before the folder is even made."""
    assert refused([*FILES, Member(name, b"")], tmp_path / "out") == "bundle-name"
    assert tree(tmp_path) == set()


def test_names_that_meet(tmp_path: Path):
    """Two members of one name are refused before anything is written."""
    assert refused([Member("a", b""), Member("A", b"")], tmp_path / "out") == "bundle-collision"
    assert tree(tmp_path) == set()


def test_full_disk_leaves_nothing(tmp_path: Path, monkeypatch):
    """When a write fails midway, every file and folder that was made is taken away."""
    real, calls = os.fdopen, []

    def fail(*args):
        calls.append(args)
        if len(calls) == 3:
            os.close(args[0])
            raise OSError(28, "No space left on device")
        return real(*args)

    monkeypatch.setattr(os, "fdopen", fail)
    assert refused(FILES, tmp_path / "out") == "extract-failed"
    assert tree(tmp_path) == set()


def test_interrupt_leaves_nothing(tmp_path: Path, monkeypatch):
    """An interrupt midway leaves nothing behind either, and stays an interrupt."""
    real, calls = os.fchmod, []

    def interrupt(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr(os, "fchmod", interrupt)
    with pytest.raises(KeyboardInterrupt):
        extract(FILES, tmp_path / "out")
    assert tree(tmp_path) == set()


def test_folder_that_cannot_be(tmp_path: Path):
    """A file in the place of the folder, or a missing parent, is an error."""
    (tmp_path / "file").write_text("")
    assert refused(FILES, tmp_path / "file") == "extract-failed"
    assert refused(FILES, tmp_path / "none/out") == "extract-failed"
    assert tree(tmp_path) == {"file"}


def test_no_descriptor_is_left_open(tmp_path: Path):
    """Neither success nor failure leaves a file descriptor open."""
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    extract(FILES, tmp_path)
    refused(FILES, tmp_path)
    assert not before or len(os.listdir("/proc/self/fd")) == before
