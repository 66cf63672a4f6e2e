"""`tierpub project` as its users meet it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
from cli_tools import NOTES, POLICY, data_of, make_vault, put, snapshot, tierpub

OFFICE = "_public/Open/Office.public.md"


@pytest.fixture
def vault(tmp_path):
    """A vault with nothing projected."""
    return make_vault(tmp_path / "vault")


def written(root):
    """The projections below `root`."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for tree in root.glob("_*")
        if tree.name != "_Standards"
        for path in tree.rglob("*")
        if path.is_file()
    }


def test_one_level(vault):
    """One level's projections are written where the vault's links expect them."""
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "public: 1 note in _public/\n1 created\n"
    assert written(vault) == {
        OFFICE: b"---\nname: Office\n---\n\n# Office\n\nOpen words. See and.\n"
    }


def test_nothing_above_the_level_is_printed(vault):
    """Neither names nor counts of what is hidden are printed."""
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert "Ann" not in done.stdout + done.stderr
    assert "3" not in done.stdout + done.stderr


def test_hidden_notes_make_no_difference(vault, tmp_path):
    """Output, files and exit code are those of a vault without the hidden notes."""
    other = make_vault(tmp_path / "other")
    shutil.rmtree(other / "_Standards/People")
    (other / "_Standards/Plans.md").unlink()
    put(other, "Open/Office.md", NOTES["Open/Office.md"].replace("555 0100", "555 0199"))
    for name in ("Ann_Falcon", "Plans"):
        put(other, f"People/{name}.md", "other words\n")
    runs = [tierpub("project", "--level", "public", "--vault", root) for root in (vault, other)]
    assert len({(run.returncode, run.stdout, run.stderr) for run in runs}) == 1
    assert written(vault) == written(other)


def test_a_dry_run_writes_nothing(vault):
    """A dry run says what would be written, exits with 10 and writes nothing at all."""
    before = snapshot(vault)
    done = tierpub("project", "--all", "--dry-run", "--vault", vault)
    assert done.returncode == 10
    assert done.stdout.endswith("would be: 9 created\n")
    assert snapshot(vault) == before
    assert {path.name for path in vault.iterdir()} == {"_Standards", "tierpub.yaml"}


def test_a_dry_run_without_changes_exits_with_0(vault):
    """Where nothing would change a dry run exits with 0."""
    tierpub("project", "--all", "--vault", vault)
    assert tierpub("project", "--all", "--dry-run", "--vault", vault).returncode == 0


def test_a_rerun_writes_nothing(vault):
    """A second run leaves every file and its time as they are."""
    tierpub("project", "--all", "--vault", vault)
    before = snapshot(vault)
    done = tierpub("project", "--all", "--vault", vault)
    assert done.stdout.endswith("\n9 unchanged\n")
    trees = {p: s for p, s in snapshot(vault).items() if not p.startswith(".tierpub")}
    assert trees == {p: s for p, s in before.items() if not p.startswith(".tierpub")}


def test_levels_one_by_one_equal_all_at_once(vault, tmp_path):
    """It makes no difference whether levels are written together."""
    other = make_vault(tmp_path / "other")
    tierpub("project", "--all", "--vault", vault)
    for level in ("secret", "public", "private", "internal"):
        tierpub("project", "--level", level, "--vault", other)
    assert written(vault) == written(other)


def test_a_note_that_rose_is_removed(vault):
    """After relabelling, the projection of an earlier run is removed."""
    tierpub("project", "--level", "public", "--vault", vault)
    put(vault, "Open/Office.md", "---\nconfidential: private\n---\n\nx\n")
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert done.returncode == 0
    assert "nothing is visible at public" in done.stderr
    assert written(vault) == {}


def test_a_note_that_rose_is_removed_when_named(vault):
    """Naming a note that is not visible any more removes what an earlier run wrote of it."""
    tierpub("project", "--level", "public", "--vault", vault)
    put(vault, "Open/Office.md", "---\nconfidential: private\n---\n\nx\n")
    done = tierpub("project", "Open/Office", "--level", "public", "--vault", vault)
    assert (done.returncode, done.stderr) == (0, "")
    assert written(vault) == {}


def test_naming_a_hidden_note_is_naming_none(vault):
    """What is said of a hidden note is what is said of one that is not there."""
    runs = [
        tierpub("project", name, "--level", "public", *more, "--vault", vault)
        for name in ("People/Ann_Falcon", "People/Ben_Falcon")
        for more in ([], ["--stdout"])
    ]
    said = {(run.returncode, run.stdout, run.stderr.replace("Ben", "Ann")) for run in runs}
    message = "error: no note called `People/Ann_Falcon` is visible at this level\n"
    assert said == {(1, "", message + "  hint: name it by its path below _Standards\n")}
    assert written(vault) == {}


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Open/Office.md", "."),
        ("Open/Office", "."),
        ("_Standards/Open/Office.md", "."),
        ("_Standards/Open/Office", ".."),
        ("Office.md", "_Standards/Open"),
        ("../Open/Office", "_Standards/People"),
        ("Office", "."),
        ("open/OFFICE", "."),
    ],
)
def test_ways_to_name_a_note(vault, name, folder):
    """A note is named by its path in source, vault or shell, with or without `.md`, or bare."""
    done = tierpub("project", name, "--level", "public", "--vault", vault, cwd=vault / folder)
    assert done.returncode == 0
    assert list(written(vault)) == [OFFICE]


