"""The inside of leaves that hold words: paragraphs, headings, table cells and HTML blocks.

The scanners of `inline` and the parser's events give candidates; what a reader would take for a
label and no scanner found is refused.
"""

from __future__ import annotations

import re

from tierpub.note.grammar import Grammar, fold_key
from tierpub.note.inline import Candidate, nest
from tierpub.note.inline.fields import MOST_FIELDS, bracket_fields, line_fields
from tierpub.note.inline.html_tags import html_elements, html_links
from tierpub.note.inline.links import math_links, urls, wikilinks
from tierpub.note.inline.markdown import has_exact_ends, markdown_link
from tierpub.note.inline.marks import block_ids, inline_footnotes, tags
from tierpub.note.inline.nesting import outermost_first
from tierpub.note.inline.queries import query
from tierpub.note.inline.tier_paths import uncovered
from tierpub.note.leaf import Leaf
from tierpub.note.matches import disguised, matches
from tierpub.note.portions import Kind, Portion
from tierpub.note.relation import read_relation
from tierpub.note.said import (
    LATE_CALLOUT,
    ODD_LINK,
    SINGLE_COLON_LABEL,
    TOO_MANY_FIELDS,
    UNREAD_LABEL,
)
from tierpub.note.source import Source

_PREFIX = re.compile(r"[ \t>]*")
_ATX = re.compile(r"#{1,6}(?:[ \t]+|(?=\r?$))", re.MULTILINE)
_SINGLE_COLON = re.compile(r"([^:]+):(?!:)\s*(\S+)")
_CALLOUT_REACH = 8
"""How far behind its quote's start a callout's type may stand."""


def read_paragraph(source: Source, leaf: Leaf, end: int) -> None:
    """A paragraph: a portion for each of its lines."""
    text, portions, index = source.text, source.portions, leaf.index
    portions[index] = portions[index]._replace(inner_end=source.trimmed(leaf.start, end))
    found = _candidates(source, leaf, leaf.start, end)
    found.sort(key=outermost_first)
    lines = _lines(source, leaf.start, end, found)
    at = 0
    for line, content, stop in lines:
        last = source.trimmed(content, stop)
        first = at
        while at < len(found) and found[at].start < stop:
            at += 1
        own = _line_candidates(source, leaf, content, last, found[first:at])
        if stop == lines[-1][2]:
            own += block_ids(text, content, last)
        if source.may_label(content, last):
            _check_labels(source, leaf, content, last, own)
        if text.startswith("[!", content):
            _check_callout(source, leaf, content, first=line == lines[0][0])
        portions.append(Portion(Kind.LINE, line, stop, index, "", content, last))
        if own:
            nest(own, len(portions) - 1, portions)


def _lines(
    source: Source, start: int, end: int, found: list[Candidate]
) -> list[tuple[int, int, int]]:
    """(start with prefix, start of the words, end with the line's end) of each line; a construct
    over several lines makes them one."""
    masked, base, text = source.view.text, source.base, source.text
    lines: list[tuple[int, int, int]] = []
    reach = 0  # up to where a construct keeps lines together
    at, content, i = start, start, 0
    while at < end:
        newline = masked.find("\n", max(content, reach) - base, end - base)
        stop = end if newline < 0 else newline + base + 1
        while i < len(found) and found[i].start < stop:
            reach = max(reach, found[i].end)
            i += 1
        if reach > stop and stop < end:
            continue
        lines.append((at, content, stop))
        at = stop
        prefix = _PREFIX.match(text, at, end)
        content = prefix.end() if prefix else at
    return lines


def heading_words(source: Source, start: int, end: int) -> tuple[int, int]:
    """The range of a heading's words: without marks, trailing blanks and closing marks."""
    text = source.text
    atx = _ATX.match(text, start, end)
    if not atx:  # underlined
        line = text.rfind("\n", start, source.trimmed(start, end))
        return start, max(start, source.trimmed(start, line if line >= 0 else end))
    first = atx.end()
    words = text[first : source.trimmed(first, end)]
    unmarked = words.rstrip("#")
    if len(unmarked) < len(words) and (not unmarked or unmarked[-1] in " \t"):
        words = unmarked.rstrip(" \t")  # the closing marks need a blank before them
    return first, first + len(words)


def read_heading(source: Source, leaf: Leaf, end: int) -> None:  # noqa: ARG001 - as all readers
    """A heading, whose words name it and its section."""
    portions = source.portions
    heading = portions[leaf.index]
    start, last = heading.inner_start, heading.inner_end
    if not read_relation(source, leaf, start, last):
        _read_line(source, leaf, start, last)
    name = leaf.rendered(source.text)
    portions[leaf.index] = heading._replace(name=name)
    portions[heading.parent] = portions[heading.parent]._replace(name=name)


def read_cell(source: Source, leaf: Leaf, end: int) -> None:  # noqa: ARG001 - as all readers
    """A table cell, whose range is known from the start."""
    cell = source.portions[leaf.index]
    _read_line(source, leaf, cell.start, cell.end, table=True)


def _read_line(source: Source, leaf: Leaf, start: int, end: int, *, table: bool = False) -> None:
    """A leaf that is one line."""
    text = source.text
    first, last = start, end
    if table:  # cells are filled up with blanks
        last = source.trimmed(start, end)
        while first < last and text[first] in " \t":
            first += 1
    found = _candidates(source, leaf, start, end, table=table)
    found = _line_candidates(source, leaf, first, last, found)
    found += block_ids(text, start, end)
    if source.may_label(start, end):
        _check_labels(source, leaf, start, end, found)
    nest(found, leaf.index, source.portions)


