"""The leaves of a body: its blocks, each with all that stands before its words on their line.

They follow one another without a gap. A marker alone on its line is a leaf of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tierpub.note import Kind, Portion

_LEAVES = frozenset((
    Kind.HEADING, Kind.PARAGRAPH, Kind.CODE, Kind.HTML, Kind.RULE, Kind.TABLE, Kind.DEFINITION,
    Kind.COMMENT,
))  # fmt: skip
_VESSELS = frozenset((Kind.QUOTE, Kind.CALLOUT, Kind.ITEM, Kind.FOOTNOTE))
"""Leaves where nothing stands in them."""
_BLANK_LINES = re.compile(r"\ufeff?(?:[ \t]*\r?\n)*")


class Leaf(NamedTuple):
    """One block, and from where to where it is cut."""

    portion: int
    start: int
    end: int
    stop: int
    """Index after its last descendant."""


def leaves(text: str, portions: tuple[Portion, ...], first: int, at: int) -> list[Leaf]:
    """The leaves of the portions from index `first` on; the body begins at the offset `at`."""
    found: list[Leaf] = []
    index, count = first, len(portions)
    while index < count:
        portion = portions[index]
        stop = index + 1
        kind = portion.kind
        if kind in _LEAVES or (kind in _VESSELS and not _holds_any(portions, index)):
            end = portion.end
            while stop < count and portions[stop].start < end:
                stop += 1
            if not found:
                at = _after_blank_lines(text, at, portion.start)
            line = text.rfind("\n", at, portion.start) + 1
            if line > at and portion.parent > 0:  # a marker alone on its line
                found.append(Leaf(portion.parent, at, line, portion.parent + 1))
                at = line
            found.append(Leaf(index, at, end, stop))
            at = end
        index = stop
    return found


def _after_blank_lines(text: str, at: int, start: int) -> int:
    """Blank lines at the top of a body belong to the note."""
    blank = _BLANK_LINES.match(text, at, start)
    return blank.end() if blank else at


def _holds_any(portions: tuple[Portion, ...], index: int) -> bool:
    return index + 1 < len(portions) and portions[index + 1].parent == index
