"""The body of a note: the Markdown parser's events to portions, sections and regions.

Blocks are gathered in the order of the text. A block begins at the start of its line, with the
prefix of its container, unless it is the first in a list item or footnote; it ends where the
next block outside it begins. What stands in a leaf block is found by the `inline` scanners.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import Any, NamedTuple

import pyromark

from tierpub.errors import Fault, Place
from tierpub.note import inline, leaf
from tierpub.note.grammar import Grammar
from tierpub.note.inline import Candidate
from tierpub.note.portions import Kind, Portion
from tierpub.note.view import OPTIONS, Comment, View, view

_MARKER = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]*(?:\[[^\]\n]\][ \t]+)?")
_FOOTNOTE_MARKER = re.compile(r"[ \t]*\[\^([^\]\n]+)\]:[ \t]*")
_PREFIX = re.compile(r"[ \t>]*")
_GAP = re.compile(
    r"(?:[\s>]|[-+*](?=\s|\Z)|\d{1,9}[.)](?=\s|\Z)|\[\^[^\]\n]+\]:|\[[^\]\n]\](?=\s|\Z))*"
)
_CALLOUT = re.compile(r"[ \t>]*\[!([^\]\n]+)\][+-]?")
_DEPTH = 128
_BLOCK_TAGS = frozenset(
    ("Paragraph", "Heading", "BlockQuote", "CodeBlock", "HtmlBlock", "List", "Item", "Table",
     "TableHead", "TableRow", "TableCell", "FootnoteDefinition")
)  # fmt: skip
_LEAVES = {
    "Paragraph": Kind.PARAGRAPH,
    "Heading": Kind.HEADING,
    "CodeBlock": Kind.CODE,
    "HtmlBlock": Kind.HTML,
    "TableCell": Kind.CELL,
}


class Matcher(NamedTuple):
    """Finds what rules of the policy match in a text."""

    find: Callable[[str], list[tuple[int, int, str]]]
    """Start, end and the name of each match."""
    silent: bool
    """Whether it is known to find nothing in the note as it is written."""


class _Container:
    """A note, quote, item or footnote while it is read, with the sections open in it."""

    def __init__(self, portion: int, content: int = -1) -> None:
        self.portion = portion
        self.content = content
        """Where the text after an item's or footnote's marker begins."""
        self.scopes: list[tuple[int, int]] = []
        """Open sections (heading level, portion) and regions (0, portion), outermost first."""
        self.split: int = 7
        """Level of the highest section that a region closed while it was open."""

    @property
    def parent(self) -> int:
        return self.scopes[-1][1] if self.scopes else self.portion


class BodyReader:
    """Reads one body. `portions` holds the note's portions so far, the note itself first."""

    def __init__(
        self,
        text: str,
        start: int,
        file: str,
        grammar: Grammar,
        portions: list[Portion],
        tier_paths: list[Candidate],
        matcher: Matcher | None,
    ) -> None:
        self.matcher = matcher
        self.text = text
        self.base = start
        self.file = file
        self.grammar = grammar
        self.portions = portions
        self.faults: list[Fault] = []
        self.view: View = view(text[start:] if start else text, grammar)
        self.masked = self.view.text
        self.comments = [
            Comment(c.start + start, c.end + start, c.closed, c.block) for c in self.view.comments
        ]
        self.comment_starts = [c.start for c in self.comments]
        self.tier_paths = tier_paths
        self.tier_path_starts = [c.start for c in self.tier_paths]
        self.stack = [_Container(0)]
        self.blocks: list[int] = []
        self.open: leaf.Leaf | None = None
        self.read_to = start
        """Up to where the text stands in a leaf; what lies between two leaves must be blank."""

    def read(self) -> None:
        """Append the body's portions and set the ends of all blocks."""
        if self.view.tangled:
            self.fault("tangled-comments", self.base, "comments and code cannot be told apart",
                       "keep code fences and comments out of one another")  # fmt: skip
        for comment in self.comments:
            if not comment.closed:
                self.fault("unclosed-comment", comment.start, "comment without an end",
                           "close it; until then all to the end of its container is a comment",
                           warning=True)  # fmt: skip
        self._definitions = self._find_definitions()
        base = self.base
        for event, span in self.view.events:
            kind, value = next(iter(event.items())) if type(event) is dict else (event, None)
            start, end = span["start"] + base, span["end"] + base
            if self._definitions:
                self._flush_definitions(end if kind == "End" else start)
            if kind == "Start":
                self._start(value, start, end)
            elif kind == "End":
                self._end(value, end)
            elif kind == "Rule":
                self._rule(start, end)
            elif kind != "TaskListMarker":
                self._inline_event(kind, value, start, end)
        self._flush_definitions(len(self.text) + 1)
        self._gap(len(self.text))
        self._close_container(self.stack[0], len(self.text))
        _set_ends(self.portions, self.blocks, len(self.text))

    def tier_paths_in(self, start: int, end: int) -> list[Candidate]:
        """The paths into tiers' trees that begin in a range of the text."""
        first = bisect_left(self.tier_path_starts, start)
        return self.tier_paths[first : bisect_left(self.tier_path_starts, end, first)]

    def fault(
        self, code: str, at: int, message: str, hint: str = "", *, warning: bool = False
    ) -> None:
        """Note a fault at an offset."""
        line = self.text.count("\n", 0, at) + 1
        column = at - (self.text.rfind("\n", 0, at) + 1) + 1
        place = Place(self.file, line, column)
        self.faults.append(Fault(code, message, place, hint, "warning" if warning else "error"))

    # Blocks.

    def _start(self, tag: Any, start: int, end: int) -> None:  # noqa: ANN401 - parser's type
        name, value = next(iter(tag.items())) if type(tag) is dict else (tag, None)
        if name not in _BLOCK_TAGS:
            self._inline_start(name, value, start, end)
            return
        self._close_leaf()
        if name in _LEAVES:
            self._open_leaf(name, value, start, end)
        elif name == "BlockQuote":
            self._quote(start)
        elif name == "Item":
            marker = _MARKER.match(self.text, start)
            self._push(Kind.ITEM, start, marker.end() if marker else start)
        elif name == "FootnoteDefinition":
            marker = _FOOTNOTE_MARKER.match(self.text, start)
            label = marker[1] if marker else str(value)
            self._push(Kind.FOOTNOTE, start, marker.end() if marker else start, label)
        elif name in ("TableHead", "TableRow"):
            self._row(start, end, head=name == "TableHead")
        else:  # List, Table: no sections open in them, but they hold blocks
            self._push(Kind.LIST if name == "List" else Kind.TABLE, start)

    def _end(self, tag: Any, end: int) -> None:  # noqa: ANN401 - parser's type
        name = tag if type(tag) is str else next(iter(tag))
        if name not in _BLOCK_TAGS:
            if self.open:
                self.open.ended(name, end)
            return
        if name in _LEAVES:
            self._close_leaf(end)
        elif name in ("TableHead", "TableRow"):
            self._rest_of_row(self.stack[-1].portion, end)
            self.stack.pop()
        else:
            self._close_leaf()
            container = self.stack.pop()
            self._close_container(container, end)
            if name == "Table":
                self.read_to = max(self.read_to, self._line_end(end))

    def _block(
        self,
        kind: Kind,
        start: int,
        name: str = "",
        inner: tuple[int, int] = (0, 0),
        level: int = 0,
    ) -> int:
        """Add a block below the open scope of the innermost container."""
        container = self.stack[-1]
        at = self._line_start(start, container)
        parent = container.parent
        if container.split < 7 and kind != Kind.LIST:  # noqa: PLR2004 - see `split`
            if not (kind == Kind.HEADING and level <= container.split):
                self.fault("region-splits-section", at, "a comment pair ends within a section",
                           "close the pair at the end of the section, or put the heading outside")  # fmt: skip
            container.split = 7
        if kind == Kind.HEADING:
            parent = self._section(container, at, level)
        self.portions.append(Portion(kind, at, at, parent, name, *inner, None, level))
        self.blocks.append(len(self.portions) - 1)
        return len(self.portions) - 1

    def _section(self, container: _Container, at: int, level: int) -> int:
        """Open a section for a heading of `level` and close those that it ends."""
        scopes = container.scopes
        while scopes and scopes[-1][0] >= level:
            scopes.pop()
        if any(0 < outer >= level for outer, _ in scopes):  # beyond an open region
            self.fault("region-splits-section", at, "a heading within a comment pair ends a section outside it",
                       "open the pair before the section's heading")  # fmt: skip
        self.portions.append(Portion(Kind.SECTION, at, at, container.parent, "", 0, 0, None, level))
        self.blocks.append(len(self.portions) - 1)
        scopes.append((level, len(self.portions) - 1))
        return container.parent

    def _push(self, kind: Kind, start: int, content: int = -1, name: str = "") -> None:
        if kind == Kind.TABLE:
            self._gap(start)
        index = self._block(kind, start, name, (content if content >= 0 else start, start))
        self.stack.append(_Container(index, content))
        if len(self.stack) == _DEPTH:
            self.fault("nested-too-deep", start, "blocks that stand in one another too deeply",
                       f"at most {_DEPTH} are read")  # fmt: skip

    def _quote(self, start: int) -> None:
        callout = _CALLOUT.match(self.text, self._line_start(start, self.stack[-1]))
        if not callout and (
            match := re.compile(r"[ \t]*>[ \t]*\[!([^\]\n]+)\][+-]?").match(self.text, start)
        ):
            callout = match
        name = callout[1].split("|")[0].strip() if callout else ""
        self._push(Kind.CALLOUT if callout else Kind.QUOTE, start, name=name)

    def _row(self, start: int, end: int, *, head: bool) -> None:
        at = self._line_start(start, self.stack[-1])
        self.portions.append(
            Portion(Kind.ROW, at, self._line_end(end - 1), self.stack[-1].portion, level=int(head))
        )
        self.stack.append(_Container(len(self.portions) - 1))

    def _rest_of_row(self, row: int, end: int) -> None:
        """Cells beyond those of the header, which the parser drops, are one cell more."""
        start = max(self.read_to, self.portions[row].start)
        if self.text[start:end].strip("| \t\r\n\\"):
            start += self.text.startswith("|", start)
            end = start + len(self.text[start:end].rstrip(" \t\r\n"))
            end -= self.text.endswith("|", start, end)
            self._open_leaf("TableCell", None, start, end)
            self._close_leaf(end)

    def _rule(self, start: int, end: int) -> None:
        self._close_leaf()
        i = bisect_left(self.comment_starts, start)
        if i < len(self.comments) and self.comments[i].start < end and self.comments[i].block:
            self._comment_block(self.comments[i])
            return
        self._gap(start)
        self._block(Kind.RULE, start)
        self.read_to = self._line_end(start)

    # Comments that are blocks, and the regions they open and close.

    def _comment_block(self, comment: Comment) -> None:
        self._gap(comment.start)
        label = self.grammar.region_label(self.text[comment.start : comment.end])
        container = self.stack[-1]
        if label is None or not self.text.startswith("%%", comment.start):
            split, container.split = container.split, 7
            self._block(Kind.COMMENT, comment.start, *self._comment_parts(comment))
            container.split = split
            self.check_comment(comment)
        elif label:
            region = self._block(Kind.REGION, comment.start, label)
            container.scopes.append((0, region))
            self._block(Kind.COMMENT, comment.start, label, (comment.start + 2, comment.end - 2), 1)
        else:
            self._close_region(container, comment)
        self.read_to = self._line_end(comment.end)

    def _comment_parts(self, comment: Comment) -> tuple[str, tuple[int, int]]:
        return leaf.comment_parts(self.text, comment)

    def _close_region(self, container: _Container, comment: Comment) -> None:
        levels = [level for level, _ in container.scopes]
        if 0 not in levels:
            self.fault("unopened-region", comment.start, "end of a comment pair that was not opened here",
                       "open and close a pair in one container, at one depth")  # fmt: skip
            self._block(Kind.COMMENT, comment.start)
            return
        at = len(levels) - 1 - levels[::-1].index(0)
        split = min((level for level in levels[at + 1 :]), default=7)
        del container.scopes[at + 1 :]
        self._block(Kind.COMMENT, comment.start, "", (comment.start + 2, comment.end - 2), 1)
        container.scopes.pop()
        container.split = split

    def check_comment(self, comment: Comment) -> None:
        """A label in a comment marks nothing: refuse it rather than pass it over."""
        if not leaf.holds_label(self.text[comment.start : comment.end], self.grammar):
            return
        self.fault("misplaced-label", comment.start, "a label where it has no meaning",
                   "a comment pair stands alone on its lines: `%% key: tier %%` … `%% /key %%`")  # fmt: skip

    def _close_container(self, container: _Container, end: int) -> None:
        del end
        for level, region in container.scopes:
            if level == 0:
                self.fault("unclosed-region", self.portions[region].start, "comment pair without an end",
                           f"close it in the same container: `%% /{self.grammar.label_key} %%`")  # fmt: skip

    # Leaves.

    def _open_leaf(self, name: str, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        kind = _LEAVES[name]
        if kind != Kind.CELL:
            self._gap(start)
        if kind == Kind.CELL:
            row = self.stack[-1].portion
            self.portions.append(Portion(kind, start, end, row, "", start, end))
            index = len(self.portions) - 1
        elif kind == Kind.HEADING:
            inner = leaf.heading_inner(self.text, start, end)
            index = self._block(kind, start, "", inner, int(value["level"][1:]))
        elif kind == Kind.CODE:
            info = value.get("Fenced", "") if type(value) is dict else ""
            language = leaf.language(self.text, start) if type(value) is dict else ""
            index = self._block(
                kind, start, language, (start, end), int(bool(info) or type(value) is dict)
            )
        else:
            start = self._content_start(start) if kind == Kind.PARAGRAPH else start
            index = self._block(kind, start, "", (start, end))
        self.open = leaf.Leaf(kind, index, start, self.base)
        self.read_to = end

    def _content_start(self, start: int) -> int:
        """Where a paragraph's words begin: an escape before the first word is theirs."""
        escaped = start > self.base and self.text[start - 1] == "\\"
        return start - 1 if escaped else start

    def _inline_start(self, name: str, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        self._ensure_leaf(start)
        if self.open and name in ("Link", "Image"):
            if value["link_type"] == "Collapsed" and self.text.startswith("[]", end):
                end += 2
            self.open.link(name, value, start, end)

    def _inline_event(self, kind: str, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        if self.open is None and kind in ("Html", "Text") and start == end:
            return
        self._ensure_leaf(start)
        if self.open:
            self.open.event(kind, value, start, end)

    def _ensure_leaf(self, start: int) -> None:
        """In a tight list the parser gives an item's text without a paragraph around it."""
        if self.open is None:
            start = self._content_start(start)
            self._gap(start)
            index = self._block(Kind.PARAGRAPH, start, "", (start, start))
            self.open = leaf.Leaf(Kind.PARAGRAPH, index, start, self.base)

    def _close_leaf(self, end: int = -1) -> None:
        if self.open is None:
            return
        open_, self.open = self.open, None
        if end < 0:
            end = open_.last
        if open_.kind == Kind.CODE and leaf.is_open_fence(self.text, open_.start, end):
            self.fault("unclosed-fence", open_.start, "a code fence without an end",
                       "close it; until then all to the end of its container is code",
                       warning=True)  # fmt: skip
        if open_.kind != Kind.CELL:
            end = self._line_end(max(end - 1, open_.start))
        open_.finish(self, end)
        self.read_to = max(self.read_to, end)

    # Link reference definitions, which the parser gives no events for.

    def _find_definitions(self) -> list[tuple[int, int]]:
        if "]:" not in self.masked:
            return []
        found = pyromark.reference_definitions(self.masked, options=OPTIONS).values()
        spans = [(d["span"]["start"] + self.base, d["span"]["end"] + self.base) for d in found]
        return sorted(spans, reverse=True)

    def _flush_definitions(self, before: int) -> None:
        while self._definitions and self._definitions[-1][0] < before:
            start, end = self._definitions.pop()
            self._close_leaf()
            self._gap(start)
            name, candidate = leaf.definition(self.text, start, end)
            index = self._block(Kind.DEFINITION, start, name, (start, end))
            if candidate:
                inline.nest(
                    [candidate, *leaf.title_parts(self, candidate.end, end)], index, self.portions
                )
            else:
                self.fault("odd-definition", start, "a link definition that cannot be read exactly",
                           "write it on one line: `[label]: destination`")  # fmt: skip
            self.read_to = self._line_end(end)

    # Lines.

    def _line_start(self, at: int, container: _Container) -> int:
        """The start of the line of `at`, if only the container's prefix stands before it."""
        line = self.text.rfind("\n", 0, at) + 1
        line = max(line, self.base)
        prefix = _PREFIX.match(self.text, line, at)
        if prefix and prefix.end() == at:
            return line
        return (
            max(at, container.content)
            if 0 <= container.content <= at and "\n" not in self.text[container.content : at]
            else at
        )

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def _gap(self, start: int) -> None:
        """Refuse words that stand in no leaf: nothing must go out unread."""
        gap = self.text[self.read_to : start]
        if gap and not gap.isspace():
            match = _GAP.match(gap)
            if match is None or match.end() != len(gap):
                at = self.read_to + (match.end() if match else 0)
                self.fault("unread-text", at, "text that the Markdown reader passes over",
                           "is it a link definition given twice? then remove one")  # fmt: skip
        self.read_to = max(self.read_to, start)


def _set_ends(portions: list[Portion], blocks: list[int], end: int) -> None:
    """End each block where the next one outside it begins."""
    open_ = [0]
    for index in blocks:
        portion = portions[index]
        while open_[-1] != portion.parent:
            last = open_.pop()
            portions[last] = portions[last]._replace(end=portion.start)
        open_.append(index)
    for last in open_:
        portions[last] = portions[last]._replace(end=end)


def read_body(
    text: str,
    start: int,
    file: str,
    grammar: Grammar,
    portions: list[Portion],
    tier_paths: list[Candidate],
    matcher: Matcher | None = None,
) -> list[Fault]:
    """Append to `portions`, which begins with the note itself, what stands in `text[start:]`."""
    reader = BodyReader(text, start, file, grammar, portions, tier_paths, matcher)
    reader.read()
    return reader.faults
