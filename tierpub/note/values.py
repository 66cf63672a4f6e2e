"""Links in the keys and values of the frontmatter.

The source text is scanned once for all values; a value whose escapes or folded lines hide a link
from the source is scanned again as it is decoded.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from tierpub.note.grammar import Grammar
from tierpub.note.inline import Candidate
from tierpub.note.inline.files import file_value
from tierpub.note.inline.html_tags import html_links
from tierpub.note.inline.links import urls, value_links, wikilinks
from tierpub.note.inline.nesting import outermost_first
from tierpub.note.inline.tier_paths import tier_paths_of, uncovered
from tierpub.note.portions import Link, Syntax


class ValueReader:
    """Finds the links of one note's frontmatter, which ends at `end`."""

    def __init__(self, text: str, end: int, grammar: Grammar, tier_paths: list[Candidate]) -> None:
        """`tier_paths` are those of the whole note."""
        self.text = text
        self._grammar = grammar
        found = _links(text, 0, end)
        if tier_paths:
            found = uncovered([*found, *(path for path in tier_paths if path.start < end)])
        self._found = sorted(found, key=outermost_first)
        self._starts = [c.start for c in self._found]
        self._ends = [c.end for c in self._found]
        self._html = text.find("<", 0, end) >= 0

    def key_links(self, name: str, start: int) -> list[Candidate]:
        """The links in a field's key, which cannot be pointed at: they stand where it begins."""
        return [_hidden(c, start, start) for c in self._decoded(name)]

    def links(self, start: int, end: int, value: str) -> list[Candidate]:
        """The links in the value of a leaf, which stands in a range and decodes to `value`; the
        whole value where it may be the name of a file."""
        return self._links(start, end, value) or file_value(self.text, start, end, value)

    def _links(self, start: int, end: int, value: str) -> list[Candidate]:
        text = self.text
        raw = text[start:end]
        if raw == value or raw[1:-1] == value:
            return self._source(start, end)
        if raw.startswith('"') and "\\" in raw:
            offsets = _decoded_offsets(text, start, end)
            if offsets is not None and len(offsets) == len(value) + 1:
                return [_placed(c, offsets) for c in self._scan(value, 0, len(value))]
        found = self._source(start, end)
        if raw.startswith("'"):
            found = [c._replace(name=c.name.replace("''", "'")) for c in found]
        names = [c.name for c in found]
        for c in self._decoded(value):
            if c.name in names:
                names.remove(c.name)
            else:  # hidden from the source text by escapes or by folded lines
                found.append(_hidden(c, start, end))
        return found

    def _source(self, start: int, end: int) -> list[Candidate]:
        """The links within a range of the source text."""
        first = last = bisect_left(self._starts, start)
        crossed = first > 0 and max(self._ends[max(0, first - 2) : first]) > start
        while last < len(self._starts) and self._starts[last] < end:
            crossed = crossed or self._ends[last] > end
            last += 1
        if crossed:
            return self._scan(self.text, start, end)
        found = self._found[first:last]
        if self._html and self.text.find("<", start, end) >= 0:
            found += html_links(self.text, start, end)
        return found

    def _decoded(self, value: str) -> list[Candidate]:
        if "[" in value or "/" in value or "\\" in value or "<" in value:
            return self._scan(value, 0, len(value))
        return []

    def _scan(self, text: str, start: int, end: int) -> list[Candidate]:
        found = _links(text, start, end)
        found += tier_paths_of(text, start, end, self._grammar)
        if text.find("<", start, end) >= 0:
            found += html_links(text, start, end)
        return uncovered(found)


def _links(text: str, start: int, end: int) -> list[Candidate]:
    found = wikilinks(text, start, end)
    found += value_links(text, start, end)
    found += urls(text, start, end)
    return found


_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^xuU\r\n])")


def _decoded_offsets(text: str, start: int, end: int) -> list[int] | None:
    """Where each character of a double-quoted scalar on one line stands, and where it ends."""
    offsets: list[int] = []
    at = start + 1
    while at < end - 1:
        offsets.append(at)
        if text[at] == "\\":
            match = _ESCAPE.match(text, at)
            if match is None:
                return None
            at = match.end()
        elif text[at] in "\r\n":
            return None
        else:
            at += 1
    return [*offsets, end - 1]


def _placed(candidate: Candidate, offsets: list[int]) -> Candidate:
    """A candidate of the decoded value, moved to where it stands in the source."""
    link = candidate.link
    if link is not None:
        parts = link.dest_start, link.dest_end, link.alias_start, link.alias_end
        a, b, c, d = (offsets[n] for n in parts)
        link = Link(link.syntax, a, b, c, d, link.embed, link.escaped_pipe, link.code)
    start, end = offsets[candidate.start], offsets[candidate.end]
    inner = offsets[candidate.inner_start], offsets[candidate.inner_end]
    return Candidate(start, end, candidate.kind, candidate.name, *inner, link)


def _hidden(candidate: Candidate, start: int, end: int) -> Candidate:
    """A link that cannot be pointed at in the source text but stands somewhere in a range."""
    link = Link(Syntax.DECODED, start, end, end, end, embed=False)
    return Candidate(start, end, candidate.kind, candidate.name, start, end, link)
