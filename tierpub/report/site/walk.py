"""Where the stretches of a note stand in one of its projections.

Nearly all of them stand there as they are, one after the other, so each is looked for at the
place where the last one ended. Where it is not there something was edited: the next stretch that
can be found again ends the edit, and what is between is aligned finely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tierpub.report.site.align import Block, align, common

_CLEAR = 8
"""A stretch of fewer characters may stand within an edit, if it holds no end of a line."""
_UNIQUE = 24
"""A stretch of as many characters ends an edit of several, if it stands there once."""
_LINK = 400
"""An edited stretch that is not longer is a link, or as good as one."""
_SIGN = re.compile(r"\W|^")


class Stretch(NamedTuple):
    """Text of a note that one portion speaks for."""

    start: int
    end: int
    portion: int


Kept = tuple[int, int, int]
"""Start and end of what is kept, in the note, and where it begins in the projection."""


def walk(text: str, projection: str, seen: Sequence[Stretch]) -> Iterator[Kept]:
    """What of the stretches `seen` of `text` stands in `projection`, in the order of both."""
    at = number = 0
    while number < len(seen):
        start, end, _ = seen[number]
        if projection.startswith(text[start:end], at):
            yield start, end, at
            at += end - start
            number += 1
            continue
        again, found = _again(text, projection, seen, number, at)
        yield from _edited(text, projection[at:found], seen[number:again], at)
        number, at = again, found


def _again(
    text: str, projection: str, seen: Sequence[Stretch], number: int, at: int
) -> tuple[int, int]:
    """The next stretch after `number` that can be found from `at` on, and where; both ends where
    none can."""
    for again in range(number + 1, len(seen)):
        start, end, _ = seen[again]
        is_next = again == number + 1
        if end - start < (_CLEAR if is_next else _UNIQUE) and not (
            is_next and "\n" in text[start:end]
        ):
            continue
        found = projection.find(text[start:end], at)
        if found >= 0 and (is_next or projection.find(text[start:end], found + 1) < 0):
            return again, found
    return len(seen), len(projection)


def _edited(text: str, target: str, seen: Sequence[Stretch], at: int) -> Iterator[Kept]:
    """What is kept of stretches that read as `target`, which begins at `at`."""
    if len(seen) == 1:
        start, end, _ = seen[0]
        for block in _aligned(text[start:end], target):
            yield start + block.source, start + block.source + block.size, at + block.target
        return
    spans = _Spans(seen)
    for block in align("".join([text[start:end] for start, end, _ in seen]), target):
        to = at + block.target
        for start, end in spans.of(block.source, block.source + block.size):
            yield start, end, to
            to += end - start


@lru_cache(4096)
def _aligned(source: str, target: str) -> tuple[Block, ...]:
    # The same links stand in many notes, and read alike at several levels.
    if len(source) > _LINK:
        return tuple(align(source, target))
    head = common(source, target)
    tail = common(source[head:][::-1], target[head:][::-1])
    end, stop = len(source) - tail, len(target) - tail
    found = [Block(0, 0, head), *_middle(source[head:end], target[head:stop], head)]
    return tuple(block for block in (*found, Block(end, stop, tail)) if block.size)


def _middle(source: str, target: str, head: int) -> Iterator[Block]:
    """Of a link all from some sign to its end, if that is in `target`: a path below a tree."""
    if not target:
        return
    for match in _SIGN.finditer(source):
        rest = source[match.start() :]
        if (found := target.find(rest)) >= 0:
            yield Block(head + match.start(), head + found, len(rest))
            return


class _Spans:
    """Turns spans of a text without some of its stretches into spans of the text."""

    def __init__(self, seen: Sequence[Stretch]) -> None:
        self._seen = seen
        self._number = 0
        self._before = 0
        """How much of what is seen stands before the stretch `_number`."""

    def of(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Asked in order."""
        while start < end:
            part = self._seen[self._number]
            size = part.end - part.start
            if start >= self._before + size:
                self._before += size
                self._number += 1
                continue
            stop = min(end, self._before + size)
            yield part.start + start - self._before, part.start + stop - self._before
            start = stop
