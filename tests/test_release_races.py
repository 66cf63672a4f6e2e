"""What happens to a release while it is made: others who write, links swapped in, full disks."""

from __future__ import annotations

import errno
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_tools import put
from release_tools import contents, everything, release, released, sealed_vault, tracing

from tierpub.errors import TierpubError
from tierpub.publish import building, staging

frame = importlib.import_module("tierpub.cli.main")
verb = importlib.import_module("tierpub.cli.release")

OFFICE = "public/_public/Open/Office.public.md"
TRACE = ["strace", "-f", "-qq", "-o", os.devnull]


@pytest.fixture
def vault(tmp_path):
    """The small vault, private and secret sealed."""
    return sealed_vault(tmp_path)


@pytest.fixture
def site(vault, tmp_path):
    """A release in a folder of its own, and the vault changed since."""
    (tmp_path / "www").mkdir()
    released(vault, tmp_path / "www/site")
    put(vault, "Plans.md", "# Plans\n\nOther words.\n")
    return tmp_path / "www/site"


def run(vault: Path, site: Path, capsys) -> tuple[int, str]:
    """Release within this process; exit code and stderr."""
    capsys.readouterr()
    code = frame.run(["release", "--vault", str(vault), "--out", str(site)])
    return code, capsys.readouterr().err


def meanwhile(monkeypatch, act):
    """Do `act` when the new release is built and before it is put in place."""
    real = verb.audited

    def audited(new, terms):
        real(new, terms)
        act(new)

    monkeypatch.setattr(verb, "audited", audited)


def beside(site: Path) -> set[str]:
    """Names beside the release."""
    return {path.name for path in site.parent.iterdir()} - {site.name}


def test_it_is_looked_at_before_the_swap(vault, site, monkeypatch, capsys):
    """What is audited is the whole release, in a folder that nobody else can enter; where the
    audit refuses, the old one stands."""
    before, seen = everything(site), {}

    def refuse(new):
        seen.update(contents(new))
        seen["mode"] = new.parent.stat().st_mode & 0o777
        raise TierpubError

    meanwhile(monkeypatch, refuse)
    assert run(vault, site, capsys)[0] == 1
    assert seen.pop("mode") == 0o700
    assert seen.keys() == contents(site).keys()
    assert b"Other words" in seen["internal/_internal/Plans.internal.md"]
    assert everything(site) == before
    assert beside(site) == set()


def test_a_release_that_is_not_as_stated_does_not_get_out(vault, site, monkeypatch, capsys):
    """Where what was written is not what the manifests state, nothing is released."""
    before = everything(site)
    real = building.write_file

    def write(name, data, *rest):
        real(name, b"x" + data if name.startswith("Plans") else data, *rest)

    monkeypatch.setattr(building, "write_file", write)
    code, said = run(vault, site, capsys)
    assert (code, said.splitlines()[0]) == (
        1, "error: the release that was built is not what its manifests state")  # fmt: skip
    assert everything(site) == before
    assert beside(site) == set()


@pytest.mark.parametrize("kind", ["symlink", "folder", "gone", "file"])
def test_the_place_is_swapped_for_something_else(  # noqa: PLR0913, PLR0917 - its fixtures
    vault, site, monkeypatch, capsys, tmp_path, kind
):
    """Where something else stands there than when the run began, that is left as it is."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/file").write_text("words")

    def act(_):
        site.rename(tmp_path / "moved")
        if kind == "symlink":
            site.symlink_to(tmp_path / "elsewhere")
        elif kind == "folder":
            shutil.copytree(tmp_path / "moved", site)
        elif kind == "file":
            site.write_text("words")

    before = contents(site)
    meanwhile(monkeypatch, act)
    code, said = run(vault, site, capsys)
    assert code == 1
    assert "it was changed during the run, and is left as it is" in said
    assert contents(tmp_path / "moved") == before
    assert (tmp_path / "elsewhere/file").read_text() == "words"
    assert site.is_symlink() == (kind == "symlink")
    assert beside(site) == set()


def test_the_swap_itself_is_undone_when_it_took_something_else(
    vault, site, monkeypatch, capsys, tmp_path
):
    """A link that is put there in the last instant is put back, and is not followed."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/file").write_text("words")

    def act(release, place):
        site.rename(tmp_path / "moved")
        site.symlink_to(tmp_path / "elsewhere")

    monkeypatch.setattr(staging, "check_unchanged", act)
    code, said = run(vault, site, capsys)
    assert code == 1
    assert "it was changed during the run" in said
    assert site.is_symlink()
    assert contents(tmp_path / "elsewhere") == {"file": b"words"}
    assert beside(site) == set()


def test_a_file_that_comes_in_during_the_run(vault, site, monkeypatch, capsys):
    """A stranger's file that comes in while the release is built stops it."""
    meanwhile(monkeypatch, lambda _: (site / "public/new.md").write_text("words"))
    code, said = run(vault, site, capsys)
    assert code == 1
    assert "it was changed during the run" in said
    assert (site / "public/new.md").read_text() == "words"
    assert b"Other" not in contents(site)["internal/_internal/Plans.internal.md"]


