"""The strings that must not get out, and the one pass that looks for all of them.

A needle is a string that stands in something above the lowest tier. Where the canonical vault
has it in visible text, too, it is visible from that tier on: what is searched for at a level is
what no text that the level may read holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import ahocorasick_rs

from tierpub.audit.finding import Confidence
from tierpub.audit.forms import even_text, even_tiers, forms, squeezed

LONGEST = 32
"""Characters of a needle; a longer string is looked for in pieces."""
EDGES = " \t\r>*-#|.;:!?,。[]"
"""Signs at the ends of a string that are none of its own."""
RUN = 14
"""Characters of the shortest run of words that is looked for."""
_PARTS = re.compile(r"[^\s/]+")
_WORDS = re.compile(r"[^\W_]+")
_NO_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(slots=True)
class Needle:
    """One string."""

    text: str
    """Even, as it is searched for."""
    written: str
    """As the note has it: encodings are of that."""
    kind: str
    """`value`, `title`, `path`, `anchor`, `comment`, `attachment`."""
    tier: int
    """The lowest tier that may read it anywhere."""
    note: str
    at: int
    """Where it stands: a canonical note and an offset; -1 for its name."""
    encoded: bool = True
    """Whether it is looked for in its encoded forms, too."""
    visible: bool = False
    """Whether its tier was lowered by a place where it is visible."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A needle that was found."""

    needle: Needle
    form: str
    start: int
    line: int
    column: int


@dataclass(slots=True)
class NeedleSet:
    """Needles with the automaton for all of their forms."""

    needles: list[Needle] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)
    _forms: list[tuple[int, str]] = field(default_factory=list)
    _automaton: ahocorasick_rs.AhoCorasick | None = None

    def add(  # noqa: PLR0913 - what a needle is
        self, text: str, kind: str, tier: int, note: str, at: int, *, encoded: bool = True
    ) -> None:
        """Take a string in; the lowest tier of one that comes twice counts."""
        plain = squeezed(text)
        letters = sum(map(len, _WORDS.findall(plain)))
        enough = 2 if _NO_BLANKS.search(plain) else 3
        if letters < enough:
            return
        known = self._known.get(plain)
        if known is None:
            self._known[plain] = len(self.needles)
            self.needles.append(Needle(plain, text, kind, tier, note, at, encoded))
            return
        old = self.needles[known]
        old.tier = min(old.tier, tier)
        old.encoded = old.encoded or encoded
        if kind in ("title", "comment", "attachment") and old.kind == "value":
            old.kind, old.note, old.at = kind, note, at

    def close(self) -> None:
        """Build the automaton; nothing can be added after."""
        patterns: dict[str, int] = {}
        for index, needle in enumerate(self.needles):
            plain = [("plain", needle.text)]
            for name, form in forms(needle.written) if needle.encoded else plain:
                if form not in patterns:
                    patterns[form] = len(self._forms)
                    self._forms.append((index, name))
        if patterns:
            self._automaton = ahocorasick_rs.AhoCorasick(list(patterns))

    def seen(self, text: str, tiers: bytes | None, tier: int) -> None:
        """Take note of what visible text holds: `tiers` has one for each character, else `tier`
        is that of all of it."""
        hay = even_text(text)
        if tiers is not None:
            hay, tiers = even_tiers(text, tiers)
        for needle, _, start, end in self._matches(hay):
            found = max(tiers[start:end]) if tiers is not None else tier
            if found < needle.tier:
                needle.tier, needle.visible = found, True

    def hits(self, data: bytes, level: int) -> Iterator[Hit]:
        """What stands in `data` and is above `level`."""
        text = data.decode("utf-8", "replace")
        hay = even_text(text)
        for needle, form, start, end in self._matches(hay):
            if needle.tier > level and _whole(hay, start, end, form):
                # Exact but where a letter before it folds to several.
                line = text.count("\n", 0, start) + 1
                yield Hit(needle, form, start, line, start - text.rfind("\n", 0, start))

    def _matches(self, hay: str) -> Iterator[tuple[Needle, str, int, int]]:
        if self._automaton is None:
            return
        for number, start, end in self._automaton.find_matches_as_indexes(hay, overlapping=True):
            index, form = self._forms[number]
            yield self.needles[index], form, start, end


def _whole(hay: str, start: int, end: int, form: str) -> bool:
    """Whether a match is no part of a longer word; encoded forms are found anywhere."""
    if form not in ("plain", "slug") or _NO_BLANKS.search(hay, start, end):
        return True
    before = hay[start - 1 : start]
    return not (before.isalnum() and hay[start].isalnum()) and not (
        hay[end : end + 1].isalnum() and hay[end - 1].isalnum()
    )


def confidence(hit: Hit) -> Confidence:
    """How sure it is that a hit is a leak: by how long and how common the string is."""
    text = hit.needle.text
    words = _WORDS.findall(text)
    letters = sum(map(len, words))
    if letters < 5:  # noqa: PLR2004 - a short word is everywhere
        return "low"
    digits = sum(c.isdigit() for c in text)
    if len(words) == 1 and not digits and hit.form in ("plain", "slug"):
        return "low" if letters < 8 else "medium"  # noqa: PLR2004
    if digits == letters and letters < 6:  # noqa: PLR2004 - a number
        return "low"
    return "high" if letters >= 8 else "medium"  # noqa: PLR2004


def runs(text: str) -> Iterator[str]:
    """Three words or more from each word of a line on, so that no part of it gets out unseen.
    Parts of a path are words."""
    for line in text.splitlines():
        words = [match.span() for match in _PARTS.finditer(line)]
        for first in range(len(words) - 2):
            start, last = words[first][0], first + 2
            while last < len(words) - 1 and words[last][1] - start < RUN:
                last += 1
            run = line[start : words[last][1]].strip(EDGES)
            if len(run) >= RUN:
                yield run


def pieces(text: str) -> Iterator[str]:
    """A text in strings of a good length, cut at ends of sentences, then at blanks."""
    for sentence in re.split(r"(?<=[.;:!?。])\s+|\n+", text):
        part = sentence.strip(EDGES)
        while len(part) > LONGEST:
            cut = max(part.rfind(sign, LONGEST // 2, LONGEST) for sign in " /")
            cut = cut if cut > 0 else LONGEST
            yield part[:cut].strip(EDGES)
            # The last piece reaches back, so that it is no shorter than the others.
            back = part.find(" ", max(len(part) - LONGEST - 1, 1))
            part = part[back if 0 < back < cut else cut :].strip()
        if part:
            yield part.strip(EDGES)
