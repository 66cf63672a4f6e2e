"""What code says that Obsidian or its plugins read: inline queries, and links in diagrams."""

from __future__ import annotations

import re

from tierpub.note.inline.nesting import Candidate
from tierpub.note.portions import Kind, Link, Syntax

_QUERY = re.compile(r"\s*(?:\$?=|dv:|dvjs:)")
_FIELD_NAME = re.compile(
    r"\b(?:this|current\(\))(?:\.([^\s()\[\].,+*/=<>!&|;:\"'`-][^\s()\[\].,+*/=<>!&|;:\"'`]*)|\[[\"']([^\"'\]]+)[\"']\])"
)
_MERMAID_CLASS = re.compile(r"^[ \t>]*+class[ \t]++([^\n]+)", re.MULTILINE)
_MERMAID_LINK = re.compile(r"[ \t]internal-link\b")
_MERMAID_TARGET = re.compile(
    r"^[ \t>]*+(?:click|link)[ \t]++\S++[ \t]++(?:href[ \t]++)?\"([^\"\n]++)\""
    r"|^[ \t>]*+link[ \t]++[^\n:@]++:[^\n@]++@[ \t]*+([^\s\"]++)"
    r"|\bimg[ \t]*+:[ \t]*+[\"']([^\"'\n]++)",
    re.MULTILINE,
)
_NODE_END = re.compile(r"[,\s\[({>]+")
_MERMAID_LABEL = re.compile(r"([^\s,\[({>]++)[\[({>]++\"?([^\]\n\"){}]++)")
_BOUNDARY = re.compile(r"\b")
_LONGEST_NODE = 256


def query(text: str, start: int, end: int) -> Candidate | None:
    """A code span `text[start:end]` as an inline query (`= …`, `$= …`, `dv: …`), if it is one.

    Its name lists the fields of `this` that it names, one a line.
    """
    code = text[start:end].strip("`")
    if not _QUERY.match(code):
        return None
    names = [a or b for a, b in _FIELD_NAME.findall(code)]
    return Candidate(start, end, Kind.QUERY, "\n".join(names), start, end)


def mermaid_targets(text: str, start: int, end: int) -> list[Candidate]:
    """Paths that nodes open or show: `click A "path"`, `link A: words @ path`, `img: "path"`."""
    found: list[Candidate] = []
    for match in _MERMAID_TARGET.finditer(text, start, end):
        first, last = match.span(match.lastindex or 0)
        if "://" not in text[first:last]:  # a URL is found as one
            link = Link(Syntax.MARKDOWN, first, last, last, last, embed=False, code=True)
            found.append(Candidate(first, last, Kind.LINK, text[first:last], first, last, link))
    return found


def mermaid_links(text: str, start: int, end: int) -> list[Candidate]:
    """The notes that nodes of class `internal-link` lead to, by their label or else their id.

    They belong to the diagram as a whole: a node stands in more lines than its class.
    """
    found: list[Candidate] = []
    link = Link(Syntax.DECODED, start, start, start, start, embed=False)
    labels: dict[str, str] | None = None
    for match in _MERMAID_CLASS.finditer(text, start, end):
        last = _MERMAID_LINK.search(match[1])
        if last is None:
            continue
        labels = _labels(text, start, end) if labels is None else labels
        for node in filter(None, _NODE_END.split(match[1][: last.start()])):
            name = labels.get(node, node)
            found.append(Candidate(start, start, Kind.LINK, name, start, start, link))
    return found


def _labels(text: str, start: int, end: int) -> dict[str, str]:
    """The first label of each node, by its id: all that ends at the label's bracket and begins
    where a word begins or ends."""
    labels: dict[str, str] = {}
    for match in _MERMAID_LABEL.finditer(text, start, end):
        first, last = match.span(1)
        for edge in _BOUNDARY.finditer(text, max(first, last - _LONGEST_NODE), last):
            labels.setdefault(text[edge.start() : last], match[2].strip())
    return labels