def test_a_file_that_comes_in_at_the_last_instant(vault, site, monkeypatch, capsys):
    """A stranger's file that is in the old release when it is taken away is kept, and told."""
    real = staging.check_unchanged

    def act(release, place):
        real(release, place)
        (site / "public/new.md").write_text("words")
        (site / OFFICE).write_text("edited")

    monkeypatch.setattr(staging, "check_unchanged", act)
    code, said = run(vault, site, capsys)
    kept = site.parent / ".site.tierpub-kept-1"
    assert code == 0
    assert said.startswith(f"warning: {kept}: ")
    assert contents(kept) == {"public/new.md": b"words", OFFICE: b"edited"}
    assert beside(site) == {kept.name}
    assert b"Other" in contents(site)["internal/_internal/Plans.internal.md"]


def test_a_file_that_stays_is_edited_during_the_run(vault, site, monkeypatch, capsys):
    """A file that was to be taken over, and was changed since it was looked at, is not."""
    real = building.place_file

    def place(name, *rest):
        if name.startswith("Office.public"):
            (site / OFFICE).write_text("edited")
        real(name, *rest)

    monkeypatch.setattr(building, "place_file", place)
    code, said = run(vault, site, capsys)
    assert code == 1
    assert "it was changed during the run" in said
    assert (site / OFFICE).read_text() == "edited"
    assert beside(site) == set()


def test_where_nothing_can_be_linked(vault, site, monkeypatch, capsys):
    """On a file system without hard links unchanged files are copied, with their time."""
    before = everything(site)

    def link(*_, **__):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    assert run(vault, site, capsys) == (0, "")
    after = everything(site)
    assert after[OFFICE][1] != before[OFFICE][1]
    assert after[OFFICE][0] == before[OFFICE][0]
    assert after[OFFICE][3] == before[OFFICE][3]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_full_or_read_only_disk(vault, site, monkeypatch, capsys, code):
    """Where the disk takes no more, the old release stands and the reason is told."""
    before = everything(site)

    def write(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(building, "write_file", write)
    assert run(vault, site, capsys) == (
        1, f"error: {site}: it cannot be built: {os.strerror(code).lower()}\n")  # fmt: skip
    assert everything(site) == before
    assert beside(site) == set()


def test_ctrl_c(vault, site, monkeypatch, capsys):
    """Ctrl-C leaves the old release and nothing else."""
    before = everything(site)

    def interrupt(_):
        raise KeyboardInterrupt

    meanwhile(monkeypatch, interrupt)
    code, said = run(vault, site, capsys)
    assert (code, said.strip()) == (130, "error: interrupted")
    assert everything(site) == before
    assert beside(site) == set()


def test_ctrl_c_between_two_renames(vault, site, monkeypatch, capsys):
    """Where folders cannot be exchanged and the run is interrupted in between, the old release
    comes back."""
    before = everything(site)
    real = os.rename

    def rename(source, target, **options):
        real(source, target, **options)
        if target == "old":
            raise KeyboardInterrupt

    monkeypatch.setattr(staging, "exchange", lambda *_: False)
    monkeypatch.setattr(os, "rename", rename)
    assert run(vault, site, capsys)[0] == 130
    assert everything(site) == before
    assert beside(site) == set()


def test_without_an_exchange(vault, site, monkeypatch, capsys):
    """Where the system cannot exchange folders two renames do the same."""
    monkeypatch.setattr(staging, "exchange", lambda *_: False)
    assert run(vault, site, capsys) == (0, "")
    assert b"Other" in contents(site)["internal/_internal/Plans.internal.md"]
    assert beside(site) == set()


@pytest.mark.skipif(not tracing(), reason="strace is not here or may not trace")
@pytest.mark.parametrize("answer", ["ENOSYS", "EINVAL", "EXDEV", "EBUSY"])
def test_what_the_kernel_answers(vault, site, answer):
    """A kernel or file system that knows no exchange is worked around; one that refuses is told."""
    before = everything(site)
    command = [*TRACE, "-e", f"inject=renameat2:error={answer}", sys.executable, "-m", "tierpub"]
    done = subprocess.run(
        [*command, "release", "--vault", vault, "--out", site],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    if answer in {"ENOSYS", "EINVAL"}:
        assert (done.returncode, done.stderr) == (0, "")
        assert everything(site) != before
    else:
        assert done.returncode == 1
        assert "it cannot be put in place: " in done.stderr
        assert everything(site) == before
    assert beside(site) == set()


def test_a_parent_that_is_read_only(vault, site):
    """Where nothing can be made beside the release, it stands as it was."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    before = everything(site)
    site.parent.chmod(0o555)
    done = release(vault, site)
    site.parent.chmod(0o755)
    assert done.returncode == 1
    assert "it cannot be built beside it: permission denied" in done.stderr
    assert everything(site) == before