def read_html(source: Source, leaf: Leaf, end: int) -> None:
    """An HTML block: links and comments in its source."""
    text, start = source.text, leaf.start
    found = source.comment_candidates(start, end)
    found += html_links(text, start, end)
    found += wikilinks(text, start, end, code=True)
    found += urls(text, start, end)
    found += source.tier_paths(start, end)
    found += matches(source, leaf, start, end)
    found += disguised(source, [Candidate(start, end, Kind.HTML)])
    if source.may_label(start, end):
        _check_labels(source, leaf, start, end, found)
    nest(found, leaf.index, source.portions)


def _candidates(
    source: Source, leaf: Leaf, start: int, end: int, *, table: bool = False
) -> list[Candidate]:
    """All but the fields that are a whole line."""
    text = source.text
    found = wikilinks(text, start, end, table=table)
    found += math_links(text, start, end)
    found += tags(text, start, end)
    found += bracket_fields(text, start, end)
    found += inline_footnotes(text, start, end)
    found += urls(text, start, end)
    comments = source.comment_candidates(start, end)
    if leaf.codes or comments:
        found = [
            c
            for c in found
            if not leaf.in_code(c.start)
            and (c.kind in (Kind.LINK, Kind.URL) or not source.in_comment(c.start))
        ]
        found += comments
    _add_parsed(source, leaf, found)
    found += disguised(source, found)
    found += matches(source, leaf, start, end)
    if paths := source.tier_paths(start, end):
        found = uncovered([*found, *paths])
    return found


def _add_parsed(source: Source, leaf: Leaf, found: list[Candidate]) -> None:
    """Add links, footnote references, HTML tags and inline queries, as the parser found them."""
    text = source.text
    for link in leaf.links:
        found.append(markdown_link(text, link))
        if not has_exact_ends(text, link):
            source.fault(ODD_LINK, link.start)
    for start, end in leaf.footnotes:
        label = text[start + 2 : end - 1]
        found.append(Candidate(start, end, Kind.FOOTNOTE_REF, label, start + 2, end - 1))
    if leaf.tags:
        found += html_elements(text, leaf.tags)
    for start, end in leaf.codes:
        if inquiry := query(text, start, end):
            found.append(inquiry)
            found += wikilinks(text, start, end, code=True)


def _line_candidates(
    source: Source, leaf: Leaf, start: int, end: int, found: list[Candidate]
) -> list[Candidate]:
    """`found` in a line, and the fields that are the line."""
    fields: list[Candidate] = []
    if source.text.find("::", start, end) >= 0:
        taken = [(c.start, c.end) for c in found]
        fields = line_fields(source.text, start, end, taken + leaf.codes_in(start, end))
        if len(fields) == MOST_FIELDS:
            source.fault(TOO_MANY_FIELDS, start)
    if not fields and source.may_label(start, end):
        fields = _single_colon(source, start, end)
    return found + [c for c in fields if not source.in_comment(c.start)]


def _single_colon(source: Source, start: int, end: int) -> list[Candidate]:
    """A line that is a label but for one colon is taken for it, with a warning."""
    if not source.grammar.key_words.search(source.text, start, end):
        return []
    match = _SINGLE_COLON.fullmatch(source.text[start:end])
    if match is None or fold_key(match[1]) != source.grammar.folded_key:
        return []
    source.fault(SINGLE_COLON_LABEL, start)
    first, last = match.span(2)
    return [Candidate(start, end, Kind.INLINE_FIELD, match[1], start + first, start + last)]


def _check_labels(source: Source, leaf: Leaf, start: int, end: int, found: list[Candidate]) -> None:
    """Refuse what a reader would take for a label and the scanners did not."""
    text, grammar = source.text, source.grammar
    labels = sorted([(c.start, c.end) for c in found if _is_label(c, grammar)], reverse=True)
    reach = -1
    for match in grammar.label_like.finditer(text, start, end):
        at = match.start()
        while labels and labels[-1][0] <= at:
            reach = max(reach, labels.pop()[1])
        escaped = text[max(0, at - 2) : at] == "\\#"
        if escaped or leaf.in_code(at) or source.in_comment(at):
            continue
        if at >= reach:
            source.fault(UNREAD_LABEL, at)


def _is_label(candidate: Candidate, grammar: Grammar) -> bool:
    """Whether it is read as a label, or as an address, which is none."""
    if candidate.kind == Kind.TAG:
        return fold_key(candidate.name.partition("/")[0]) == grammar.folded_key
    if candidate.kind == Kind.INLINE_FIELD:
        return fold_key(candidate.name) == grammar.folded_key
    return candidate.kind in (Kind.URL, Kind.TIER_PATH)


def _check_callout(source: Source, leaf: Leaf, at: int, *, first: bool) -> None:
    """Refuse a callout of a tier where a callout cannot begin."""
    parent = source.portions[source.portions[leaf.index].parent]
    if first and parent.kind == Kind.CALLOUT and at - parent.start < _CALLOUT_REACH:
        return
    name = source.text[at + 2 : source.text.find("]", at)].strip().casefold()
    if name in {tier.casefold() for tier in source.grammar.tier_names}:
        source.fault(LATE_CALLOUT, at)