def test_a_subset_leaves_the_rest_alone(vault):
    """Projecting one note neither writes nor removes others."""
    tierpub("project", "--level", "internal", "--vault", vault)
    (vault / "_Standards/Plans.md").unlink()
    put(vault, "Open/Office.md", "new\n")
    done = tierpub("project", "Open/Office", "--level", "internal", "--vault", vault)
    assert done.stdout == "internal: 1 note in _internal/\n1 replaced\n"
    assert set(written(vault)) == {
        "_internal/Open/Office.internal.md",
        "_internal/Plans.internal.md",
    }


def test_stdout(vault):
    """`--stdout` prints the bytes of one projection and writes nothing."""
    before = snapshot(vault)
    done = tierpub("project", "Plans", "--level", "internal", "--stdout", "--vault", vault)
    assert (done.returncode, done.stdout) == (0, "# Plans\n\nInside words.\n\n")
    assert snapshot(vault) == before


def test_stdout_keeps_line_ends(vault):
    """CRLF comes out as it went in."""
    put(vault, "Plans.md", "# A\r\n\r\nb\r\n")
    done = subprocess.run(
        [sys.executable, "-m", "tierpub", "project", "Plans", "--level", "internal", "--stdout",
         "--vault", vault],
        capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert done.stdout == b"# A\r\n\r\nb\r\n"


def test_json(vault):
    """`--format json` prints one document with counts by tier and by what became of files."""
    done = tierpub("project", "--level", "public", "--format", "json", "--vault", vault)
    assert data_of(done) == {
        "schema": "tierpub/project/1",
        "dry_run": False,
        "tiers": [{"tier": "public", "sealed": False, "notes": 1}],
        "files": {"created": 1, "replaced": 0, "unchanged": 0, "removed": 0},
    }


def test_out(vault, tmp_path):
    """`--out` writes below another folder and leaves the vault's own trees alone."""
    out = tmp_path / "out"
    assert tierpub("project", "--all", "--vault", vault, "--out", out).returncode == 0
    assert (out / OFFICE).is_file()
    assert written(vault) == {}


def test_the_vault_is_found_from_below(vault):
    """Without --vault the vault is looked for from the working directory upwards."""
    done = tierpub("project", "--level", "public", cwd=vault / "_Standards/Open")
    assert done.returncode == 0
    assert list(written(vault)) == [OFFICE]


def test_sealed_tiers_are_one_file(tmp_path):
    """A sealed tier is a bundle; no file of it stands open beside the source."""
    key = tierpub("keygen").stderr.split()[-1]
    policy = POLICY.replace("private, secret]", f"private, {{name: secret, recipients: [{key}]}}]")
    policy = policy.replace("defaults:", "seal_from: private\ndefaults:")
    root = make_vault(tmp_path / "vault", policy=policy)
    done = tierpub("project", "--all", "--vault", root)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in root.glob("_*")} - {"_Standards"}
    assert names == {"_public", "_internal", "_private.tar.age", "_secret.tar.age"}
    assert tierpub("project", "--all", "--vault", root).stdout.endswith("\n5 unchanged\n")


def test_a_reader_that_goes_away(vault):
    """A closed pipe ends the run quietly."""
    put(vault, "Big.md", "word\n" * 200_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "tierpub", "project", "Big", "--level", "internal", "--stdout",
         "--vault", vault],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 141
    process.stderr.close()


def test_a_raised_note_is_not_left_published_when_its_record_is_lost(tmp_path):
    """Without a record of earlier runs, a projection that may no longer be there stops the run."""
    root = make_vault(tmp_path / "vault")
    assert tierpub("project", "--level", "public", cwd=root).returncode == 0
    shutil.rmtree(root / ".tierpub")
    put(root, "Open/Office.md", "---\nconfidential: secret\n---\nHidden.\n")
    put(root, "Open/Other.md", "Other words.\n")
    before = snapshot(root)
    done = tierpub("project", "--level", "public", cwd=root)
    assert done.returncode == 1
    assert "_public/Open/Office.public.md" in done.stderr
    assert snapshot(root) == before


def test_how_much_is_sealed_is_not_told(tmp_path):
    """One hidden note more changes nothing of what a run prints about a sealed tier."""
    told = []
    key = str(pyrage.x25519.Identity.generate().to_public())
    tiers = f"tiers: [public, internal, private, {{name: secret, recipients: [{key}]}}]"
    policy = POLICY.replace(
        "tiers: [public, internal, private, secret]", tiers + "\nseal_from: private"
    )
    for extra in ({}, {"People/Bob_Heron.md": "Words.\n"}):
        root = make_vault(tmp_path / f"vault{len(extra)}", {**NOTES, **extra}, policy)
        text = tierpub("project", "--all", cwd=root)
        assert text.returncode == 0, text.stderr
        shutil.rmtree(root / ".tierpub")
        for bundle in root.glob("*.tar.age"):
            bundle.unlink()
        told.append((text.stdout, tierpub("project", "--all", "--format", "json", cwd=root).stdout))
    assert told[0] == told[1]


def test_nothing_is_written_into_the_canonical_tree(tmp_path):
    """An out folder within the source is refused: the next run would read it as notes."""
    root = make_vault(tmp_path / "vault")
    before = snapshot(root)
    done = tierpub("project", "--level", "public", "--out", root / "_Standards/x", cwd=root)
    assert done.returncode == 1
    assert "canonical tree" in done.stderr
    assert snapshot(root) == before
