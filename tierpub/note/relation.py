"""`#is_/same_as :: [[X]]` and `#is_/same_as :: [X](X.md)`: a line that is one relation to one note.

Footers consist of such lines, so they are nearly all headings of a vault. What the scanners would
find in one is known once it has this shape: a field, and in it a tag and a link.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tierpub.note.inline import Candidate
from tierpub.note.inline.links import wikilinks
from tierpub.note.inline.markdown import markdown_link
from tierpub.note.leaf import Leaf
from tierpub.note.portions import Kind, Portion, Syntax, new_link, new_portion
from tierpub.note.source import Source

# No sign in it opens anything else: no comment, code, tag, footnote, block id, field or address.
_SIGN = r"[^\n\[\]\\`<>#:^%&!|]"
_RELATION = re.compile(
    rf"#([A-Za-z][A-Za-z0-9_/-]*)[ \t]*::([ \t]*)"
    rf"(\[\[{_SIGN}+(?:\|{_SIGN}+)?\]\]|\[{_SIGN}+\]\((?:(?![\s()]){_SIGN})+\))"
)
_HEADING = re.compile(
    rf"#{{1,6}}[ \t]+(#([A-Za-z][A-Za-z0-9_/-]*)[ \t]*::([ \t]*)"
    rf"\[\[({_SIGN}+)(?:\|({_SIGN}+))?\]\])[ \t]*\r?\n?"
)


class Relation(NamedTuple):
    """A heading that is a relation by a wikilink, in which the parser found nothing but text."""

    match: re.Match[str]
    name: str
    """The words that it renders to."""
    events: int
    """How many events the parser made of it."""


def relation_heading(source: Source, at: int, start: int, end: int) -> Relation | None:
    """What the heading in a range is, whose first event is the one at `at`, if it is a relation
    and nothing else speaks of it: found several times as fast as by reading it as all are."""
    match = _HEADING.fullmatch(source.text, start, end)
    if match is None or not (source.silent and source.silent_rendered):
        return None
    if source.may_label(start, end):
        return None
    text, (first, last), dest = source.text, match.span(1), match.span(4)
    if any(
        p.inner_start != dest[0] or p.inner_end > dest[1] for p in source.tier_paths(start, end)
    ):
        return None
    events, reached, stop = source.view.events, first - source.base, at + 1
    while type(event := events[stop][0]) is dict and "Text" in event:
        span = events[stop][1]
        if span["start"] != reached:
            return None
        reached, stop = span["end"], stop + 1
    if reached != last - source.base:  # emphasis, by `_` in the tag
        return None
    name = (text[first : dest[0] - 2] + (match[5] or match[4])).strip()
    return Relation(match, name, stop + 1 - at)


def add_relation(source: Source, heading: int, match: re.Match[str]) -> None:
    """Append the portions of a relation to those of the heading that it is."""
    portions, field = source.portions, len(source.portions)
    start, end = match.span(1)
    first, last = match.span(4)
    tag, tag_end = match[2], match.end(2)
    alias, alias_end = match.span(5) if match[5] else (last, last)
    link = new_link((Syntax.WIKI, first, last, alias, alias_end, False, False, False))
    portions += (
        new_portion(
            (Kind.INLINE_FIELD, start, end, heading, "#" + tag, match.start(3), end, None, 0)
        ),
        new_portion((Kind.TAG, start, tag_end, field, tag, start + 1, tag_end, None, 0)),
        new_portion((Kind.LINK, first - 2, end, field, match[4], first, alias_end, link, 0)),
    )  # fmt: skip


def read_relation(source: Source, leaf: Leaf, start: int, end: int) -> bool:
    """Append the portions of a leaf whose words are a range, if they are a relation and nothing
    else speaks of them; else False, and nothing is appended."""
    match = _RELATION.fullmatch(source.text, start, end)
    if match is None or not _is_plain(source, leaf, start, end):
        return False
    link = _link(source, leaf, *match.span(3))
    if link is None or not _is_only_path(source, link, start, end):
        return False
    portions, field, tag_end = source.portions, len(source.portions), match.end(1)
    portions += (
        Portion(Kind.INLINE_FIELD, start, end, leaf.index, "#" + match[1], match.start(2), end),
        Portion(Kind.TAG, start, tag_end, field, match[1], start + 1, tag_end),
        Portion(Kind.LINK, link.start, end, field, link.name, link.inner_start, link.inner_end,
                link.link),
    )  # fmt: skip
    return True


def _is_plain(source: Source, leaf: Leaf, start: int, end: int) -> bool:
    """Whether the parser found no more than a link, no rule matches in the words, and no label
    may stand in them."""
    if leaf.comments or leaf.codes or leaf.tags or leaf.footnotes:
        return False
    return source.silent and source.silent_rendered and not source.may_label(start, end)


def _link(source: Source, leaf: Leaf, start: int, end: int) -> Candidate | None:
    """The link that is a range, if it is one and the only one."""
    if not leaf.links:
        found = wikilinks(source.text, start, end)
        return found[0] if len(found) == 1 and found[0].end == end else None
    parsed = leaf.links[0]
    whole = len(leaf.links) == 1 and (parsed.start, parsed.end, parsed.type) == (
        start,
        end,
        "Inline",
    )
    return markdown_link(source.text, parsed) if whole else None


def _is_only_path(source: Source, link: Candidate, start: int, end: int) -> bool:
    """Whether no path into a tier's tree stands in a range but that of the destination."""
    return link.link is not None and all(
        path.inner_start == link.link.dest_start and path.inner_end <= link.link.dest_end
        for path in source.tier_paths(start, end)
    )
