"""Slots: where in a visible skeleton something hidden may stand, or nothing.

Two fillings of the same slots must *look the same* at the level, so a slot stands only where
the text with an empty slot is what a writer would have written, and where what it is filled
with leaves no trace by the rules of design sections 6 and 8:

* `inline`, `end`: nothing, or a blank and the filling, after a visible word. Cutting closes the
  gap. `start`: the filling and a separator, before a block's first visible word.
* `value`: as `inline`, in the value of an inline field, which a `text` match would raise whole.
* `line`: whole lines of a paragraph that keeps a visible line. Nothing in it opens a block.
* `block`: after a block and its blank lines, before a block that is set off anyway. A block owns
  the blank lines after it, so it brings one to three; before a heading or the end it may bring
  none, but not before a setext heading, whose text it would join.
* `inner`: the same in a quote or callout, without forms that would label the container.
* `interrupt`: right under a paragraph's last line, before its blank line, where another paragraph
  follows: only blocks that may interrupt a paragraph, and never a heading. What is cut leaves its
  last line end, as two paragraphs would be joined; that is the blank line the skeleton has.
* `item`: among the items of a list that keeps a visible item, or as the only child of a visible
  item. After the last item the skeleton's blank line comes, and a block that would be joined.
* `row`: among the body rows of a table that keeps a visible row.
* `cell-inline`: as `inline`, in a cell, where a pipe has another meaning.
* `cell`: a whole cell. It is filled on both sides, for an empty cell is a visible portion.
* `code-line`, `diagram-line`: a line of a fence that keeps its first line.
* `section`: at the end of a section, where a heading of the same or a higher section or the end
  of the note follows (which it may leave without a line end). Its heading is of that level or
  deeper, so that it swallows nothing, and the section it stands in keeps a visible paragraph.
* `field`, `top-field`, `entry`, `flow`, `flow-pair`, `eol`: in a mapping, list or flow collection
  that keeps a visible member; a comment after a value. `frontmatter`: before the body of a note
  that has no frontmatter.
"""

# ruff: noqa: ARG005 - all sorts have one signature
from __future__ import annotations

import textwrap
from typing import NamedTuple

import twin_blocks as blocks
import twin_fields as fields
import twin_fillings as text
from twin_hand import Hand
from twin_links import Sort
from twin_policy import TOP


class Slot(NamedTuple):
    """A place of one kind, with what the text around it asks of a filling."""

    kind: str
    prefix: str = ""
    """What each line of a filling begins with: `> `, or the indentation of a list."""
    after: str = "text"
    """What follows: `text`, `heading`, `setext` or `end`."""
    level: int = 1
    """The highest heading a hidden section may have."""


class Filling(NamedTuple):
    """What one side has drawn for a slot; `sort` is empty for nothing."""

    sort: str = ""
    tier: int = TOP
    style: int = 0
    """Which separator, or how many blank lines."""


_UNLABELLED = (
    "list", "list-of-links", "task", "quote", "quote-of-link", "callout-type", "callout-rule",
    "callout-label", "code-rule", "html-comment", "link", "link-alias", "embed", "relation",
    "match", "comment", "region", "table",
)  # fmt: skip
SORTS: dict[str, dict[str, Sort]] = {
    "inline": text.INLINE,
    "value": {name: sort for name, sort in text.INLINE.items() if name != "match"},
    "end": text.END,
    "start": text.START,
    "line": text.LINE,
    "block": blocks.BLOCK,
    "inner": {name: blocks.BLOCK[name] for name in _UNLABELLED},
    "interrupt": blocks.INTERRUPTING,
    "item": blocks.ITEM,
    "row": text.ROW,
    "cell": text.CELL,
    "cell-inline": text.CELL,
    "code-line": text.CODE_LINE,
    "diagram-line": text.DIAGRAM_LINE,
    "section": blocks.SECTION,
    "field": fields.FIELD,
    "top-field": fields.TOP_FIELD,
    "entry": fields.ENTRY,
    "flow": fields.VALUE,
    "flow-first": fields.VALUE,
    "flow-pair": fields.FLOW_PAIR,
    "eol": fields.EOL,
    "frontmatter": fields.FRONTMATTER,
}
ALWAYS = {"cell"}
"""Kinds that are filled on both sides."""
_SEPARATORS = (" ", " - ", ": ")


def fill(slot: Slot, filling: Filling, hand: Hand) -> str:
    """The text that stands in `slot`."""
    if not filling.sort:
        return ""
    made = SORTS[slot.kind][filling.sort](hand, filling.tier)
    return _WRAP[slot.kind](slot, filling, made) if slot.kind in _WRAP else made


def _lines(slot: Slot, made: str) -> str:
    """`made` with the container's prefix; a blank line in a quote is the bare `>`."""
    if not slot.prefix:
        return made
    quoted = ">" in slot.prefix
    indented = textwrap.indent(made, slot.prefix, lambda line: quoted or bool(line.strip()))
    lines = indented.splitlines(keepends=True)
    return "".join(line if line.strip("> \n") else f"{line.rstrip()}\n" for line in lines)


def _block(slot: Slot, filling: Filling, made: str) -> str:
    blanks = filling.style % 3 + (slot.after in ("text", "setext"))
    return _lines(slot, made + "\n" * blanks)


def _start(_: Slot, filling: Filling, made: str) -> str:
    """The filling and a separator; `[x]: words` would be a definition."""
    style = 1 if made.startswith("[k") else filling.style
    return made + _SEPARATORS[style % 3]


def _interrupt(slot: Slot, filling: Filling, made: str) -> str:
    return _lines(slot, made + "\n" * (filling.style % 3))


def _section(slot: Slot, filling: Filling, made: str) -> str:
    marks = "#" * (slot.level + filling.style % 2)
    block = _block(slot, filling, made.replace("@", marks))
    return block.rstrip("\n") if (slot.after, filling.style) == ("end", 2) else block


_WRAP = {
    "inline": lambda s, f, made: f" {made}",
    "end": lambda s, f, made: f" {made}",
    "value": lambda s, f, made: f" {made}",
    "cell-inline": lambda s, f, made: f" {made}",
    "start": _start,
    "line": lambda s, f, made: _lines(s, f"{made}\n"),
    "row": lambda s, f, made: _lines(s, f"{made}\n"),
    "code-line": lambda s, f, made: _lines(s, f"{made}\n"),
    "diagram-line": lambda s, f, made: _lines(s, f"{made}\n"),
    "item": lambda s, f, made: _lines(s, made + "\n" * (f.style % 2)),
    "block": _block,
    "inner": _block,
    "interrupt": _interrupt,
    "section": _section,
    "field": lambda s, f, made: _lines(s, made),
    "entry": lambda s, f, made: _lines(s, made),
    "flow": lambda s, f, made: f", {made}",
    "flow-first": lambda s, f, made: f"{made}, ",
    "flow-pair": lambda s, f, made: f", {made}",
}
