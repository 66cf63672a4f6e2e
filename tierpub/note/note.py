"""One canonical note, read: its text and its portions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tierpub.errors import Fault, Place
from tierpub.note import inline
from tierpub.note.body import Matcher, read_body
from tierpub.note.frontmatter import Frontmatter, parse_frontmatter
from tierpub.note.grammar import Grammar
from tierpub.note.inline import Candidate
from tierpub.note.portions import Kind, Portion
from tierpub.note.values import ValueReader

_LONE_CR = re.compile(r"\r(?!\n)")


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

    `matcher` finds stretches of text that are portions of their own.
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
    tier_paths = inline.tier_paths(text, grammar)
    if front.portions:
        reader = ValueReader(text, front.end, grammar, tier_paths)
        values = _merge(front, reader, portions)
    if not any(fault.severity == "error" for fault in faults):
        faults += read_body(text, front.end, file, grammar, portions, tier_paths, matcher)
    return Note(file, text, tuple(portions), values, tuple(faults))


def _merge(front: Frontmatter, reader: ValueReader, portions: list[Portion]) -> dict[int, str]:
    """Append the frontmatter's portions, each followed by the links in its key and value."""
    moved = {0: 0}
    kept: dict[int, str] = {}
    for index, portion in enumerate(front.portions, 1):
        portions.append(portion._replace(parent=moved[portion.parent]))
        moved[index] = len(portions) - 1
        found = reader.key_links(portion)
        value = front.values.get(index)
        if value is not None:
            kept[moved[index]] = value
            found += reader.links(portion, value)
        if comment := _header_comment(reader.text, portion):
            found.append(comment)
        if found:
            inline.nest(found, moved[index], portions)
    return kept


_BLOCK_HEADER = re.compile(r"[|>][0-9+-]*([ \t]+#[^\r\n]*)")


def _header_comment(text: str, portion: Portion) -> Candidate | None:
    """The comment beside the header of a block scalar (YAML 1.1, section 9.2.1)."""
    match = _BLOCK_HEADER.match(text, portion.inner_start, portion.inner_end)
    return Candidate(*match.span(1), Kind.YAML_COMMENT) if match else None
