"""A classified note and a level to a projection. Pure: no files, no clock.

A note is a sequence of leaves: its frontmatter and its blocks, each with all that stands before
its words on their line. A leaf is visible at a level or not; within a visible one what is above
the level is cut and the gap closed. Nothing is decided here but what stays around a cut, and
that only by what is visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tierpub.classify import Classified
from tierpub.classify.context import Context
from tierpub.cut.edits import banner_edit, link_edits, may_move
from tierpub.cut.gaps import close
from tierpub.cut.joints import is_below, prefix_length, reads_as, separator
from tierpub.note import Kind, Link, Portion, Syntax


@dataclass(frozen=True, slots=True)
class Projection:
    """What one level gets of a note."""

    note: str
    """The canonical note, relative to the source."""
    level: int
    text: str
    banner: int
    """Rank of the highest tier that is visible in it."""


_LEAVES = frozenset(
    (Kind.HEADING, Kind.PARAGRAPH, Kind.CODE, Kind.HTML, Kind.RULE, Kind.TABLE, Kind.DEFINITION)
)
_BLOCKS = frozenset(
    (Kind.NOTE, Kind.SECTION, Kind.REGION, Kind.QUOTE, Kind.CALLOUT, Kind.ITEM, Kind.FOOTNOTE,
     Kind.LIST)
)  # fmt: skip
_VESSELS = _BLOCKS - {Kind.NOTE, Kind.SECTION, Kind.REGION, Kind.LIST}
_CHECKED = frozenset((Kind.PARAGRAPH, Kind.HEADING, Kind.TABLE))
_FRONT = frozenset((Kind.FIELD, Kind.ENTRY, Kind.YAML_COMMENT))
_BLANK_LINES = re.compile(r"\ufeff?(?:[ \t]*\r?\n)*")
_COUNTED = frozenset((Syntax.WIKI, Syntax.MARKDOWN, Syntax.ANGLE))
_MARKED = frozenset((Kind.ITEM, Kind.FOOTNOTE, Kind.CALLOUT))


@dataclass(slots=True)
class _Leaf:
    index: int
    start: int
    end: int
    stop: int
    """Index after its last descendant."""


def cut(ctx: Context, classified: Classified, level: int) -> Projection | None:
    """The projection of a note at `level`; None where the note is above it."""
    return Cutter(ctx, classified).at(level)


class Cutter:
    """Cuts one note for any number of levels."""

    def __init__(self, ctx: Context, classified: Classified) -> None:
        """The leaves are found once; `at` then filters them."""
        self.ctx = ctx
        self.classified = classified
        self.text = classified.note.text
        self.portions = classified.note.portions
        self.tiers = classified.tiers
        self.redaction = ctx.policy.redaction
        self.front_stop = self._front_stop()
        self.front_children = self._front_children()
        self.front_end = self.portions[1].end if self.front_stop > 1 else 0
        self.leaves = list(self._leaves())
        self.movable = frozenset(i for i in classified.targets if may_move(ctx, classified, i))
        self.high, self.edited = self._subtrees()

    def _subtrees(self) -> tuple[list[int], list[bool]]:
        """For each portion, the highest tier in it, and whether anything in it is edited."""
        high = list(self.tiers)
        edited = [False] * len(high)
        for index in (*self.movable, *self.classified.banners):
            edited[index] = True
        for index in range(len(high) - 1, 0, -1):
            parent = self.portions[index].parent
            high[parent] = max(high[parent], high[index])
            edited[parent] = edited[parent] or edited[index]
        return high, edited

    def at(self, level: int) -> Projection | None:
        """The projection at `level`."""
        if self.tiers[0] > level:
            return None
        banner = max(tier for tier in self.tiers if tier <= level)
        text = _Run(self, level, self.ctx.policy.ladder.names[banner]).run()
        return Projection(self.classified.path, level, text, banner)

    def _front_stop(self) -> int:
        """Index after the last portion of the frontmatter; 1 where there is none."""
        if len(self.portions) < 2 or self.portions[1].kind != Kind.FRONTMATTER:  # noqa: PLR2004
            return 1
        end = self.portions[1].end
        stop = 2
        while stop < len(self.portions) and self.portions[stop].start < end:
            stop += 1
        return stop

    def _front_children(self) -> dict[int, list[int]]:
        """The fields, entries and comments right below each portion of the frontmatter."""
        children: dict[int, list[int]] = {}
        for index in range(2, self.front_stop):
            portion = self.portions[index]
            if portion.kind in _FRONT:
                children.setdefault(portion.parent, []).append(index)
        return children

    def _leaves(self) -> Iterator[_Leaf]:
        portions = self.portions
        at = self.front_end
        index, count = self.front_stop, len(portions)
        head = True
        while index < count:
            portion = portions[index]
            stop = index + 1
            is_leaf = portion.kind in _LEAVES or (portion.kind == Kind.COMMENT)
            if is_leaf or (portion.kind in _VESSELS and not self._has_children(index)):
                while stop < count and portions[stop].start < portion.end:
                    stop += 1
                if head:
                    at, head = self._first_line(at, portion.start), False
                line = self.text.rfind("\n", at, portion.start) + 1
                if line > at and portion.parent > 0:  # a marker alone on its line
                    yield _Leaf(portion.parent, at, line, portion.parent + 1)
                    at = line
                yield _Leaf(index, at, portion.end, stop)
                at = portion.end
            index = stop

    def _first_line(self, at: int, start: int) -> int:
        """Blank lines at the top of a body belong to the note."""
        blank = _BLANK_LINES.match(self.text, at, start)
        return blank.end() if blank else at

    def _has_children(self, index: int) -> bool:
        return index + 1 < len(self.portions) and self.portions[index + 1].parent == index


class _Run:
    """One level of one note."""

    def __init__(self, cutter: Cutter, level: int, banner: str) -> None:
        self.c = cutter
        self.level = level
        self.banner = banner
        self.out: list[str] = []
        self.last: tuple[_Leaf, str] | None = None
        self.gap = False
        self.markers: tuple[str, int] | None = None
        """Markers whose own first block was cut, and the container they are of."""
        self.marked = -1
        """The hidden block that a mark already stands for."""

    def run(self) -> str:
        c = self.c
        if not c.leaves and c.front_stop == 1:
            return c.text  # nothing but blanks
        self._front()
        head = c.text[c.front_end : c.leaves[0].start] if c.leaves else c.text[c.front_end :]
        skip = 0
        for leaf in c.leaves:
            text = None
            if c.tiers[leaf.index] <= self.level and leaf.start >= skip:
                text = self._leaf(leaf)
                if text is None:
                    skip = self._subtree_end(leaf)
            if text is None:
                self.gap = True
                self._keep_markers(leaf)
                self._mark(leaf)
                continue
            self._emit(leaf, self._after_markers(leaf, text))
        body = "".join(self.out[1:])
        if not (self.out[0].strip() or body.strip("\ufeff \t\r\n")):
            return ""
        mark = "\ufeff" if c.text.startswith("\ufeff") and not self.out[0] else ""
        return mark + self.out[0] + head.removeprefix("\ufeff") + body.removeprefix("\ufeff")

    def _keep_markers(self, leaf: _Leaf) -> None:
        """Remember the markers of visible containers that begin on the line of a hidden block."""
        c = self.c
        hidden = self._outermost(leaf.index)
        marker = c.text[leaf.start : c.portions[hidden].start]
        if c.portions[hidden].parent > 0 and marker.strip() and "\n" not in marker:
            self.markers = (marker, c.portions[hidden].parent)

    def _after_markers(self, leaf: _Leaf, text: str) -> str:
        """The text of a leaf that now comes first after the markers of its containers."""
        if self.markers is None:
            return text
        (marker, container), self.markers = self.markers, None
        if not is_below(self.c.portions, leaf.index, container):
            return text
        return marker + text[prefix_length(self.c.portions, container, text) :]

    def _emit(self, leaf: _Leaf, text: str) -> None:
        c = self.c
        if self.last is None and not self.out[0] and _looks_like_fence(text):
            self.gap = True
            return
        if self.gap and self.last is not None:
            before, before_text = self.last
            self.out.append(separator(c.portions, before.index, before_text, leaf.index, text))
        self.out.append(text)
        self.last = (leaf, text)
        self.gap = False

    def _subtree_end(self, leaf: _Leaf) -> int:
        """Where the item ends whose marker stood before a leaf that goes whole."""
        c = self.c
        end, index = leaf.end, leaf.index
        while index > 0:
            portion = c.portions[index]
            if portion.kind in _MARKED and leaf.start <= portion.start:
                end = max(end, portion.end)
            index = portion.parent
        return end

    # Marks.

    def _mark(self, leaf: _Leaf) -> None:
        """Where the policy asks for it, say that a block was cut here."""
        c = self.c
        if c.redaction.block != "mark":
            return
        hidden = self._outermost(leaf.index)
        if hidden == self.marked or c.portions[hidden].kind == Kind.COMMENT:
            return
        self.marked = hidden
        text = self._mark_line(hidden, leaf)
        if self.last is not None:
            before, before_text = self.last
            self.out.append(separator(c.portions, before.index, before_text, leaf.index, text))
        self.out.append(text)
        self.last = (leaf, text)

    def _outermost(self, index: int) -> int:
        """The largest hidden portion around a hidden leaf."""
        c = self.c
        hidden = index
        while index > 0:
            if c.tiers[index] > self.level:
                hidden = index
            index = c.portions[index].parent
        return hidden

    def _mark_line(self, hidden: int, leaf: _Leaf) -> str:
        c = self.c
        portion = c.portions[hidden]
        line_end = c.text.find("\n", leaf.start)
        newline = "\r\n" if line_end > 0 and c.text[line_end - 1] == "\r" else "\n"
        if portion.kind == Kind.ITEM:
            marker = c.text[portion.start : portion.inner_start].partition("[")[0]
            return marker + self._mark_text(hidden) + newline
        prefix = c.text[leaf.start : portion.start] or ""
        return prefix + self._mark_text(hidden) + newline + prefix.rstrip() + newline

    def _mark_text(self, hidden: int) -> str:
        c = self.c
        reason = c.classified.reasons.get(hidden)
        why = reason.rule.reason if reason and reason.rule else ""
        return c.redaction.marked(c.ctx.policy.ladder.names[c.tiers[hidden]], why)

    # Leaves.

    def _leaf(self, leaf: _Leaf) -> str | None:
        """The text of a visible leaf, or None where nothing of it can stay.

        Where what is left would read otherwise than it did, the leaf shows what the next lower
        level sees of it: that depends on nothing hidden, and is visible here too.
        """
        c = self.c
        if c.high[leaf.index] <= self.level and not c.edited[leaf.index]:
            return c.text[leaf.start : leaf.end]
        floor = c.tiers[leaf.index]
        for visible in range(self.level, floor - 1, -1):
            text, words, whole = _Text(self, leaf, visible).compose()
            if text is None:
                continue
            if whole or c.portions[leaf.index].kind not in _CHECKED:
                return text
            links, comments = self._counts(leaf, visible)
            if reads_as(words, c.portions[leaf.index].kind, links, comments):
                return text
        return None

    def _counts(self, leaf: _Leaf, visible: int) -> tuple[int, int]:
        c = self.c
        links = comments = 0
        for index in range(leaf.index + 1, leaf.stop):
            portion = c.portions[index]
            if c.tiers[index] > visible:
                continue
            if portion.kind == Kind.LINK and portion.link and portion.link.syntax in _COUNTED:
                links += 1
            elif portion.kind == Kind.URL and c.text[portion.start] == "<":
                links += 1
            elif portion.kind == Kind.COMMENT:
                comments += 1
        return links, comments

    # Frontmatter.

    def _front(self) -> None:
        c = self.c
        if c.front_stop == 1 or c.tiers[1] > self.level:
            self.out.append("")
            return
        if c.high[1] <= self.level and not c.edited[1]:
            self.out.append(c.text[: c.front_end])
            return
        parts: list[str] = []
        self._field(1, c.portions[1].start, parts)
        self.out.append("".join(parts))

    def _field(self, index: int, start: int, parts: list[str]) -> None:
        """Emit a frontmatter portion from `start` without what is above the level in it."""
        c = self.c
        portion = c.portions[index]
        edits = self._value_edits(index) if c.edited[index] else []
        at, cut = start, False
        for child in c.front_children.get(index, ()):
            if not cut and c.high[child] <= self.level and not c.edited[child]:
                continue  # it flows along with the text around it
            part = c.portions[child]
            while edits and edits[0][0] < part.start:
                first, last, new = edits.pop(0)
                parts += [c.text[at:first], new]
                at = last
            parts.append(c.text[at : part.start])
            at = part.end
            cut = c.tiers[child] > self.level
            if not cut:
                self._field(child, self._content_start(part, parts), parts)
        for first, last, new in edits:
            parts += [c.text[at:first], new]
            at = last
        parts.append(c.text[at : portion.end])

    def _content_start(self, part: Portion, parts: list[str]) -> int:
        """Where a field begins: a separator right after an opener, and an indentation in
        mid-line, called for one that was cut before it."""
        text = self.c.text
        at = part.start
        if part.kind == Kind.YAML_COMMENT:
            return at
        before = next((p for p in reversed(parts) if p), "")
        if part.level:
            while (
                before.rstrip()[-1:] in ("[", "{", "") and at < part.end and text[at] in ", \t\r\n"
            ):
                at += 1
        elif not before.endswith("\n"):
            while at < part.end and text[at] in " \t":
                at += 1
        return at

    def _value_edits(self, index: int) -> list[tuple[int, int, str]]:
        """What to replace in the value of a leaf: its links and the banner."""
        c = self.c
        if index not in c.classified.note.values:
            return []
        edits = []
        if index in c.classified.banners and c.ctx.policy.banner == "rollup":
            edit = banner_edit(c.classified, index, c.ctx.policy.label_key, self.banner)
            edits += [edit] if edit else []
        end = c.portions[index].end
        child = index + 1
        while child < c.front_stop and c.portions[child].start < end:
            if child in c.movable:
                edits += link_edits(c.ctx, c.classified, child, self.level)
            child += 1
        return sorted(edits)


def _looks_like_fence(text: str) -> bool:
    """Whether a body's first line would be taken for the opening fence of a frontmatter."""
    line = text.lstrip().partition("\n")[0].rstrip()
    return len(line) >= 3 and not line.strip("-")  # noqa: PLR2004 - `---`


