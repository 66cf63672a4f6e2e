"""Where the pieces of a projection stand in the text it was cut from.

A projection is that text without some spans, and with a few edits: nearly all of it stands
there in the same order. So both are read side by side, by lines and then by words, and where
they part the nearest place is looked for at which they read alike again. Takes linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_LINES = re.compile(r"[^\n]*\n(?:[ \t]*\r?\n)*|[^\n]+")
"""A line with the blank lines after it: blank lines alone are too much alike."""
_WORDS = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_NEAR = 24
"""So many units are looked at on both sides before a longer cut is thought of."""


class Block(NamedTuple):
    """So many characters that read alike in both texts."""

    source: int
    target: int
    size: int


class _Grain(NamedTuple):
    """How finely texts are compared."""

    units: re.Pattern[str]
    run: int
    """So many units in a row must be alike for the two to be together again."""


_GRAINS = (_Grain(_LINES, 1), _Grain(_WORDS, 3))


def align(source: str, target: str) -> list[Block]:
    """Stretches that `target` has in common with `source`, in the order of both."""
    return [block for block in _align(source, target, 0, 0, _GRAINS) if block.size]


def _align(source: str, target: str, at: int, to: int, grains: Sequence[_Grain]) -> Iterator[Block]:
    head = common(source, target)
    rest, other = source[head:], target[head:]
    tail = common(rest[::-1], other[::-1])
    end, stop = len(rest) - tail, len(other) - tail
    yield Block(at, to, head)
    if end and stop and grains:
        yield from _finer(rest[:end], other[:stop], at + head, to + head, grains)
    yield Block(at + head + end, to + head + stop, tail)


def _finer(source: str, target: str, at: int, to: int, grains: Sequence[_Grain]) -> Iterator[Block]:
    """Compare by units of the first of `grains`, and what differs by those of the next."""
    units, run = grains[0]
    for ours, theirs, alike in _Walk(units.findall(source), units.findall(target), run):
        one, other = "".join(ours), "".join(theirs)
        if alike:
            yield Block(at, to, len(one))
        elif one and other:
            yield from _align(one, other, at, to, grains[1:])
        at, to = at + len(one), to + len(other)


class _Walk:
    """Two lists of units side by side: stretches that are alike, and what stands between."""

    def __init__(self, ours: list[str], theirs: list[str], run: int) -> None:
        self._ours, self._theirs, self._run = ours, theirs, run
        self._places: dict[tuple[str, ...], list[int]] | None = None

    def __iter__(self) -> Iterator[tuple[list[str], list[str], bool]]:
        ours, theirs = self._ours, self._theirs
        i = j = 0
        while i < len(ours) or j < len(theirs):
            size = self._alike(i, j)
            if size:
                yield ours[i : i + size], theirs[j : j + size], True
                i, j = i + size, j + size
                continue
            i2, j2 = self._together(i, j)
            yield ours[i:i2], theirs[j:j2], False
            i, j = i2, j2

    def _alike(self, i: int, j: int) -> int:
        size, most = 0, min(len(self._ours) - i, len(self._theirs) - j)
        while size < most and self._ours[i + size] == self._theirs[j + size]:
            size += 1
        return size

    def _together(self, i: int, j: int) -> tuple[int, int]:
        """The nearest place from `i` and `j` on where the two are alike again, or both ends."""
        found = self._near(i, j)
        for j2 in range(j, len(self._theirs)) if found is None else ():
            if (i2 := self._far(i, j2)) is not None:
                return i2, j2
        return found or (len(self._ours), len(self._theirs))

    def _near(self, i: int, j: int) -> tuple[int, int] | None:
        ours, theirs, run = self._ours, self._theirs, self._run
        here, there = ours[i : i + _NEAR], theirs[j : j + _NEAR]
        for distance in range(1, _NEAR):
            for skip in range(max(0, distance - len(there) + 1), min(distance + 1, len(here))):
                if here[skip] == there[distance - skip]:
                    i2, j2 = i + skip, j + distance - skip
                    if ours[i2 : i2 + run] == theirs[j2 : j2 + run]:
                        return i2, j2
        return None

    def _far(self, i: int, j: int) -> int | None:
        """The next place in our list where the other goes on: what is between was cut."""
        if self._places is None:
            self._places = {}
            for at in range(len(self._ours)):
                self._places.setdefault(self._key(self._ours, at), []).append(at)
        places = self._places.get(self._key(self._theirs, j), [])
        after = bisect_left(places, i)
        return places[after] if after < len(places) else None

    def _key(self, units: list[str], at: int) -> tuple[str, ...]:
        return tuple(units[at : at + self._run + 1])


def common(one: str, other: str) -> int:
    """How many characters the two have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
