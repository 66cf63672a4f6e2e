"""The tree of blocks while a body is read: containers, sections, and regions of comment pairs.

A block begins at the start of its line, with the prefix of its container, unless it is the first
in a list item or footnote; it ends where the next block outside it begins.
"""

from __future__ import annotations

import re
from typing import NoReturn

from tierpub.note.portions import Kind, Portion
from tierpub.note.said import (
    HEADING_IN_PAIR,
    MAX_DEPTH,
    NESTED_TOO_DEEP,
    PAIR_ENDS_IN_SECTION,
    UNCLOSED_REGION,
    UNOPENED_REGION,
)
from tierpub.note.source import Source
from tierpub.note.view import Comment

_PREFIX = re.compile(r"[ \t>]*")
_UNSPLIT = 7
"""Beyond the lowest level of a heading."""


class NestedTooDeep(Exception):  # noqa: N818 - the reason why reading stops, caught one call up
    """Blocks stand in one another too deeply; the fault is noted."""


class Container:
    """A note, quote, item or footnote while it is read, with the sections open in it."""

    __slots__ = ("content", "portion", "scopes", "split")

    def __init__(self, portion: int, content: int = -1) -> None:
        self.portion = portion
        self.content = content
        """Where the text after an item's or footnote's marker begins."""
        self.scopes: list[tuple[int, int]] = []
        """Open sections (heading level, portion) and regions (0, portion), outermost first."""
        self.split = _UNSPLIT
        """Level of the highest section that a region closed while it was open."""

    @property
    def parent(self) -> int:
        """The portion that a block which begins now stands in."""
        return self.scopes[-1][1] if self.scopes else self.portion


class Blocks:
    """Adds blocks to a source's portions."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stack = [Container(0)]
        self._added: list[int] = []

    @property
    def innermost(self) -> Container:
        """The container that blocks stand in now."""
        return self._stack[-1]

    def add(
        self,
        kind: Kind,
        start: int,
        name: str = "",
        inner: tuple[int, int] = (0, 0),
        level: int = 0,
    ) -> int:
        """Add a block below the open scope of the innermost container, and return its index."""
        container = self._stack[-1]
        at = self.line_start(start)
        parent = container.parent
        if container.split < _UNSPLIT and kind != Kind.LIST:
            if not (kind == Kind.HEADING and level <= container.split):
                self._source.fault(PAIR_ENDS_IN_SECTION, at)
            container.split = _UNSPLIT
        if kind == Kind.HEADING:
            parent = self._section(container, at, level, name)
        return self._append(Portion(kind, at, at, parent, name, *inner, None, level))

    def _append(self, block: Portion) -> int:
        index = len(self._source.portions)
        self._source.portions.append(block)
        self._added.append(index)
        return index

    def _section(self, container: Container, at: int, level: int, name: str) -> int:
        """Open a section for a heading of `level` and close those that it ends."""
        scopes = container.scopes
        while scopes and scopes[-1][0] >= level:
            scopes.pop()
        if any(0 < outer >= level for outer, _ in scopes):  # beyond an open region
            self._source.fault(HEADING_IN_PAIR, at)
        section = Portion(Kind.SECTION, at, at, container.parent, name, 0, 0, None, level)
        scopes.append((level, self._append(section)))
        return container.parent

    def push(self, kind: Kind, start: int, content: int = -1, name: str = "") -> None:
        """Add a block that holds blocks, and enter it."""
        index = self.add(kind, start, name, (content if content >= 0 else start, start))
        self._stack.append(Container(index, content))
        if len(self._stack) == MAX_DEPTH:
            self._too_deep(start)

    def _too_deep(self, at: int) -> NoReturn:
        """Read no further: what stands deeper costs time that grows with its depth."""
        self._source.fault(NESTED_TOO_DEEP, at)
        raise NestedTooDeep

    def push_row(self, start: int, end: int, *, head: bool) -> None:
        """Add a row of a table, which ends with its line, and enter it."""
        portions, at = self._source.portions, self.line_start(start)
        table, stop = self._stack[-1].portion, self._source.line_end(end - 1)
        portions.append(Portion(Kind.ROW, at, stop, table, level=int(head)))
        self._stack.append(Container(len(portions) - 1))

    def pop(self) -> None:
        """Leave the innermost container; a region still open in it is a fault."""
        for level, region in self._stack.pop().scopes:
            if level == 0:
                self._source.fault(UNCLOSED_REGION, self._source.portions[region].start)

    def line_start(self, at: int) -> int:
        """The start of the line of `at`, if only the container's prefix stands before it."""
        text, content = self._source.text, self._stack[-1].content
        line = max(text.rfind("\n", 0, at) + 1, self._source.base)
        if line == at:
            return line
        prefix = _PREFIX.match(text, line, at)
        if prefix and prefix.end() == at:
            return line
        first_in_item = 0 <= content <= at and text.find("\n", content, at) < 0
        return max(at, content) if first_in_item else at

    def finish(self) -> None:
        """Leave the note, and end each block where the next one outside it begins."""
        end = len(self._source.text)
        self.pop()
        portions = self._source.portions
        open_ = [0]
        for index in self._added:
            portion = portions[index]
            while open_[-1] != portion.parent:
                _end(portions, open_.pop(), portion.start)
            open_.append(index)
        for last in open_:
            _end(portions, last, end)

    # Comments that have their lines to themselves.

    def comment(self, comment: Comment) -> None:
        """Add a comment as a block, or the region that it opens, or end the one it closes."""
        source, start = self._source, comment.start
        label = source.grammar.region_label(source.text[start : comment.end])
        if label is None or not source.text.startswith("%%", start):
            self._plain_comment(comment)
        elif label:
            region = self.add(Kind.REGION, start, label)
            self._stack[-1].scopes.append((0, region))
            if len(self._stack[-1].scopes) >= MAX_DEPTH:
                self._too_deep(start)
            self.add(Kind.COMMENT, start, label, (start + 2, comment.end - 2), 1)
        else:
            self._close_region(comment)

    def _plain_comment(self, comment: Comment) -> None:
        container, (first, last) = self._stack[-1], self._source.comment_words(comment)
        split, container.split = container.split, _UNSPLIT  # a comment splits no section
        words = self._source.text[first:last].strip()
        self.add(Kind.COMMENT, comment.start, words, (first, last))
        container.split = split
        self._source.check_comment(comment)

    def _close_region(self, comment: Comment) -> None:
        container, start = self._stack[-1], comment.start
        scopes = container.scopes
        at = len(scopes) - 1
        while at >= 0 and scopes[at][0]:
            at -= 1
        if at < 0:
            self._source.fault(UNOPENED_REGION, start)
            self.add(Kind.COMMENT, start)
            return
        split = min((level for level, _ in scopes[at + 1 :]), default=_UNSPLIT)
        del scopes[at + 1 :]
        self.add(Kind.COMMENT, start, "", (start + 2, comment.end - 2), 1)
        scopes.pop()
        container.split = split


def _end(portions: list[Portion], index: int, end: int) -> None:
    kind, start, _, parent, name, inner_start, inner_end, link, level = portions[index]
    portions[index] = Portion(kind, start, end, parent, name, inner_start, inner_end, link, level)
