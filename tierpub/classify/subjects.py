"""Which portion a mark stands for: the subject of a label or tag, the block of a block id."""

from __future__ import annotations

from tierpub.note import Kind, Portion

_HOLDERS = frozenset((Kind.ITEM, Kind.QUOTE, Kind.CALLOUT, Kind.FOOTNOTE))


def subject_of(portions: tuple[Portion, ...], index: int) -> int:
    """The portion that a label or tag at `index` speaks of: its section in a heading, its row
    in a table (the table in the header row), the item, quote or callout whose own text holds
    it, else its block."""
    while index > 0:
        portion = portions[index]
        if portion.kind == Kind.HEADING:
            return portion.parent
        if portion.kind == Kind.ROW:
            return portion.parent if portion.level else index
        if portion.kind == Kind.PARAGRAPH:
            return portion.parent if portions[portion.parent].kind in _HOLDERS else index
        if portion.kind in (Kind.CODE, Kind.HTML, Kind.DEFINITION, Kind.COMMENT):
            return index
        index = portion.parent
    return 0


def block_named(portions: tuple[Portion, ...], index: int) -> int:
    """The block that a block id names: which it ends, or, alone on its line, the one before."""
    line = portions[portions[index].parent]
    start = portions[index].start
    if line.kind == Kind.LINE and line.inner_start == start:
        paragraph = portions[line.parent]
        before = line.parent - 1
        while before > paragraph.parent and portions[before].parent != paragraph.parent:
            before = portions[before].parent
        if before > paragraph.parent and paragraph.inner_start == start:
            return before
    return subject_of(portions, index)
