"""What a plan consists of: files to write, files to remove, and what to remember of the rest."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tierpub.errors import Fault
from tierpub.publish.outputs import Counts, Output, Sealed
from tierpub.publish.state import Record, State


@dataclass(frozen=True, slots=True)
class Write:
    """One file to write."""

    output: Output | Sealed
    before: os.stat_result | None
    """What stands there now, ours for certain; None where nothing does."""
    record: Record
    """To be kept until the file is written: what stands there now, by digest."""


@dataclass(frozen=True, slots=True)
class Remove:
    """One file of an earlier run to remove, or (`before` None) one that is gone already."""

    path: str
    before: os.stat_result | None
    first: bool = False
    """Whether an output takes the same name in another spelling, so that it must go first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What `apply` is to do. Paths are relative to `root`."""

    root: Path
    state: State
    writes: tuple[Write, ...]
    removes: tuple[Remove, ...]
    modes: tuple[str, ...]
    """Files with the right bytes and other permissions than published files have."""
    adopted: dict[str, Record]
    """New records of files that stay as they are."""
    leftovers: tuple[str, ...]
    """Paths for which a run that was killed may have left a temporary file."""
    unchanged: int
    warnings: tuple[Fault, ...] = ()
    """What whoever runs it should know, though nothing is wrong with it."""

    @property
    def counts(self) -> Counts:
        """What `apply` will have done, for a dry run."""
        created = sum(write.before is None for write in self.writes)
        removed = sum(remove.before is not None for remove in self.removes)
        return Counts(created, len(self.writes) - created, self.unchanged, removed)

    @property
    def changes(self) -> bool:
        """Whether any published file would be written or removed."""
        return bool(self.writes) or any(remove.before for remove in self.removes)
