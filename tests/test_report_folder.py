"""The folder of a report: whole or not at all, and nothing of anybody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_tools import snapshot
from report_tools import left_beside

from tierpub.errors import TierpubError
from tierpub.report.site import write

LIST = "tierpub-report.sha256"
FILES = [("assets/a.js", b"1"), ("index.html", b"2")]


def failing(files):
    """Files of which the last cannot be made."""
    yield from files
    raise RuntimeError("in the middle")


def test_whole_or_not_at_all(tmp_path):
    """A run that breaks off in the middle leaves the old site, and nothing beside it."""
    out = tmp_path / "out"
    write(out, FILES)
    before = snapshot(out)
    with pytest.raises(RuntimeError):
        write(out, failing([("assets/a.js", b"3")]))
    assert snapshot(out) == before
    assert left_beside(out) == []


def test_a_swap_that_fails_is_taken_back(tmp_path, monkeypatch):
    """Where the new site cannot be put in its place the old one is put back."""
    out = tmp_path / "out"
    write(out, FILES)
    before = snapshot(out)
    real = Path.rename

    def rename(self, target):
        if self.name.endswith("-new"):
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(TierpubError, match="no space left"):
        write(out, [("index.html", b"3")])
    assert snapshot(out) == before
    assert left_beside(out) == []


def test_what_a_killed_run_left_is_mended(tmp_path):
    """After a kill between two renames the old site is found again, half of a new one removed."""
    out = tmp_path / "out"
    write(out, FILES)
    out.rename(tmp_path / ".out.tierpub-old")
    half = tmp_path / ".out.tierpub-new"
    half.mkdir()
    (half / LIST).write_bytes(b"")
    (half / "page.html").write_text("half")
    assert write(out, FILES).change == "unchanged"
    assert (out / "index.html").read_bytes() == b"2"
    assert left_beside(out) == []


def test_a_stranger_beside_the_report_is_not_removed(tmp_path):
    """What stands where a site is built, and is none, is refused."""
    out = tmp_path / "out"
    beside = tmp_path / ".out.tierpub-new"
    beside.mkdir()
    (beside / "mine").write_text("x")
    with pytest.raises(TierpubError, match="where the report is built"):
        write(out, FILES)
    assert (beside / "mine").read_text() == "x"
    assert not out.exists()


@pytest.mark.parametrize("text", ["", "x  y\n", "../x\n", "0" * 64 + "  ../index.html\n"])
def test_a_list_that_is_none_makes_nothing_ours(tmp_path, text):
    """A folder whose list does not name what is in it is a stranger's."""
    out = tmp_path / "out"
    write(out, FILES)
    (out / LIST).write_text(text)
    with pytest.raises(TierpubError, match="no file of a report"):
        write(out, [("index.html", b"3")])
    assert (out / "index.html").read_bytes() == b"2"
