"""One canonical note, read: its text and its portions."""

from __future__ import annotations

from dataclasses import dataclass

from tierpub.errors import Fault
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


def parse_note(
    text: str, file: str, grammar: Grammar, matcher: Matcher | None = None
) -> Note:
    """Read a note. What is wrong with it is in `faults`; the portions then may not be whole.

    `matcher` finds stretches of text that are portions of their own: their start, end and name.
    """
    portions = [Portion(Kind.NOTE, 0, len(text), -1, "", 0, len(text))]
    values: dict[int, str] = {}
    faults: list[Fault] = []
    start = 0
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
        if index in values:
            kept[moved[index]] = values[index]
            found = _value_links(text, portion, values[index], grammar)
            inline.nest(found, moved[index], portions)
    return kept


def _value_links(text: str, portion: Portion, value: str, grammar: Grammar) -> list[Candidate]:
    start, end = portion.inner_start, portion.inner_end
    found = _scan(text, start, end, grammar)
    if "[" in value or "/" in value or "\\" in value:
        raw = [c.name for c in found]
        for c in _scan(value, 0, len(value), grammar):
            if c.name in raw:
                raw.remove(c.name)
            else:  # hidden from the source text by escapes or by folded lines
                link = Link(Syntax.DECODED, start, end, end, end, embed=False)
                found.append(Candidate(start, end, c.kind, c.name, start, end, link))
    return found


def _scan(text: str, start: int, end: int, grammar: Grammar) -> list[Candidate]:
    return [
        *inline.wikilinks(text, start, end, table=False, code=False),
        *inline.value_links(text, start, end),
        *inline.urls(text, start, end),
        *inline.tier_paths_of(text, start, end, grammar),
    ]
