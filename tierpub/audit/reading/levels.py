"""All notes of a vault, painted: rounds until what notes say of one another has settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tierpub.audit.layout import Layout
from tierpub.audit.reading.blocks import Block
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.reading.known import Known, parts_of_anchor
from tierpub.audit.reading.note import NoteText, read_note
from tierpub.audit.reading.paint import paint_note
from tierpub.audit.reading.paint_body import heading_names
from tierpub.audit.reading.parts import BLOCK_ID
from tierpub.audit.reading.targets import Targets
from tierpub.audit.reading.vault import Listing, list_vault
from tierpub.audit.shares import at_work, in_all, in_share
from tierpub.crew import helpful
from tierpub.policy import Policy, fold_field
from tierpub.tiers import fold

_ROUNDS = 8
_SHARE = 40
"""Fewer notes than this are not worth a process of their own."""


@dataclass(slots=True)
class Reading:
    """What the auditor holds of the canonical vault."""

    listing: Listing
    policy: Policy
    targets: Targets
    notes: dict[str, NoteText] = field(default_factory=dict)
    canvases: dict[str, Canvas] = field(default_factory=dict)
    settled: bool = True
    shown: dict[str, int] = field(default_factory=dict)
    """The lowest tier of what leads to each attachment."""


class Reader:
    """Reads and paints its share of the notes."""

    def __init__(self, listing: Listing, policy: Policy, layout: Layout, share: list[str]) -> None:
        self._listing, self._policy, self._layout = listing, policy, layout
        self._share = share
        self._notes: dict[str, NoteText] = {}

    def read(self) -> dict[str, int]:
        """The tier of each note, links left aside."""
        with in_share():
            for path in self._share:
                self._notes[path] = read_note(path, self._listing.read(path), self._policy)
        return {path: note.tier for path, note in self._notes.items()}

    def paint(self, tiers: dict[str, int]) -> Iterator[tuple[NoteText, Canvas]]:
        """Each note and its painting as far as it is known from the note alone and from `tiers`,
        which are those of all notes."""
        targets = Targets(self._listing, self._policy, self._layout, tiers)
        known = Known()
        for note in self._notes.values():
            yield note, paint_note(note, self._policy, targets, known)


def read_vault(root: Path, policy: Policy, layout: Layout) -> Reading:
    """Read and paint every canonical note below `root`."""
    listing = list_vault(root, policy, layout)
    tiers, painted = _painted(listing, policy, layout)
    reading = Reading(listing, policy, Targets(listing, policy, layout, tiers))
    for path in listing.notes:
        reading.notes[path], reading.canvases[path] = painted[path]
    reading.settled = _settle(reading)
    for canvas in reading.canvases.values():
        for file, start, end in canvas.shows:
            tier = canvas.lowest(start, end)
            reading.shown[file] = min(reading.shown.get(file, tier), tier)
    return reading


def _painted(
    listing: Listing, policy: Policy, layout: Layout
) -> tuple[dict[str, int], dict[str, tuple[NoteText, Canvas]]]:
    """The tiers of all notes, and the notes with their first painting, by one process or more."""
    processes = helpful(len(listing.notes), _SHARE)
    makers = [
        partial(Reader, listing, policy, layout, listing.notes[first::processes])
        for first in range(processes)
    ]
    with in_all(), at_work(makers) as crew:
        tiers: dict[str, int] = {}
        for some in crew.each(Reader.read):
            tiers |= some
        return tiers, {pair[0].path: pair for pair in crew.stream(Reader.paint, tiers)}


def _settle(reading: Reading) -> bool:
    """Paint again what says otherwise when more is known; whether that came to an end."""
    known, learnt = Known(), set[tuple[str, str]]()
    painted = list(reading.notes.values())
    for _ in range(_ROUNDS):
        before = _state(known)
        for note in painted:
            for question, args, _answer in reading.canvases[note.path].asked:
                known.want(question, args)
        wanted = {(path, "") for path in known.anchors} | known.fields
        new = sorted({path for path, _ in wanted - learnt} & reading.notes.keys())
        _learn(reading, known, [*painted, *(reading.notes[path] for path in new)])
        learnt |= wanted
        if _state(known) == before:
            return True
        painted = [note for note in reading.notes.values()
                   if _otherwise(reading.canvases[note.path], known)]  # fmt: skip
        for note in painted:
            canvas = paint_note(note, reading.policy, reading.targets, known)
            reading.canvases[note.path] = canvas
    return False


def _otherwise(canvas: Canvas, known: Known) -> bool:
    """Whether anything that was asked is answered otherwise now."""
    return any(getattr(known, name)(*args) != answer for name, args, answer in canvas.asked)


def _state(known: Known) -> tuple[object, ...]:
    return (
        {key: tuple(value) for key, value in known.headings.items()},
        dict(known.ids), dict(known.id_marks), dict(known.field_tiers),
    )  # fmt: skip


def _learn(reading: Reading, known: Known, painted: list[NoteText]) -> None:
    """Take down what notes that were painted say of themselves."""
    for note in painted:
        path, canvas = note.path, reading.canvases[note.path]
        for match in BLOCK_ID.finditer(note.prose, note.body) if "^" in note.prose else ():
            start = note.text.rfind("\n", 0, match.start()) + 1
            known.ids[path, fold(match["id"])] = canvas.lowest(start, max(match.start(), start + 1))
        headings: dict[tuple[str, str], list[tuple[int, int, bool]]] = {}
        for head, _ in note.sections if path in known.anchors else ():
            low = canvas.lowest_word(head.start, head.end)
            high, linked = _read(reading.policy, canvas, head)
            for name in heading_names(note, head):
                headings.setdefault((path, name), []).append((low, high, linked))
        known.headings |= headings
        for leaf in note.front.leaves:
            key = (path, fold_field(leaf.keys[0]))
            if key in known.fields:
                known.field_tiers[key] = max(known.field_tiers.get(key, 0),
                                             canvas.highest(leaf.start, leaf.end))  # fmt: skip
    _learn_marks(reading, known)


def _read(policy: Policy, canvas: Canvas, head: Block) -> tuple[int, bool]:
    """The highest tier of what makes up a heading's name, and whether links do."""
    own = [p for p in canvas.pieces if head.start <= p.start < head.end and p.kind == "link"]
    if policy.redaction.inline != "alias" or not all(piece.words for piece in own):
        linked = "[" in canvas.text[head.start : head.end]
        return canvas.highest(head.start, head.end), linked
    at, high = head.start, 0
    for piece in own:
        start, end = piece.words or (piece.start, piece.end)
        high = max(high, canvas.highest(at, piece.start), canvas.highest(start, end))
        at = max(at, piece.end)
    return max(high, canvas.highest(at, head.end)), False


def _learn_marks(reading: Reading, known: Known) -> None:
    """The lowest tier of what refers to each block id."""
    known.id_marks.clear()
    for path, note in reading.notes.items():
        if "^" not in note.text:
            continue
        canvas, rules = reading.canvases[path], reading.policy.rules_for(path)
        for piece in canvas.pieces:
            if "^" not in piece.target:
                continue
            reach = reading.targets.reach(piece.target, path, rules, markdown=piece.markdown)
            tier = canvas.tiers[piece.start]
            for part in parts_of_anchor(reach.anchor):
                for target in reach.notes if part.startswith("^") else ():
                    key = (target, fold(part[1:]))
                    known.id_marks[key] = min(known.id_marks.get(key, tier), tier)
