"""A survey that holds its notes packed: what a note takes when it is read is ten times its size.

Notes are unpacked when they are asked for, one at a time, and what is done to one of them is
forgotten unless it is put back.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from tierpub.classify import Classified, Part, classify_all
from tierpub.classify.block_ids import BlockRefs, links_to_blocks, settle_block_ids
from tierpub.classify.classify import classify
from tierpub.classify.context import Facts
from tierpub.classify.labels import Labels
from tierpub.classify.part import NoteFault, NoteReason
from tierpub.classify.read import note_reason, read_note
from tierpub.crew import Alone, P, R, Step
from tierpub.errors import Fault, TierpubError
from tierpub.note import Kind, Note
from tierpub.policy import Policy
from tierpub.vault import Vault

_FAST = 1
"""Notes are packed to a third at this level, and to little less at any other."""


def pack(thing: object) -> bytes:
    """`thing` as few bytes. They never leave the process."""
    return zlib.compress(pickle.dumps(thing, pickle.HIGHEST_PROTOCOL), _FAST)


def unpack(packed: bytes) -> Any:  # noqa: ANN401 - what was packed
    """What `pack` was given: its equal, not itself."""
    return pickle.loads(zlib.decompress(packed))  # noqa: S301 - packed by this process


class Packed(MutableMapping[str, Classified]):
    """Classified notes by path, each as two packages: what was read, and what was made of it."""

    def __init__(self, paths: Iterable[str]) -> None:
        """`paths` are those of all notes of the vault."""
        self.read: dict[str, bytes] = {}
        """The note and its labels."""
        self.highest: dict[str, int] = {}
        """The highest tier in each note."""
        self.leads: dict[str, tuple[str, ...]] = {}
        """The notes that links of each note lead to, each once."""
        self._made: dict[str, bytes] = {}
        self._paths = {path: path for path in paths}
        self._last: Classified | None = None

    def __getitem__(self, path: str) -> Classified:
        if self._last is None or self._last.path != path:
            note: Classified = unpack(self._made[path])
            note.note, _ = unpack(self.read[path])
            self._last = note
        return self._last

    def __setitem__(self, path: str, note: Classified) -> None:
        """Take in `note`, whose text and portions are those that were read."""
        self.highest[path] = max(note.tiers)
        self.leads[path] = tuple(dict.fromkeys(self._leads(note)))
        whole, note.note = note.note, None  # type: ignore[assignment] # is packed already
        self._made[path] = pack(note)
        note.note = whole
        self._last = None

    def _leads(self, note: Classified) -> Iterator[str]:
        for index, target in note.targets.items():
            if target.note in self._paths and note.note.portions[index].kind == Kind.LINK:
                yield self._paths[target.note]  # one text for all that lead there

    def __delitem__(self, path: str) -> None:
        del self._made[path], self.highest[path], self.leads[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __contains__(self, path: object) -> bool:
        return path in self._made


class _Here(Alone[Part]):
    """A crew of one whose steps are its own, not those of the class that they are named on."""

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self._part = part

    def each(self, step: Step[Part, P, R], *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """What `step` returns, alone in a list."""
        return [getattr(self._part, step.__name__)(*args, **kwargs)]


def packed_survey(
    vault: Vault, policy: Policy, known: Mapping[str, bytes] | None = None
) -> PackedPart:
    """As `survey`, with all notes packed; `known` are packages of notes that another survey under
    the same policy read from the same text, and that are not read again."""
    part = PackedPart(vault, policy, known or {})
    _, part.found.faults = classify_all(_Here(part), vault)
    return part


class PackedPart(Part):
    """All notes of a vault, read and classified one after the other."""

    def __init__(self, vault: Vault, policy: Policy, known: Mapping[str, bytes]) -> None:
        """`known` are packages of notes that were read before and read the same here."""
        super().__init__(vault, policy, vault.notes)
        self._known = known
        self.notes = Packed(vault.notes)
        self.found.notes = self.notes  # type: ignore[assignment] # answers as a dictionary does
        self._with_ids: list[str] = []
        self._tangled: dict[str, list[Fault]] = {}

    def read(self) -> tuple[list[NoteReason], list[NoteFault]]:
        """As `Part.read`."""
        ctx, reasons, faults = self.found.context, list[NoteReason](), list[NoteFault]()
        for path in self._paths:
            package = self._known.get(path)
            try:
                note, labels = unpack(package) if package else self._fresh(path)
            except TierpubError as error:
                faults += [(path, fault) for fault in error.faults]
                continue
            self.notes.read[path] = package or pack((note, labels))
            reasons.append((path, note_reason(ctx, path, note, labels)))
        return reasons, faults

    def _fresh(self, path: str) -> tuple[Note, Labels]:
        return read_note(self.found.context, path, self.found.context.vault.read(path))

    def classify(self, reasons: Iterable[NoteReason]) -> tuple[set[str], list[NoteFault]]:
        """As `Part.classify`; faults have no tier, for nobody asks for it here."""
        ctx = self.found.context
        ctx.set_tiers(reasons)
        wanted, faults = set[str](), list[NoteFault]()
        for path, package in self.notes.read.items():
            note, labels = unpack(package)
            faults += [(path, fault) for fault in (*note.faults, *labels.faults)]
            if any(fault.severity == "error" for fault in note.faults):
                continue
            made = self._classify(path, note, labels)
            if made.anchored:
                self._anchored.append(path)
                wanted |= {
                    name for t in made.targets.values() if t.anchor for name in t.notes
                }  # fmt: skip
            if any(portion.kind == Kind.BLOCK_ID for portion in note.portions):
                self._with_ids.append(path)
        return wanted, faults

    def _classify(self, path: str, note: Note, labels: Labels) -> Classified:
        made = self.notes[path] = classify(self.found.context, path, note, labels)
        self._tangled[path] = made.faults
        return made

    def again(self, facts: dict[str, Facts]) -> None:
        """As `Part.again`."""
        self.found.context.facts = facts
        for path in self._anchored:
            self._classify(path, *unpack(self.notes.read[path]))

    def block_refs(self) -> BlockRefs:
        """As `Part.block_refs`."""
        return links_to_blocks(self.found.context, map(self.notes.__getitem__, self._anchored))

    def settle(self, refs: BlockRefs) -> list[NoteFault]:
        """As `Part.settle`."""
        self.found.context.block_refs = refs
        for path in self._with_ids:
            note = self.notes[path]
            settle_block_ids(self.found.context, [note], refs)
            self.notes[path] = note
        return [(path, fault) for path, found in self._tangled.items() for fault in found]
