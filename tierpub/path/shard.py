"""The notes of a vault that one process takes all the way, from their text to projections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tierpub.classify import Part
from tierpub.cut import Cutter
from tierpub.mentions import Called, Gate, Mention, Names, Needle, Search, gather, leads_of
from tierpub.policy import Policy
from tierpub.vault import Vault


class Made(NamedTuple):
    """One projection."""

    level: int
    path: str
    """From the vault root."""
    data: bytes


class Shard(Part):
    """The steps after those of `Part`: `called`, `leads`, `watch`, then `projections` as often
    as wanted, and `mentions`."""

    def __init__(self, vault: Vault, policy: Policy, notes: Sequence[str]) -> None:
        """`notes` are those of `vault` that are this shard's."""
        super().__init__(vault, policy, notes)
        self._gate: Gate | None = None

    def called(self) -> Called:
        """What the notes are called, and what they hold."""
        return gather(self.found)

    def leads(self, needles: list[Needle]) -> dict[str, int]:
        """What links of these notes lead to, where a rule speaks of it."""
        return leads_of(self.found, needles)

    def watch(self, needles: list[Needle], names: Names) -> None:
        """Set up the gate that every projection passes."""
        self._gate = Gate(self.found, Search(needles, names))

    def projections(
        self, levels: Sequence[int], notes: Sequence[str] | None = None
    ) -> Iterator[list[Made]]:
        """The projections at `levels` of each of this shard's notes; or of each of `notes`,
        with none where the note is another's."""
        for note in self._paths if notes is None else notes:
            yield self._project(note, levels) if note in self.found.notes else []

    def _project(self, note: str, levels: Sequence[int]) -> list[Made]:
        gate = self._gate
        if gate is None:
            raise ValueError(note)  # nothing is made that is not looked at
        vault, names = self.found.context.vault, self.found.context.policy.ladder.names
        cutter = Cutter(self.found.context, self.found.notes[note])
        made = []
        for level in levels:
            projection = cutter.at(level)
            if projection is not None:
                gate.look(note, level, projection.text)
                path = vault.projection_path(note, names[level])
                made.append(Made(level, path, projection.text.encode()))
        return made

    def mentions(self) -> tuple[list[Mention], set[int]]:
        """What the gate found in all that was made, and the entries of `allow`, by number, that
        silenced something."""
        return ([], set()) if self._gate is None else (self._gate.mentions(), self._gate.used)