class _Text:
    """The text of one leaf for what is visible at a level."""

    def __init__(self, run: _Run, leaf: _Leaf, visible: int) -> None:
        self.run = run
        self.c = run.c
        self.leaf = leaf
        self.visible = visible
        self.whole = True
        """Whether nothing was cut."""

    def compose(self) -> tuple[str | None, str, bool]:
        """The leaf's text, its words without the prefixes of containers, and whether it is
        uncut. None where no words are left."""
        c, leaf = self.c, self.leaf
        portion = c.portions[leaf.index]
        if portion.kind == Kind.PARAGRAPH:
            return self._paragraph()
        if portion.kind == Kind.HEADING:
            return self._heading(portion)
        if portion.kind == Kind.TABLE:
            return self._table(portion)
        if portion.kind == Kind.CODE:
            text = self._plain(leaf.index + 1, leaf.stop, leaf.start, leaf.end, drop=True)
            return text, text, True
        text = self._plain(leaf.index + 1, leaf.stop, leaf.start, leaf.end, drop=True)
        return text, text, self.whole

    def _paragraph(self) -> tuple[str | None, str, bool]:
        c, leaf = self.c, self.leaf
        lines = self._children(leaf.index + 1, leaf.stop, leaf.index)
        if not lines:
            text = c.text[leaf.start : leaf.end]
            return text, text, True
        first = c.portions[lines[0][0]]
        parts = [c.text[leaf.start : first.inner_start]]
        words: list[str] = []
        end = first.start
        for index, stop in lines:
            line = c.portions[index]
            end = line.end
            content = (
                None if c.tiers[index] > self.visible else self._content(index + 1, stop, line)
            )
            if content is None or (not content.strip() and line.inner_end > line.inner_start):
                self.whole = False
                continue
            if words:
                parts.append(c.text[line.start : line.inner_start])
            rest = c.text[line.inner_end : line.end]
            parts += [content, rest]
            words += [content, rest]
        if not words:
            return None, "", False
        parts.append(c.text[end : leaf.end])
        return "".join(parts), "".join(words), self.whole

    def _heading(self, portion: Portion) -> tuple[str | None, str, bool]:
        c, leaf = self.c, self.leaf
        content = self._content(leaf.index + 1, leaf.stop, portion)
        if not content.strip() and portion.inner_end > portion.inner_start:
            return None, "", False
        marker = c.text[portion.start : portion.inner_start].lstrip(" \t>")
        before = c.text[leaf.start : portion.inner_start]
        rest = c.text[portion.inner_end : leaf.end]
        return before + content + rest, marker + content + rest, self.whole

    def _table(self, portion: Portion) -> tuple[str | None, str, bool]:
        c, leaf = self.c, self.leaf
        parts: list[str] = []
        words: list[str] = []
        at = leaf.start
        for index, stop in self._children(leaf.index + 1, leaf.stop, leaf.index):
            row = c.portions[index]
            parts.append(c.text[at : row.start])
            words.append(c.text[at : row.start].lstrip(" \t>"))
            at = row.end
            text = None if c.tiers[index] > self.visible else self._row(index, stop)
            if text is None:
                self.whole = False
                if row.level:
                    return None, "", False
                continue
            parts.append(text)
            words.append(text.lstrip(" \t>"))
        parts.append(c.text[at : leaf.end])
        return "".join(parts), "".join(words), self.whole

    def _row(self, index: int, stop: int) -> str | None:
        """A row with emptied cells; None where emptying the first would shift the others."""
        c = self.c
        row = c.portions[index]
        parts: list[str] = []
        at = row.start
        for number, (cell, end) in enumerate(self._children(index + 1, stop, index)):
            part = c.portions[cell]
            parts.append(c.text[at : part.start])
            at = part.end
            content = "" if c.tiers[cell] > self.visible else self._content(cell + 1, end, part)
            if not content.strip() and c.text[part.start : part.end].strip():
                self.whole = False
                content = ""
                if number == 0 and "|" not in "".join(parts):
                    return None
            parts.append(content)
        parts.append(c.text[at : row.end])
        return "".join(parts)

    def _children(self, start: int, stop: int, parent: int) -> list[tuple[int, int]]:
        """The portions right below `parent`, each with the index after its last descendant."""
        found: list[tuple[int, int]] = []
        for index in range(start, stop):
            if self.c.portions[index].parent == parent:
                if found:
                    found[-1] = (found[-1][0], index)
                found.append((index, stop))
        return found

    def _content(self, start: int, stop: int, portion: Portion) -> str:
        """The words of a line, heading or cell, the gaps closed."""
        if start == stop:
            return self.c.text[portion.inner_start : portion.inner_end]
        pieces = self._pieces(start, stop, portion.inner_start, portion.inner_end)
        if None not in pieces:
            return "".join(piece for piece in pieces if piece)
        self.whole = False
        lead = pieces[0] if portion.kind == Kind.CELL and pieces[0] else ""
        space = lead[: len(lead) - len(lead.lstrip())]
        text = close(pieces)
        if portion.kind != Kind.CELL or not text.strip():
            return text
        tail = self.c.text[portion.inner_start : portion.inner_end]
        return space + text.strip() + tail[len(tail.rstrip()) :]

    def _plain(self, start: int, stop: int, first: int, last: int, *, drop: bool) -> str:
        """The text of a leaf in which what is hidden is dropped with nothing around it."""
        del drop
        pieces = self._pieces(start, stop, first, last)
        self.whole = None not in pieces
        return "".join(piece for piece in pieces if piece)

    def _pieces(self, start: int, stop: int, first: int, last: int) -> list[str | None]:
        """Visible text between `first` and `last`, edits made; None for each cut."""
        c = self.c
        changes: list[tuple[int, int, list[str | None]]] = []
        hidden = first
        for index in range(start, stop):
            portion = c.portions[index]
            if portion.start < hidden:
                continue
            if c.tiers[index] > self.visible:
                changes.append((portion.start, portion.end, self._left(index, portion)))
                hidden = portion.end
            elif index in c.movable:
                for begin, end, new in link_edits(c.ctx, c.classified, index, self.run.level):
                    changes.append((begin, end, [new]))
        changes.sort(key=lambda change: change[:2])
        pieces: list[str | None] = []
        at = first
        for begin, end, new_pieces in changes:
            if begin >= at:
                pieces.append(c.text[at:begin])
                pieces += new_pieces
                at = end
        pieces.append(c.text[at:last])
        return pieces

    def _alias(self, index: int, link: Link) -> list[str | None]:
        """A cut link's own words, without what is above the level for another reason."""
        c = self.c
        pieces: list[str | None] = []
        at = link.alias_start
        for inner in range(index + 1, self.leaf.stop):
            part = c.portions[inner]
            if part.start >= link.alias_end:
                break
            reason = c.classified.reasons.get(inner) or c.classified.weaker.get(inner)
            if part.start < at or part.parent < index:
                continue
            if reason is not None and reason.tier > self.visible:
                pieces += [c.text[at : part.start], None]
                at = part.end
            elif inner in c.movable:
                for begin, end, new in link_edits(c.ctx, c.classified, inner, self.run.level):
                    pieces += [c.text[at:begin], new]
                    at = end
        return [*pieces, c.text[at : link.alias_end]]

    def _left(self, index: int, portion: Portion) -> list[str | None]:
        """What stands for a cut portion: nothing, a mark, or a link's own words."""
        c = self.c
        style = c.redaction.inline
        if portion.kind in (Kind.COMMENT, Kind.BLOCK_ID, Kind.CODE_LINE) or style == "cut":
            return [None]
        link = portion.link
        if style == "alias":
            reason = c.classified.reasons.get(index)
            if (
                link is None
                or not reason
                or reason.source != "target"
                or link.alias_start >= link.alias_end
            ):
                return [None]
            return self._alias(index, link)
        mark = self.run._mark_text(index)  # noqa: SLF001
        around = c.text[portion.start - 1 : portion.start], c.text[portion.end : portion.end + 1]
        if around[0] in ("[", "!", "]", "^") or around[1] in ("(", "[", ":", "{", "]"):
            mark = mark.replace("[", "\\[").replace("]", "\\]")
        return [mark]
