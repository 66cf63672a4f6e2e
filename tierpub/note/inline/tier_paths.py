"""Paths into the trees of tiers, wherever they stand: none must go out where it leads higher."""

from __future__ import annotations

import re

from tierpub.note.grammar import Grammar
from tierpub.note.inline.nesting import Candidate, new_candidate
from tierpub.note.portions import Kind, Link, Syntax, new_link

_UNDERSCORE_ENDS = ("_", "f", ";")
"""What every spelling of `_` ends in (`grammar`)."""
_PATH_STOP = frozenset(" \t\r\n[]()<>\"'`|=,;#")
_PLAIN = re.compile(r"([^\s\[\]()<>\"'`|#]*)(?:\|[^\[\]\n]{0,900})?\]\]")
"""From a tier's folder to the end of a wikilink as nearly all are."""
_OPENED = 3
_REACH = 1024
"""How far around a tier's folder its path and what looks like a link may go."""


def tier_paths(text: str, grammar: Grammar) -> list[Candidate]:
    """All paths into tiers' trees in `text`, with what looks like a link around each."""
    found: list[Candidate] = []
    done, marked = 0, "](" in text
    for at in _tree_starts(text, grammar):
        if at < done:
            continue
        place = _wikilink(text, at, marked=marked) or _anyhow(text, at, grammar)
        if place is None:
            continue
        begin, first, done, end = place
        link = new_link((Syntax.PLAIN, first, done, first, first, False, False, False))
        path = text[first:done]
        found.append(new_candidate((begin, end, Kind.TIER_PATH, path, first, done, link)))
    return found


def _wikilink(text: str, at: int, *, marked: bool) -> tuple[int, int, int, int] | None:
    """What `_anyhow` finds where the path is the destination of a wikilink as nearly all are: ten
    times as fast. `marked`: whether there are Markdown links, for such a one may be around it."""
    if at < _OPENED or not text.startswith("[[/", at - _OPENED):
        return None
    match = _PLAIN.match(text, at)
    if match is None or ".md" in match[1].lower():
        return None
    begin = at - _OPENED
    if marked and text.find("](", max(text.rfind("\n", 0, at), at - _REACH, 0), at) >= 0:
        return None
    begin -= begin > 0 and text[begin - 1] == "!"
    return begin, at - 1, match.end(1), match.end()


def _anyhow(text: str, at: int, grammar: Grammar) -> tuple[int, int, int, int] | None:
    """Where what looks like a link around the path at a tier's folder begins, the path begins and
    ends, and that ends; None where it is no path."""
    floor = max(0, at - 2 * _REACH)
    line = max(text.rfind("\n", floor, at) + 1, floor)
    match = grammar.tier_path.match(text, at)
    if match is None:
        return None
    first = _path_start(text, at, line)
    begin, end = _look_alike(text, first, match.end(), line)
    return begin, first, match.end(), end


def tier_paths_of(text: str, start: int, end: int, grammar: Grammar) -> list[Candidate]:
    """Those of `text[start:end]` alone, for a value."""
    if text.find("/", start, end) < 0 and text.find("\\", start, end) < 0 and "%" not in text:
        return []
    return [_moved(candidate, start) for candidate in tier_paths(text[start:end], grammar)]


def uncovered(found: list[Candidate]) -> list[Candidate]:
    """`found` without the tier paths that are the destination of a link also found."""
    ends = {c.link.dest_start: c.link.dest_end for c in found if c.kind == Kind.LINK and c.link}
    return [
        c for c in found if c.kind != Kind.TIER_PATH or ends.get(c.inner_start, -1) < c.inner_end
    ]


def _tree_starts(text: str, grammar: Grammar) -> list[int]:
    """Where a tier's folder may be named: around each word that only stands in such a name."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter whose lower case is longer: offsets would be off
        lower = text
    starts: set[int] = set()
    for word, tree, lead in grammar.tree_words:
        at, step = lower.find(word), max(1, len(word))
        while at >= 0:
            if lower.startswith(tree, at - lead) and at >= lead:
                starts.add(at - lead)  # spelled plainly, as nearly all are
            elif lead == 0 or tree[lead - 1] != "_" or lower[at - 1 : at] in _UNDERSCORE_ENDS:
                for match in grammar.tree.finditer(text, max(0, at - 8 * lead), at + grammar.reach):
                    starts.add(match.start())
            at = lower.find(word, at + step)
    return sorted(starts)


def _path_start(text: str, hit: int, floor: int) -> int:
    """Where the path begins that leads to the tier's folder: `../../_secret/…`, `/_secret/…`."""
    floor = max(floor, hit - _REACH)
    if text[hit - 1 : hit] not in ("/", "\\") and text[hit - 3 : hit].lower() not in ("%2f", "%5c"):
        return hit
    while hit > floor and text[hit - 1] not in _PATH_STOP:
        hit -= 1
    return hit


def _look_alike(text: str, first: int, last: int, line: int) -> tuple[int, int]:
    """The range of `[…](…)` or `[[…]]` around a path that no parser takes for a link."""
    floor = max(line, first - _REACH)
    for opener, closer in (("](", ")"), ("[[", "]]")):
        at = text.rfind(opener, floor, first)
        if at < 0 or text.find(closer[0], at + 2, first) >= 0:
            continue
        ceiling = min(len(text), last + _REACH)
        newline = text.find("\n", last, ceiling)
        ceiling = ceiling if newline < 0 else newline
        close = text.find(closer, last, ceiling)
        begin = text.rfind("[", floor, at) if opener == "](" else at
        begin = at if begin < 0 else begin
        begin -= begin > floor and text[begin - 1] == "!"
        return begin, close + len(closer) if close >= 0 else last
    return first, last


def _moved(candidate: Candidate, by: int) -> Candidate:
    link = candidate.link
    if link:
        a, b, c, d = (n + by for n in link[1:5])
        link = Link(link.syntax, a, b, c, d, link.embed, link.escaped_pipe, link.code)
    return Candidate(candidate.start + by, candidate.end + by, candidate.kind, candidate.name,
                     candidate.inner_start + by, candidate.inner_end + by, link)  # fmt: skip
