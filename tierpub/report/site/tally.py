"""Counts of a whole site: what each tier reads, and what takes text away from the lowest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tierpub.classify import Classified, Reason
from tierpub.policy import Policy
from tierpub.report.defaults import KINDS
from tierpub.report.site.walk import Stretch

_BY = {
    "label": "labels by hand",
    "target": "what links lead to",
    "content": "blocks with nothing lower in them",
    "part": "blocks that are cut as one",
    "reference": "definitions by what refers to them",
    "outside": "links out of the source",
}
_PATTERNS = 3


@dataclass(slots=True)
class Cause:
    """What gives text its tier, and how much of it."""

    words: str
    tier: int
    rule: bool = False
    reason: str = ""
    portions: int = 0
    characters: int = 0


@dataclass(slots=True)
class TierCount:
    """What one level reads."""

    own: int = 0
    """Notes that are of this tier."""
    notes: int = 0
    """Notes that the level gets."""
    characters: int = 0


@dataclass(slots=True)
class Tally:
    """Counts, filled note by note."""

    policy: Policy
    levels: int
    tiers: list[TierCount] = field(init=False)
    causes: dict[tuple[str, int, int], Cause] = field(default_factory=dict)
    defaults: dict[tuple[str, int], int] = field(default_factory=dict)
    """How many portions only a default decided, by kind and tier."""

    def __post_init__(self) -> None:
        self.tiers = [TierCount() for _ in range(self.levels)]

    def sizes(self, sizes: dict[int, int]) -> None:
        """Take in how many characters each level reads of a note."""
        self.tiers[min(sizes)].own += 1
        for level, size in sizes.items():
            self.tiers[level].notes += 1
            self.tiers[level].characters += size

    def note(self, note: Classified, parts: Sequence[Stretch]) -> int:
        """Take in what gives the portions of a note their tiers; how many are by default only."""
        by_default = 0
        for reason in note.reasons.values():
            self._cause(reason).portions += 1
            if reason.source == "default":
                key = (reason.detail, reason.tier)
                self.defaults[key] = self.defaults.get(key, 0) + 1
                by_default += 1
        for part in parts:
            reason_of = _reason(note, part.portion)
            if reason_of is not None:
                self._cause(reason_of).characters += part.end - part.start
        return by_default

    def cuts(self) -> list[Cause]:
        """What keeps text from the lowest level, the most first."""
        found = [cause for cause in self.causes.values() if cause.tier > 0 and cause.characters]
        return sorted(found, key=lambda c: (-c.characters, c.tier, c.words))

    def by_default(self) -> list[tuple[str, int, int]]:
        """Kind, tier and count of what only a default decided."""
        found = sorted(self.defaults.items(), key=lambda d: (KINDS.index(d[0][0]), d[0][1]))
        return [(kind, tier, count) for (kind, tier), count in found]

    def _cause(self, reason: Reason) -> Cause:
        rule = reason.rule if reason.source == "rule" else None
        key = (reason.source, reason.tier, rule.line if rule else KINDS_AT.get(reason.detail, -1))
        if reason.source not in ("rule", "default"):
            key = (reason.source, reason.tier, -1)
        known = self.causes.get(key)
        if known is None:
            known = self.causes[key] = _made(reason)
        return known


KINDS_AT = {kind: at for at, kind in enumerate(KINDS)}


def _made(reason: Reason) -> Cause:
    if reason.source == "rule" and reason.rule:
        rule = reason.rule
        more = ", …" if len(rule.patterns) > _PATTERNS else ""
        words = f"{rule.kind}: {', '.join(rule.patterns[:_PATTERNS])}{more}"
        return Cause(words, reason.tier, rule=True, reason=rule.reason)
    if reason.source == "default":
        return Cause(f"defaults.{reason.detail}", reason.tier)
    return Cause(_BY[reason.source], reason.tier)


def _reason(note: Classified, portion: int) -> Reason | None:
    """What gives a portion its tier: its own reason, or that of what it stands in."""
    tier = note.tiers[portion]
    while portion >= 0 and note.tiers[portion] == tier:
        if portion in note.reasons:
            return note.reasons[portion]
        portion = note.note.portions[portion].parent
    return None
