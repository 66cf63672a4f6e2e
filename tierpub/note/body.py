"""The body of a note: the Markdown parser's events to portions, sections and regions.

Blocks are gathered in the order of the text (`blocks`). What the parser says of the inside of a
leaf block is gathered in a `Leaf`, and read when the leaf ends (`prose`, `code_block`). All text
must come to stand in a leaf or be nothing but markers: what the parser passes over is refused.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any

from tierpub.errors import Fault
from tierpub.note import code_block, prose
from tierpub.note.across import across
from tierpub.note.blocks import Blocks, NestedTooDeep
from tierpub.note.definitions import add_definition, find_definitions
from tierpub.note.leaf import Leaf
from tierpub.note.portions import Kind, Portion
from tierpub.note.relation import add_relation, relation_heading
from tierpub.note.said import (
    COMMENT_ACROSS,
    TANGLED_COMMENTS,
    UNCLOSED_COMMENT,
    UNCLOSED_FENCE,
    UNREAD_TEXT,
)
from tierpub.note.source import Request, Source

# ruff: noqa: ANN401 - the parser's tags are strings or mappings of one key

_ITEM_MARKER = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]*(?:\[[^\]\n]\][ \t]+)?")
_FOOTNOTE_MARKER = re.compile(r"[ \t]*\[\^([^\]\n]+)\]:[ \t]*")
_GAP = re.compile(
    r"(?:[\s>]|[-+*](?=\s|\Z)|\d{1,9}[.)](?=\s|\Z)|\[\^[^\]\n]+\]:|\[[^\]\n]\](?=\s|\Z))*"
)
_CALLOUT = re.compile(r"[ \t>]*\[!([^\]\n]+)\][+-]?")
_CALLOUT_IN_LINE = re.compile(r"[ \t]*>[ \t]*\[!([^\]\n]+)\][+-]?")
_LEAVES = {
    "Paragraph": Kind.PARAGRAPH,
    "Heading": Kind.HEADING,
    "CodeBlock": Kind.CODE,
    "HtmlBlock": Kind.HTML,
    "TableCell": Kind.CELL,
}
_ROWS = frozenset(("TableHead", "TableRow"))
_CONTAINERS = frozenset(("BlockQuote", "List", "Item", "Table", "FootnoteDefinition")) | _ROWS
_READERS = {
    Kind.PARAGRAPH: prose.read_paragraph,
    Kind.HEADING: prose.read_heading,
    Kind.CELL: prose.read_cell,
    Kind.HTML: prose.read_html,
    Kind.CODE: code_block.read_code,
}


def read_body(request: Request, portions: list[Portion]) -> tuple[list[Fault], bool]:
    """Append to `portions`, which begins with the note itself, what stands in the body. What is
    wrong with it, and whether the matcher is silent about all of the note."""
    reader = _BodyReader(Source(request, portions))
    with contextlib.suppress(NestedTooDeep):  # a fault says so
        reader.read()
    return reader.source.faults, reader.source.silent


class _BodyReader:
    """Reads one body."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._text = source.text
        self._blocks = Blocks(source)
        self._leaf: Leaf | None = None
        self._read_to = source.base
        """Up to where the text stands in a leaf; what lies between two leaves must be blank."""
        self._definitions = find_definitions(self.source)

    def read(self) -> None:
        """Append the body's portions and set the ends of all blocks."""
        source, base = self.source, self.source.base
        self._check_comments()
        passed = 0  # up to where events were read ahead
        for at, (event, span) in enumerate(source.view.events):
            if at < passed:
                continue
            start, end = span["start"] + base, span["end"] + base
            if type(event) is dict:
                ((kind, value),) = event.items()
            else:
                kind, value = event, None
            if self._definitions:
                self._read_definitions(end if kind == "End" else start)
            if kind == "Start":
                passed = self._relation(at, value, start, end)
                if not passed:
                    self._start(value, start, end)
            elif kind == "End":
                self._end(value, end)
            elif kind == "Rule":
                self._rule(start, end)
            elif kind != "TaskListMarker":
                self._inline_event(kind, start, end)
        self._read_definitions(len(self._text) + 1)
        self._gap(len(self._text))
        self._blocks.finish()

    def _check_comments(self) -> None:
        if self.source.view.tangled:
            self.source.fault(TANGLED_COMMENTS, self.source.base)
        refused = across(self.source)
        for comment in self.source.comments:
            if not comment.closed:
                said = COMMENT_ACROSS if comment in refused else UNCLOSED_COMMENT
                self.source.fault(said, comment.start)

    # Blocks.

    def _relation(self, at: int, tag: Any, start: int, end: int) -> int:
        """Add the heading that begins with the event at `at`, if it is a relation as those of
        footers are; the first event after it, else 0."""
        if type(tag) is not dict or "Heading" not in tag:
            return 0
        relation = relation_heading(self.source, at, start, end)
        if relation is None:
            return 0
        self._close_leaf()
        self._gap(start)
        name, words, level = relation.name, relation.match.span(1), int(tag["Heading"]["level"][1:])
        heading = self._blocks.add(Kind.HEADING, start, name, words, level)
        add_relation(self.source, heading, relation.match)
        self._read_to = self.source.line_end(max(end - 1, start))
        return at + relation.events

    def _start(self, tag: Any, start: int, end: int) -> None:
        if type(tag) is dict:
            ((name, value),) = tag.items()
        else:
            name, value = tag, None
        if name in _LEAVES:
            self._close_leaf()
            self._open_leaf(name, value, start, end)
        elif name in _CONTAINERS:
            self._close_leaf()
            self._open_container(name, value, start, end)
        else:
            leaf = self._leaf or self._open_tight(start)
            if name in ("Link", "Image"):
                link_type = value["link_type"]
                if link_type == "Collapsed" and self._text.startswith("[]", end):
                    end += 2  # the parser's range leaves out the `[]` of `[label][]`
                leaf.link(start, end, link_type, image=name == "Image")

    def _end(self, tag: Any, end: int) -> None:
        name = tag if type(tag) is str else next(iter(tag))
        if name in _LEAVES:
            self._close_leaf(end)
        elif name in _ROWS:
            self._rest_of_row(end)
            self._blocks.pop()
        elif name in _CONTAINERS:
            self._close_leaf()
            self._blocks.pop()
            if name == "Table":
                self._read_to = max(self._read_to, self.source.line_end(end))
        elif self._leaf:
            self._leaf.ended(name, end)

    def _open_container(self, name: str, value: Any, start: int, end: int) -> None:
        blocks = self._blocks
        if name == "BlockQuote":
            self._quote(start)
        elif name == "Item":
            marker = _ITEM_MARKER.match(self._text, start)
            blocks.push(Kind.ITEM, start, marker.end() if marker else start)
        elif name == "FootnoteDefinition":
            marker = _FOOTNOTE_MARKER.match(self._text, start)
            label = marker[1] if marker else str(value)
            blocks.push(Kind.FOOTNOTE, start, marker.end() if marker else start, label)
        elif name in _ROWS:
            blocks.push_row(start, end, head=name == "TableHead")
        elif name == "Table":
            self._gap(start)
            blocks.push(Kind.TABLE, start)
        else:
            blocks.push(Kind.LIST, start)

    def _quote(self, start: int) -> None:
        callout = _CALLOUT.match(self._text, self._blocks.line_start(start))
        callout = callout or _CALLOUT_IN_LINE.match(self._text, start)
        name = callout[1].split("|")[0].strip() if callout else ""
        self._blocks.push(Kind.CALLOUT if callout else Kind.QUOTE, start, name=name)

    def _rest_of_row(self, end: int) -> None:
        """Cells beyond those of the header, which the parser drops, are one cell more."""
        text, row = self._text, self.source.portions[self._blocks.innermost.portion]
        start = max(self._read_to, row.start)
        if text[start:end].strip("| \t\r\n\\"):
            start += text.startswith("|", start)
            end = start + len(text[start:end].rstrip(" \t\r\n"))
            end -= text.endswith("|", start, end)
            self._open_leaf("TableCell", None, start, end)
            self._close_leaf(end)

    def _rule(self, start: int, end: int) -> None:
        """A thematic break, or a comment in the place of one."""
        self._close_leaf()
        comment = next(iter(self.source.comments_in(start, end)), None)
        if comment and comment.block:
            self._gap(comment.start)
            self._blocks.comment(comment)
            self._read_to = self.source.line_end(comment.end)
        else:
            self._gap(start)
            self._blocks.add(Kind.RULE, start)
            self._read_to = self.source.line_end(start)

    # Leaves.

    def _open_leaf(self, name: str, value: Any, start: int, end: int) -> None:
        kind, add = _LEAVES[name], self._blocks.add
        if kind != Kind.CELL:
            self._gap(start)
        if kind == Kind.HEADING:
            inner = prose.heading_words(self.source, start, end)
            index = add(kind, start, "", inner, int(value["level"][1:]))
        elif kind == Kind.CODE:
            fenced = type(value) is dict
            language = code_block.language(self._text, start) if fenced else ""
            index = add(kind, start, language, (start, end), int(fenced))
        elif kind == Kind.CELL:
            index = self._cell(start, end)
        else:
            start = self._words_start(start) if kind == Kind.PARAGRAPH else start
            index = add(kind, start, "", (start, end))
        self._leaf = Leaf(kind, index, start)
        self._read_to = end

    def _cell(self, start: int, end: int) -> int:
        portions, row = self.source.portions, self._blocks.innermost.portion
        portions.append(Portion(Kind.CELL, start, end, row, "", start, end))
        return len(portions) - 1

    def _words_start(self, start: int) -> int:
        """Where a paragraph's words begin: an escape before the first word is theirs."""
        escaped = start > self.source.base and self._text[start - 1] == "\\"
        return start - 1 if escaped else start

    def _inline_event(self, kind: str, start: int, end: int) -> None:
        leaf = self._leaf
        if leaf is None:
            if start == end and kind in ("Html", "Text"):
                return
            leaf = self._open_tight(start)
        leaf.event(kind, start, end)

    def _open_tight(self, start: int) -> Leaf:
        """Open a paragraph that the parser does not tell of: an item's text in a tight list."""
        start = self._words_start(start)
        self._gap(start)
        index = self._blocks.add(Kind.PARAGRAPH, start, "", (start, start))
        self._leaf = Leaf(Kind.PARAGRAPH, index, start)
        return self._leaf

    def _close_leaf(self, end: int = -1) -> None:
        leaf, self._leaf = self._leaf, None
        if leaf is None:
            return
        if end < 0:
            end = leaf.last
        if leaf.kind == Kind.CODE and code_block.is_open_fence(self._text, leaf.start, end):
            self.source.fault(UNCLOSED_FENCE, leaf.start)
        if leaf.kind != Kind.CELL:
            end = self.source.line_end(max(end - 1, leaf.start))
        leaf.comments = self.source.comments_in(leaf.start, end)
        _READERS[leaf.kind](self.source, leaf, end)
        self._read_to = max(self._read_to, end)

    def _read_definitions(self, before: int) -> None:
        """Add the link reference definitions that begin before an offset."""
        while self._definitions and self._definitions[-1][0] < before:
            start, end = self._definitions.pop()
            self._close_leaf()
            self._gap(start)
            add_definition(self.source, self._blocks, start, end)
            self._read_to = self.source.line_end(end)

    def _gap(self, start: int) -> None:
        """Refuse words that stand in no leaf: nothing must go out unread."""
        gap = self._text[self._read_to : start]
        if gap and not gap.isspace():
            match = _GAP.match(gap)
            if match is None or match.end() != len(gap):
                self.source.fault(UNREAD_TEXT, self._read_to + (match.end() if match else 0))
        self._read_to = max(self._read_to, start)
