"""What the policy's patterns match in a leaf: as it is written, as it is rendered, and behind the
character references and percent signs of addresses."""

from __future__ import annotations

import html
from urllib.parse import unquote

from tierpub.note.inline import Candidate
from tierpub.note.leaf import Leaf
from tierpub.note.portions import Kind
from tierpub.note.source import Source

_ADDRESSED = frozenset((Kind.LINK, Kind.URL, Kind.TANGLE, Kind.HTML))
_EMPHASIS = "*_~="


def matches(source: Source, leaf: Leaf, start: int, end: int) -> list[Candidate]:
    """What matches in `text[start:end]` of a leaf, in the text as written and as it is rendered."""
    matcher = source.matcher
    if matcher is None:
        return []
    found: set[tuple[int, int, str]] = set()
    if not source.silent:
        written = source.text[start:end]
        found |= {(s + start, e + start, name) for s, e, name in matcher.find(written)}
    if source.silent_rendered:
        return [Candidate(s, e, Kind.MATCH, name, s, e) for s, e, name in sorted(found)]
    if leaf.comments or sum([last - first for first, last in leaf.texts]) < end - start:
        pieces = [p for p in leaf.pieces(source.text) if start <= p[1] < end]
        rendered = "".join([piece for piece, _, _ in pieces])
        if rendered and (seen := matcher.find(rendered)):
            starts, ends = _offsets(pieces)
            for s, e, name in seen:
                found.add((*_dressed(source.text, starts[s], ends[e - 1]), name))
    return [Candidate(s, e, Kind.MATCH, name, s, e) for s, e, name in sorted(found)]


def _offsets(pieces: list[tuple[str, int, int]]) -> tuple[list[int], list[int]]:
    """Where each character of the rendered text begins and ends in the source."""
    starts: list[int] = []
    ends: list[int] = []
    for piece, first, last in pieces:
        if len(piece) == last - first:
            starts += range(first, last)
            ends += range(first + 1, last + 1)
        else:
            starts += [first] * len(piece)
            ends += [last] * len(piece)
    return starts, ends


def _dressed(text: str, start: int, end: int) -> tuple[int, int]:
    """A range of words with the escape before it, and with the emphasis marks beside it where
    half of a pair of them stands inside."""
    inside = text[start:end]
    if any(mark in inside for mark in _EMPHASIS):
        while start > 0 and text[start - 1] in _EMPHASIS:
            start -= 1
        while end < len(text) and text[end] in _EMPHASIS:
            end += 1
    if start > 0 and text[start - 1] == "\\":
        start -= 1
    return start, end


def disguised(source: Source, found: list[Candidate]) -> list[Candidate]:
    """What rules match in links, titles and HTML once character references and percent signs
    are read: the match takes the whole construct."""
    matcher, text = source.matcher, source.text
    if matcher is None:
        return []
    return [
        Candidate(c.start, c.end, Kind.MATCH, name, c.start, c.end)
        for c in found
        if c.kind in _ADDRESSED
        and (text.find("&", c.start, c.end) >= 0 or text.find("%", c.start, c.end) >= 0)
        for name in _decoded_names(source, text[c.start : c.end])
    ]


def _decoded_names(source: Source, written: str) -> list[str]:
    decoded = html.unescape(unquote(written))
    if source.matcher is None or decoded == written:
        return []
    return sorted({name for _, _, name in source.matcher.find(decoded)})


def in_title(source: Source, start: int, end: int) -> list[Candidate]:
    """What matches in the title of a link reference definition, which a match takes whole."""
    if source.matcher is None:
        return []
    found = source.matcher.find(html.unescape(source.text[start:end]))
    return [Candidate(start, end, Kind.MATCH, name, start, end) for _, _, name in found]
