"""Dataview's inline fields: `[key:: value]`, `(key:: value)`, and `key:: value` on a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tierpub.note.inline.nesting import Candidate
from tierpub.note.portions import Kind

_BRACKET_FIELD = re.compile(r"([\[(])([^\[\]():\n|]++)::")
_BRACKETS = {"[": re.compile(r"[\[\]\n]"), "(": re.compile(r"[()\n]")}
_SEPARATOR = re.compile(r"::(?!:)")
_WORD = re.compile(r"[^\s,;]+")
_LONGEST_KEY = 200
"""What is longer is prose with a stray `::`."""
MOST_FIELDS = 128
"""In one line, where each holds all that come after it; more are for the caller to refuse."""
LONGEST_VALUE = 4096
"""What is longer has no end."""


def bracket_fields(text: str, start: int, end: int) -> list[Candidate]:
    """`[key:: value]` and `(key:: value)`, wikilinks and brackets in the value included."""
    last = text.rfind("::", start, end) + 2  # keys are not looked for behind it
    found: list[Candidate] = []
    closers: dict[str, dict[int, int]] = {}
    for match in _BRACKET_FIELD.finditer(text, start, last):
        if len(match[2].strip(" \t")) > _LONGEST_KEY:
            continue
        opener, at = match[1], match.end()
        if opener not in closers:
            closers[opener] = closing(text, match.start(), end, opener)
        close = closers[opener].get(match.start(), at + LONGEST_VALUE)
        if close - at < LONGEST_VALUE:
            key = match[2].strip()
            found.append(Candidate(match.start(), close + 1, Kind.INLINE_FIELD, key, at, close))
    return found


def closing(text: str, start: int, end: int, opener: str) -> dict[int, int]:
    """For each `opener` in `text[start:end]` that is closed on its line, where that is.

    Found in one pass: openers that nothing closes must not be looked for one by one.
    """
    closers: dict[int, int] = {}
    open_: list[int] = []
    for match in _BRACKETS[opener].finditer(text, start, end):
        if match[0] == opener:
            open_.append(match.start())
        elif match[0] == "\n":
            open_.clear()
        elif open_:
            closers[open_.pop()] = match.start()
    return closers


def line_fields(
    text: str, start: int, end: int, taken: Sequence[tuple[int, int]]
) -> list[Candidate]:
    """`key:: value` on a line of its own: each reaches from its key to the line's end.

    The first key is all that stands before the first `::`, as Dataview reads it; a further
    `::` in the same line opens a field within it, whose key is the word before it. A `::` within
    a range of `taken` opens none.
    """
    found: list[Candidate] = []
    begin, reach = start, -1
    coming = sorted(taken, reverse=True)
    for match in _SEPARATOR.finditer(text, start, end):
        at = match.start()
        while coming and coming[-1][0] <= at:
            reach = max(reach, coming.pop()[1])
        if text[at - 1 : at] == ":" or at < reach:
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
            if len(found) == MOST_FIELDS:
                return found
            found.append(Candidate(begin, end, Kind.INLINE_FIELD, key, match.end(), end))
        begin = match.end()
    return found
