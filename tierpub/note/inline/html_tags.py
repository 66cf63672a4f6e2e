"""Links in HTML tags, and how far the elements reach whose tags hold one."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from tierpub.note.inline.nesting import Candidate
from tierpub.note.portions import Kind, Link, Syntax

_ATTRIBUTE = re.compile(
    r"([a-zA-Z_:][-\w:.]{0,64})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+))", re.DOTALL
)
_LINK_ATTRIBUTES = frozenset(
    ("href", "src", "srcset", "data", "poster", "cite", "action", "background", "longdesc",
     "data-href", "data-src", "data-path", "xlink:href")
)  # fmt: skip
_READ = _LINK_ATTRIBUTES | {"style", "content", "srcdoc"}
"""Attributes that hold addresses. In any other a path may be one to some script: it hides its
element, and is never rewritten."""
_STYLE_ADDRESS = re.compile(r"url\(\s*[\"']?([^\"'()]+)")
_REFRESH = re.compile(r"\burl\s*=\s*[\"']?([^\"']+)", re.IGNORECASE)
_PATH = re.compile(r"[^;=<>{}()\n]*/[^;=<>{}()\n]*")
_SIZED = re.compile(r"([^\s,]+)(?:\s+[^,]*)?")
_TAG_NAME = re.compile(r"<(/?)([A-Za-z][\w-]*)")


def html_links(text: str, start: int, end: int) -> list[Candidate]:
    """The attributes of HTML tags that lead somewhere or say what a reader sees of it."""
    if text.find("=", start, end) < 0:
        return []
    found: list[Candidate] = []
    for match in _ATTRIBUTE.finditer(text, start, end):
        attribute, value = match[1].casefold(), match.span(match.lastindex or 0)
        if attribute == "srcdoc":
            found += html_links(text, *value)
            continue
        for first, last in _addresses(text, attribute, *value):
            link = Link(Syntax.HTML, first, last, last, last, embed=False)
            found.append(Candidate(first, last, Kind.LINK, text[first:last], first, last, link))
        if attribute not in _READ and _PATH.fullmatch(text, *value):
            first, name = value[0], html.unescape(text[slice(*value)])
            link = Link(Syntax.DECODED, first, first, first, first, embed=False)
            found.append(Candidate(first, first, Kind.LINK, name, first, first, link))
    return found


def _addresses(text: str, attribute: str, start: int, end: int) -> list[tuple[int, int]]:
    """The addresses in an attribute's value; `srcset` holds several, each with a size."""
    if attribute == "srcset":
        return [match.span(1) for match in _SIZED.finditer(text, start, end)]
    if attribute == "style":
        return [match.span(1) for match in _STYLE_ADDRESS.finditer(text, start, end)]
    if attribute == "content":  # of a page that leads on: `0; url=path`
        return [match.span(1) for match in _REFRESH.finditer(text, start, end)]
    return [(start, end)] if attribute in _LINK_ATTRIBUTES else []


def html_elements(text: str, tags: Sequence[tuple[int, int]]) -> list[Candidate]:
    """Tags with link attributes, each up to the end of its element, and the links in them."""
    found: list[Candidate] = []
    for (start, end), stop in zip(tags, _element_ends(text, tags), strict=True):
        links = html_links(text, start, end)
        if links:
            found.append(Candidate(start, stop, Kind.TANGLE, "html", end, stop, None))
            found += links
    return found


def _element_ends(text: str, tags: Sequence[tuple[int, int]]) -> list[int]:
    """Where the element that each tag opens ends, or the tag itself where it is not closed."""
    ends = [end for _, end in tags]
    open_: dict[str, list[int]] = {}
    for i, (start, end) in enumerate(tags):
        match = _TAG_NAME.match(text, start)
        if match is None or text[end - 2] == "/":
            continue
        waiting = open_.setdefault(match[2].casefold(), [])
        if not match[1]:
            waiting.append(i)
        elif waiting:
            ends[waiting.pop()] = end
    return ends
