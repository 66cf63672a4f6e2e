"""Blocks of code: the info string, the fence, and the lines that hold a link or a tier's path."""

from __future__ import annotations

import re

from tierpub.note.inline import Candidate, nest
from tierpub.note.inline.files import leaflet_files
from tierpub.note.inline.links import urls, value_links, wikilinks
from tierpub.note.inline.nesting import outermost_first
from tierpub.note.inline.queries import mermaid_links, mermaid_targets
from tierpub.note.inline.tier_paths import uncovered
from tierpub.note.leaf import Leaf
from tierpub.note.matches import matches
from tierpub.note.portions import Kind, Portion
from tierpub.note.source import Source

_LINKED = frozenset(("leaflet", "dataview", "dataviewjs", "mermaid", "base"))
_BLANK_LINES = re.compile(r"(?:[ \t>]*\r?\n)*")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")


def language(text: str, start: int) -> str:
    """The first word of a fence's info string, in lower case."""
    newline = text.find("\n", start)
    line = text[start:] if newline < 0 else text[start:newline]
    info = line.strip("`~ \t\r").split()
    return info[0].casefold() if info else ""


def is_open_fence(text: str, start: int, end: int) -> bool:
    """Whether the block of code in a range begins with a fence and does not end with one."""
    fence = _FENCE.match(text, start, end)
    if fence is None:
        return False
    last = text[fence.end() : end].rstrip("\r\n").rpartition("\n")
    closer = last[2].strip(" \t>\r")
    return not last[1] or len(closer) < len(fence[1]) or bool(closer.strip(fence[1][0]))


def read_code(source: Source, leaf: Leaf, end: int) -> None:
    """A block of code; what stands in its info string belongs to the block, not to a line."""
    text, start, block = source.text, leaf.start, source.portions[leaf.index]
    found: list[Candidate] = []
    if block.name in _LINKED:
        found += wikilinks(text, start, end, code=True)
        found += value_links(text, start, end)
    if block.name == "leaflet":
        found += leaflet_files(text, start, end)
    if block.name == "mermaid":
        found += mermaid_targets(text, start, end)
    found += urls(text, start, end)
    found += source.tier_paths(start, end)
    found += matches(source, leaf, start, end)
    found = uncovered(found)
    if block.name == "mermaid":
        found += mermaid_links(text, start, end)
    if not found:
        return
    found.sort(key=outermost_first)
    first = min(source.line_end(start), end) if block.level else start
    nest([c for c in found if c.start < first], leaf.index, source.portions)
    _read_lines(source, [c for c in found if c.start >= first], leaf.index, end)


def _read_lines(source: Source, found: list[Candidate], code: int, end: int) -> None:
    """A portion for each line, or several that a construct keeps together, that holds anything."""
    text, portions = source.text, source.portions
    at = 0
    while at < len(found):
        line = max(text.rfind("\n", 0, found[at].start) + 1, portions[code].start)
        stop = text.find("\n", max(found[at].end - 1, found[at].start), end)
        stop = end if stop < 0 else stop + 1
        first = at
        while at < len(found) and found[at].start < stop:
            at += 1
        blank = _BLANK_LINES.match(text, stop, end)
        owned = blank.end() if blank and stop < end else stop
        portions.append(Portion(Kind.CODE_LINE, line, owned, code, "", line, stop))
        nest(found[first:at], len(portions) - 1, portions)
