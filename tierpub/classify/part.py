"""The notes of a vault that one process reads and classifies.

What a note's tiers depend on outside of it is little: the tiers of the notes, folders, headings
and blocks that its links lead to, and the links that lead to its block ids. So parts work side
by side, and after each step `survey` tells all of them what the others found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tierpub.classify.block_ids import BlockRefs, links_to_blocks, settle_block_ids
from tierpub.classify.classify import Classified, classify
from tierpub.classify.context import Context, Facts
from tierpub.classify.facts import facts_of
from tierpub.classify.labels import Labels
from tierpub.classify.read import note_reason, read_note
from tierpub.classify.reasons import Reason
from tierpub.errors import Fault, TierpubError
from tierpub.note import Note
from tierpub.policy import Policy
from tierpub.vault import Vault

NoteReason = tuple[str, Reason]
"""A note, and what gives it its tier."""
NoteFault = tuple[str, Fault]
"""A note, and what is wrong in it."""


@dataclass(slots=True)
class Survey:
    """Notes whose every portion has its tier."""

    context: Context
    notes: dict[str, Classified] = field(default_factory=dict)
    """By path relative to the source, in the order of the vault."""
    faults: list[Fault] = field(default_factory=list)
    """Warnings and errors of vault and notes; with an error nothing may be published."""


class Part:
    """The steps, in this order: `read`, `classify`, `facts` and `again` until nothing rises any
    more, `block_refs`, `settle`."""

    def __init__(self, vault: Vault, policy: Policy, notes: Sequence[str]) -> None:
        """`notes` are those of `vault` that are this part's."""
        self.found = Survey(Context.of(policy, vault))
        self._paths = notes
        self._read: dict[str, tuple[Note, Labels]] = {}
        self._anchored: list[str] = []

    def read(self) -> tuple[list[NoteReason], list[NoteFault]]:
        """Read all notes; what gives each its tier, and what could not be read."""
        ctx, read = self.found.context, self._read
        faults: list[NoteFault] = []
        for path in self._paths:
            try:
                read[path] = read_note(ctx, path, ctx.vault.read(path))
            except TierpubError as error:
                faults += [(path, fault) for fault in error.faults]
        return [(path, note_reason(ctx, path, *both)) for path, both in read.items()], faults

    def classify(self, reasons: Iterable[NoteReason]) -> tuple[set[str], list[NoteFault]]:
        """Classify all notes, now that what gives every note of the vault its tier is known.
        Returns the notes whose headings and blocks links lead to, and what is wrong in notes."""
        ctx, notes = self.found.context, self.found.notes
        ctx.set_tiers(reasons)
        faults: list[NoteFault] = []
        for path, (note, labels) in self._read.items():
            if not any(f.severity == "error" for f in note.faults):
                notes[path] = classify(ctx, path, note, labels)
            faults += [
                (path, replace(f, tier=_tier_at(notes.get(path), f)))
                for f in (*note.faults, *labels.faults)
            ]
        self._anchored = [path for path, note in notes.items() if note.anchored]
        return self._wanted(), faults

    def _wanted(self) -> set[str]:
        return {
            name
            for path in self._anchored
            for target in self.found.notes[path].targets.values()
            if target.anchor
            for name in target.notes
        }

    def facts(self, wanted: Sequence[str]) -> dict[str, Facts]:
        """What links into this part's notes among `wanted` depend on."""
        notes = self.found.notes
        return {name: facts_of(notes[name]) for name in wanted if name in notes}

    def again(self, facts: dict[str, Facts]) -> None:
        """Classify again the notes whose links lead to headings or blocks."""
        ctx, notes = self.found.context, self.found.notes
        ctx.facts = facts
        for path in self._anchored:
            notes[path] = classify(ctx, path, *self._read[path])

    def block_refs(self) -> BlockRefs:
        """The lowest tier of this part's links to each block id."""
        notes = self.found.notes
        return links_to_blocks(self.found.context, [notes[path] for path in self._anchored])

    def settle(self, refs: BlockRefs) -> list[NoteFault]:
        """Give block ids their tiers, by the links to them from all of the vault. Returns what
        else is wrong in notes."""
        notes = self.found.notes
        self._read = {}
        settle_block_ids(self.found.context, notes.values(), refs)
        return [(path, fault) for path, note in notes.items() for fault in note.faults]


def _tier_at(classified: Classified | None, fault: Fault) -> int | None:
    """The tier of the portion that a fault stands in; None where the note could not be read."""
    if classified is None or fault.place is None or fault.place.line is None:
        return None
    text = classified.note.text
    at = -1
    for _ in range(fault.place.line - 1):
        at = text.find("\n", at + 1)
    at += fault.place.column or 1
    tier = classified.tiers[0]
    for index, portion in enumerate(classified.note.portions):
        if portion.start <= at < portion.end:
            tier = max(tier, classified.tiers[index])
    return tier
