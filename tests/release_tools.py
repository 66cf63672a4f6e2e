"""What the tests of releases share: a vault with sealed tiers, its keys, and what stands in one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pyrage
from cli_tools import NOTES, POLICY, make_vault, tierpub

SEALED_WORDS = ("Falcon", "She works", "Nine coins")
"""Words that only sealed tiers of the small vault may hold."""


def sealed_vault(folder: Path, notes=NOTES) -> Path:
    """A vault in `folder`, its tiers private and secret sealed to a key each, beside the keys
    `private.key` and `secret.key`."""
    policy = POLICY.replace(
        "tiers: [public, internal, private, secret]",
        f"tiers:\n  - public\n  - internal\n{tier(folder, 'private')}{tier(folder, 'secret')}"
        "seal_from: private",
    )
    return make_vault(folder / "vault", notes, policy)


def tracing() -> bool:
    """Whether strace is here and may trace."""
    try:
        command = ["strace", "-f", "-qq", "-o", os.devnull, "true"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def tier(folder: Path, name: str) -> str:
    """The policy's line for a sealed tier; its key is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.key"
    if not file.exists():
        file.write_text(f"{pyrage.x25519.Identity.generate()}\n")
        file.chmod(0o600)
    key = pyrage.x25519.Identity.from_str(file.read_text().strip()).to_public()
    return f"  - {{name: {name}, recipients: [{key}]}}\n"


def sign_key(folder: Path, name="signer", passphrase="", kind="ed25519") -> Path:
    """A signing key as ssh-keygen makes it; the public one beside it ends in `.pub`."""
    path = folder / name
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", path]
    subprocess.run(command, check=True, capture_output=True)
    return path


def release(vault: Path, out: Path, *more, **options):
    """Run `tierpub release`."""
    return tierpub("release", "--vault", vault, "--out", out, *more, **options)


def released(vault: Path, out: Path, *more, **options):
    """A release that succeeds without a word on stderr."""
    done = release(vault, out, *more, **options)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done


def everything(root: Path):
    """Inode, bytes, mode and time of all below `root`, folders too; `root` itself is ''."""
    found = {"": root.lstat().st_ino} if root.exists() else {}
    for path in root.rglob("*"):
        state = path.lstat()
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        where = path.relative_to(root).as_posix()
        found[where] = (data, state.st_ino, state.st_mode, state.st_mtime_ns)
    return found


def contents(root: Path) -> dict[str, bytes]:
    """Bytes of every file below `root`, by path."""
    files = (p for p in root.rglob("*") if p.is_file() and not p.is_symlink())
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}
