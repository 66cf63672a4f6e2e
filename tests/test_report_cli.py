"""`tierpub report` as a process: what it writes, what it refuses, and what it leaves alone."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from pathlib import Path

import pytest
from cli_tools import POLICY, data_of, make_vault, put, snapshot, tierpub
from report_tools import left_beside

from tierpub.report.site import folder as folder_of_a_site

LIST = "tierpub-report.sha256"


@pytest.fixture
def vault(tmp_path):
    """The small vault of the verbs' tests."""
    return make_vault(tmp_path / "vault")


def test_a_report_is_written(tmp_path, vault):
    """The folder holds an overview, a page a note, and a list that `sha256sum` can check."""
    out = tmp_path / "out"
    done = tierpub("report", out, "--vault", vault, "--max-level", "internal")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"2 notes up to internal: {out}/index.html, created\n"
    assert done.stderr == "note: this output is for readers who may see the whole vault\n"
    files = {p.relative_to(out).as_posix(): p for p in out.rglob("*") if p.is_file()}
    assert len([path for path in files if path.startswith("notes/")]) == 2
    listed = dict(reversed(line.split("  ")) for line in files.pop(LIST).read_text().splitlines())
    assert listed == {
        path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in files.items()
    }
    assert left_beside(out) == []


def test_only_the_owner_may_read_it(tmp_path, vault):
    """Folders have mode 0700 and files 0600, whatever the umask."""
    out = tmp_path / "out"
    out.mkdir(mode=0o755)
    old = os.umask(0)
    try:
        tierpub("report", out, "--vault", vault)
    finally:
        os.umask(old)
    for path in (out, *out.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_default_level_is_the_highest_that_is_not_sealed(tmp_path):
    """Where a tier is sealed a report holds all below it."""
    vault = make_vault(tmp_path / "vault", policy=POLICY + "seal_from: private\n")
    done = tierpub("report", tmp_path / "out", "--vault", vault, "--format", "json")
    assert data_of(done)["tier"] == "internal"
    whole = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert b"Falcon" not in whole
    assert b"Nine coins" not in whole


def test_a_sealed_tier_is_refused(tmp_path):
    """Plain text of a sealed tier never comes to stand on the disk."""
    vault = make_vault(tmp_path / "vault", policy=POLICY + "seal_from: private\n")
    done = tierpub("report", tmp_path / "out", "--vault", vault, "--max-level", "private")
    assert done.returncode == 1
    assert "error: private is sealed" in done.stderr
    assert "--max-level internal" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_vault_all_of_which_is_sealed(tmp_path):
    """Where the lowest tier is sealed there is nothing that a report may hold."""
    vault = make_vault(tmp_path / "vault", policy=POLICY + "seal_from: public\n")
    done = tierpub("report", tmp_path / "out", "--vault", vault)
    assert done.returncode == 1
    assert "every tier is sealed" in done.stderr


@pytest.mark.parametrize(
    "out",
    ["_Standards", "_Standards/report", "_internal", "_secret/report", ".", "..", ".tierpub/r"],
)
def test_it_never_stands_where_notes_or_projections_are(vault, out):
    """A folder in, or around, the source or a tier's tree is refused, before anything is read."""
    before = snapshot(vault)
    done = tierpub("report", vault / out, "--vault", vault)
    assert done.returncode == 1
    assert "in the way of notes or projections" in done.stderr
    assert snapshot(vault) == before


def test_a_symlink_does_not_lead_into_the_source(tmp_path, vault):
    """Where a folder really lies counts, and a symlink is no place for a report."""
    (tmp_path / "link").symlink_to(vault / "_Standards")
    assert "in the way" in tierpub("report", tmp_path / "link/r", "--vault", vault).stderr
    (tmp_path / "other").mkdir()
    (tmp_path / "to-other").symlink_to(tmp_path / "other")
    done = tierpub("report", tmp_path / "to-other", "--vault", vault)
    assert done.returncode == 1
    assert "something that is no folder" in done.stderr


def test_a_rerun_replaces_its_own(tmp_path, vault):
    """What a note that is gone had is gone, what is new is there, and nothing else is left."""
    out = tmp_path / "out"
    tierpub("report", out, "--vault", vault)
    assert tierpub("report", out, "--vault", vault).stdout.endswith("unchanged\n")
    before = set(out.rglob("*"))
    (vault / "_Standards/Plans.md").unlink()
    put(vault, "New.md", "new\n")
    assert tierpub("report", out, "--vault", vault).stdout.endswith("replaced\n")
    after = set(out.rglob("*"))
    assert len(before - after) == len(after - before) == 1
    assert left_beside(out) == []


def test_a_lower_report_leaves_nothing_of_a_higher_one(tmp_path, vault):
    """A report with a lower bound takes the place of a higher one as a whole."""
    out = tmp_path / "out"
    tierpub("report", out, "--vault", vault)
    assert b"Falcon" in b"".join(p.read_bytes() for p in out.rglob("*.html"))
    tierpub("report", out, "--vault", vault, "--max-level", "internal")
    assert b"Falcon" not in b"".join(p.read_bytes() for p in out.rglob("*") if p.is_file())


@pytest.mark.parametrize("stranger", ["mine.txt", "notes/mine.html", "empty/", "link", LIST])
def test_a_stranger_is_never_touched(tmp_path, vault, stranger):
    """A folder with a file that no report wrote is refused, and all in it stays."""
    out = tmp_path / "out"
    if stranger != LIST:
        tierpub("report", out, "--vault", vault)
    path = out / stranger
    if stranger == "link":
        path.symlink_to(vault)
    elif stranger.endswith("/"):
        path.mkdir()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine\n")
    (vault / "_Standards/Plans.md").unlink()
    before = snapshot(out)
    done = tierpub("report", out, "--vault", vault)
    assert done.returncode == 1
    assert "no file of a report" in done.stderr
    assert snapshot(out) == before
    assert left_beside(out) == []


def test_an_edited_page_is_a_stranger(tmp_path, vault):
    """A page that was changed since it was written is not overwritten."""
    out = tmp_path / "out"
    tierpub("report", out, "--vault", vault)
    (out / "index.html").write_text("mine")
    done = tierpub("report", out, "--vault", vault)
    assert done.returncode == 1
    assert f"{out}/index.html: this is no file of a report" in done.stderr
    assert (out / "index.html").read_text() == "mine"


def test_a_report_that_others_may_read_is_closed_again(tmp_path, vault):
    """Where modes were widened since, a rerun mends them, though no byte differs."""
    out = tmp_path / "out"
    tierpub("report", out, "--vault", vault)
    (out / "index.html").chmod(0o644)
    assert tierpub("report", out, "--vault", vault).stdout.endswith("replaced\n")
    assert stat.S_IMODE((out / "index.html").stat().st_mode) == 0o600


def test_a_dry_run_writes_nothing(tmp_path, vault):
    """With --dry-run the exit code says whether anything would change."""
    out = tmp_path / "out"
    done = tierpub("report", out, "--vault", vault, "--dry-run")
    assert (done.returncode, out.exists()) == (10, False)
    assert done.stdout.endswith("would be created\n")
    tierpub("report", out, "--vault", vault)
    before = snapshot(tmp_path)
    assert tierpub("report", out, "--vault", vault, "--dry-run").returncode == 0
    put(vault, "Plans.md", "other\n")
    assert tierpub("report", out, "--vault", vault, "--dry-run").returncode == 10
    put(vault, "Plans.md", "x")
    after = snapshot(tmp_path)
    assert {k: v for k, v in before.items() if k.startswith("out")} == {
        k: v for k, v in after.items() if k.startswith("out")
    }


def test_faults_leave_what_stands_there(tmp_path, vault):
    """A vault that cannot be read any more leaves its last report as it was."""
    out = tmp_path / "out"
    tierpub("report", out, "--vault", vault)
    before = snapshot(out)
    put(vault, "Bad.md", "---\na: [\n---\n")
    done = tierpub("report", out, "--vault", vault)
    assert done.returncode == 1
    assert "Bad.md" in done.stderr
    assert snapshot(out) == before
    assert left_beside(out) == []


def test_names_that_need_quoting(tmp_path):
    """No name of a note is a name of a file: pages are called by a digest."""
    vault = make_vault(
        tmp_path / "v", {"a'b\"c%41#d?e&<i>f.md": "x\n", "A/" + "n" * 200 + ".md": "x\n"}
    )
    out = tmp_path / "o ut#%41?'\""
    done = tierpub("report", out, "--vault", vault)
    assert done.returncode == 0, done.stderr
    pages = [path.name for path in (out / "notes").iterdir()]
    assert len(pages) == 2
    assert all(re.fullmatch("[0-9a-f]{20}\\.html", page) for page in pages)


def test_unknown_tier(tmp_path, vault):
    """A tier that the policy has not is refused with the one probably meant."""
    done = tierpub("report", tmp_path / "o", "--vault", vault, "--max-level", "intern")
    assert done.returncode == 1
    assert "did you mean `internal`?" in done.stderr


def test_the_package_brings_templates_and_assets():
    """What pages are made of stands in the package."""
    package = Path(folder_of_a_site.__file__).parent
    assert {path.name for path in (package / "templates").iterdir()} == {
        "base.html", "note.html", "overview.html", "parts.html",
    }  # fmt: skip
    assert {path.name for path in (package / "assets").iterdir()} == {
        "note.js", "overview.js", "site.css", "theme.js",
    }  # fmt: skip


def test_any_number_of_processes_makes_the_same_bytes(tmp_path, vault):
    """Pages are drawn by as many processes as help; what comes of it does not depend on that."""
    made = []
    for count in ("1", "2", "3"):
        out = tmp_path / count
        done = tierpub("report", out, "--vault", vault, env={"TIERPUB_PROCESSES": count})
        assert done.returncode == 0, done.stderr
        made.append({p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()})
    assert made[0] == made[1] == made[2]
    overview = made[0][Path("index.html")].decode()
    assert re.findall(r"<span>([\d.]+ %)</span>", overview)[-1] == "100.0 %"


def test_a_report_can_be_moved(tmp_path, vault):
    """All addresses in it are relative: a copy elsewhere is the same site."""
    out = tmp_path / "out"
    tierpub("report", out, "--vault", vault)
    shutil.copytree(out, tmp_path / "copy")
    for page in (tmp_path / "copy").rglob("*.html"):
        text = page.read_text()
        assert str(tmp_path) not in text
        for address in re.findall(r'(?:href|src)="([^"#]+)', text):
            assert (page.parent / address).is_file(), address
