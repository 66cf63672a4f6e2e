"""Tags, block ids and inline footnotes: what a single sign of Obsidian's opens."""

from __future__ import annotations

import re

from tierpub.note.inline.fields import LONGEST_VALUE, closing
from tierpub.note.inline.nesting import Candidate
from tierpub.note.portions import Kind

_TAG = re.compile(r"(?<![^\s(,;*_~=>|\"'“‘—–])#([^\s#!-,.:;<=>?@\[\\\]^`{|}~\"'“”‘’…]+)")
_BLOCK_ID = re.compile(r"(?:(?<=\s)|\A)\^([A-Za-z0-9-]+)(?=[ \t]*\Z)")


def tags(text: str, start: int, end: int) -> list[Candidate]:
    """Tags: `#word`, nested by `/`, at least one character of which is no digit."""
    found: list[Candidate] = []
    at = text.find("#", start, end)
    while at >= 0:
        match = _TAG.match(text, at, end)
        if match and not match[1].isdecimal():
            last = match.end()
            found.append(Candidate(at, last, Kind.TAG, match[1], at + 1, last))
        at = text.find("#", match.end() if match else at + 1, end)
    return found


def block_ids(text: str, start: int, end: int) -> list[Candidate]:
    """`^id` at the end of a block's line, of which there is one at most."""
    if text.find("^", start, end) < 0:
        return []
    match = _BLOCK_ID.search(text[start:end])
    if match is None:
        return []
    at, last = start + match.start(), start + match.end()
    return [Candidate(at, last, Kind.BLOCK_ID, match[1], at + 1, last)]


def inline_footnotes(text: str, start: int, end: int) -> list[Candidate]:
    """`^[words]`."""
    found: list[Candidate] = []
    at = text.find("^[", start, end)
    closers = closing(text, at + 1, end, "[") if at >= 0 else {}
    while at >= 0:
        close = closers.get(at + 1, -1)
        if 0 <= close < at + 2 + LONGEST_VALUE:
            found.append(Candidate(at, close + 1, Kind.INLINE_FOOTNOTE, "", at + 2, close))
        at = text.find("^[", at + 2, end)
    return found
