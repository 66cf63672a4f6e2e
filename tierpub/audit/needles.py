"""The strings that must not get out, and the one pass that looks for all of them.

A needle is a string that stands in something above the lowest tier. Where the canonical vault
has it in visible text, too, it is visible from that tier on: what is searched for at a level is
what no text that the level may read holds. Texts are searched as they are and decoded, on both
sides alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import ahocorasick_rs

from tierpub.audit.encodings import Base64, hex_views
from tierpub.audit.escapes import unescaped
from tierpub.audit.forms import even_text, even_tiers, slug, squeezed
from tierpub.audit.hit import NO_BLANKS, Hit, Needle, counts, hit_at, letters, long_enough
from tierpub.audit.views import View, wide_views

DEPTH = 3
"""So many encodings around one another are undone."""


@dataclass(slots=True)
class NeedleSet:
    """Needles with the automaton for them.

    In this order: `add` all, `close`, `seen` all that is visible, `settle`, then `hits`.
    """

    needles: list[Needle] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)
    """The number of each needle, by text; of each string that was added, -1 for none."""
    _taken: set[tuple[str, str, int]] = field(default_factory=set)
    _owners: list[list[Needle]] = field(default_factory=list)
    """The needles of each pattern, lowest first: of one that is a slug there may be several."""
    _automaton: ahocorasick_rs.AhoCorasick | None = None
    _base64: Base64 = field(init=False)
    _reach: int = 0
    """Characters of the longest pattern."""
    _highest: int = 0

    def add(self, text: str, kind: str, tier: int, note: str, at: int) -> None:
        """Take a string in; the lowest tier of one that comes twice counts."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._number(squeezed(text), kind, tier, note, at)
        if known < 0:
            return
        old = self.needles[known]
        old.tier = min(old.tier, tier)
        if kind in ("title", "comment", "attachment") and old.kind == "value":
            old.kind, old.note, old.at = kind, note, at

    def took(self, text: str, kind: str, tier: int) -> bool:
        """Whether all strings of a text were added before, of the same kind and tier."""
        key = text, kind, tier
        if key in self._taken:
            return True
        self._taken.add(key)
        return False

    def _number(self, plain: str, kind: str, tier: int, note: str, at: int) -> int:
        """The number of a needle, which is a new one if need be; -1 for what is too short."""
        known = self._known.get(plain)
        if known is None:
            enough = 2 if NO_BLANKS.search(plain) else 3
            if letters(plain) < enough:
                known = -1
            else:
                known = len(self.needles)
                self.needles.append(Needle(plain, kind, tier, note, at))
            self._known[plain] = known
        return known

    def close(self) -> None:
        """Build the automaton; nothing can be added after."""
        self._known.clear()
        self._taken.clear()
        self._build()

    def settle(self) -> None:
        """Forget what the lowest tier reads; nothing can be seen after."""
        self._build()

    def _build(self) -> None:
        hidden = {needle.text: [needle] for needle in self.needles if needle.tier}
        slugs: dict[str, list[Needle]] = {}
        for needle in self.needles:
            form = slug(needle.text)
            if "-" in form and form not in hidden:  # else it would be one word of it
                slugs.setdefault(form, []).append(needle)
        for form, group in slugs.items():
            group.sort(key=lambda needle: needle.tier)
            if group[0].tier:
                hidden[form] = group
        self._owners = list(hidden.values())
        self._reach = max(map(len, hidden), default=0)
        self._highest = max((group[0].tier for group in self._owners), default=0)
        self._base64 = Base64(self._hides)
        self._automaton = ahocorasick_rs.AhoCorasick(list(hidden)) if hidden else None

    def seen(self, text: str, tiers: bytes | None, tier: int) -> None:
        """Take note of what visible text holds: `tiers` has one for each character, else `tier`
        is that of all of it."""
        self._lower(text, tiers, tier, None)
        for view in self._views(text, tiers, DEPTH, None):
            self._lower(view.text, view.tiers, tier, view)

    def _lower(self, text: str, tiers: bytes | None, tier: int, view: View | None) -> None:
        if tiers is None:
            hay = even_text(text)
        else:
            hay, tiers = even_tiers(text, tiers)
        lowest = tier if tiers is None else min(tiers, default=0)
        for group, start, end in self._matches(hay, lowest):
            first = tier if tiers is None else tiers[start]
            higher = [needle for needle in group if needle.tier > first]
            if not higher:
                continue
            found = first if tiers is None else max(tiers[start:end])
            if counts(hay, start, end, higher[0], view, tiers, found):
                for needle in higher:
                    needle.visible |= found < needle.tier
                    needle.tier = min(needle.tier, found)

    def hits(self, data: bytes, level: int) -> Iterator[Hit]:
        """What stands in `data` and is above `level`."""
        if self._automaton is None or level >= self._highest:
            return
        text = data.decode("utf-8", "replace")
        hay = even_text(text)
        for group, start, end in self._matches(hay, level):
            if counts(hay, start, end, group[0]):
                # Exact but where a letter before it folds to several.
                yield hit_at(text, start, group[0], None)
        for view in (*wide_views(data, text), *self._views(text, None, DEPTH, None)):
            hay = even_text(view.text)
            for group, start, end in self._matches(hay, level):
                if view.decoded(start, end) and counts(hay, start, end, group[0], view):
                    yield hit_at(text, start, group[0], view)

    def _views(
        self, text: str, tiers: bytes | None, depth: int, outer: View | None
    ) -> Iterator[View]:
        """What a text says when it is decoded, and what that says, and so on."""
        makers: tuple[Iterable[View], ...] = (
            unescaped(text, tiers, self._reach, outer),
            self._base64.views(text, tiers, outer),
            hex_views(text, tiers, outer),
        )
        for maker in makers:
            for view in maker:
                yield view
                if depth > 1:
                    yield from self._views(view.text, view.tiers, depth - 1, view)

    def _matches(self, hay: str, level: int) -> Iterator[tuple[list[Needle], int, int]]:
        """Needles above a level."""
        if self._automaton is None:
            return
        owners = self._owners
        for number, start, end in self._automaton.find_matches_as_indexes(hay, overlapping=True):
            group = owners[number]
            if group[0].tier > level:
                yield group, start, end

    def _hides(self, said: str) -> bool:
        """Whether a decoded text holds any needle that is looked for there."""
        return any(long_enough(group[0]) for group, _, _ in self._matches(even_text(said), 0))
