"""The body of a note at one level: its visible leaves, and what stands for those that are cut.

Nothing is decided here but what stays around a cut, and that only by what is visible.
"""

from __future__ import annotations

from tierpub.cut.joints import Block, is_below, prefix_length, separator
from tierpub.cut.leaves import Leaf
from tierpub.cut.marks import BlockMark, block_mark
from tierpub.cut.sheet import Sheet
from tierpub.cut.words import leaf_text
from tierpub.note import Kind

_MARKED = frozenset((Kind.ITEM, Kind.FOOTNOTE, Kind.CALLOUT))
"""What goes with the first block behind its marker, where that cannot stay."""


class Body:
    """One level of one body; `text` is made once."""

    def __init__(self, sheet: Sheet, level: int, *, at_top: bool, cut: bool) -> None:
        self._sheet = sheet
        self._level = level
        self._at_top = at_top
        """Whether nothing of a frontmatter stands before it."""
        self._out: list[str] = []
        self._last: Block | None = None
        self._gap = cut
        """Whether something was cut since the last block; at first, whether a frontmatter was."""
        self._markers: tuple[str, int] | None = None
        """Markers whose own first block was cut, and the container they are of."""
        self._mark: BlockMark | None = None
        """The mark that was emitted last, if no leaf came after it."""

    def text(self) -> str:
        """The text from the first leaf on."""
        sheet, level, out = self._sheet, self._level, self._out
        portions, high, edited, source = sheet.portions, sheet.high, sheet.edited, sheet.text
        gone = 0
        for leaf in sheet.leaves:
            index, start, end, _ = leaf
            if gone and is_below(portions, index, gone):
                continue
            gone = 0
            if high[index] <= level and not (edited[index] or self._gap) and out:
                kept = source[start:end]  # nearly all: nothing was cut or marked before them
                out.append(kept)
                self._last, self._mark = Block(index, portions[index].kind, kept), None
            elif sheet.tiers[leaf.portion] > level:
                gone = self._outermost(leaf.portion)
            elif (text := leaf_text(sheet, leaf, level)) is not None:
                self._emit(leaf, text)
            else:
                gone = self._goes_with(leaf)
            if gone:
                self._cut(leaf, gone)
        return "".join(self._out)

    def _outermost(self, index: int) -> int:
        """The largest hidden portion around a hidden leaf."""
        hidden = index
        while index > 0:
            if self._sheet.tiers[index] > self._level:
                hidden = index
            index = self._sheet.portions[index].parent
        return hidden

    def _goes_with(self, leaf: Leaf) -> int:
        """The largest item whose marker stands before a leaf that cannot stay."""
        found = index = leaf.portion
        while index > 0:
            portion = self._sheet.portions[index]
            if portion.kind in _MARKED and leaf.start <= portion.start:
                found = index
            index = portion.parent
        return found

    def _emit(self, leaf: Leaf, text: str) -> None:
        if self._markers is not None:
            text = self._after_markers(leaf, text)
        self._append(Block(leaf.portion, self._sheet.portions[leaf.portion].kind, text))
        self._mark = None

    def _append(self, block: Block) -> None:
        at_top = self._last is None and self._at_top
        if at_top and self._gap and _looks_like_fence(block.text):
            self._gap = True
            return
        if self._mark is not None and self._mark.blank:
            self._out.append(self._mark.blank)
        elif self._gap and self._last is not None:
            self._out.append(separator(self._sheet.portions, self._last, block))
        self._out.append(block.text)
        self._last = block
        self._gap = False

    def _cut(self, leaf: Leaf, hidden: int) -> None:
        """Leave out the portion `hidden`, which begins with `leaf`."""
        self._gap = True
        self._keep_markers(leaf, hidden)
        mark = block_mark(self._sheet, leaf, hidden, self._level)
        if mark is None or self._repeats(mark):
            return
        self._append(Block(mark.index, Kind.PARAGRAPH, mark.text))
        self._mark, self._gap = (mark, True) if self._last else (None, True)
        if mark.opens:
            self._markers = None

    def _repeats(self, mark: BlockMark) -> bool:
        """Whether the mark right before it says the same."""
        last = self._mark
        alike = last and (last.container, last.words) == (mark.container, mark.words)
        return bool(alike) and not mark.opens

    def _keep_markers(self, leaf: Leaf, hidden: int) -> None:
        """Remember the markers of visible containers that begin on the line of a hidden block."""
        portion = self._sheet.portions[hidden]
        marker = self._sheet.text[leaf.start : portion.start]
        if portion.parent > 0 and marker.strip() and "\n" not in marker:
            self._markers = (marker, portion.parent)

    def _after_markers(self, leaf: Leaf, text: str) -> str:
        """The text of a leaf that now comes first after the markers of its containers."""
        if self._markers is None:
            return text
        (marker, container), self._markers = self._markers, None
        portions = self._sheet.portions
        if not is_below(portions, leaf.portion, container):
            return text
        return marker + text[prefix_length(portions, container, text) :]


def _looks_like_fence(text: str) -> bool:
    """Whether a body's first line would be taken for the opening fence of a frontmatter."""
    line = text.lstrip().partition("\n")[0].rstrip()
    return len(line) >= 3 and not line.strip("-")  # noqa: PLR2004 - `---`
