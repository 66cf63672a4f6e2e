"""What somebody sees who runs `tierpub project` on a tree and reads what it writes and prints."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from cli_tools import tierpub
from twin_policy import SOURCE, TIERS, policy_text
from twin_vault import Tree, write

_UNSEEN = (SOURCE, ".tierpub", "tierpub.yaml")
"""What is no output: the canonical notes, the state, and the policy."""


class Told(NamedTuple):
    """All that can be observed of a run."""

    code: int
    out: str
    errors: str
    files: Tree
    modes: dict[str, int]
    """Of files and folders."""


def told_by_command(tree: Tree, default: str, level: int) -> Told:
    """Project `tree` for one level in a process of its own, in a folder that is always called
    the same."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "vault"
        write(tree, root)
        (root / "tierpub.yaml").write_text(policy_text(default))
        done = tierpub("project", "--level", TIERS[level], cwd=root, env={"NO_COLOR": "1"})
        seen = [p for p in sorted(root.rglob("*")) if p.relative_to(root).parts[0] not in _UNSEEN]
        return Told(
            done.returncode,
            done.stdout,
            done.stderr,
            {p.relative_to(root).as_posix(): p.read_bytes() for p in seen if p.is_file()},
            {p.relative_to(root).as_posix(): p.stat().st_mode for p in seen},
        )
