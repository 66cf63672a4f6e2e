"""Files that are named without a link around them: in values of the frontmatter (`cover: a.png`)
and behind the keys of leaflet blocks (`geojsonFolder: maps`)."""

from __future__ import annotations

import re

from tierpub.note.inline.nesting import Candidate
from tierpub.note.portions import Kind, Link, Syntax

_FILE = re.compile(r"[^\n\[\]|<>#^:`{}=]*[^\n\[\]|<>#^:`{}=\s/\\.]\.[A-Za-z][A-Za-z0-9]{1,9}")
"""A path that ends in an extension, and no URL, link or sentence with a link in it."""
_LEAFLET = re.compile(
    r"^[ \t>]*(image|geojsonFolder|markerFolder)[ \t]*:[ \t]*(?P<name>[^\n]*?)[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)
_NO_PATH = re.compile(r"[\[\]<>|]|://")
_LONGEST = 1024


def file_value(text: str, start: int, end: int, value: str) -> list[Candidate]:
    """The file that a leaf of the frontmatter names by its whole value, which is written between
    `start` and `end`: as it is, in quotes, or hidden by escapes."""
    if "." not in value or len(value) > _LONGEST or not _FILE.fullmatch(value):
        return []
    quoted = int(text[start:end] != value)
    if text[start + quoted : end - quoted] == value:
        return [_named(start + quoted, end - quoted, value, code=False)]
    link = Link(Syntax.DECODED, start, end, end, end, embed=False)
    return [Candidate(start, end, Kind.LINK, value, start, end, link)]


def leaflet_files(text: str, start: int, end: int) -> list[Candidate]:
    """The images and folders that a leaflet block names. A folder's name gets a `/` at its end,
    which it may not have in the text: so it is looked up as one."""
    found = []
    for match in _LEAFLET.finditer(text, start, end):
        first, last = match.span("name")
        name = match["name"]
        if not name.strip("/") or len(name) > _LONGEST or _NO_PATH.search(name):
            continue
        if match[1].casefold() != "image":
            name = name.rstrip("/") + "/"
        found.append(_named(first, last, name, code=True))
    return found


def _named(start: int, end: int, name: str, *, code: bool) -> Candidate:
    link = Link(Syntax.PLAIN, start, end, end, end, embed=False, code=code)
    return Candidate(start, end, Kind.LINK, name, start, end, link)
