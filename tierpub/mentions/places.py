"""Where in a canonical note the words of a mention stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tierpub.classify import Classified
from tierpub.errors import Place
from tierpub.mentions.needles import Needle
from tierpub.mentions.plain import is_whole
from tierpub.mentions.search import Search
from tierpub.note import Kind

Span = tuple[int, int]

_BLOCKS = frozenset(
    (Kind.FIELD, Kind.ENTRY, Kind.LINE, Kind.HEADING, Kind.PARAGRAPH, Kind.CELL, Kind.CODE,
     Kind.HTML, Kind.DEFINITION, Kind.COMMENT)
)  # fmt: skip


def offsets_of(search: Search, note: Classified, needle: Needle, level: int) -> list[int]:
    """Where the mentions that a reader of `level` sees begin; none where none can be pointed
    at, as in the note's own name."""
    spans = list(_occurrences(note.note.text, needle))
    found = [
        span[0]
        for span in spans
        if _is_visible(note, *span, level) and _counts(search, note, needle, level, span, spans)
    ]
    if not found:
        block = _block(search, note, needle, level)
        found = [] if block is None else [block]
    return found


def place_at(note: Classified, offset: int) -> Place:
    """The place of an offset; the file alone for one below 0."""
    if offset < 0:
        return Place(note.note.file)
    text = note.note.text
    column = offset - text.rfind("\n", 0, offset)
    return Place(note.note.file, text.count("\n", 0, offset) + 1, column)


def _occurrences(text: str, needle: Needle) -> Iterator[Span]:
    words = needle.text.replace("'", "\u2019").split()
    parts = [re.escape(word).replace("\u2019", "['\u2018\u2019]") for word in words]
    for match in re.finditer(r"(?:[\s>*_`~=\[\]]|%20)+".join(parts), text, re.IGNORECASE):
        if is_whole(text, *match.span()):
            yield match.span()


def _is_visible(note: Classified, start: int, end: int, level: int) -> bool:
    return all(
        note.tiers[index] <= level
        for index, p in enumerate(note.note.portions)
        if p.start < end and start < p.end
    )


def _counts(  # noqa: PLR0913, PLR0917 - one for each thing to look at
    search: Search, note: Classified, needle: Needle, level: int, span: Span, spans: list[Span]
) -> bool:
    """Whether an occurrence is a mention, and not a part of a longer name: whether the needle
    is found on its lines when the others there are made unreadable."""
    text = note.note.text
    start = text.rfind("\n", 0, span[0]) + 1
    end = text.find("\n", span[1])
    pieces, at = [], start
    for first, last in spans:
        if first >= at and last <= (end if end >= 0 else len(text)) and first != span[0]:
            pieces += [text[at:first], "\0"]
            at = last
    pieces.append(text[at : end if end >= 0 else len(text)])
    return any(n.text == needle.text for n in search.find("".join(pieces), level))


def _block(search: Search, note: Classified, needle: Needle, level: int) -> int | None:
    """The last and so the smallest visible block in whose visible text the needle stands: it is
    typed in disguise, or comes together where something between was cut."""
    found = None
    for index, portion in enumerate(note.note.portions):
        if portion.kind in _BLOCKS and note.tiers[index] <= level:
            text = _visible_text(note, index, level)
            value = note.note.values.get(index, "")
            if any(n.text == needle.text for t in (text, value) for n in search.find(t, level)):
                found = portion.start
    return found


def _visible_text(note: Classified, index: int, level: int) -> str:
    block = note.note.portions[index]
    pieces, at = [], block.start
    for inner in range(index + 1, len(note.note.portions)):
        portion = note.note.portions[inner]
        if portion.start >= block.end:
            break
        if note.tiers[inner] > level and portion.start >= at:
            pieces.append(note.note.text[at : portion.start])
            at = portion.end
    return "".join([*pieces, note.note.text[at : block.end]])
