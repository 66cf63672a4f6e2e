"""What is left of a block when something was cut from it, and whether Markdown reads that as
something else. Such a block goes whole, and its other words with it."""

from __future__ import annotations

import re

from tierpub.audit.reading.blocks import Block, footnotes, read_blocks, walk
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.reading.inline import links
from tierpub.audit.reading.parts import fields, tags

_LEAVES = ("paragraph", "heading", "row", "html")
_LEAD = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:\[[ xX]\][ \t]+)?")
_SEPARATORS = " \t,;:.|>–—-·•"


def retyped(canvas: Canvas, at: int, level: int) -> bool:
    """Whether the block at an offset, without what is above the level, reads as another one."""
    block = _leaf(canvas, at)
    if block is None or canvas.highest(block.start, block.end) <= level:
        return False
    whole = canvas.text[block.start : block.end]
    lead = _LEAD.match(whole)
    first = block.start + (lead.end() if lead else 0)
    rest = canvas.visible(level, first, block.end)
    if block.kind == "row":
        return not whole.lstrip().startswith("|") and canvas.tiers[first] > level
    if _entangled(canvas, block, level):
        return True
    shape = _shape(whole)
    head = canvas.text[block.start : first]
    return any(_shape(head + left) != shape for left in (rest, rest.lstrip(_SEPARATORS))) \
        or _links_itself(whole, rest)  # fmt: skip


def _leaf(canvas: Canvas, at: int) -> Block | None:
    found = [b for b in walk(canvas.root) if b.kind in _LEAVES and b.start <= at < b.end] \
        if canvas.root else []  # fmt: skip
    return found[-1] if found else None


def _entangled(canvas: Canvas, block: Block, level: int) -> bool:
    """Whether a hidden link stands in another: what is left of that depends on which of the two
    one takes for the link."""
    inside = [
        piece for piece in canvas.pieces
        if piece.kind in ("link", "reference", "html") and block.start <= piece.start < block.end
        and canvas.highest(piece.start, piece.end) > level
    ]  # fmt: skip
    spans = sorted({(piece.start, -piece.end) for piece in inside})
    return any(-spans[i][1] > spans[i + 1][0] for i in range(len(spans) - 1))


def _shape(text: str) -> list[str]:
    kinds = [block.kind for block in walk(read_blocks(text))]
    return [*kinds, *("footnote" for _ in footnotes(text))]


def _links_itself(whole: str, rest: str) -> bool:
    """Whether the words left make a link, field or tag that was not there."""
    pieces = [*links(rest), *fields(rest), *tags(rest)]
    return any(rest[piece.start : piece.end] not in whole for piece in pieces)
