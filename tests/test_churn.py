"""A run over an unchanged vault changes nothing, whatever became of the record of the last one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest
from cli_tools import NOTES, POLICY, make_vault, put, tierpub

IDENTITY = pyrage.x25519.Identity.generate()
OTHER = pyrage.x25519.Identity.generate()
BUNDLES = ("_private.tar.age", "_secret.tar.age")


def policy(*identities):
    """The tests' policy with its upper two tiers sealed to these."""
    keys = ", ".join(str(identity.to_public()) for identity in identities)
    tiers = f"private, {{name: secret, recipients: [{keys}]}}]\nseal_from: private"
    return POLICY.replace("private, secret]", tiers)


@pytest.fixture
def vault(tmp_path):
    """A vault whose tiers have all been written once."""
    root = make_vault(tmp_path / "vault", NOTES, policy(IDENTITY))
    put(root, "Open/Dos.md", "# Dos\r\n\r\nLines\r\n")
    assert project(root).returncode == 0
    return root


def project(root: Path, *options, key=None):
    """Write all tiers."""
    env = {"TIERPUB_IDENTITY": str(key)} if key else {}
    return tierpub("project", "--all", *options, "--vault", root, env=env)


def files(root: Path, *, state=True):
    """Inode, times, mode and bytes of every file and folder below `root`."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if state or not name.startswith(".tierpub"):
            s = path.lstat()
            data = path.read_bytes() if path.is_file() else b""
            found[name] = (s.st_ino, s.st_mtime_ns, s.st_ctime_ns, s.st_mode, data)
    return found


def checked_out(root: Path, to: Path, *, ignore=()):
    """A clone of the vault as git makes one, everything but the record committed."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "core.autocrlf=false"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *arguments], cwd=root, check=True)
    subprocess.run([*git, "clone", "-q", root, to], check=True)
    return to


def test_nothing_is_touched(vault):
    """A second run leaves inode, times, mode and bytes of all files alone, record included."""
    before = files(vault)
    done = project(vault)
    assert (done.returncode, done.stderr) == (0, "")
    assert files(vault) == before


def test_touched_files_are_only_recorded(vault):
    """Other modification times change the record once and no published file."""
    for path in vault.glob("_*/**/*.md"):
        os.utime(path, ns=(7, 7))
    before = files(vault, state=False)
    assert project(vault).returncode == 0
    assert files(vault, state=False) == before
    settled = files(vault)
    assert project(vault).returncode == 0
    assert files(vault) == settled


@pytest.mark.parametrize("state", ["without state", "state left behind"])
def test_fresh_clone_with_an_identity(vault, tmp_path, state):
    """In a clone with other inodes and times an identity at hand is enough: nothing is rewritten,
    bundles included, with the record of the first clone or without."""
    clone = checked_out(vault, tmp_path / "clone")
    assert not (clone / ".tierpub").exists()
    if state == "state left behind":
        shutil.copytree(vault / ".tierpub", clone / ".tierpub")
    before = files(clone, state=False)
    done = project(clone, key=IDENTITY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n7 unchanged\n")
    assert files(clone, state=False) == before
    put(clone, "Open/Office.md", "New words.\n")
    again = project(clone)
    assert again.returncode == 0, again.stderr
    assert "replaced" in again.stdout


def test_older_state_adopts_what_is_right(vault, tmp_path):
    """With a record of an earlier state, files that are as they should be are adopted."""
    old = tmp_path / "old"
    shutil.copytree(vault / ".tierpub", old)
    put(vault, "Open/Office.md", "Newer words.\n")
    assert project(vault).returncode == 0
    shutil.rmtree(vault / ".tierpub")
    shutil.copytree(old, vault / ".tierpub")
    before = files(vault, state=False)
    done = project(vault, key=IDENTITY)
    assert (done.returncode, done.stderr) == (0, "")
    assert files(vault, state=False) == before


def test_without_an_identity_a_bundle_is_a_stranger(vault, tmp_path):
    """Without record and identity a bundle is not known: the run is refused, says how it would
    be, and changes nothing."""
    shutil.rmtree(vault / ".tierpub")
    before = files(vault)
    for key in (None, OTHER):
        done = project(vault, key=key)
        assert done.returncode == 1
        assert done.stderr.count("a file stands here that tierpub did not write") == 2
        assert "--identity" in done.stderr
        assert files(vault) == before


def test_identity_file_is_named(vault, tmp_path):
    """`--identity` does what the variable does; a file that is none is told before anything."""
    key = tmp_path / "key"
    key.write_text(str(IDENTITY))
    key.chmod(0o600)
    shutil.rmtree(vault / ".tierpub")
    before = files(vault)
    wrong = project(vault, "-i", tmp_path / "none")
    assert (wrong.returncode, files(vault)) == (1, before)
    assert "none: cannot be read" in wrong.stderr
    assert project(vault, "-i", key).stdout.endswith("\n7 unchanged\n")


def test_other_recipients_are_noticed_without_a_record(vault):
    """A bundle that holds the same text for other people is sealed anew, also where as many
    people may read it as before and no record tells; a bundle of other text is not touched."""
    shutil.rmtree(vault / ".tierpub")
    (vault / "tierpub.yaml").write_text(policy(OTHER))
    done = project(vault, key=IDENTITY)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("no longer a recipient") == 2
    assert done.stdout.endswith("\n2 replaced, 5 unchanged\n")
    pyrage.decrypt((vault / "_secret.tar.age").read_bytes(), [OTHER])
    shutil.rmtree(vault / ".tierpub")
    put(vault, "Plans.md", "# Plans\n\nInside words.\n\n## Pay [confidential:: secret]\n\nTen.\n")
    before = files(vault)
    assert project(vault, key=OTHER).returncode == 1
    assert files(vault) == before


def test_reseal_beats_the_identity(vault):
    """With --reseal a bundle that an identity knows again is sealed anew all the same."""
    shutil.rmtree(vault / ".tierpub")
    old = {name: (vault / name).read_bytes() for name in BUNDLES}
    done = project(vault, "--reseal", key=IDENTITY)
    assert done.returncode == 0, done.stderr
    assert all((vault / name).read_bytes() != data for name, data in old.items())
