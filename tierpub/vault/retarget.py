"""Pointing a link at the projection of its target, by the fewest characters that will do.

A plan is made once a link: the raw text in pieces, with slots between them for what differs by
tier. Filling the slots is all that is left to do at each level.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from tierpub.note.portions import Syntax
from tierpub.vault.extensions import has_md, is_attachment
from tierpub.vault.index import Found, Index
from tierpub.vault.links import Base, Destination, Reading
from tierpub.vault.names import key, split
from tierpub.vault.pattern import Pattern
from tierpub.vault.resolve import Target

_PART = re.compile(r"[^/\\]+")
_NOWHERE = ("", ".")
_UNSAFE = re.compile(r"[\s%#?()<>\"'&\\]")
_UNLINKABLE = re.compile(r"[\[\]|#^\\\n]|%%|<!--")
"""What no folder's name may hold to stand in a wikilink."""


class Spot(NamedTuple):
    """Where a link stands."""

    folder: str
    """The folder of its note, relative to the source."""
    within: Index
    pattern: Pattern


class Slot(IntEnum):
    """What is filled in behind a piece."""

    END = 0
    TREE = 1
    SUFFIX = 2


class Piece(NamedTuple):
    """A piece of the new text that no tier changes, and what follows it."""

    text: str
    slot: Slot


class Plan(NamedTuple):
    """How a destination reads at any tier."""

    pieces: tuple[Piece, ...]
    encode: str
    """`` as it is, `some` what a URL in a note cannot hold, `all` everything."""

    def fill(self, words: tuple[str, str, str]) -> str:
        """The destination with the `words` of a tier, by slot, as `words` gives them."""
        return "".join([text + words[slot] for text, slot in self.pieces])


def words(pattern: Pattern, tier: str, encode: str) -> tuple[str, str, str]:
    """What stands in each slot at `tier`."""
    return "", _encoded(pattern.tree(tier), encode), _encoded(pattern.suffix(tier), encode)


def _encoded(text: str, encode: str) -> str:
    if encode == "all":
        return quote(text, safe="")
    return _UNSAFE.sub(lambda hit: quote(hit[0], safe=""), text) if encode else text


class _Part(NamedTuple):
    """One part of a path and where it stands in the reading."""

    text: str
    start: int
    end: int


_new_part: Callable[[tuple[str, int, int]], _Part] = partial(tuple.__new__, _Part)


class _Edit(NamedTuple):
    start: int
    end: int
    text: str
    slot: Slot


def plan(raw: str, syntax: Syntax, dest: Destination, target: Target, spot: Spot) -> Plan | None:
    """How `raw`, which names `target` at `spot`, is to be rewritten; None where it never is."""
    if not dest.readings:
        return None
    reading = dest.readings[target.reading]
    parts = [
        _new_part((m[0], *m.span()))
        for m in _PART.finditer(reading.path)
        if m[0].strip() not in _NOWHERE
    ]
    if not parts:
        return None
    found = spot.within.way(reading)
    edits = _tree(reading, parts, target, found, spot)
    edits += _suffix(parts, target, found, spot.pattern)
    encode = _encoding(syntax, dest, reading, raw)
    if target.sort == "attachment" and not edits and not found.relative:
        edits = _beside(reading, parts, target, spot, encode)
    return _pieces(raw, reading, edits, encode) if edits else None


def _beside(
    reading: Reading, parts: list[_Part], target: Target, spot: Spot, encode: str
) -> list[_Edit]:
    """The way to the copy of an attachment that is found by its name, or by the end of its path,
    set before it. The copy has the attachment's name, and so have those in the trees of other
    tiers: a name alone could lead to one of them. Where the path leads there from the note's own
    folder it is left alone, for a copy stands in that place in every tree."""
    inside = spot.within.in_source(target.path)
    if inside is None or reading.base is Base.DISK or reading.path.lstrip()[:1] in ("/", "\\"):
        return []
    typed = "/".join(p.text for p in parts)
    if key("/".join(filter(None, (spot.folder, typed)))) == key(inside):
        return []
    lead = "/".join(inside.split("/")[: -len(parts)])
    if _names(parts) != [key(p) for p in inside.split("/")[-len(parts) :]]:
        return []
    if not encode and _UNLINKABLE.search(lead):
        return []
    start = parts[0].start
    lead = _encoded(f"/{lead}/" if lead else "/", encode)
    return [_Edit(start, start, "", Slot.TREE), _Edit(start, start, lead, Slot.END)]


