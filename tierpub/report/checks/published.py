"""What stands where projections go and would stop the next run."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from tierpub.classify import Survey
from tierpub.cut import Cutter
from tierpub.errors import Fault, Place
from tierpub.publish import State
from tierpub.vault.filenames import shown

_MOVE = "move it away or delete it before the next run"


def in_the_way(found: Survey) -> Iterator[Fault]:
    """Files of earlier runs that were edited, and files that tierpub did not write."""
    root = found.context.vault.root
    state = State(root)
    yield from state.warnings
    records = state.records(root)
    for path, record in records.items():
        data = _read(root / path)
        if data is not None and not record.ours(state.digest(data)):
            message = "a projection that was changed since tierpub wrote it"
            yield Fault("edited-projection", message, Place(path), _MOVE, "warning")
    for path, note, level in _projections(found):
        if path in records:
            continue
        data = _read(root / path)
        if data is not None and data != _projected(found, note, level):
            message = "a file that tierpub did not write stands where a projection goes"
            yield Fault("stranger", message, Place(path), _MOVE, "warning")


def left_over(found: Survey) -> Iterator[Fault]:
    """Files that read like projections which today's run would not write and no record names: an
    earlier run may have written them before its record was lost, and they go on being read."""
    policy, vault = found.context.policy, found.context.vault
    records = State(vault.root).records(vault.root)
    for tier in policy.ladder:
        for path in _files(vault.root, policy.tree(tier.rank)):
            rank, name = vault.projected_from(path) or (None, "")
            if (
                rank != tier.rank
                or path in records
                or vault.projection_path(name, tier.name) != path
            ):
                continue
            note = found.notes.get(name)
            if note is None or note.tiers[0] > tier.rank or policy.sealed(tier.rank):
                message = f"a file is called like a projection that `{tier.name}` does not get"
                hint = "no record says who wrote it: if an earlier run did, delete it"
                yield Fault("left-over", message, Place(shown(path)), hint, "warning")


def _files(root: Path, tree: str) -> Iterator[str]:
    for folder, _, names in os.walk(root / tree):
        below = Path(folder).relative_to(root).as_posix()
        yield from (f"{below}/{name}" for name in names)


def _projections(found: Survey) -> Iterator[tuple[str, str, int]]:
    """Path, note and level of every projection that is no member of a bundle."""
    policy, vault = found.context.policy, found.context.vault
    for tier in policy.ladder:
        if policy.sealed(tier.rank) or not (vault.root / policy.tree(tier.rank)).is_dir():
            continue
        for name, note in found.notes.items():
            if note.tiers[0] <= tier.rank:
                yield vault.projection_path(name, tier.name), name, tier.rank


def _projected(found: Survey, note: str, level: int) -> bytes | None:
    made = Cutter(found.context, found.notes[note]).at(level)
    return None if made is None else made.text.encode()


def _read(path: Path) -> bytes | None:
    """The bytes of a file; those of nothing that is there but no file or cannot be read, None
    where nothing is, or can be: a path may be too long."""
    try:
        if not path.is_symlink() and path.is_file():
            return path.read_bytes()
        return b"" if path.is_symlink() or path.exists() else None
    except OSError as error:
        return None if error.errno == errno.ENAMETOOLONG else b""
