"""Both corpora and the sample vault, by the shipped policy: what the gate stops and what is lost.

What is lost is counted by readers that do not ask how the projections were made: the auditor, of
each vault, and the plain reading of the corpora.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora import archives
from corpora.checker import Checker
from test_corpora import LOST, PRIVATE

import tierpub
from tests.counts.parts import ROOT, Count
from tierpub.policy import load_policy

SAMPLE = "sample vault"
NAME = "Quillon Marrowgate"
"""A name that no vault has; a hidden note is called so, and visible notes mention it."""
MENTIONED = 20
LEVELS = range(6)


def counted() -> Iterator[Count]:
    """The numbers of each vault that is there."""
    names = [SAMPLE, *(() if archives.missing() else archives.NOTES)]
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "vault"
            notes = _laid(name, root)
            policy = _unsealed(Path(folder))
            yield Count(f"{name}: notes", len(notes))
            yield from _gate(name, root, policy)
            yield from _lost(name, root, policy, notes)
            yield from _caught(name, root, policy, notes)
    if reason := archives.missing():
        yield Count("corpora that are not there", 1, note=f": {reason}")


def _laid(name: str, root: Path) -> dict[str, bytes]:
    """Write a vault; its notes by path relative to the source."""
    if name != SAMPLE:
        return archives.unpack(name, root)
    shutil.copytree(ROOT / "vault", root)
    source = root / "_Standards"
    return {p.relative_to(source).as_posix(): p.read_bytes() for p in source.rglob("*.md")}


def _unsealed(folder: Path) -> Path:
    """The shipped policy, every tier in the open."""
    policy = folder / "policy.yaml"
    text = archives.POLICY.read_text(encoding="utf-8")
    policy.write_text(text.replace("\nseal_from: private", "\n# seal_from"), encoding="utf-8")
    return policy


def _tierpub(*arguments: object) -> tuple[int, str]:
    """The exit code of a verb, and what it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIERPUB")}
    done = subprocess.run(
        [sys.executable, "-m", "tierpub", *map(str, arguments)],
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _findings(*arguments: object) -> list[dict[str, Any]]:
    """What a verb finds."""
    found: list[dict[str, Any]] = json.loads(_tierpub(*arguments, "--format", "json")[1])[
        "findings"
    ]
    return found


def _stopped(root: Path, policy: Path) -> set[str]:
    """The notes that the mention gate stops, at any level."""
    found = _findings("check", "--vault", root, "--policy", policy)
    return {finding["file"] for finding in found if finding["code"] == "mention"}


def _gate(name: str, root: Path, policy: Path) -> Iterator[Count]:
    """Nothing in these vaults mentions what is hidden: each note it stops is one too many."""
    yield Count(f"{name}: false refusals of the gate", len(_stopped(root, policy)), bad=True)
    code, _ = _tierpub("project", "--all", "--vault", root, "--policy", policy)
    yield Count(f"{name}: runs over all levels that were refused", int(code != 0), bad=True)


def _lost(name: str, root: Path, policy: Path, notes: dict[str, bytes]) -> Iterator[Count]:
    """Visible text that is missing from what was written."""
    found = _findings("audit", root, "--vault", root, "--policy", policy, "--verbose")
    rules = Counter(finding["rule"] for finding in found)
    lost = rules.pop("lost-text", 0)
    yield Count(f"{name}: over-redactions, by the auditor", lost, bad=True)
    yield Count(f"{name}: other findings of the auditor", rules.total(), bad=True)
    if name == SAMPLE:
        return
    tiers = {note: 3 for note in notes if note.rpartition("/")[2] == PRIVATE}
    checker = Checker(load_policy(archives.POLICY), notes, tiers)
    made = tierpub.project(root, load_policy(policy))
    told = [finding for level in LEVELS for finding in checker.check(level, made[level])]
    losses = [finding for finding in told if finding.sort in LOST or finding.what == "lost"]
    yield Count(f"{name}: over-redactions, by a plain reading", len(losses), bad=True)
    yield Count(f"{name}: its other findings", len(told) - len(losses), bad=True)


def _caught(name: str, root: Path, policy: Path, notes: dict[str, bytes]) -> Iterator[Count]:
    """The gate is on: real mentions are stopped, each of them."""
    source = root / "_Standards"
    hidden = source / f"{NAME}.md"
    hidden.write_text("---\nconfidential: private\n---\nA person.\n", encoding="utf-8")
    public = root / "_public"
    visible = [n for n in sorted(notes) if (public / f"{n.removesuffix('.md')}.public.md").exists()]
    chosen = visible[:: max(1, len(visible) // MENTIONED)][:MENTIONED]
    for note in chosen:
        (source / note).write_bytes(notes[note] + f"\n\n# End\n\n{NAME} called.\n".encode())
    stopped = {Path(file).name for file in _stopped(root, policy)}
    missed = [note for note in chosen if Path(note).name not in stopped]
    yield Count(f"{name}: mentions planted and stopped", len(chosen) - len(missed))
    yield Count(f"{name}: mentions that were missed", len(missed), bad=True)
