"""What the tests of the verbs share: a small vault, and `tierpub` as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

POLICY = """\
version: 1
tiers: [public, internal, private, secret]
defaults:
  note: internal
  comment: secret
rules:
  - note: Open/**
    tier: public
    reason: for everybody
  - note: People/**
    tier: private
    reason: persons we know
  - field: phone
    tier: internal
    reason: how somebody is reached
"""
NOTES = {
    "Open/Office.md": "---\nname: Office\nphone: 555 0100\n---\n\n# Office\n\n"
    "Open words. See [[Ann_Falcon|her page]] and [[Plans]].\n",
    "Plans.md": "# Plans\n\nInside words.\n\n## Pay [confidential:: secret]\n\nNine coins.\n",
    "People/Ann_Falcon.md": "---\nconfidential: private\n---\n\nShe works at [[Office]].\n",
}
"""Office is public, Plans internal by default, Ann_Falcon private."""


def make_vault(root: Path, notes=NOTES, policy=POLICY):
    """Write a vault below `root`, with its policy; returns its root."""
    (root / "_Standards").mkdir(parents=True, exist_ok=True)
    (root / "tierpub.yaml").write_text(policy, encoding="utf-8")
    for name, text in notes.items():
        put(root, name, text)
    return root


def put(root: Path, name: str, text: str | bytes):
    """Write one canonical note."""
    path = root / "_Standards" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def tierpub(*arguments, cwd=None, env=None, **options):
    """Run `python -m tierpub` and return the ended process."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("TIERPUB", "NO_COLOR"))}
    here = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", "tierpub", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**plain, "PYTHONPATH": here, **(env or {})},
        check=False,
        timeout=60,
        **options,
    )


def data_of(done) -> dict:
    """The JSON document that a process printed."""
    return json.loads(done.stdout)


def snapshot(root: Path):
    """Path, bytes, mode and modification time of all below `root`, to be compared."""
    found = {}
    for path in sorted(root.rglob("*")):
        state = path.lstat()
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        if not path.is_dir():
            found[str(path.relative_to(root))] = (data, state.st_mode, state.st_mtime_ns)
    return found
