"""A note while its portions are given their tiers.

Tiers only rise, whatever raises them, so the result does not depend on the order.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from tierpub.classify.context import Context
from tierpub.classify.labels import Labels
from tierpub.classify.reasons import Reason
from tierpub.errors import Fault
from tierpub.note import Kind, Note
from tierpub.vault import Target


class Draft:
    """The state that the steps of classification share."""

    def __init__(self, ctx: Context, path: str, note: Note, labels: Labels) -> None:
        """The note has its tier, all else has the lowest."""
        self.ctx, self.path, self.note, self.labels = ctx, path, note, labels
        self.text, self.portions = note.text, note.portions
        self.rules = ctx.policy.rules_for(path)
        self.parents = [portion.parent for portion in note.portions]
        self.parents[0] = 0
        self.tiers = [0] * len(note.portions)
        self.tiers[0] = ctx.tiers[path]
        self.reasons: dict[int, Reason] = {0: ctx.reasons[path]}
        self.weaker: dict[int, Reason] = {}
        self.targets: dict[int, Target] = {}
        self.anchored = False
        self.faults: list[Fault] = []
        self.by_kind: defaultdict[Kind, list[int]] = defaultdict(list)
        """The portions of each kind, in order."""
        for index, portion in enumerate(note.portions):
            self.by_kind[portion.kind].append(index)

    @cached_property
    def children(self) -> defaultdict[int, list[int]]:
        """What stands directly in each portion, in order."""
        children: defaultdict[int, list[int]] = defaultdict(list)
        for index in range(1, len(self.parents)):
            children[self.parents[index]].append(index)
        return children

    @cached_property
    def fields(self) -> list[int]:
        """The fields and entries of the frontmatter, in order."""
        return sorted(self.by_kind[Kind.FIELD] + self.by_kind[Kind.ENTRY])

    @cached_property
    def vessels(self) -> set[int]:
        """The mappings and lists among the fields and entries."""
        return {self.parents[index] for index in self.fields}

    def tiers_of(self, index: int) -> list[int]:
        """The tiers of what stands directly in a portion."""
        return [self.tiers[child] for child in self.children[index]]

    def raise_to(self, index: int, reason: Reason) -> bool:
        """Raise a portion to the tier of `reason`; False where it is not below it. A default is
        told even at the lowest tier, where it raises nothing."""
        tier = self.tiers[index]
        if reason.tier > tier:
            self.tiers[index] = reason.tier
            self.reasons[index] = reason
            return True
        if reason.tier == tier and reason.source == "default":
            self.reasons.setdefault(index, reason)
        return False

    def settle_down(self) -> bool:
        """Raise what is in a container to the container's tier. Whether anything rose."""
        tiers = self.tiers
        changed = False
        for index, parent in enumerate(self.parents):
            tier = tiers[parent]
            if tiers[index] < tier:
                tiers[index] = tier
                changed = True
                if index in self.reasons:
                    self.weaker[index] = self.reasons.pop(index)
        return changed
