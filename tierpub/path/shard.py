"""The notes of a vault that one process takes all the way, from their text to projections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tierpub.classify import Part, Survey
from tierpub.classify.attachments import Fate, Use
from tierpub.cut import Cutter
from tierpub.mentions import Called, Gate, Mention, Names, Needle, Search, gather, leads_of
from tierpub.path.keyed import Keyed
from tierpub.path.row import row_of
from tierpub.policy import Policy
from tierpub.vault import Vault


class Made(NamedTuple):
    """One projection, or the copy of an attachment."""

    level: int
    path: str
    """From the vault root."""
    data: bytes


class Learned(NamedTuple):
    """What is to be remembered of one note."""

    note: str
    content: bytes
    """Digest of its text."""
    row: bytes
    """See `Row.packed`."""
    wanted: bool
    """Whether an anchor leads into it."""


class Shard(Part):
    """The steps after those of `Part`: `called`, `leads`, `watch`, then `copied` and
    `projections` as often as wanted, and `mentions`."""

    def __init__(self, vault: Vault, policy: Policy, notes: Sequence[str]) -> None:
        """`notes` are those of `vault` that are this shard's."""
        super().__init__(vault, policy, notes)
        self._gate: Gate | None = None

    def uses(self) -> dict[str, Use]:
        """What refers to each attachment at the lowest level, of these notes."""
        return self.found.context.attachments.uses(self.found.notes.values())

    def named(self, notes: Iterable[str]) -> set[str]:
        """The attachments that those of `notes` refer to which are this shard's."""
        found, attachments = self.found.notes, self.found.context.attachments
        mine = [found[note] for note in notes if note in found]
        return {path for note in mine for _, path in attachments.named(note)}

    def copied(self, going: Iterable[tuple[Use, int, str]], fates: dict[str, Fate]) -> None:
        """Take in what becomes of attachments, and look at the paths of those that go out to a
        level because one of these notes refers to them."""
        self.found.context.attachments.know(fates)
        for use, level, path in going:
            if use.note in self.found.notes:
                self._watching().look_at_file(use.note, level, path)

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
        gate = self._watching()
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

    def learned(self, key: bytes) -> list[Learned]:
        """What is to be remembered of each of these notes, with the state's `key`."""
        keyed, facts = Keyed(key), self.found.context.facts
        return [
            Learned(
                path,
                keyed.digest(note.note.text.encode()),
                row_of(self.found, note, keyed, facts.get(path)).packed(),
                path in facts,
            )
            for path, note in self.found.notes.items()
        ]

    def leading(self, needles: list[Needle]) -> set[str]:
        """The notes with links that lead to what holds a needle, where a rule speaks of that."""
        ctx = self.found.context
        return {
            path
            for path, note in self.found.notes.items()
            if leads_of(Survey(ctx, {path: note}), needles)
        }

    def _watching(self) -> Gate:
        if self._gate is None:
            raise RuntimeError("nothing is made that is not looked at")
        return self._gate

    def mentions(self) -> tuple[list[Mention], set[int]]:
        """What the gate found in all that was made, and the entries of `allow`, by number, that
        silenced something."""
        return ([], set()) if self._gate is None else (self._gate.mentions(), self._gate.used)
