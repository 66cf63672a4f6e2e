"""Needles in one text: one pass, whole words only, and not as a part of a longer visible name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tierpub.mentions.needles import Names, Needle
from tierpub.mentions.plain import is_whole, plain, unmarked

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


class Search:
    """Finds needles. Where `Ann Lee` is a visible name, its words are no mention of `Ann`."""

    def __init__(self, needles: list[Needle], names: Names) -> None:
        """`names` are what visible things are called."""
        self._needles = [n for needle in needles for n in _spellings(needle)]
        self._count = len(self._needles)
        self.top = max((needle.floor for needle in needles), default=0)
        """There are no needles from this level up."""
        self._longer: list[int] = []
        """Of each name that holds a needle: its tier."""
        self._automaton: AhoCorasick | None = None
        if self._needles:
            self._build(names)

    def _build(self, names: Names) -> None:
        from ahocorasick_rs import AhoCorasick  # noqa: PLC0415 - only where it is needed

        words = [text for text, _ in self._needles]
        finder = AhoCorasick(words)
        longer = []
        for table in (names.own, names.aliases):
            for name, tier in table.items():
                if any(e - s < len(name) for _, s, e in _matches(finder, name)):
                    for text in {name: 0, name.replace(" ", "%20"): 0}:
                        longer.append(text)
                        self._longer.append(tier)
        self._automaton = AhoCorasick([*words, *longer]) if longer else finder

    def find(self, text: str, level: int, *, of_names: bool = False) -> list[Needle]:
        """The needles that `text`, as a reader of `level` gets it, mentions; each once.

        With `of_names` the text is itself a name that is given: no longer name excuses it.
        """
        if level >= self.top:
            return []
        found: dict[str, Needle] = {}
        for form in (plain(text), unmarked(text)):
            for needle in self._in(form, level, of_names=of_names) if form else ():
                found.setdefault(needle.text, needle)
        return list(found.values())

    def _in(self, text: str, level: int, *, of_names: bool) -> Iterator[Needle]:
        if self._automaton is None:
            return
        hits: list[tuple[int, int, Needle]] = []
        names: list[tuple[int, int]] = []
        for index, start, end in _matches(self._automaton, text):
            if index < self._count:
                needle = self._needles[index][1]
                if needle.floor > level:
                    hits.append((start, end, needle))
            elif not of_names and self._longer[index - self._count] <= level:
                names.append((start, end))
        for start, end, needle in hits:
            if not any(a <= start and end <= b and b - a > end - start for a, b in names):
                yield needle


def excusing(needles: list[Needle], names: Names) -> Names:
    """Those of `names` that hold one of `needles` as a part: no other name excuses anything."""
    if not needles:
        return Names({}, {})
    from ahocorasick_rs import AhoCorasick  # noqa: PLC0415 - only where it is needed

    finder = AhoCorasick([text for needle in needles for text, _ in _spellings(needle)])

    def held(table: dict[str, int]) -> dict[str, int]:
        return {
            name: tier
            for name, tier in table.items()
            if any(e - s < len(name) for _, s, e in _matches(finder, name))
        }

    return Names(held(names.own), held(names.aliases))


def _matches(automaton: AhoCorasick, text: str) -> Iterator[tuple[int, int, int]]:
    for index, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
        if is_whole(text, start, end):
            yield index, start, end


def _spellings(needle: Needle) -> Iterator[tuple[str, Needle]]:
    """A needle as it is, and as a URL has it."""
    yield needle.text, needle
    if " " in needle.text:
        yield needle.text.replace(" ", "%20"), needle
