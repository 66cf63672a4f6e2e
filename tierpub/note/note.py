"""One canonical note, read: its text and its portions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tierpub.errors import Fault, Place
from tierpub.note import inline
from tierpub.note.body import Matcher, read_body
from tierpub.note.frontmatter import parse_frontmatter
from tierpub.note.grammar import Grammar
from tierpub.note.inline import Candidate
from tierpub.note.portions import Kind, Link, Portion, Syntax


@dataclass(frozen=True, slots=True)
class Note:
    """A note's text as a tree of portions that covers it."""

    file: str
    """The path that faults name."""
    text: str
    portions: tuple[Portion, ...]
    """In the order of the text; the first is the note itself, and each stands in its parent."""
    values: dict[int, str]
    """The decoded scalar of each leaf of the frontmatter, by portion."""
    faults: tuple[Fault, ...]


def parse_note(text: str, file: str, grammar: Grammar, matcher: Matcher | None = None) -> Note:
    """Read a note. What is wrong with it is in `faults`; the portions then may not be whole.

    `matcher` finds stretches of text that are portions of their own: their start, end and name.
    """
    portions = [Portion(Kind.NOTE, 0, len(text), -1, "", 0, len(text))]
    values: dict[int, str] = {}
    faults: list[Fault] = []
    if match := _LONE_CR.search(text):
        line = text.count("\n", 0, match.start()) + 1
        place = Place(file, line, match.start() - text.rfind("\n", 0, match.start()))
        message = "a carriage return that ends no line"
        fault = Fault(
            "lone-carriage-return", message, place, "save the note with one kind of line end"
        )
        return Note(file, text, tuple(portions), values, (fault,))
    front = parse_frontmatter(text, file)
    faults += front.faults
    if front.portions:
        values = _merge(text, front.portions, front.values, grammar, portions)
    start = front.end
    if not any(fault.severity == "error" for fault in faults):
        faults += read_body(text, start, file, grammar, portions, matcher)
    return Note(file, text, tuple(portions), values, tuple(faults))


def _merge(
    text: str,
    front: tuple[Portion, ...],
    values: dict[int, str],
    grammar: Grammar,
    portions: list[Portion],
) -> dict[int, str]:
    """Append the frontmatter's portions, each leaf followed by the links in its value."""
    moved = {0: 0}
    kept: dict[int, str] = {}
    for index, portion in enumerate(front, 1):
        portions.append(portion._replace(parent=moved[portion.parent]))
        moved[index] = len(portions) - 1
        found = [_hidden(c, portion.start, portion.start) for c in _scan_all(portion.name, grammar)]
        if index in values:
            kept[moved[index]] = values[index]
            found += _value_links(text, portion, values[index], grammar)
        inline.nest(found, moved[index], portions)
    return kept


def _value_links(text: str, portion: Portion, value: str, grammar: Grammar) -> list[Candidate]:
    start, end = portion.inner_start, portion.inner_end
    if text.startswith('"', start) and "\\" in text[start:end]:
        offsets = _decoded_offsets(text, start, end)
        if offsets is not None and len(offsets) == len(value) + 1:
            return [_placed(c, offsets) for c in _scan(value, 0, len(value), grammar)]
    found = _scan(text, start, end, grammar)
    if text.startswith("'", start):
        found = [c._replace(name=c.name.replace("''", "'")) for c in found]
    raw = [c.name for c in found]
    for c in _scan_all(value, grammar):
        if c.name in raw:
            raw.remove(c.name)
        else:  # hidden from the source text by escapes or by folded lines
            found.append(_hidden(c, start, end))
    return found


_LONE_CR = re.compile(r"\r(?!\n)")
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


def _scan_all(value: str, grammar: Grammar) -> list[Candidate]:
    if "[" in value or "/" in value or "\\" in value or "<" in value:
        return _scan(value, 0, len(value), grammar)
    return []


def _hidden(candidate: Candidate, start: int, end: int) -> Candidate:
    """A link that cannot be pointed at in the source text but stands somewhere in a range."""
    link = Link(Syntax.DECODED, start, end, end, end, embed=False)
    return Candidate(start, end, candidate.kind, candidate.name, start, end, link)


def _scan(text: str, start: int, end: int, grammar: Grammar) -> list[Candidate]:
    return [
        *inline.wikilinks(text, start, end, table=False, code=False),
        *inline.value_links(text, start, end),
        *inline.urls(text, start, end),
        *inline.tier_paths_of(text, start, end, grammar),
        *(inline.html_links(text, start, end) if text.find("<", start, end) >= 0 else ()),
    ]