def _suffix(parts: list[_Part], target: Target, found: Found, pattern: Pattern) -> list[_Edit]:
    """The insertion of the tier's name behind the note's."""
    last = parts[-1]
    if target.sort not in ("note", "missing") or "{" not in pattern.tail:
        return []
    if target.sort == "missing" and (found.slash or is_attachment(last.text)):
        return []
    if last.text.strip() == "..":
        return []
    name = last.text.rstrip()
    at = last.start + len(name)
    if has_md(name) and not (target.note and key(target.note).endswith(key(name) + ".md")):
        at -= 3
    return [_Edit(at, at, "", Slot.SUFFIX)]


def _tree(
    reading: Reading, parts: list[_Part], target: Target, found: Found, spot: Spot
) -> list[_Edit]:
    """The source folder's name replaced by the tree's, and the way up to it mended."""
    source = split(spot.within.source)
    if reading.base is Base.DISK:
        return _named(parts, _source_at(parts, found.start, source), source, target)
    if found.relative:
        return _climb(parts, target, split(spot.folder), source, spot.pattern)
    absolute = reading.path.lstrip()[:1] in ("/", "\\")
    return _named(parts, 0, source, target, absolute=absolute)


def _source_at(parts: list[_Part], start: int, source: list[str]) -> int:
    if start < len(parts):
        return start
    names = [key(s) for s in source]
    spots = (i for i in range(len(parts), -1, -1) if _names(parts[i : i + len(names)]) == names)
    return next(spots, len(parts))


def _names(parts: list[_Part]) -> list[str]:
    return [key(p.text) for p in parts]


def _named(
    parts: list[_Part], at: int, source: list[str], target: Target, *, absolute: bool = False
) -> list[_Edit]:
    """The source's name in a path from the vault root."""
    here = parts[at : at + len(source)]
    if not source and absolute and target.sort not in ("outside", "tier"):
        start = parts[0].start
        return [_Edit(start, start, "", Slot.TREE), _Edit(start, start, "/", Slot.END)]
    if target.sort in ("outside", "tier") or not source or any(".." in p.text for p in here):
        return []
    if _names(here) != [key(s) for s in source]:
        return []
    return [_Edit(here[0].start, here[-1].end, "", Slot.TREE)]


def _climb(
    parts: list[_Part], target: Target, folder: list[str], source: list[str], pattern: Pattern
) -> list[_Edit]:
    """The same in a path that begins at the note's folder.

    Where it stays below the source it stays as it is, for the trees mirror the source. Where
    it climbs out, it names the source again, or something beside it.
    """
    ups = next((i for i, p in enumerate(parts) if p.text.strip() != ".."), len(parts))
    if ups <= len(folder):
        return []
    kept = source[: max(0, len(source) + len(folder) - ups)]
    rest = parts[ups:]
    into = source[len(kept) :]
    inside = bool(into) and _names(rest[: len(into)]) == [key(s) for s in into]
    if target.sort in ("outside", "tier"):
        inside = False
    if pattern.depth == len(source) and not kept:
        return [_Edit(rest[0].start, rest[len(into) - 1].end, "", Slot.TREE)] if inside else []
    way = [".."] * (pattern.depth + len(folder))
    if not inside:
        same = pattern.depth == len(source)
        text = "/".join(way + kept)
        return [] if same else [_Edit(parts[0].start, parts[ups - 1].end, text, Slot.END)]
    return [_Edit(parts[0].start, rest[len(into) - 1].end, "/".join([*way, ""]), Slot.TREE)]


def _encoding(syntax: Syntax, dest: Destination, reading: Reading, raw: str) -> str:
    if dest.scheme == "obsidian" and reading.base is not Base.NOTE:
        return "all" if "%2f" in raw.lower() else "some"
    return "" if syntax in (Syntax.WIKI, Syntax.PLAIN) and not dest.scheme else "some"


def _pieces(raw: str, reading: Reading, edits: list[_Edit], encode: str) -> Plan:
    pieces, last = [], 0
    for edit in sorted(edits):
        start, end = reading.at[edit.start], reading.at[edit.end]
        pieces.append(Piece(raw[last:start] + edit.text, edit.slot))
        last = end
    pieces.append(Piece(raw[last:], Slot.END))
    return Plan(tuple(pieces), encode)
