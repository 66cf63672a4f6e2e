"""What is cut and what is edited within a line: its visible pieces, and their words joined."""

from __future__ import annotations

from tierpub.cut.gaps import close
from tierpub.cut.marks import Mark, escaped, inline_mark, keeps_alias
from tierpub.cut.sheet import Sheet
from tierpub.note import Kind, Link, Portion, Syntax

_COUNTED = frozenset((Syntax.WIKI, Syntax.MARKDOWN, Syntax.ANGLE))


class Inline:
    """Running text of one note at one level.

    Where it shows what a lower level sees, `visible` is that level; links always lead to the
    projections of `level`.
    """

    def __init__(self, sheet: Sheet, level: int, visible: int) -> None:
        self.sheet = sheet
        self.visible = visible
        self._level = level
        self._kept: set[int] = set()
        """What stands among the words that stay of a cut link."""

    def hides(self, index: int) -> bool:
        """Whether the portion is above what is shown."""
        return self.sheet.tiers[index] > self.visible

    def content(self, inside: range, portion: Portion) -> tuple[str, bool]:
        """The words of a line, heading or cell whose portions are `inside`, the gaps closed; and
        whether they are all there."""
        start, end = portion.inner_start, portion.inner_end
        if not inside:
            return self.sheet.text[start:end], True
        pieces, whole = self.pieces(inside, start, end)
        if whole:
            return "".join(piece for piece in pieces if piece), True
        text = close(pieces)
        if portion.kind != Kind.CELL or not text.strip():
            return text, False
        lead, tail = pieces[0] or "", self.sheet.text[start:end]
        space = lead[: len(lead) - len(lead.lstrip())]
        return space + text.strip() + tail[len(tail.rstrip()) :], False

    def pieces(self, inside: range, start: int, end: int) -> tuple[list[str | None], bool]:
        """Visible text from `start` to `end`, edits made, None for each cut; and whether there
        is none."""
        sheet = self.sheet
        changes: list[tuple[int, int, list[str | None]]] = []
        hidden, whole = start, True
        for index in inside:
            portion = sheet.portions[index]
            if portion.start < hidden:
                continue
            if sheet.tiers[index] > self.visible:
                changes.append((portion.start, portion.end, self._left(index, portion, inside)))
                hidden, whole = portion.end, False
            elif index in sheet.movable:
                for first, last, new in sheet.link_edits(index, self._level):
                    changes.append((first, last, [new]))
        changes.sort(key=lambda change: change[:2])
        pieces: list[str | None] = []
        at = start
        for first, last, new_pieces in changes:
            if first >= at:
                pieces += [sheet.text[at:first], *new_pieces]
                at = last
        pieces.append(sheet.text[at:end])
        in_table = sheet.portions[inside.start - 1].kind == Kind.CELL
        return (pieces if whole else escaped(pieces, in_table=in_table)), whole

    def counts(self, inside: range) -> tuple[int, int]:
        """How many links and comments of `inside` are shown; those in queries are code."""
        sheet = self.sheet
        links = comments = 0
        for index in inside:
            if sheet.tiers[index] > self.visible and index not in self._kept:
                continue
            portion = sheet.portions[index]
            if portion.kind == Kind.LINK:
                link = portion.link
                links += link is not None and not link.code and link.syntax in _COUNTED
            elif portion.kind == Kind.URL:
                links += sheet.text[portion.start] == "<"
            elif portion.kind == Kind.COMMENT:
                comments += 1
        return links, comments

    def _left(self, index: int, portion: Portion, inside: range) -> list[str | None]:
        """What stands for a cut portion: nothing, a mark, or a link's own words."""
        if self.sheet.ctx.policy.redaction.inline == "cut":
            return [None]
        if portion.link is not None and keeps_alias(self.sheet, index):
            return self._alias(range(index + 1, inside.stop), portion.link)
        mark = inline_mark(self.sheet, index)
        return [None if mark is None else Mark(mark)]

    def _alias(self, inside: range, link: Link) -> list[str | None]:
        """A cut link's own words, without what is above the level for another reason."""
        sheet, own = self.sheet, self.sheet.classified
        pieces: list[str | None] = []
        at = link.alias_start
        for inner in inside:
            part = sheet.portions[inner]
            if part.start >= link.alias_end:
                break
            if part.start < at:
                continue
            reason = own.reasons.get(inner) or own.weaker.get(inner)
            if reason is not None and reason.tier > self.visible:
                pieces += [sheet.text[at : part.start], None]
                at = part.end
                continue
            self._kept.add(inner)
            if inner in sheet.movable:
                for first, last, new in sheet.link_edits(inner, self._level):
                    pieces += [sheet.text[at:first], new]
                    at = last
        return [*pieces, sheet.text[at : link.alias_end]]
