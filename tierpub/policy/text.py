"""Rules over running text: RE2 expressions, character offsets, no text that hides by spelling."""

from __future__ import annotations

import re
import unicodedata
from itertools import product

import re2

from tierpub.policy.names import OPTIONS, Regex
from tierpub.policy.patterns import BadPatternError, reason

_PROBES = ["".join(chars) for n in range(4) for chars in product("\na ", repeat=n)]
# what cannot be a sign that must be there: escapes of words, classes, escaped brackets and the like
_NO_SIGN = re.compile(
    r"\\[^\W_](?:\{[^{}]*\})?"
    r"|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]"
    r"|\\[()\[\]|{}*?\\.^$ ]",
    re.DOTALL,
)
_INNERMOST = re.compile(r"\((?:\\.|[^()\\])*\)", re.DOTALL)
_SIGN = re.compile(r"\{[^{}]*\}|(\\\+|\\?[@#%&=<>~\"'/:;,!_-])(?![*?{])")
_SURROGATES = re.compile("[\ud800-\udfff]")

Span = tuple[int, int]


def compile_text(pattern: str) -> Regex:
    """`pattern` as RE2 expression.

    Raises `BadPatternError` where it is none, or matches the empty string somewhere: such a match
    would stand in the way of those that hide something.
    """
    composed = unicodedata.normalize("NFC", pattern)
    if re.search(r"(?<!\\)(?:\\\\)*\\C", composed):
        raise BadPatternError(r"`\C` matches single bytes", "write `.`")
    try:
        regex: Regex = re2.compile(composed, OPTIONS)
    except re2.error as error:
        hint = "RE2 has no look-around and no back-references: docs/policy.md, *Text*"
        raise BadPatternError(f"not an RE2 expression: {reason(error)}", hint) from error
    if any(m.start() == m.end() for probe in _PROBES for m in regex.finditer(probe)):
        raise BadPatternError("the expression matches the empty string", "use `+` for `*`")
    return regex


def combine(patterns: list[str]) -> Regex | None:
    """One expression that finds something where any of `patterns` does, or None.

    No `re2.Set`: when its automaton outgrows its memory it reports no match.
    """
    joined = "|".join(f"(?:{unicodedata.normalize('NFC', each)})" for each in patterns)
    try:
        made: Regex = re2.compile(joined, OPTIONS)
    except re2.error:
        return None
    return made


def required(pattern: str) -> str:
    """A sign that stands in all that `pattern` matches, or the empty string where none is sure.

    Looking for one sign is a hundred times faster than asking RE2. Only signs are sure: letters
    have case, and digits may belong to an escape.
    """
    if r"\Q" in pattern:
        return ""
    bare = _NO_SIGN.sub(" ", pattern)
    while _INNERMOST.search(bare):
        bare = _INNERMOST.sub(" ", bare)
    if any(char in bare for char in "()[]|"):
        return ""
    signs = (match[1][-1] for match in _SIGN.finditer(bare) if match[1])
    return next(signs, "")


class Gate:
    """Says quickly that none of some expressions can match."""

    def __init__(self, patterns: list[str]) -> None:
        signs = {pattern: required(pattern) for pattern in patterns}
        self._signs = tuple({sign for sign in signs.values() if sign})
        rest = [pattern for pattern, sign in signs.items() if not sign]
        self._rest = combine(rest) if rest else None
        self._shut = not rest or self._rest is not None

    def opens(self, text: str, encoded: bytes) -> bool:
        """Whether something may match in `text`, which is `encoded` in UTF-8."""
        if not self._shut or any(sign in text for sign in self._signs):
            return True
        return self._rest is not None and self._rest.search(encoded) is not None


def spans(regex: Regex, text: str) -> list[Span]:
    """The matches of `regex` in `text`, as character offsets."""
    return [match.span() for match in regex.finditer(text) if match.start() < match.end()]


def encode(text: str) -> tuple[str, bytes]:
    """`text` and its UTF-8. Lone surrogates, which have none, are replaced in both."""
    try:
        return text, text.encode()
    except UnicodeEncodeError:
        text = _SURROGATES.sub("\ufffd", text)
        return text, text.encode()


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
