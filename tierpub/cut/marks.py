"""What a policy has stand where something was cut: a mark, or the words of a link.

What goes whole (a block, an item of a list, a line, a row) is marked by `redaction.block`, what
goes out of a line by `redaction.inline`. A mark says that something stood there and not how much:
neighbours whose marks read alike have one. What no reader would have seen leaves none: comments,
block ids, definitions of links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tierpub.cut.joints import is_container, prefix_length
from tierpub.cut.leaves import Leaf
from tierpub.cut.sheet import Sheet
from tierpub.note import Kind, Portion

_UNSEEN = frozenset((Kind.COMMENT, Kind.BLOCK_ID, Kind.DEFINITION))
_MARKER = re.compile(r"([ \t>]*)(\d*)([-+*.)])")
_MARKERS = re.compile(r"^(?:[ \t>]|[-+*][ \t]|\d+[.)][ \t])*", re.MULTILINE)
_PREFIX = re.compile(r"[ \t>]*")
_SIZE = re.compile(r"\s*\d+(?:x\d+)?\s*\Z")
_LINK_BEFORE = ("[", "!", "]", "^")
_LINK_AFTER = ("(", "[", ":", "{", "]")


class Mark(str):
    """A mark among the pieces of a line."""

    __slots__ = ()


def escaped(pieces: list[str | None], *, in_table: bool) -> list[str | None]:
    """`pieces` with what Markdown would read in the marks among them escaped: pipes in a table,
    brackets that beside their new neighbours could be part of a link."""
    return [
        _escaped(piece, in_table=in_table, in_link=_beside_link(pieces, number))
        if type(piece) is Mark
        else piece
        for number, piece in enumerate(pieces)
    ]


def _escaped(mark: str, *, in_table: bool, in_link: bool) -> str:
    if in_table:
        mark = mark.replace("|", "\\|")
    return mark.replace("[", "\\[").replace("]", "\\]") if in_link else mark


def _beside_link(pieces: list[str | None], number: int) -> bool:
    before, after = _neighbour(pieces[:number][::-1]), _neighbour(pieces[number + 1 :])
    return before[-1:] in _LINK_BEFORE or after[:1] in _LINK_AFTER


def _neighbour(pieces: list[str | None]) -> str:
    """What will stand beside the first of `pieces`: across a cut blanks may go."""
    cut = blank = False
    for piece in pieces:
        if piece is None:
            cut = True
        elif piece.strip(" \t"):
            return piece.strip(" \t") if cut else " " * blank + piece
        else:
            blank = blank or bool(piece)
    return ""


def inline_mark(sheet: Sheet, index: int) -> str | None:
    """What marks the cut portion `index` of a line; None where nothing does."""
    kind = sheet.portions[index].kind
    if sheet.ctx.policy.redaction.inline != "mark" or kind in _UNSEEN or kind == Kind.CODE_LINE:
        return None
    return _text(sheet, index)


def keeps_alias(sheet: Sheet, index: int) -> bool:
    """Whether the words of the cut link `index` stay: it was cut for its target alone, and they
    are words and not the size of an image."""
    link, reason = sheet.portions[index].link, sheet.classified.reasons.get(index)
    if link is None or reason is None or sheet.ctx.policy.redaction.inline != "alias":
        return False
    words = sheet.text[link.alias_start : link.alias_end]
    return reason.source == "target" and bool(words) and not (link.embed and _SIZE.match(words))


def line_mark(sheet: Sheet, span: range, level: int) -> str | None:
    """What marks a line or row that goes whole, `span` being it and its portions."""
    if sheet.ctx.policy.redaction.block != "mark" or _is_unseen(sheet, span):
        return None
    return _text(sheet, _cause(sheet, span, level))


def _is_unseen(sheet: Sheet, span: range) -> bool:
    """Whether a portion, the first of `span`, holds comments and the like and nothing else."""
    unseen = [sheet.portions[i] for i in span if sheet.portions[i].kind in _UNSEEN]
    if not unseen:
        return False
    at, rest = sheet.portions[span.start].start, ""
    for portion in unseen:
        rest += sheet.text[at : portion.start]
        at = max(at, portion.end)
    rest += sheet.text[at : sheet.portions[span.start].end]
    return not _MARKERS.sub("", rest).strip()


def row_mark(sheet: Sheet, row: Portion, columns: int, mark: str) -> str:
    """A row that holds but a mark; of the one that was cut only the place shows."""
    text = sheet.text[row.start : row.end]
    prefix = _PREFIX.match(text)
    end = text[len(text.rstrip("\r\n")) :]
    words = _escaped(mark, in_table=True, in_link=False)
    return (prefix[0] if prefix else "") + f"| {words} |" + " |" * (columns - 1) + end


@dataclass(frozen=True, slots=True)
class BlockMark:
    """A mark where a block was."""

    index: int
    """The portion it stands in: the hidden item itself, or what the hidden block stood in."""
    container: int
    """The innermost container it stands in; marks in one are neighbours."""
    words: str
    text: str
    """Its line, the prefix of its container included."""
    blank: str
    """The blank line after it, where something follows."""
    opens: bool
    """Whether it stands behind the markers of containers that stay."""


def block_mark(sheet: Sheet, leaf: Leaf, hidden: int, level: int) -> BlockMark | None:
    """What marks the portion `hidden`, which goes whole and begins with `leaf`."""
    portion = sheet.portions[hidden]
    if sheet.ctx.policy.redaction.block != "mark":
        return None
    if _is_unseen(sheet, range(hidden, sheet.descendants(hidden).stop)):
        return None
    text = sheet.text
    line_end = text.find("\n", leaf.start, leaf.end)
    newline = "\r\n" if line_end > 0 and text[line_end - 1] == "\r" else "\n"
    words = _text(sheet, _cause(sheet, range(hidden, leaf.stop), level))
    before = text[leaf.start : portion.start].rpartition("\n")[2]
    opens, container = bool(before.strip()), _container(sheet, portion.parent)
    if portion.kind == Kind.ITEM:
        line = before + _item_marker(sheet, hidden, level) + words + newline
        return BlockMark(hidden, container, words, line, "", opens)
    if not before:
        line = text[leaf.start : leaf.end].partition("\n")[0]
        before = line[: prefix_length(sheet.portions, portion.parent, line)]
    blank = re.sub(r"[^>]", " ", before).rstrip() + newline
    return BlockMark(portion.parent, container, words, before + words + newline, blank, opens)


def _item_marker(sheet: Sheet, item: int, level: int) -> str:
    """The marker of a hidden item: its number is hidden with it, the next one stands for it."""
    portions = sheet.portions
    found = _MARKER.match(sheet.text, portions[item].start)
    if found is None:
        return "- "
    prefix, number, sign = found.groups()
    return prefix + (_next_number(sheet, item, level) if number else "") + sign + " "


def _next_number(sheet: Sheet, item: int, level: int) -> str:
    parent = sheet.portions[item].parent
    for index in range(item - 1, parent, -1):
        if sheet.portions[index].parent == parent and sheet.tiers[index] <= level:
            found = _MARKER.match(sheet.text, sheet.portions[index].start)
            return str(int(found[2]) + 1) if found and found[2] else "1"
    return "1"


def _container(sheet: Sheet, index: int) -> int:
    while not is_container(sheet.portions[index]):
        index = sheet.portions[index].parent
    return index


def _cause(sheet: Sheet, span: range, level: int) -> int:
    """The portion of `span` for whose sake it goes: itself, or what is lowest of the hidden."""
    hidden = [index for index in span if sheet.tiers[index] > level]
    return min(hidden, key=lambda index: sheet.tiers[index], default=span.start)


def _text(sheet: Sheet, index: int) -> str:
    reason = sheet.classified.reasons.get(index)
    why = reason.rule.reason if reason and reason.rule else ""
    policy = sheet.ctx.policy
    return policy.redaction.marked(policy.ladder.names[sheet.tiers[index]], why)
