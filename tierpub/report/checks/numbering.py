"""Typed numbers of lists: they stay as they are, so a gap tells that an item was cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tierpub.classify import Classified, Survey
from tierpub.errors import Fault
from tierpub.note import Kind
from tierpub.report.places import place

_NUMBER = re.compile(r"[\s>]*(\d{1,9})[.)]")


def gaps(found: Survey, note: Classified) -> Iterator[Fault]:
    """The first gap of each list, at the lowest level that sees one."""
    names = found.context.policy.ladder.names
    for items in _numbered(note):
        gap = _gap(note, items)
        if gap:
            level, before, after = gap
            what = f"go from {before} to" if before else "start from"
            yield Fault(
                "numbering-gap",
                f"typed numbers show that an item was cut: at {names[level]} they {what}"
                f" {items[after]}",
                place(note.note, after),
                "write `1.` before every item: Markdown counts for you",
                "warning",
            )


def _numbered(note: Classified) -> Iterator[dict[int, int]]:
    """The items of each list with numbers, in order, each with its number."""
    lists: dict[int, dict[int, int]] = {}
    text = note.note.text
    for index, portion in enumerate(note.note.portions):
        if portion.kind == Kind.ITEM and (match := _NUMBER.match(text, portion.start, portion.end)):
            lists.setdefault(portion.parent, {})[index] = int(match[1])
    for items in lists.values():
        if len(set(items.values())) == len(items) > 1:
            yield items


def _gap(note: Classified, items: dict[int, int]) -> tuple[int, int | None, int] | None:
    """Level, number before and item after the first gap that cutting makes; None where none."""
    order = list(items)
    for level in sorted({note.tiers[i] for i in order}):
        last = -1
        for at, index in enumerate(order):
            if note.tiers[index] > level:
                continue
            if at != last + 1:
                return level, items[order[last]] if last >= 0 else None, index
            last = at
    return None
