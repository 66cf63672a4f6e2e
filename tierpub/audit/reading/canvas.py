"""The strip of tiers over one text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tierpub.audit.reading.blocks import Block
from tierpub.audit.reading.inline import Piece

_WORD = re.compile(r"[^\W_]+")
_RAISE = [bytes(max(old, tier) for old in range(256)) for tier in range(256)]

_ABOVE = [bytes(tier > level for tier in range(256)) for level in range(256)]


@dataclass(frozen=True, slots=True)
class Stroke:
    """One thing that was painted."""

    start: int
    end: int
    tier: int
    kind: str


@dataclass(slots=True)
class Canvas:
    """A tier for each character, and who gave it."""

    text: str
    ground: int
    """The tier of the note."""
    top: int
    tiers: bytearray = field(init=False)
    strokes: list[Stroke] = field(default_factory=list)
    softs: list[tuple[int, int]] = field(default_factory=list)
    """Where a projection may well hold less than is visible: anchors of links."""
    pieces: list[Piece] = field(default_factory=list)
    shows: list[tuple[str, int, int]] = field(default_factory=list)
    """Attachments that something in the note leads to, each with where that stands."""
    root: Block | None = None
    """The blocks of the note."""
    _words: frozenset[int] | None = None
    depends: bool = False
    """Whether anything in it waits for what is known of other notes."""

    def __post_init__(self) -> None:
        self.tiers = bytearray([self.ground]) * len(self.text)

    def lay(self, start: int, end: int, tier: int, kind: str) -> None:
        """Paint a range; what is higher already stays."""
        if tier > self.ground and start < end:
            self.tiers[start:end] = self.tiers[start:end].translate(_RAISE[tier])
            self.strokes.append(Stroke(start, end, tier, kind))

    def lowest(self, start: int, end: int) -> int:
        """The lowest tier in a range."""
        return min(self.tiers[start:end], default=self.ground)

    def lowest_word(self, start: int, end: int) -> int:
        """The lowest tier of a letter or digit in a range."""
        low = self.lowest(start, end)
        if self.highest(start, end) == low:
            return low
        words = _WORD.finditer(self.text, start, end)
        return min((min(self.tiers[m.start() : m.end()]) for m in words), default=low)

    def highest(self, start: int, end: int) -> int:
        """The highest tier in a range."""
        return max(self.tiers[start:end], default=self.ground)

    def words(self) -> frozenset[int]:
        """The tiers of all letters and digits; asked for when nothing is painted any more."""
        if self._words is None:
            tiers = frozenset(self.tiers)
            if len(tiers) > 1:
                words = (self.tiers[m.start() : m.end()] for m in _WORD.finditer(self.text))
                tiers = frozenset().union(*words)
            self._words = tiers
        return self._words

    def visible(self, level: int, start: int = 0, stop: int | None = None) -> str:
        """The text, or a range of it, that is painted at or below `level`."""
        cut = self.tiers[:stop].translate(_ABOVE[level])
        out, at = [], start
        while at < len(cut):
            start = cut.find(0, at)
            if start < 0:
                break
            end = cut.find(1, start)
            end = len(cut) if end < 0 else end
            out.append(self.text[start:end])
            at = end
        return "".join(out)

    def kind_at(self, at: int) -> str:
        """What gave the character at an offset its tier."""
        tier = self.tiers[at]
        best = None
        for stroke in self.strokes:
            if stroke.start <= at < stroke.end and stroke.tier == tier and (
                best is None or stroke.end - stroke.start < best.end - best.start
            ):  # fmt: skip
                best = stroke
        return best.kind if best else "note"
