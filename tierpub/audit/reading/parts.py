"""What stands in lines beside links: tags, inline fields, marks of footnotes, ids of blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tierpub.audit.reading.inline import Piece

TAG = re.compile(r"#(?P<tag>[\w/+-]*[^\W\d][\w/+-]*)")
_BEFORE_TAG = re.compile(r"[\s(\[{,;.\"'>:|*_!?]")
_BEFORE = re.compile(r"[\[(]([^\[\]()\n:|]*[^\s\[\]()\n:|][^\[\]()\n:|]*)\Z")
LINE_FIELD = re.compile(
    r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:\[[ xX]\] )?"
    r"(?P<key>[^:\n`|]+)::(?P<value>[^\n]*)",
)
FOOTNOTE = re.compile(r"\[\^(?P<name>[^\]\s]+)\](?!:)")
_INLINE_NOTE = re.compile(r"\^\[")
BLOCK_ID = re.compile(r"(?:^|(?<=\s))\^(?P<id>[\w-]+)[ \t]*\r?$", re.MULTILINE)


def tags(text: str) -> Iterator[Piece]:
    """`#tag`, `#nested/tag`."""
    if "#" in text:
        for match in TAG.finditer(text):
            # Looked at here and not by the pattern, so that it is found by its sign.
            if match.start() == 0 or _BEFORE_TAG.match(text, match.start() - 1):
                yield Piece("tag", match.start(), match.end(), match["tag"].strip("/"))


def fields(text: str) -> Iterator[Piece]:
    """`[key:: v]`, `(key:: v)` and `key:: v` on a line; `words` is where the value stands."""
    if "::" not in text:
        return
    at = text.find("::")
    while at >= 0:
        match = _BEFORE.search(text, max(text.rfind("\n", 0, at) + 1, at - 200), at)
        end = _closing(text, match.start()) if match else 0
        if match and end:
            yield Piece("field", match.start(), end, match[1], (at + 2, end - 1))
        at = text.find("::", at + 2)
    for match in line_fields(text):
        key = match["key"]
        if not re.search(r"[\[(][^\])]*$", key):
            yield Piece("line-field", match.start("key"), match.end(), key, match.span("value"))


def line_fields(text: str) -> Iterator[re.Match[str]]:
    """The lines that read `key:: value`."""
    at = text.find("::")
    while at >= 0:
        match = LINE_FIELD.match(text, text.rfind("\n", 0, at) + 1)
        if match and match["key"].strip():
            yield match
        end = text.find("\n", at)
        at = text.find("::", end) if end >= 0 else -1


def _closing(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`, on the same line; 0 where none does."""
    opening, closing = text[start], {"[": "]", "(": ")"}[text[start]]
    depth = 0
    for at in range(start, len(text)):
        char = text[at]
        if char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if not depth:
                return at + 1
        elif char == "\n":
            return 0
    return 0


def footnote_marks(text: str) -> Iterator[Piece]:
    """References to footnotes, and footnotes written in the line."""
    for match in FOOTNOTE.finditer(text):
        yield Piece("footnote", match.start(), match.end(), match["name"])
    for match in _INLINE_NOTE.finditer(text):
        end = _closing(text, match.start() + 1)
        if end:
            yield Piece("inline-footnote", match.start(), end, "", (match.end(), end - 1))
