"""One canonical note, read: its text and its portions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tierpub.errors import Fault, place_at
from tierpub.note.body import read_body
from tierpub.note.frontmatter import Frontmatter, parse_frontmatter
from tierpub.note.grammar import Grammar
from tierpub.note.inline import Candidate, nest
from tierpub.note.inline.tier_paths import tier_paths as find_tier_paths
from tierpub.note.portions import Kind, Portion, new_portion
from tierpub.note.source import Matcher, Request
from tierpub.note.values import ValueReader

_LONE_CR = re.compile(r"\r(?!\n)")
_BLOCK_HEADER = re.compile(r"[|>][0-9+-]*([ \t]+#[^\r\n]*)")


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
    silent: bool = False
    """Whether it is known that the matcher finds nothing in the text as it is written."""


def parse_note(text: str, file: str, grammar: Grammar, matcher: Matcher | None = None) -> Note:
    """Read a note. What is wrong with it is in `faults`; the portions then may not be whole.

    `matcher` finds stretches of text that are portions of their own.
    """
    portions = [Portion(Kind.NOTE, 0, len(text), -1, "", 0, len(text))]
    if "\r" in text and (match := _LONE_CR.search(text)):
        return Note(file, text, tuple(portions), {}, (_lone_return(text, file, match.start()),))
    front = parse_frontmatter(text, file)
    tier_paths = find_tier_paths(text, grammar)
    values: dict[int, str] = {}
    if front.portions:
        values = _merge(front, ValueReader(text, front.end, grammar, tier_paths), portions)
    faults, silent = front.faults, False
    if not faults:  # all of them are errors
        request = Request(text, front.end, file, grammar, tier_paths, matcher)
        found, silent = read_body(request, portions)
        faults = tuple(found)
    return Note(file, text, tuple(portions), values, faults, silent and matcher is not None)


def _lone_return(text: str, file: str, at: int) -> Fault:
    place = place_at(file, text, at)
    message = "a carriage return that ends no line"
    hint = "save the note with one kind of line end"
    return Fault("lone-carriage-return", message, place, hint)


def _merge(front: Frontmatter, reader: ValueReader, portions: list[Portion]) -> dict[int, str]:
    """Append the frontmatter's portions, each followed by the links in its key and value."""
    text = reader.text
    moved = [0]  # where each portion of the frontmatter came to stand
    kept: dict[int, str] = {}
    for index, portion in enumerate(front.portions, 1):
        kind, start, end, parent, name, inner_start, inner_end, link, level = portion
        at = len(portions)
        moved.append(at)
        parent = moved[parent]
        portions.append(
            new_portion((kind, start, end, parent, name, inner_start, inner_end, link, level))
        )
        found = reader.key_links(name, start) if name else []
        value = front.values.get(index)
        if value is not None:
            kept[at] = value
            found += reader.links(inner_start, inner_end, value)
        if text[inner_start] in "|>" and (
            header := _BLOCK_HEADER.match(text, inner_start, inner_end)
        ):  # the comment beside the header of a block scalar (YAML 1.1, section 9.2.1)
            found.append(Candidate(*header.span(1), Kind.YAML_COMMENT))
        if found:
            nest(found, at, portions)
    return kept
