"""How names and paths are made alike before a pattern meets them, and globs over them.

A rule that misses by spelling is a leak. So subjects and patterns are compared in NFC and
case-folded, without characters that cannot be seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Protocol

import re2

from tierpub.tiers import fold

Predicate = Callable[[str], bool]
"""Whether a subject is met."""

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_SEPARATORS = re.compile(r"[\s_-]+")
_MARKS = "*`~="


class BadPatternError(Exception):
    """A pattern that cannot be used: the fact, then what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def variants(text: str) -> tuple[str, ...]:
    """The forms of `text` that a folded pattern may match.

    One for nearly all; two where folding changes the length (`ß` is `ss`), so that `?` in a
    pattern meets one letter in at least one of them.
    """
    if text.isascii():
        return (text.lower(),)
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    folded, lowered = fold(seen), unicodedata.normalize("NFC", seen.lower())
    return (folded,) if folded == lowered else (folded, lowered)


@lru_cache(maxsize=1 << 16)
def fold_field(name: str) -> str:
    """`name` of a field as names of fields are compared.

    Without a leading `#`, surrounding blanks and emphasis, and a trailing colon; space, `_` and
    `-` are one: `#has_/Street Name`, `**has-/street_name**:` and `has_/street-name` are the same.
    """
    bare, previous = name, None
    while bare != previous:
        previous, bare = bare, _undress(bare) or bare
    return _join(bare)


def _undress(name: str) -> str:
    """`name` without one layer of what may stand around it."""
    bare = name.strip().strip(_MARKS).strip().lstrip("#").rstrip(":").strip()
    return bare.strip("_") if bare[:1] == bare[-1:] == "_" else bare


def field_variants(name: str) -> tuple[str, ...]:
    """The forms of a field's name that a pattern may match: without and with its emphasis."""
    plain = _join(name.strip())
    return tuple(dict.fromkeys([fold_field(name), plain, *(_lower(name))]))


def _join(name: str) -> str:
    return _SEPARATORS.sub("_", variants(name)[0])


def _lower(name: str) -> list[str]:
    """The second form of a name that has two."""
    return [_SEPARATORS.sub("_", form) for form in variants(name.strip())[1:]]


def fold_field_pattern(pattern: str) -> tuple[str, ...]:
    """The folded forms of a glob over fields. Brackets keep their hyphens, stars are globs."""
    bare = pattern.strip().lstrip("#").strip().rstrip(":").strip()
    return variants(bare)


def glob_regex(pattern: str, *, apart: str = "", one: bool = False) -> str:
    """An RE2 expression for a glob over folded text: `*`, `?`, `[…]`, `[!…]`.

    `apart` are characters that `*` and `?` do not cross and `**` does; with `one`, space, `_` and
    `-` in the pattern are one. A bracket that is never closed stands for itself.
    """
    out: list[str] = []
    any_char = f"[^{re.escape(apart)}]" if apart else "."
    i = 0
    while i < len(pattern):
        char = pattern[i]
        if char == "*":
            stars = len(pattern) - i - len(pattern[i:].lstrip("*"))
            out.append(".*" if stars > 1 else any_char + "*")
            i += stars
            continue
        closing = _closing(pattern, i) if char == "[" else -1
        if closing > 0:
            out.append(_bracket(pattern[i + 1 : closing], apart, one=one))
            i = closing + 1
            continue
        out.append(any_char if char == "?" else _literal(char, one=one))
        i += 1
    return _squeeze(out)


def _literal(char: str, *, one: bool) -> str:
    return "_+" if one and (char in "_-" or char.isspace()) else re.escape(char)


def _squeeze(parts: list[str]) -> str:
    """The parts joined, runs of separators as one."""
    return "".join(
        p for p, before in zip(parts, ["", *parts], strict=False) if p != before or p != "_+"
    )


def _closing(pattern: str, start: int) -> int:
    """Where the bracket that opens at `start` closes, or -1."""
    first = start + 1
    if pattern[first : first + 1] in ("!", "^"):
        first += 1
    return pattern.find("]", first + 1)


def _bracket(inside: str, apart: str, *, one: bool) -> str:
    negated = inside[0] in "!^"
    body = inside[1:] if negated else inside
    separates = "_" in body or " " in body or "-" in (body[:1], body[-1:])
    extra = "_" if one and separates else ""
    escaped = re.sub(r"([\\\[\]^&~|])", r"\\\1", body + extra)
    return f"[{'^' if negated else ''}{escaped}{re.escape(apart) if negated else ''}]"


class Match(Protocol):
    """What RE2 found, offsets in the unit of the subject: characters or bytes."""

    def start(self) -> int:
        """Where it begins."""

    def end(self) -> int:
        """Where it ends."""

    def span(self) -> tuple[int, int]:
        """Both."""


class Regex(Protocol):
    """A compiled RE2 expression."""

    def search(self, text: str | bytes) -> Match | None:
        """The first match."""

    def finditer(self, text: str | bytes) -> Iterator[Match]:
        """All matches that do not overlap."""


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = 256 << 20
    return options


OPTIONS = _options()


def compile_whole(expressions: list[str], patterns: list[str]) -> Regex:
    """One RE2 expression that meets a whole subject where any of `expressions` does.

    Raises `BadPatternError` where one is none; `patterns` are what the user wrote. RE2 takes
    linear time, whatever the pattern.
    """
    joined = "|".join(f"(?:{each})" for each in expressions)
    return compile_one(f"(?s)\\A(?:{joined})\\z", ", ".join(f"`{each}`" for each in patterns))


def compile_one(expression: str, called: str) -> Regex:
    """An RE2 expression. Raises `BadPatternError`, naming what is `called`."""
    try:
        made: Regex = re2.compile(expression, OPTIONS)
    except re2.error as error:
        raise BadPatternError(f"{called}: {reason(error)}") from error
    return made


def reason(error: Exception) -> str:
    """What RE2 said."""
    said = error.args[0] if error.args else error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
