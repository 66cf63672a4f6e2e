"""A note's text in pieces, each with the levels that keep it.

Joining the pieces that a level keeps gives its projection, byte for byte; joining those that
stand in the note gives the note. Nothing that shows them has to know how notes are cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tierpub.classify import Classified
from tierpub.note import Kind, Portion
from tierpub.report.site.walk import Stretch, walk


class Piece(NamedTuple):
    """Text that the same levels keep."""

    text: str
    levels: int
    """A bit for each level that keeps it."""
    portion: int
    """The portion that speaks for it."""
    typed: bool
    """Whether it stands in the note; else a level has it by an edit: a target, mark or banner."""


def stretches(note: Classified) -> list[Stretch]:
    """The text of a note by the portions that have something to say: a reason or tier of their
    own, or a note that they lead to."""
    speakers = _speakers(note)
    made: list[Stretch] = []
    for start, end, portion in _innermost(note.note.portions):
        speaker = speakers[portion]
        if start == end:
            continue
        if made and made[-1].portion == speaker:
            made[-1] = made[-1]._replace(end=end)
        else:
            made.append(Stretch(start, end, speaker))
    return made


def _speakers(note: Classified) -> list[int]:
    speakers: list[int] = []
    for index, portion in enumerate(note.note.portions):
        target = note.targets.get(index)
        leads = portion.kind == Kind.LINK and target is not None and bool(target.note)
        raised = not index or note.tiers[index] != note.tiers[portion.parent]
        own = raised or leads or index in note.reasons
        speakers.append(index if own else speakers[portion.parent])
    return speakers


def _innermost(portions: Sequence[Portion]) -> Iterator[tuple[int, int, int]]:
    """Start and end of each stretch of text, and the innermost portion it stands in."""
    at = 0
    stack: list[int] = []
    for index, portion in enumerate(portions):
        while stack and index and stack[-1] != portion.parent:
            inner = stack.pop()
            yield at, max(at, portions[inner].end), inner
            at = max(at, portions[inner].end)
        if stack:
            yield at, max(at, portion.start), stack[-1]
        at = max(at, portion.start)
        stack.append(index)
    while stack:
        inner = stack.pop()
        yield at, max(at, portions[inner].end), inner
        at = max(at, portions[inner].end)


def pieces(
    text: str,
    parts: Sequence[Stretch],
    tiers: Sequence[int],
    projections: Mapping[int, str],
) -> list[Piece]:
    """`text`, of which `parts` are the stretches and `tiers` those of its portions, in pieces.

    Raises `AssertionError` where they would not give the projections and the text again.
    """
    placed = _Placed(text, parts)
    for level, projection in projections.items():
        placed.place(level, projection, [p for p in parts if tiers[p.portion] <= level])
    made = _joined(placed.pieces())
    for level, projection in projections.items():
        if "".join(p.text for p in made if p.levels >> level & 1) != projection:
            raise AssertionError("the pieces do not give a projection")
    if "".join(p.text for p in made if p.typed) != text:
        raise AssertionError("the pieces do not give the text")
    return made


class _Placed:
    """Where in a text the pieces of its projections stand."""

    def __init__(self, text: str, parts: Sequence[Stretch]) -> None:
        self._text = text
        self._parts = parts
        self._steps: dict[int, int] = {}
        """By offset, the levels whose kept text begins or ends there."""
        self._new: dict[int, dict[str, int]] = {}
        """By the offset they stand before, what levels have that the text has not."""

    def place(self, level: int, projection: str, seen: Sequence[Stretch]) -> None:
        """Find the pieces of the projection at `level`, for which `seen` is what is visible."""
        bit = 1 << level
        first = last = done = 0
        for start, end, to in walk(self._text, projection, seen):
            if done != to or start != last:
                self._keep(first, last, bit)
                self._insert(last, projection[done:to], bit)
                first = start
            last, done = end, to + end - start
        self._keep(first, last, bit)
        self._insert(last, projection[done:], bit)

    def _keep(self, start: int, end: int, bit: int) -> None:
        self._steps[start] = self._steps.get(start, 0) ^ bit
        self._steps[end] = self._steps.get(end, 0) ^ bit

    def _insert(self, at: int, text: str, bit: int) -> None:
        if text:
            here = self._new.setdefault(at, {})
            here[text] = here.get(text, 0) | bit

    def pieces(self) -> Iterator[Piece]:
        """All pieces in the order of the text."""
        offsets = {part.start for part in self._parts} | {len(self._text)}
        bounds = sorted(offsets | self._steps.keys() | self._new.keys())
        portions = {part.start: part.portion for part in self._parts}
        levels = portion = before = 0
        for start, end in zip(bounds, [*bounds[1:], len(self._text)], strict=True):
            portion = portions.get(start, portion)
            for text, bits in self._new.get(start, {}).items():
                yield Piece(text, bits, before, typed=False)
            levels ^= self._steps.get(start, 0)
            if end > start:
                yield Piece(self._text[start:end], levels, portion, typed=True)
                before = portion


def _joined(found: Iterator[Piece]) -> list[Piece]:
    """Neighbours that differ in nothing but their text as one."""
    made: list[Piece] = []
    for piece in found:
        if made and made[-1][1:] == piece[1:]:
            made[-1] = made[-1]._replace(text=made[-1].text + piece.text)
        else:
            made.append(piece)
    return made
