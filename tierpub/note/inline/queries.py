"""What code says that Obsidian or its plugins read: inline queries, and links in diagrams."""

from __future__ import annotations

import re

from tierpub.note.inline.nesting import Candidate
from tierpub.note.portions import Kind, Link, Syntax

_QUERY = re.compile(r"\s*(?:\$?=|dv:|dvjs:)")
_FIELD_NAME = re.compile(
    r"\b(?:this|current\(\))(?:\.([^\s()\[\].,+*/=<>!&|;:\"'`-][^\s()\[\].,+*/=<>!&|;:\"'`]*)|\[[\"']([^\"'\]]+)[\"']\])"
)
_MERMAID_CLASS = re.compile(r"^[ \t>]*class[ \t]+([^\n]+?)[ \t]+internal-link\b", re.MULTILINE)
_NODE_END = re.compile(r"[,\s]+")


def query(text: str, start: int, end: int) -> Candidate | None:
    """A code span `text[start:end]` as an inline query (`= …`, `$= …`, `dv: …`), if it is one.

    Its name lists the fields of `this` that it names, one a line.
    """
    code = text[start:end].strip("`")
    if not _QUERY.match(code):
        return None
    names = [a or b for a, b in _FIELD_NAME.findall(code)]
    return Candidate(start, end, Kind.QUERY, "\n".join(names), start, end)


def mermaid_links(text: str, start: int, end: int) -> list[Candidate]:
    """The notes that nodes of class `internal-link` lead to, by their label or else their id.

    They belong to the diagram as a whole: a node stands in more lines than its class.
    """
    found: list[Candidate] = []
    link = Link(Syntax.DECODED, start, start, start, start, embed=False)
    for match in _MERMAID_CLASS.finditer(text, start, end):
        for node in _NODE_END.split(match[1]):
            labelled = re.compile(rf"\b{re.escape(node)}[\[({{>]+\"?([^\]\n\"){{}}]+)")
            label = labelled.search(text, start, end)
            name = label[1].strip() if label else node
            found.append(Candidate(start, start, Kind.LINK, name, start, start, link))
    return found
