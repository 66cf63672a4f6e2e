"""Dataview's inline fields: `[key:: value]`, `(key:: value)`, and `key:: value` on a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tierpub.note.inline.nesting import Candidate
from tierpub.note.portions import Kind

_BRACKET_FIELD = re.compile(r"([\[(])[ \t]*([^\[\]():\n|]{1,200}?)[ \t]*::")
_SEPARATOR = re.compile(r"::(?!:)")
_WORD = re.compile(r"[^\s,;]+")
_LONGEST_KEY = 200
"""What is longer is prose with a stray `::`."""
_LONGEST_VALUE = 4096


def bracket_fields(text: str, start: int, end: int) -> list[Candidate]:
    """`[key:: value]` and `(key:: value)`, wikilinks and brackets in the value included."""
    last = text.rfind("::", start, end) + 2  # keys are not looked for behind it
    found: list[Candidate] = []
    at = start
    while match := _BRACKET_FIELD.search(text, at, last):
        at = match.end()
        close = closing(text, at, end, match[1])
        if close >= 0:
            key = match[2].strip()
            found.append(Candidate(match.start(), close + 1, Kind.INLINE_FIELD, key, at, close))
    return found


def closing(text: str, at: int, end: int, opener: str) -> int:
    """Offset of the bracket that closes `opener`, or -1. A value longer than 4,096 has none."""
    closer = "]" if opener == "[" else ")"
    depth = 1
    for offset in range(at, min(end, at + _LONGEST_VALUE)):
        char = text[offset]
        depth += (char == opener) - (char == closer)
        if depth == 0:
            return offset
        if char == "\n":
            return -1
    return -1


def line_fields(
    text: str, start: int, end: int, taken: Sequence[tuple[int, int]]
) -> list[Candidate]:
    """`key:: value` on a line of its own: each reaches from its key to the line's end.

    The first key is all that stands before the first `::`, as Dataview reads it; a further
    `::` in the same line opens a field within it, whose key is the word before it. A `::` within
    a range of `taken` opens none.
    """
    found: list[Candidate] = []
    begin = start
    for match in _SEPARATOR.finditer(text, start, end):
        at = match.start()
        if text[at - 1 : at] == ":" or any(s <= at < e for s, e in taken):
            continue
        before = text[begin:at]
        if begin > start:
            words = _WORD.findall(before)
            if not words:
                continue
            key = words[-1]
            begin += before.rindex(key)
        else:
            key = before.strip()
            begin += len(before) - len(before.lstrip())
        if key and len(key) <= _LONGEST_KEY:
            found.append(Candidate(begin, end, Kind.INLINE_FIELD, key, match.end(), end))
        begin = match.end()
    return found
