"""The strip of tiers over one text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tierpub.audit.reading.blocks import Block
from tierpub.audit.reading.inline import Piece

_WORD = re.compile(r"[^\W_]+")
_RAISE = [bytes(max(old, tier) for old in range(256)) for tier in range(256)]

_RUNS = re.compile(rb"(?s:(.)\1*)")
CUT = "\x02"
"""Stands where something was cut from a line."""
_ABOVE = [bytes(tier > level for tier in range(256)) for level in range(256)]


@dataclass(frozen=True, slots=True)
class Stroke:
    """One thing that was painted."""

    start: int
    end: int
    tier: int
    kind: str


Asked = tuple[str, tuple[Any, ...], object]
"""A question's name, what it was asked of, and the answer."""


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
    asked: list[Asked] = field(default_factory=list)
    """What was asked of what is known of other notes: where an answer changes, the painting may."""

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
        runs = _RUNS.finditer(bytes(self.tiers[start:end]))
        spans = sorted((match[0][0], start + match.start(), start + match.end()) for match in runs)
        return next((tier for tier, a, b in spans if _WORD.search(self.text, a, b)), low)

    def highest(self, start: int, end: int) -> int:
        """The highest tier in a range."""
        return max(self.tiers[start:end], default=self.ground)

    def words(self) -> frozenset[int]:
        """The tiers of all letters and digits; asked for when nothing is painted any more."""
        if self._words is None:
            tiers = frozenset(self.tiers)
            if len(tiers) > 1:
                runs = _RUNS.finditer(bytes(self.tiers))
                tiers = frozenset(
                    self.tiers[m.start()] for m in runs
                    if _WORD.search(self.text, m.start(), m.end())
                )  # fmt: skip
            self._words = tiers
        return self._words

    def visible(
        self, level: int, start: int = 0, stop: int | None = None, *, cuts: bool = False
    ) -> str:
        """The text, or a range of it, that is painted at or below `level`; with `CUT` where
        something is missing from a line, if asked for."""
        cut = self.tiers[:stop].translate(_ABOVE[level])
        text, out, at = self.text, [], start
        while at < len(cut):
            first = cut.find(0, at)
            if cuts and first != at and at < len(cut):
                before, behind = text[at - 1 : at], text[first - 1 : first]
                if before not in ("", "\n") or behind != "\n":
                    out.append(CUT)
            if first < 0:
                break
            end = cut.find(1, first)
            at = len(cut) if end < 0 else end
            out.append(text[first:at])
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
