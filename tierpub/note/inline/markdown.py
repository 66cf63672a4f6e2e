"""Links and link reference definitions as the Markdown parser found them, to exact spans."""

from __future__ import annotations

import re
from typing import NamedTuple

from tierpub.note.inline.nesting import Candidate
from tierpub.note.portions import Kind, Link, Syntax

_DEFINITION = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]:\s*(?:<((?:[^<>\\\n]|\\.)*)>|(\S+))")
_BEFORE_DESTINATION = re.compile(r"\]\(\s*(?:<((?:[^<>\\\n]|\\.)*)>)?")


class ParsedLink(NamedTuple):
    """A link or image of the parser's."""

    start: int
    end: int
    image: bool
    type: str
    """The parser's `link_type`: `Inline`, `Reference`, `Collapsed`, `Shortcut`, `Autolink` …"""
    tail: int
    """Where the last thing in its words ended."""


def fold_label(label: str) -> str:
    """A reference's label as CommonMark matches it (section 6.3)."""
    return " ".join(label.split()).casefold()


def markdown_link(text: str, parsed: ParsedLink) -> Candidate:
    """The candidate of a link that the parser found."""
    start, end, image, type_, tail = parsed
    if type_ in ("Autolink", "Email"):
        link = Link(Syntax.ANGLE, start + 1, end - 1, end - 1, end - 1, embed=False)
        return Candidate(start, end, Kind.URL, text[start + 1 : end - 1], start + 1, end - 1, link)
    words = start + (2 if image else 1)
    tail = max(words, min(tail, end))
    if type_ != "Inline":
        full = type_ == "Reference" and text.startswith("][", tail)
        label = text[tail + 2 : end - 1] if full else text[words:tail]
        link = Link(Syntax.REFERENCE, tail, end, words, tail, image)
        return Candidate(start, end, Kind.LINK, fold_label(label), words, tail, link)
    if not text.startswith("](", tail):
        tail = max(words, text.find("](", tail, end))
    match = _BEFORE_DESTINATION.match(text, tail, end)
    if match and match[1] is not None:
        link = Link(Syntax.ANGLE, *match.span(1), words, tail, image)
    else:
        first = match.end() if match else end - 1
        link = Link(Syntax.MARKDOWN, first, _bare_end(text, first, end - 1), words, tail, image)
    name = text[link.dest_start : link.dest_end]
    return Candidate(start, end, Kind.LINK, name, words, tail, link)


def _bare_end(text: str, at: int, end: int) -> int:
    """Where a destination without angle brackets ends (CommonMark 6.3): at a blank, or at a
    closing parenthesis that none opened."""
    depth = 0
    while at < end:
        char = text[at]
        if char == "\\":
            at += 1
        elif char in " \t\r\n":
            break
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                break
        at += 1
    return min(at, end)


def has_exact_ends(text: str, parsed: ParsedLink) -> bool:
    """Whether a link begins and ends with the signs that it must."""
    return text[parsed.start] in "![<" and text[parsed.end - 1] in ")]>"


def definition(text: str, start: int, end: int) -> tuple[str, Candidate | None]:
    """The label of a link reference definition, and its destination as a link."""
    match = _DEFINITION.match(text, start, end)
    if not match:
        return "", None
    angle = match[2] is not None
    first, last = match.span(2 if angle else 3)
    link = Link(Syntax.ANGLE if angle else Syntax.MARKDOWN, first, last, last, last, embed=False)
    destination = Candidate(first, last, Kind.LINK, text[first:last], first, last, link)
    return fold_label(match[1]), destination
