"""Places of the canonical vault as a site knows them: what is there, and in which line it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tierpub.classify import Classified, Survey
from tierpub.errors import Place
from tierpub.report.site.align import align


@dataclass(frozen=True, slots=True)
class Pin:
    """A place in a canonical note."""

    note: str
    """Relative to the source."""
    tier: int
    """Of the innermost portion there; of the note where the place is the whole note."""
    line: int | None
    """The line of the same text as the site shows the note; None where that does not have it."""


Pins = Mapping[Place, Pin]


def pins_of(found: Survey, places: Iterable[Place], shown: Mapping[str, str] | None) -> Pins:
    """What is at `places` of the vault `found`, of which a site shows the texts `shown`, or all
    as it is. Places that it has not are left out."""
    source = found.context.vault.source
    asked: defaultdict[str, set[Place]] = defaultdict(set)
    for place in places:
        asked[place.file.removeprefix(f"{source}/" if source else "")].add(place)
    made: dict[Place, Pin] = {}
    for path, here in asked.items():
        note = found.notes.get(path)
        if note is None:
            continue
        text = note.note.text if shown is None else shown.get(path)
        pinned = {place: _pin(note, text, place) for place in here}
        made |= {place: each for place, each in pinned.items() if each is not None}
    return made


def _pin(note: Classified, shown: str | None, place: Place) -> Pin | None:
    if place.line is None:
        return Pin(note.path, note.tiers[0], None)
    at = _offset(note.note.text, place.line, place.column or 1)
    if at is None:
        return None
    around = (
        tier
        for portion, tier in zip(note.note.portions, note.tiers, strict=True)
        if portion.start <= at < portion.end
    )
    line = None if shown is None else _line(note.note.text, shown, at)
    return Pin(note.path, max(around, default=note.tiers[0]), line)


def _offset(text: str, line: int, column: int) -> int | None:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
        if not start:
            return None
    end = text.find("\n", start)
    at = start + column - 1
    return at if at <= (len(text) if end < 0 else end) else None


def _line(text: str, shown: str, at: int) -> int | None:
    for block in align(text, shown):
        if block.source <= at < block.source + block.size:
            return shown.count("\n", 0, block.target + at - block.source) + 1
    return None
