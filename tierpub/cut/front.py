"""The frontmatter of a note at one level: the canonical text without what is above it.

A field owns its lines; the separators of flow style go with what follows them. Nothing in it is
ever marked.
"""

from __future__ import annotations

from tierpub.cut.edits import banner_edit
from tierpub.cut.sheet import Edit, Sheet
from tierpub.note import Kind, Portion

_PARTS = frozenset((Kind.FIELD, Kind.ENTRY, Kind.YAML_COMMENT))


class Front:
    """Cuts one frontmatter for any number of levels."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._children: dict[int, list[int]] = {}
        """The fields, entries and comments right below each portion."""
        self._links: list[tuple[int, int]] = []
        """Links that move, each with the leaf that it stands in, which goes whole."""
        for index in range(2, sheet.front_stop):
            portion = sheet.portions[index]
            if portion.kind in _PARTS:
                self._children.setdefault(portion.parent, []).append(index)
            if sheet.edited[index] and index in sheet.classified.note.values:
                held = sheet.descendants(index)
                self._links += [(index, link) for link in held if link in sheet.movable]

    def at(self, level: int, banner: str) -> str:
        """The text at `level`, where the note's own label is to read `banner`."""
        sheet = self._sheet
        if sheet.front_stop == 1 or sheet.tiers[1] > level:
            return ""
        if sheet.is_whole(1, level):
            return sheet.text[: sheet.front_end]
        run = _Run(sheet, level, self._children, self._edits(level, banner))
        return run.text_of(1, sheet.portions[1].start)

    def _edits(self, level: int, banner: str) -> list[Edit]:
        """What to replace in the visible values: links and the banner. In order, latest first."""
        sheet, tiers = self._sheet, self._sheet.tiers
        edits: list[Edit] = []
        for leaf, link in self._links:
            if tiers[leaf] <= level:
                edits += sheet.link_edits(link, level)
        if sheet.ctx.policy.banner == "rollup":
            key = sheet.ctx.policy.label_key
            for leaf in sheet.classified.banners:
                if tiers[leaf] <= level and (
                    edit := banner_edit(sheet.classified, leaf, key, banner)
                ):
                    edits.append(edit)
        edits.sort(reverse=True)
        return edits


class _Run:
    """One level of one frontmatter."""

    def __init__(
        self, sheet: Sheet, level: int, children: dict[int, list[int]], edits: list[Edit]
    ) -> None:
        self._sheet = sheet
        self._level = level
        self._children = children
        self._edits = edits
        self._parts: list[str] = []

    def text_of(self, index: int, start: int) -> str:
        """The visible text of the portion `index` from `start` on."""
        self._take(index, start)
        return "".join(self._parts)

    def _take(self, index: int, start: int) -> None:
        sheet, level = self._sheet, self._level
        at, cut = start, False
        for child in self._children.get(index, ()):
            if not cut and sheet.high[child] <= level:
                continue  # it flows along with the text around it
            part = sheet.portions[child]
            self._copy(at, part.start)
            at = part.end
            cut = sheet.tiers[child] > level
            if not cut:
                self._take(child, self._content_start(part))
        self._copy(at, sheet.portions[index].end)

    def _copy(self, start: int, end: int) -> None:
        """Take the text from `start` to `end`, edits made."""
        text, edits, parts = self._sheet.text, self._edits, self._parts
        while edits and edits[-1][0] < end:
            first, last, new = edits.pop()
            if first >= start:
                parts += [text[start:first], new]
                start = last
        parts.append(text[start:end])

    def _content_start(self, part: Portion) -> int:
        """Where a field begins: a separator right after an opener, and an indentation in
        mid-line, called for one that was cut before it."""
        text, at = self._sheet.text, part.start
        if part.kind == Kind.YAML_COMMENT:
            return at
        before = next((p for p in reversed(self._parts) if p), "")
        gap = ""
        if part.level:
            gap = ", \t\r\n" if before.rstrip()[-1:] in ("[", "{", "") else ""
        elif not before.endswith("\n"):
            gap = " \t"
        while at < part.end and text[at] in gap:
            at += 1
        return at
