"""First look at a body: where code is, where comments are. One scan from left to right.

What comes first wins: a `%%` in code is code, a fence in a comment is comment. Where a fence or
comment is never closed, it ends with the quote or list item in which it began.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FILLER = "\ue000"
"""Stands for each character of a comment while the rest is read, so that offsets hold."""
_OPENING = re.compile(
    r"^(?P<lead>[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})"
    r"(?P<info>[^\n]*)$"
    r"|(?P<ticks>`+)|(?P<percent>%%)|(?P<html><!--)|\\[\\`%<]",
    re.MULTILINE,
)
_BLANK = re.compile(r"^[ \t>]*\r?$", re.MULTILINE)
_LINE = re.compile(r"[^\r\n]+")
_LEAD = re.compile(r"[ \t>]*")
_BULLET = re.compile(r"([ \t>]*)(?:[-*+]|\d{1,9}[.)])[ \t]+")


@dataclass(frozen=True, slots=True)
class Range:
    """A piece of a text."""

    start: int
    end: int
    sort: str
    """`fence`, `span` (code in a line), `indented` or `comment`."""
    inner: str = ""
    """A fence's language, a comment's text."""
    closed: bool = True


def scan(text: str, indented: list[tuple[int, int]]) -> list[Range]:
    """Code and comments of a body; `indented` is code by indentation."""
    found = [Range(a, b, "indented") for a, b in indented]
    code_at = sorted(indented)
    at, block = 0, 0
    while match := _OPENING.search(text, at):
        while block < len(code_at) and code_at[block][1] <= match.start():
            block += 1
        if block < len(code_at) and code_at[block][0] <= match.start():
            at = code_at[block][1]
            continue
        piece = _piece(text, match)
        if piece is not None:
            found.append(piece)
        at = max(match.end(), piece.end if piece else 0)
    return sorted(found, key=lambda piece: piece.start)


def _piece(text: str, match: re.Match[str]) -> Range | None:
    if match["fence"]:
        return _fence(text, match)
    if match["ticks"]:
        return _span(text, match)
    end = "%%" if match["percent"] else "-->"
    if not (match["percent"] or match["html"]):
        return None
    limit = container_end(text, match.start())
    first = match.end() if end == "%%" else match.start() + 2
    stop = text.find(end, first, limit)
    inner = text[match.end() : stop if stop >= 0 else limit]
    return Range(
        match.start(), stop + len(end) if stop >= 0 else limit, "comment", inner, stop >= 0
    )


def _fence(text: str, match: re.Match[str]) -> Range:
    limit = container_end(text, match.start("fence"))
    fence = match["fence"]
    closing = re.compile(rf"^[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*\r?$", re.MULTILINE)
    stop = closing.search(text, match.end(), limit)
    words = match["info"].split()
    return Range(
        match.start("fence"), stop.end() if stop else limit, "fence", words[0] if words else ""
    )


def _span(text: str, match: re.Match[str]) -> Range | None:
    """Code in a line, if as many backticks close it in the same paragraph."""
    blank = _BLANK.search(text, match.end())
    limit = blank.start() if blank else len(text)
    ticks = re.compile(rf"(?<!`){match['ticks']}(?!`)")
    stop = ticks.search(text, match.end(), limit)
    return (
        Range(match.start(), stop.end(), "span", text[match.end() : stop.start()]) if stop else None
    )


def container_end(text: str, at: int) -> int:
    """Where the quote or list item ends in which the line of `at` stands."""
    line_start = text.rfind("\n", 0, at) + 1
    lead = _LEAD.match(text, line_start, at)
    quotes = lead[0].count(">") if lead else 0
    indent = _item_indent(text, line_start, at)
    if not quotes and not indent:
        return len(text)
    position = text.find("\n", at) + 1
    while position:
        end = text.find("\n", position)
        line = text[position : end if end >= 0 else len(text)]
        quotes_here = _LEAD.match(line)
        depth = quotes_here[0].count(">") if quotes_here else 0
        bare = line.lstrip(" \t>") if quotes else line.lstrip(" \t")
        width = len(line) - len(line.lstrip(" \t")) if not quotes else 0
        if depth < quotes or (bare.strip() and not quotes and width < indent):
            return position
        position = end + 1
    return len(text)


def _item_indent(text: str, line_start: int, at: int) -> int:
    """How far the content of the list item is indented that the line stands in; 0 for none."""
    bullet = _BULLET.match(text, line_start)
    if bullet and bullet.end() <= at:
        return bullet.end() - line_start
    line = text[line_start:at]
    width = len(line) - len(line.lstrip(" \t"))
    while width and line_start:
        line_start = text.rfind("\n", 0, line_start - 1) + 1
        bullet = _BULLET.match(text, line_start)
        if bullet and bullet.end() - line_start <= max(width, 2) and len(bullet[1]) < width:
            return min(bullet.end() - line_start, width)
        here = text[line_start : text.find("\n", line_start)]
        if here.strip() and here[:1] not in " \t":
            return 0
    return 0


def filled(text: str, sign: str) -> str:
    """As many signs as a text has characters, its line ends kept."""
    return _LINE.sub(lambda match: sign * len(match[0]), text)


def masked(text: str, pieces: list[Range], sorts: tuple[str, ...]) -> str:
    """`text` with the pieces of `sorts` filled, line ends kept: offsets stay."""
    out, at = [], 0
    for piece in pieces:
        if piece.sort in sorts and piece.start >= at:
            out.append(text[at : piece.start])
            out.append(filled(text[piece.start : piece.end], FILLER))
            at = piece.end
    out.append(text[at:])
    return "".join(out)
