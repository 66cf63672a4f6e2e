"""All files of a site, one after the other: pages of notes first, the overview last."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tierpub.report.site import markup
from tierpub.report.site.held import Held
from tierpub.report.site.pages import Drawing, Drawn, address, remark_data, title
from tierpub.report.site.remarks import Remark, bounded
from tierpub.report.site.render import Renderer
from tierpub.report.site.tally import Tally

_ASSETS = Path(__file__).parent / "assets"


def site(held: Held, remarks: Iterable[Remark]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file. The same vault, policy and level give the same bytes.

    Of `remarks` those above the level are left out.
    """
    yield from _Building(held, bounded(held, remarks)).files()


class _Building:
    """One site while it is made."""

    def __init__(self, held: Held, remarks: list[Remark]) -> None:
        self._held = held
        self._remarks = remarks
        self._drawing = Drawing(held)
        self._render = Renderer(held)
        self._tally = Tally(held.edition.context.policy, held.level + 1)
        self._rows: list[list[Any]] = []
        self._by_note: dict[str, list[Remark]] = {}
        for remark in remarks:
            if remark.note is not None:
                self._by_note.setdefault(remark.note, []).append(remark)
        for found in self._by_note.values():
            found.sort(key=lambda remark: remark.line or 0)

    def files(self) -> Iterator[tuple[str, bytes]]:
        for asset in sorted(_ASSETS.iterdir()):
            yield f"assets/{asset.name}", asset.read_bytes()
        referring = self._drawing.referring()
        notes = sorted(self._held.notes, key=_collated)
        for number, note in enumerate(notes):
            drawn = self._drawing.draw(note)
            self._count(drawn)
            before = notes[number - 1] if number else None
            after = notes[number + 1] if number + 1 < len(notes) else None
            page = self._page(drawn, referring.get(note, []), (before, after))
            yield f"notes/{address(note)}", page
        yield "index.html", self._overview()

    def _count(self, drawn: Drawn) -> None:
        self._tally.sizes(drawn.sizes)
        by_default = 0
        if drawn.classified is not None:
            by_default = self._tally.note(drawn.classified, drawn.parts)
        folder, name = title(drawn.note)
        sizes = [drawn.sizes.get(level, -1) for level in range(self._held.level + 1)]
        remarks = len(self._by_note.get(drawn.note, ()))
        tier = min(drawn.sizes)
        self._rows.append([folder, name, address(drawn.note), tier, by_default, remarks, sizes])

    def _page(
        self, drawn: Drawn, referring: list[str], around: tuple[str | None, str | None]
    ) -> bytes:
        folder, name = title(drawn.note)
        return self._render.page(
            "note.html",
            folder=folder,
            name=name,
            tier=min(drawn.sizes),
            why=drawn.why,
            text=drawn.text,
            data=markup.data({"portions": drawn.portions, "sizes": drawn.sizes}),
            remarks=[remark_data(r) for r in self._by_note.get(drawn.note, ())],
            referring=[(address(n), *title(n)) for n in referring],
            before=around[0] and (address(around[0]), title(around[0])[1]),
            after=around[1] and (address(around[1]), title(around[1])[1]),
        )

    def _overview(self) -> bytes:
        tally = self._tally
        whole = max((tier.characters for tier in tally.tiers), default=0)
        return self._render.page(
            "overview.html",
            notes=len(self._rows),
            counts=tally.tiers,
            whole=whole,
            cuts=tally.cuts(),
            defaults=tally.by_default(),
            groups=_grouped(self._remarks),
            remarks=len(self._remarks),
            data=markup.data({"tiers": self._held.tiers, "rows": self._rows}),
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
