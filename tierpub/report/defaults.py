"""What only a default decided: where an author has said nothing, and might have wanted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierpub.classify import Survey
from tierpub.errors import Place
from tierpub.report.places import Lines, place

KINDS = ("note", "body", "field", "link", "attachment", "comment")


@dataclass(frozen=True, slots=True)
class Defaulted:
    """The portions of one kind whose tier a default alone gave."""

    kind: str
    """The key below `defaults` in the policy."""
    tier: str
    places: tuple[Place, ...]


def defaulted(found: Survey) -> tuple[Defaulted, ...]:
    """By kind, in the order of the policy's `defaults`; kinds that decided nothing are left out."""
    places: dict[tuple[str, int], list[Place]] = {}
    for note in found.notes.values():
        lines: Lines | None = None
        for index, reason in sorted(note.reasons.items()):
            if reason.source != "default":
                continue
            lines = lines or Lines(note.note.text)
            where = place(note.note, index, lines) if index else Place(note.note.file)
            places.setdefault((reason.detail, reason.tier), []).append(where)
    names = found.context.policy.ladder.names
    return tuple(
        Defaulted(kind, names[tier], tuple(where))
        for (kind, tier), where in sorted(places.items(), key=lambda p: KINDS.index(p[0][0]))
    )


def defaults_data(defaults: tuple[Defaulted, ...]) -> list[dict[str, Any]]:
    """As JSON data, all places included."""
    return [
        {
            "kind": each.kind,
            "tier": each.tier,
            "count": len(each.places),
            "places": [{"file": p.file, "line": p.line, "column": p.column} for p in each.places],
        }
        for each in defaults
    ]
