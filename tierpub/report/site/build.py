"""All files of a site, one after the other: pages of notes first, the overview last."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tierpub.crew import Alone, Crew, Forks, helpful
from tierpub.report.site import markup
from tierpub.report.site.held import Held
from tierpub.report.site.pages import Drawing, Drawn, address, remark_data, title
from tierpub.report.site.remarks import Remark, bounded
from tierpub.report.site.render import Renderer
from tierpub.report.site.tally import Tally

Row = tuple[int, list[Any]]
"""The number of a note, and what the list says of it."""

_ASSETS = Path(__file__).parent / "assets"
_SHARE = 128
"""Fewer pages than this are not worth a process of their own."""
_REFERRING = 100
"""So many of the notes that lead to another are named on its page."""


def site(held: Held, remarks: Iterable[Remark]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file. The same vault, policy and level give the same bytes, in any
    number of processes.

    Of `remarks` those above the level are left out.
    """
    for asset in sorted(_ASSETS.iterdir()):
        yield f"assets/{asset.name}", asset.read_bytes()
    shown = bounded(held, remarks)
    plan = _Plan.of(held, shown)
    count = helpful(len(plan.notes), _SHARE)
    makers = [partial(_Drawer, held, plan, range(n, len(plan.notes), count)) for n in range(count)]
    rows: list[Row] = []
    with contextlib.ExitStack() as ended:
        crew: Crew[_Drawer] = Alone(makers[0]())
        if count > 1:
            crew = ended.enter_context(Forks(makers))
        for path, page, row in crew.stream(_Drawer.pages):
            rows.append(row)
            yield path, page
        tally = Tally(held.level + 1)
        for each in crew.each(_Drawer.counted):
            tally.add(each)
    yield "index.html", _overview(held, shown, tally, sorted(rows))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the pages of a site have to know of one another."""

    notes: list[str]
    """In the order in which they are listed."""
    remarks: dict[str, list[Remark]]
    """By note, in the order of its lines."""
    referring: dict[str, list[str]]
    """For each note those that lead to it."""

    @classmethod
    def of(cls, held: Held, remarks: Iterable[Remark]) -> _Plan:
        by_note: dict[str, list[Remark]] = {}
        for remark in sorted(remarks, key=lambda remark: remark.line or 0):
            if remark.note is not None:
                by_note.setdefault(remark.note, []).append(remark)
        referring: dict[str, list[str]] = {}
        for note, others in held.leads():
            for other in others:
                if other != note:
                    referring.setdefault(other, []).append(note)
        return cls(sorted(held.notes, key=_collated), by_note, referring)


class _Drawer:
    """Draws some of the pages, and counts what stands on them."""

    def __init__(self, held: Held, plan: _Plan, share: Iterable[int]) -> None:
        self._held = held
        self._plan = plan
        self._share = share
        self._drawing = Drawing(held)
        self._render = Renderer(held)
        self._tally = Tally(held.level + 1)

    def pages(self) -> Iterator[tuple[str, bytes, Row]]:
        """Path and bytes of each page, and what the list of notes says of it."""
        for number in self._share:
            drawn = self._drawing.draw(self._plan.notes[number])
            yield (
                f"notes/{address(drawn.note)}",
                self._page(number, drawn),
                self._row(number, drawn),
            )

    def counted(self) -> Tally:
        """Of all pages."""
        return self._tally

    def _row(self, number: int, drawn: Drawn) -> Row:
        self._tally.sizes(drawn.sizes)
        by_default = 0
        if drawn.classified is not None:
            by_default = self._tally.note(drawn.classified, drawn.parts)
        folder, name = title(drawn.note)
        sizes = [drawn.sizes.get(level, -1) for level in range(self._held.level + 1)]
        remarks = len(self._plan.remarks.get(drawn.note, ()))
        tier = min(drawn.sizes)
        return number, [folder, name, address(drawn.note), tier, by_default, remarks, sizes]

    def _page(self, number: int, drawn: Drawn) -> bytes:
        folder, name = title(drawn.note)
        notes, referring = self._plan.notes, self._plan.referring.get(drawn.note, [])
        before = notes[number - 1] if number else None
        after = notes[number + 1] if number + 1 < len(notes) else None
        return self._render.page(
            "note.html",
            folder=folder,
            name=name,
            tier=min(drawn.sizes),
            why=drawn.why,
            text=drawn.text,
            data=markup.data({"portions": drawn.portions, "sizes": drawn.sizes}),
            remarks=[remark_data(r) for r in self._plan.remarks.get(drawn.note, ())],
            referring=[(address(n), *title(n)) for n in referring[:_REFERRING]],
            referred=len(referring),
            before=before and (address(before), title(before)[1]),
            after=after and (address(after), title(after)[1]),
        )


def _overview(held: Held, remarks: list[Remark], tally: Tally, rows: list[Row]) -> bytes:
    whole = max((tier.characters for tier in tally.tiers), default=0)
    return Renderer(held).page(
        "overview.html",
        notes=len(rows),
        counts=tally.tiers,
        whole=whole,
        cuts=tally.cuts(),
        defaults=tally.by_default(),
        groups=_grouped(remarks),
        remarks=len(remarks),
        data=markup.data({"tiers": held.tiers, "rows": [row for _, row in rows]}),
    )


def _grouped(remarks: list[Remark]) -> list[tuple[str, str, str, list[dict[str, Any]]]]:
    """Remarks by severity, rule and origin, errors first."""
    order = ("error", "warning", "note")
    groups: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    for remark in remarks:
        key = (order.index(remark.severity), remark.rule, remark.origin)
        groups.setdefault(key, []).append(remark_data(remark))
    return [(order[key[0]], *key[1:], found) for key, found in sorted(groups.items())]


def _collated(note: str) -> tuple[str, str]:
    """How notes are ordered: by name without regard to case and accents, in every locale alike."""
    plain = unicodedata.normalize("NFKD", note.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)), note
