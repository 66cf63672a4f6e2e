"""Tiers along references: footnotes, link definitions, queries, field labels, YAML comments."""

from __future__ import annotations

import heapq
from typing import NamedTuple

from tierpub.classify.context import NEVER
from tierpub.classify.draft import Draft
from tierpub.classify.reasons import Reason
from tierpub.note import Kind, Portion, Syntax
from tierpub.policy import fold_field


class _Group(NamedTuple):
    """The footnotes or definitions of one label, and what refers to them."""

    definitions: list[int]
    uses: list[int]


class References:
    """What in a note refers to what, found once; `settle` passes the tiers on.

    A definition has the lowest tier of what refers to it. Whatever refers is at least as high
    as what it speaks of.
    """

    def __init__(self, draft: Draft) -> None:
        """`draft` need not have its tiers yet."""
        self._draft = draft
        self._groups: list[_Group] = []
        """Footnotes and definitions of one label, with all that refers to them."""
        self._group_of: dict[int, int] = {}
        """Of each footnote and definition."""
        self._find_groups()
        self._fields: dict[str, list[int]] = {}
        """By folded name, the fields that queries may ask for."""
        self._queries = self._find_queries()
        self._bound = [*draft.labels.named.items(), *self._comments_above()]
        """A portion, and the field or item that it speaks of."""

    def settle(self) -> bool:
        """Pass the tiers on. Whether anything rose."""
        changed = False
        highest = {name: self._highest(fields) for name, fields in self._fields.items()}
        for index, names in self._queries.items():
            tier = max(highest[name] for name in names)
            changed |= self._rise(index, "reference", tier, self._fields[names[0]][0])
        for group in self._groups:
            tier, definition = max((self._said(d), -d) for d in group.definitions)
            for use in group.uses:
                changed |= self._rise(use, "target", tier, -definition)
        for index, spoken_of in self._bound:
            changed |= self._rise(index, "reference", self._draft.tiers[spoken_of], spoken_of)
        for index, tier in self._reach().items():
            changed |= self._rise(index, "reference", tier)
        return changed

    def _rise(self, index: int, source: str, tier: int, cause: int = -1) -> bool:
        if tier <= self._draft.tiers[index]:
            return False
        return self._draft.raise_to(index, Reason(source, tier, cause))

    def _said(self, definition: int) -> int:
        """The tier of what a footnote or definition says."""
        if self._draft.portions[definition].kind == Kind.DEFINITION:
            return self._highest(self._draft.children[definition])
        return self._draft.tiers[definition]

    def _highest(self, indices: list[int]) -> int:
        return max((self._draft.tiers[index] for index in indices), default=0)

    # What refers to what.

    def _definitions(self) -> list[int]:
        by_kind = self._draft.by_kind
        return [*by_kind.get(Kind.FOOTNOTE, ()), *by_kind.get(Kind.DEFINITION, ())]

    def _find_groups(self) -> None:
        """Each reference with the footnotes or definitions that it may mean."""
        definitions = self._definitions()
        if not definitions:
            return
        portions, by_kind = self._draft.portions, self._draft.by_kind
        by_label: dict[tuple[Kind, str], int] = {}
        for index in definitions:
            portion = portions[index]
            number = by_label.setdefault((portion.kind, _label(portion)), len(self._groups))
            if number == len(self._groups):
                self._groups.append(_Group([], []))
            self._groups[number].definitions.append(index)
            self._group_of[index] = number
        kinds = {Kind.FOOTNOTE_REF: Kind.FOOTNOTE, Kind.LINK: Kind.DEFINITION}
        for use in sorted(by_kind.get(Kind.FOOTNOTE_REF, []) + by_kind.get(Kind.LINK, [])):
            portion = portions[use]
            if portion.link is None or portion.link.syntax == Syntax.REFERENCE:
                named = by_label.get((kinds[portion.kind], _label(portion)))
                if named is not None:
                    self._groups[named].uses.append(use)

    def _find_queries(self) -> dict[int, list[str]]:
        """For each inline query that asks for fields of the note, their folded names."""
        portions, by_kind = self._draft.portions, self._draft.by_kind
        queries = [index for index in by_kind.get(Kind.QUERY, ()) if portions[index].name]
        if not queries:
            return {}
        fields: dict[str, list[int]] = {}
        for index in sorted(by_kind.get(Kind.FIELD, []) + by_kind.get(Kind.INLINE_FIELD, [])):
            fields.setdefault(fold_field(portions[index].name), []).append(index)
        asked = {
            index: [n for n in map(fold_field, portions[index].name.split("\n")) if n in fields]
            for index in queries
        }
        self._fields = {name: fields[name] for found in asked.values() for name in found}
        return {index: found for index, found in asked.items() if found}

    def _comments_above(self) -> list[tuple[int, int]]:
        """Each YAML comment on a line of its own, with the field or item that it stands above; a
        blank line sets it apart."""
        if not self._draft.by_kind.get(Kind.YAML_COMMENT):
            return []
        found: list[tuple[int, int]] = []
        for siblings in list(self._draft.children.values()):
            above: list[int] = []
            for child in siblings:
                portion = self._draft.portions[child]
                if portion.kind == Kind.YAML_COMMENT:
                    apart = self._draft.text.count("\n", portion.start, portion.end) > 1
                    above.append(child)
                    if apart:
                        above.clear()
                elif portion.kind in (Kind.FIELD, Kind.ENTRY):
                    found += [(comment, child) for comment in above]
                    above.clear()
        return found

    # How far definitions reach.

    def _reach(self) -> dict[int, int]:
        """The lowest tier from which each definition is referred to by visible text: a reference
        inside another definition is as high as that one. What nothing refers to is a comment."""
        reach = [NEVER] * len(self._groups)
        heap, within = self._first_steps()
        while heap:
            tier, index = heapq.heappop(heap)
            if tier >= reach[index]:
                continue
            reach[index] = tier
            for ref, other in within.get(index, ()):
                heapq.heappush(heap, (max(tier, self._draft.tiers[ref]), other))
        unused = self._draft.ctx.policy.defaults.comment
        return {
            definition: unused if tier == NEVER else tier
            for group, tier in zip(self._groups, reach, strict=True)
            for definition in group.definitions
        }

    def _first_steps(self) -> tuple[list[tuple[int, int]], dict[int, list[tuple[int, int]]]]:
        """Tier and group of each reference outside of all definitions, as a heap; and for
        each group the references in its definitions, with the group that they refer to."""
        heap: list[tuple[int, int]] = []
        within: dict[int, list[tuple[int, int]]] = {}
        for index, group in enumerate(self._groups):
            for ref in group.uses:
                around = self._definition_around(ref)
                if around < 0:
                    heap.append((self._draft.tiers[ref], index))
                elif around != index:
                    within.setdefault(around, []).append((ref, index))
        heapq.heapify(heap)
        return heap, within

    def _definition_around(self, index: int) -> int:
        """The group of the definition that a portion stands in, or -1."""
        while index:
            if index in self._group_of:
                return self._group_of[index]
            index = self._draft.parents[index]
        return -1


def _label(portion: Portion) -> str:
    """What a reference and a definition have in common; footnotes compare without case."""
    return portion.name.casefold() if portion.kind in _FOOTNOTES else portion.name


_FOOTNOTES = (Kind.FOOTNOTE, Kind.FOOTNOTE_REF)
