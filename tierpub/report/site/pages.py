"""What stands on the page of one note."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tierpub.classify import Classified
from tierpub.note import Kind
from tierpub.report.because import Because
from tierpub.report.places import WORDS
from tierpub.report.site import markup
from tierpub.report.site.held import Held
from tierpub.report.site.pieces import pieces, stretches
from tierpub.report.site.remarks import Remark
from tierpub.report.site.walk import Stretch

_ALONE = "its parts are not told apart here: their tiers lean on something above this report"


def address(note: str) -> str:
    """The file name of a note's page: the same in every run, and free of what names hold."""
    return hashlib.sha256(note.encode()).hexdigest()[:20] + ".html"


def title(note: str) -> tuple[str, str]:
    """The folder of a note, with a slash at its end, and its name, both fit to be shown."""
    folder, mark, name = note.removesuffix(".md").rpartition("/")
    return markup.shown(folder + mark), markup.shown(name)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One note, ready for its page."""

    note: str
    sizes: dict[int, int]
    """How many characters each level reads."""
    text: Markup
    portions: list[list[Any]]
    """What speaks for the text: kind, tier, line, why, and the number of what it stands in."""
    why: str
    classified: Classified | None
    parts: list[Stretch]


class Drawing:
    """Draws the notes of one site."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._because = Because(held.edition)
        """Remembers the lines of the notes that it was asked about, so it is made anew for each."""
        self._notes = frozenset(held.notes)

    def draw(self, note: str) -> Drawn:
        """One note."""
        self._because = Because(self._held.edition)
        classified = self._held.classified(note)
        real = self._held.projections(note)
        sizes = {level: len(text) for level, text in real.items()}
        text = self._held.text(note)
        if classified is None:
            parts = [Stretch(0, len(text), 0)] if text else []
            tiers = [min(real)]
            infos: list[list[Any]] = [["note", tiers[0], 1, _ALONE, -1]]
            numbers, links = {0: 0}, {}
        else:
            parts, tiers = stretches(classified), classified.tiers
            numbers, infos = self._portions(classified, parts)
            links = dict(self._links(classified, numbers))
        found = pieces(text, parts, tiers, real)
        html = markup.text(found or [], numbers, tiers, links, self._held.tiers)
        return Drawn(note, sizes, html, infos, infos[0][3], classified, parts)

    def _portions(
        self, note: Classified, parts: Sequence[Stretch]
    ) -> tuple[dict[int, int], list[list[Any]]]:
        """Numbers for the portions that speak, and what is to be said of each."""
        wanted = {part.portion for part in parts} | {0}
        for index in list(wanted):
            at = note.note.portions[index].parent
            while at > 0:
                if at in note.reasons:
                    wanted.add(at)
                at = note.note.portions[at].parent
        numbers = {index: number for number, index in enumerate(sorted(wanted))}
        return numbers, [self._said(note, index, numbers) for index in numbers]

    def _said(self, note: Classified, index: int, numbers: dict[int, int]) -> list[Any]:
        above = note.note.portions[index].parent
        while above > 0 and above not in numbers:
            above = note.note.portions[above].parent
        return [
            WORDS[note.note.portions[index].kind],
            note.tiers[index],
            self._because.line(note, index),
            markup.shown(self._because.clause(note, index)),
            numbers.get(above, -1),
        ]

    def _links(self, note: Classified, numbers: dict[int, int]) -> Iterator[tuple[int, str]]:
        for index in numbers:
            led_to = self.leads(note, index)
            if led_to is not None:
                yield index, address(led_to)

    def leads(self, note: Classified, index: int) -> str | None:
        """The note of the site that a portion leads to."""
        target = note.targets.get(index)
        if target is None or target.note not in self._notes:
            return None
        return target.note if note.note.portions[index].kind == Kind.LINK else None

    def referring(self) -> dict[str, list[str]]:
        """For each note those that lead to it."""
        found: dict[str, list[str]] = {}
        for note, others in self._held.leads():
            for other in others:
                if other != note:
                    found.setdefault(other, []).append(note)
        return found


def remark_data(remark: Remark) -> dict[str, Any]:
    """A remark as a page shows it."""
    folder, name = title(remark.note) if remark.note else ("", "")
    line = f"#L{remark.line}" if remark.line else ""
    return {
        "rule": remark.rule,
        "severity": remark.severity,
        "message": markup.shown(remark.message),
        "hint": markup.shown(remark.hint),
        "origin": remark.origin,
        "folder": folder,
        "name": name,
        "line": remark.line,
        "href": address(remark.note) + line if remark.note else "",
    }
