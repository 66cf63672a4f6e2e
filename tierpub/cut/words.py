"""The text of one visible leaf at one level, or nothing where no words of it can stay.

Where what is left would read otherwise than it did, the leaf shows what the next lower level
sees of it: that depends on nothing hidden, and is visible here too.
"""

from __future__ import annotations

from typing import NamedTuple

from tierpub.cut.inline import Inline
from tierpub.cut.joints import reads_as
from tierpub.cut.leaves import Leaf
from tierpub.cut.marks import line_mark, row_mark
from tierpub.cut.sheet import Sheet
from tierpub.note import Kind

_CHECKED = frozenset((Kind.PARAGRAPH, Kind.HEADING, Kind.TABLE))
_PREFIX = " \t>"


class Words(NamedTuple):
    """What is left of a leaf."""

    text: str
    bare: str
    """The text without the prefixes of containers."""
    whole: bool
    """Whether nothing was cut."""


def leaf_text(sheet: Sheet, leaf: Leaf, level: int) -> str | None:
    """The text of `leaf` at `level`, at which it is visible; None where it goes whole."""
    inside = range(leaf.portion + 1, leaf.stop)
    if sheet.high[leaf.portion] <= level:
        if not sheet.edited[leaf.portion]:
            return sheet.text[leaf.start : leaf.end]
        return sheet.with_edits(leaf.start, leaf.end, sheet.edits(inside, level))
    kind = sheet.portions[leaf.portion].kind
    for visible in range(level, sheet.tiers[leaf.portion] - 1, -1):
        inline = Inline(sheet, level, visible)
        words = _COMPOSERS.get(kind, _plain)(inline, leaf, inside)
        if words is None:
            continue
        if words.whole or kind not in _CHECKED:
            return words.text
        if reads_as(words.bare, kind, *inline.counts(inside)):
            return words.text
    return None


def _plain(inline: Inline, leaf: Leaf, inside: range) -> Words:
    """A leaf in which what is hidden is dropped with nothing around it."""
    pieces, whole = inline.pieces(inside, leaf.start, leaf.end)
    text = "".join(piece for piece in pieces if piece)
    return Words(text, text, whole)


def _paragraph(inline: Inline, leaf: Leaf, inside: range) -> Words | None:
    sheet = inline.sheet
    text, portions = sheet.text, sheet.portions
    lines = sheet.children(inside, leaf.portion)
    if not lines:
        return Words(text[leaf.start : leaf.end], text[leaf.start : leaf.end], whole=True)
    parts = [text[leaf.start : portions[lines[0].start].inner_start]]
    words: list[str] = []
    whole, any_left, told = True, False, None
    for span in lines:
        line = portions[span.start]
        content, uncut = "", False
        if not inline.hides(span.start):
            content, uncut = inline.content(span[1:], line)
        whole = whole and uncut
        mark = None
        if not uncut and not content.strip() and line.inner_end > line.inner_start:
            mark = line_mark(sheet, span, inline.visible)
            if mark is None or mark == told:
                continue
        if words:
            parts.append(text[line.start : line.inner_start])
        added = [content if mark is None else mark, text[line.inner_end : line.end]]
        parts += added
        words += added
        told = mark
        any_left = any_left or mark is None
    if not any_left:
        return None
    parts.append(text[portions[lines[-1].start].end : leaf.end])
    return Words("".join(parts), "".join(words), whole)


def _heading(inline: Inline, leaf: Leaf, inside: range) -> Words | None:
    text, portion = inline.sheet.text, inline.sheet.portions[leaf.portion]
    content, whole = inline.content(inside, portion)
    if not content.strip() and portion.inner_end > portion.inner_start:
        return None
    marker = text[portion.start : portion.inner_start].lstrip(_PREFIX)
    before = text[leaf.start : portion.inner_start]
    rest = text[portion.inner_end : leaf.end]
    return Words(before + content + rest, marker + content + rest, whole)


def _table(inline: Inline, leaf: Leaf, inside: range) -> Words | None:
    """A table without the rows that are hidden; None where its header is."""
    sheet = inline.sheet
    parts: list[str] = []
    words: list[str] = []
    at, whole, told = leaf.start, True, None
    rows = sheet.children(inside, leaf.portion)
    columns = len(sheet.children(rows[0][1:], rows[0].start)) if rows else 0
    for span in rows:
        row = sheet.portions[span.start]
        between, at = sheet.text[at : row.start], row.end
        text, uncut = None, False
        if not inline.hides(span.start):
            text, uncut = _row(inline, span)
        if text is None and row.level:
            return None
        whole = whole and uncut
        mark = line_mark(sheet, span, inline.visible) if text is None else None
        if mark is not None and mark != told:
            text = row_mark(sheet, row, columns, mark)
        told = mark
        added = [between] if text is None else [between, text]
        parts += added
        words += [part.lstrip(_PREFIX) for part in added]
    parts.append(sheet.text[at : leaf.end])
    return Words("".join(parts), "".join(words), whole)


def _row(inline: Inline, span: range) -> tuple[str | None, bool]:
    """A row with emptied cells, and whether it is uncut; None where emptying the first would
    shift the others."""
    sheet = inline.sheet
    row = sheet.portions[span.start]
    parts: list[str] = []
    at, whole = row.start, True
    for number, inner in enumerate(sheet.children(span[1:], span.start)):
        cell = sheet.portions[inner.start]
        parts.append(sheet.text[at : cell.start])
        at = cell.end
        content, uncut = "", False
        if not inline.hides(inner.start):
            content, uncut = inline.content(inner[1:], cell)
        if not content.strip() and sheet.text[cell.start : cell.end].strip():
            content, uncut = "", False
            if number == 0 and "|" not in "".join(parts):
                return None, False
        whole = whole and uncut
        parts.append(content)
    parts.append(sheet.text[at : row.end])
    return "".join(parts), whole


_COMPOSERS = {Kind.PARAGRAPH: _paragraph, Kind.HEADING: _heading, Kind.TABLE: _table}
