"""Rules over running text: RE2 expressions, character offsets, no text that hides by spelling."""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from typing import Any

import re2

from tierpub.policy.names import OPTIONS
from tierpub.policy.patterns import BadPatternError, reason

_PROBES = ["".join(chars) for n in range(4) for chars in product("\na ", repeat=n)]
_SURROGATES = re.compile("[\ud800-\udfff]")

Span = tuple[int, int]


def compile_text(pattern: str) -> Any:
    """`pattern` as RE2 expression. Raises `BadPatternError` where it is none, or matches nothing
    at all somewhere: such a match would stand in the way of those that hide something."""
    composed = unicodedata.normalize("NFC", pattern)
    if re.search(r"(?<!\\)(?:\\\\)*\\C", composed):
        raise BadPatternError(r"`\C` matches single bytes", "write `.`")
    try:
        regex = re2.compile(composed, OPTIONS)
    except re2.error as error:
        hint = "RE2 has no look-around and no back-references: docs/policy.md, *Text*"
        raise BadPatternError(f"not an RE2 expression: {reason(error)}", hint) from error
    if any(m.start() == m.end() for probe in _PROBES for m in regex.finditer(probe)):
        raise BadPatternError("the expression matches the empty string", "use `+` for `*`")
    return regex


def combine(patterns: list[str]) -> Any:
    """One expression that finds something where any of `patterns` does, or None.

    No `re2.Set`: when its automaton outgrows its memory it reports no match.
    """
    joined = "|".join(f"(?:{unicodedata.normalize('NFC', each)})" for each in patterns)
    try:
        return re2.compile(joined, OPTIONS)
    except re2.error:
        return None


def spans(regex: Any, text: str) -> list[Span]:
    """The matches of `regex` in `text`, as character offsets."""
    return [match.span() for match in regex.finditer(text) if match.start() < match.end()]


def encodable(text: str) -> str:
    """`text` with lone surrogates replaced, of the same length: RE2 reads UTF-8."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


class Composed:
    """A text in NFC, with the way back from its offsets to those of the text as it is."""

    def __init__(self, text: str) -> None:
        starts = [i for i, char in enumerate(text) if i == 0 or not _joins(char)]
        ends = [*starts[1:], len(text)]
        pieces = [
            unicodedata.normalize("NFC", text[a:b]) for a, b in zip(starts, ends, strict=True)
        ]
        self.text = "".join(pieces)
        self._back: list[Span] = [
            (a, b) for a, b, piece in zip(starts, ends, pieces, strict=True) for _ in piece
        ]

    @classmethod
    def needed(cls, text: str) -> Composed | None:
        """The composed form of `text`, or None where it is composed already."""
        return None if unicodedata.is_normalized("NFC", text) else cls(text)

    def span(self, found: Span) -> Span:
        """Where in the text as it is the composed span `found` stands, whole letters taken."""
        return self._back[found[0]][0], self._back[found[1] - 1][1]


def _joins(char: str) -> bool:
    """Whether `char` may compose with what stands before it: marks and Hangul vowels, finals."""
    return unicodedata.category(char)[0] == "M" or "\u1161" <= char <= "\u11ff"


def merge(found: list[Span]) -> list[Span]:
    """`found` in order, what overlaps or is doubled joined."""
    out: list[Span] = []
    for start, end in sorted(found):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
