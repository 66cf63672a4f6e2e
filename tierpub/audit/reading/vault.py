"""What the canonical vault holds, as the auditor sees it: notes, other files, names."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pathspec import GitIgnoreSpec

from tierpub.audit.layout import Layout
from tierpub.policy import Policy
from tierpub.tiers import fold


@dataclass(slots=True)
class Listing:
    """Paths below the vault root, by what they are."""

    root: Path
    source: str
    notes: list[str] = field(default_factory=list)
    """Relative to the source, with `.md`, sorted."""
    others: list[str] = field(default_factory=list)
    """Every other file, relative to the root: attachments, ignored files, what is outside."""
    by_name: dict[str, list[str]] = field(default_factory=dict)
    """Folded last part of a path, with and without `.md`, to paths relative to the root."""
    folders: dict[str, list[str]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    """Every path by its folded form, with and without `.md`."""
    withheld: set[str] = field(default_factory=set)
    """Of `others` those that are never copied: ignored, symlinks, in a folder of settings."""

    def read(self, note: str) -> bytes:
        """The bytes of a canonical note."""
        return (self.root / self.source / note).read_bytes()


def list_vault(root: Path, policy: Policy, layout: Layout) -> Listing:
    """Walk the vault at `root`; trees of projections and dot folders of tools are left out."""
    found = Listing(root, policy.source)
    trees = {fold(layout.tree(rank)) for rank in range(len(layout.ladder))}
    lines = list(policy.ignore)
    if (root / ".gitignore").is_file():
        lines = [*(root / ".gitignore").read_text("utf-8", "replace").splitlines(), *lines]
    ignored = GitIgnoreSpec.from_lines(lines)
    inside = policy.source + "/"
    aside: list[str] = []
    for path, entry in _walk(root, "", trees):
        dotted = any(part.startswith(".") for part in path.split("/"))
        closed = dotted or entry.is_symlink() or not path.startswith(inside) \
            or ignored.match_file(path) or ignored.match_file(path[len(inside) :])  # fmt: skip
        if not closed and _is_note(path):
            found.notes.append(path[len(inside) :])
        else:
            found.others.append(path)
        if closed:
            found.withheld.add(path)
        for key in {fold(path), fold(path).removesuffix(".md")}:
            found.paths.setdefault(key, path)
        if dotted:
            aside.append(path)
        else:
            _enter(found, path)
    for path in aside:  # no reader's program looks there: it has a name only where nothing else has
        if fold(posixpath.basename(path)) not in found.by_name:
            _enter(found, path)
    found.notes.sort()
    return found


def _is_note(path: str) -> bool:
    return path.lower().endswith(".md") and not path.lower().endswith(".excalidraw.md")


def _walk(root: Path, below: str, trees: set[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Files, and symlinks, which are followed nowhere."""
    for entry in sorted(os.scandir(root / below), key=lambda entry: entry.name):
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.is_dir(follow_symlinks=False):
            if fold(path) not in trees and path not in (".tierpub", ".git"):
                yield from _walk(root, path, trees)
        elif entry.is_symlink() or entry.is_file():
            yield path, entry


def _enter(found: Listing, path: str) -> None:
    name = fold(posixpath.basename(path))
    for key in {name, name.removesuffix(".md")}:
        found.by_name.setdefault(key, []).append(path)
    above = posixpath.dirname(path)
    while above:
        found.folders.setdefault(fold(above), []).append(path)
        above = posixpath.dirname(above)
