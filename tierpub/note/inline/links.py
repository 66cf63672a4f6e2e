"""Wikilinks, Markdown links where no Markdown parser reads, and bare URLs.

Each scanner reads a stretch of the text and returns candidates. A plain `find` for the signs that
a construct cannot be without gates every pattern, for most text holds none of them.
"""

from __future__ import annotations

import re

from tierpub.note.inline.nesting import Candidate, new_candidate
from tierpub.note.portions import Kind, Link, Syntax, new_link

# Up to the first `]]`, as Obsidian reads it; the innermost `[[` of several.
WIKILINK = re.compile(r"!?\[\[(?!\[)([^\[\]\n]*(?:(?:\[(?!\[)|\](?!\]))[^\[\]\n]*)*)\]\]")
_PLAIN = re.compile(r"\[\[([^\[\]\n|\\]*)(?:\|([^\[\]\n]*))?\]\]")
"""What `WIKILINK` finds at a `[[`, where no bracket stands in it."""
_URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,30}:/{1,3}(?:(?!%%)[^\s<>\"`\[\]|])+")
_SCHEME = 31
"""The longest scheme that `_URL` finds."""
_NAME = re.compile(r"[^\[\]|\n]+")
_SENTENCE_END = ".,;:!?'*_~"
_MATH_LINK = re.compile(r"\\href[ \t]*+\{([^{}\n]*+)\}(?:[ \t]*+\{([^{}\n]*+)\})?")
_VALUE_LINK = re.compile(
    r"!?\[([^\[\]\n]*)\]\((<[^<>\n]*>|[^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+)[^()\n]*+\)"
)


def wikilinks(
    text: str, start: int, end: int, *, table: bool = False, code: bool = False
) -> list[Candidate]:
    """Wikilinks and embeds of `text[start:end]`, and links in their aliases.

    In a table a new alias needs an escaped pipe, in code none can be added.
    """
    found: list[Candidate] = []
    at, done = text.find("[[", start, end), start
    line, close = start, -1  # where the line of `at` ends, and its last `]]`
    while at >= 0:
        embed = at > done and text[at - 1] == "!"
        if match := _PLAIN.match(text, at, end):
            dest, alias = match.groups()
            first, dest_end = match.span(1)
            done = match.end()
            last = done - 2
            words = dest_end if alias is None else dest_end + 1
            link = new_link((Syntax.WIKI, first, dest_end, words, last, embed, table, code))
            found.append(new_candidate((at - embed, done, Kind.LINK, dest, first, last, link)))
            at = text.find("[[", done, end)
            continue
        match = WIKILINK.match(text, at - embed, end)
        if match is None:
            if at >= line:
                newline = text.find("\n", at, end)
                line = end if newline < 0 else newline
                close = text.rfind("]]", at, line)
            found += _outer(text, at, line, close)
            at = text.find("[[", at + 1, end)
            continue
        done = match.end()
        found += _bracketed(text, match, embed=embed, table=table, code=code)
        at = text.find("[[", done, end)
    return found


def _bracketed(
    text: str, match: re.Match[str], *, embed: bool, table: bool, code: bool
) -> list[Candidate]:
    """A wikilink in which lone brackets or backslashes stand, and the links in its alias."""
    first, last = match.span(1)
    pipe = text.find("|", first, last)
    if pipe < 0:
        dest_end = alias = last
    else:
        dest_end, alias = pipe - (pipe > first and text[pipe - 1] == "\\"), pipe + 1
    dest = text[first:dest_end]
    link = new_link((Syntax.WIKI, first, dest_end, alias, last, embed, table, code))
    found = [new_candidate((*match.span(), Kind.LINK, dest, first, last, link))]
    # A lone bracket ends it for other readers.
    if ("[" in dest or "]" in dest) and (name := _NAME.match(dest)):
        cut = Link(Syntax.DECODED, first, first, first, first, embed=False)
        found.append(Candidate(first, first, Kind.LINK, name[0], first, first, cut))
    return found + value_links(text, alias, last) if alias < last else found


def _outer(text: str, at: int, line: int, close: int) -> list[Candidate]:
    """What other readers take for a link at a `[[` that Obsidian reads none at, because another
    `[[` or a lone bracket stands inside: up to `close`, the last `]]` of its line."""
    name = _NAME.match(text, at + 2, line)
    if close < at or name is None or not name[0].strip():
        return []
    link = Link(Syntax.DECODED, at, at, at, at, embed=False)
    return [
        Candidate(at, close + 2, Kind.TANGLE, "", at, close + 2),
        Candidate(at, at, Kind.LINK, name[0].strip(), at, at, link),
    ]


def value_links(text: str, start: int, end: int) -> list[Candidate]:
    """Markdown links where no Markdown parser reads: in values and code."""
    if text.find("](", start, end) < 0:
        return []
    return [_value_link(text, match) for match in _VALUE_LINK.finditer(text, start, end)]


def _value_link(text: str, match: re.Match[str]) -> Candidate:
    first, last = match.span(2)
    syntax = Syntax.MARKDOWN
    if text.startswith("<", first, last):
        syntax, first, last = Syntax.ANGLE, first + 1, last - 1
    link = Link(syntax, first, last, *match.span(1), text[match.start()] == "!")
    return Candidate(*match.span(), Kind.LINK, text[first:last], *match.span(1), link)


def math_links(text: str, start: int, end: int) -> list[Candidate]:
    r"""Links in mathematics: `\\href{dest}{words}`."""
    if text.find("\\href", start, end) < 0:
        return []
    found: list[Candidate] = []
    for match in _MATH_LINK.finditer(text, start, end):
        first, last = match.span(1)
        words = match.span(2) if match[2] is not None else (last, last)
        link = Link(Syntax.HTML, first, last, *words, embed=False)
        found.append(Candidate(*match.span(), Kind.LINK, text[first:last], *words, link))
    return found


def urls(text: str, start: int, end: int) -> list[Candidate]:
    """Bare URLs, without the punctuation that ends a sentence or an unpaired bracket."""
    found: list[Candidate] = []
    at = text.find(":/", start, end)
    while at >= 0:
        match = _URL.search(text, max(start, at - _SCHEME), end)
        if match is None:
            break
        start, last = match.start(), match.start() + len(_url(match[0]))
        link = Link(Syntax.PLAIN, start, last, last, last, embed=False)
        found.append(Candidate(start, last, Kind.URL, text[start:last], start, last, link))
        start = match.end()
        at = text.find(":/", start, end)
    return found


def _url(matched: str) -> str:
    url = matched.rstrip(_SENTENCE_END)
    unpaired = url.count(")") - url.count("(")
    end = len(url)
    while unpaired > 0 and end and url[end - 1] == ")":
        unpaired, end = unpaired - 1, end - 1
        while end and url[end - 1] in _SENTENCE_END:
            end -= 1
    return url[:end]
