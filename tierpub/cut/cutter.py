"""A classified note and a level to a projection. Pure: no files, no clock.

A note is a sequence of leaves: its frontmatter and its blocks, each with all that stands before
its words on their line. A leaf is visible at a level or not; within a visible one what is above
the level is cut and the gap closed.
"""

from __future__ import annotations

from typing import NamedTuple

from tierpub.classify import Classified
from tierpub.classify.context import Context
from tierpub.cut.body import Body
from tierpub.cut.front import Front
from tierpub.cut.sheet import Sheet


class Projection(NamedTuple):
    """What one level gets of a note."""

    note: str
    """The canonical note, relative to the source."""
    level: int
    text: str
    banner: int
    """Rank of the highest tier that is visible in it."""


def cut(ctx: Context, classified: Classified, level: int) -> Projection | None:
    """The projection of a note at `level`; None where the note is above it."""
    return Cutter(ctx, classified).at(level)


class Cutter:
    """Cuts one note for any number of levels."""

    def __init__(self, ctx: Context, classified: Classified) -> None:
        """What all levels share is found once; `at` then filters it."""
        self._sheet = Sheet(ctx, classified)
        self._front = Front(self._sheet)
        self._ranks = sorted(set(classified.tiers))
        self._head = self._blank_lines()

    def _blank_lines(self) -> str:
        """Blank lines at the top of a body belong to the note."""
        sheet = self._sheet
        end = sheet.leaves[0].start if sheet.leaves else len(sheet.text)
        head = sheet.text[sheet.front_end : end]
        return head if sheet.front_end else head.removeprefix("\ufeff")

    def at(self, level: int) -> Projection | None:
        """The projection at `level`."""
        sheet = self._sheet
        if sheet.tiers[0] > level:
            return None
        banner = max(rank for rank in self._ranks if rank <= level)
        text = self._text(level, sheet.ctx.policy.ladder.names[banner])
        return Projection(sheet.classified.path, level, text, banner)

    def _text(self, level: int, banner: str) -> str:
        sheet = self._sheet
        if not sheet.leaves and sheet.front_stop == 1:
            return sheet.text  # nothing but blanks
        front = self._front.at(level, banner)
        body = Body(sheet, level, at_top=not front, cut=bool(sheet.front_end) and not front).text()
        if not (front.strip() or body.strip(" \t\r\n")):
            return ""
        if front:
            return front + self._head + body
        mark = "\ufeff" if sheet.text.startswith("\ufeff") else ""
        return mark + self._head + body
