"""One classified note with all that its cuts at different levels share. Made once, then read."""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter

from tierpub.classify import Classified
from tierpub.classify.context import Context
from tierpub.cut.edits import MovingLink, may_move
from tierpub.cut.leaves import Leaf, leaves
from tierpub.note import Kind, Portion

_START = Portion._fields.index("start")
Edit = tuple[int, int, str]
"""Start, end and the text that replaces what stands there."""


class Sheet:
    """A note that is to be cut."""

    def __init__(self, ctx: Context, classified: Classified) -> None:
        self.ctx = ctx
        self.classified = classified
        self.text = classified.note.text
        self.portions = classified.note.portions
        self.tiers = classified.tiers
        self.movable = frozenset(
            [index for index in classified.targets if may_move(ctx, classified, index)]
        )
        """Links that do not read alike at every level."""
        self._moving: dict[int, MovingLink] = {}
        self.front_stop = self._front_stop()
        """Index after the last portion of the frontmatter; 1 where there is none."""
        self.front_end = self.portions[1].end if self.front_stop > 1 else 0
        self.leaves: list[Leaf] = leaves(self.text, self.portions, self.front_stop, self.front_end)
        self.high, self.edited = self._subtrees()
        """For each portion, the highest tier in it, and whether anything in it is edited."""

    def _front_stop(self) -> int:
        portions = self.portions
        if len(portions) == 1 or portions[1].kind != Kind.FRONTMATTER:
            return 1
        return bisect_left(portions, portions[1].end, 2, key=itemgetter(_START))

    def _subtrees(self) -> tuple[list[int], list[bool]]:
        high, edited = list(self.tiers), [False] * len(self.tiers)
        for index in (*self.movable, *self.classified.banners):
            edited[index] = True
        portions = self.portions
        for index in range(len(high) - 1, 0, -1):
            parent = portions[index].parent
            if high[index] > high[parent]:  # noqa: PLR1730 - `max` takes three times as long
                high[parent] = high[index]
            if edited[index]:
                edited[parent] = True
        return high, edited

    def descendants(self, index: int) -> range:
        """The portions within the portion `index`."""
        end, stop = self.portions[index].end, index + 1
        while stop < len(self.portions) and self.portions[stop].start < end:
            stop += 1
        return range(index + 1, stop)

    def children(self, portions: range, parent: int) -> list[range]:
        """Those of the consecutive `portions` that stand right below `parent`, each as the range
        of itself and its descendants."""
        starts = [index for index in portions if self.portions[index].parent == parent]
        return list(map(range, starts, [*starts[1:], portions.stop]))

    def is_whole(self, index: int, level: int) -> bool:
        """Whether the portion reads at `level` as it does in the canonical note."""
        return self.high[index] <= level and not self.edited[index]

    def link_edits(self, index: int, level: int) -> list[Edit]:
        """The edits of the link `index`, which is visible; of any other portion none."""
        moving = self._moving.get(index)
        if moving is None:
            if index not in self.movable:
                return []
            moving = self._moving[index] = MovingLink(self.ctx, self.classified, index)
        return moving.at(level)

    def edits(self, portions: range, level: int) -> list[Edit]:
        """The edits of the links among `portions`, all of them visible."""
        movable = self.movable
        return [
            edit for index in portions if index in movable for edit in self.link_edits(index, level)
        ]

    def with_edits(self, start: int, end: int, edits: list[Edit]) -> str:
        """The text from `start` to `end` with `edits` made, of which the first of those that
        overlap counts."""
        parts, at = [], start
        for first, last, new in sorted(edits):
            if first >= at:
                parts += [self.text[at:first], new]
                at = last
        return "".join(parts) + self.text[at:end]
