"""What is held against notes, as a site shows it: the small interface for findings of any tool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tierpub.classify import Classified, Survey
from tierpub.errors import Fault
from tierpub.report.checks import attachments, mentions, policy
from tierpub.report.findings import in_order, of_notes
from tierpub.report.site.held import Held

_OF_ALL = frozenset({"idle-rule", "idle-allow"})
"""Findings that are true of a whole vault only, and quote the policy of every tier."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a tool holds against a note."""

    rule: str
    """Kebab-case name of the kind of finding."""
    severity: Literal["error", "warning", "note"]
    message: str
    tier: int
    """Rank of the highest tier that it tells of; a site shows nothing above its own level."""
    note: str | None = None
    """The note it stands in, relative to the source."""
    line: int | None = None
    """Its line in the note as the site's level reads it."""
    hint: str = ""
    origin: str = "check"
    """The verb that found it."""


def remarks_of(held: Held) -> list[Remark]:
    """What `check` finds in the vault as the site's level reads it, and not in what else stands
    on the disk."""

    def cuts(found: Survey, note: Classified, stop: int) -> Iterator[tuple[int, str]]:
        del found
        return ((level, text) for level, text in held.cuts(note).items() if level < stop)

    found = held.edition
    faults = [fault for fault in found.faults if fault.severity == "warning"]
    faults += of_notes(found)
    faults += attachments.attachments(found)
    faults += mentions.mentions(found, cuts)
    if held.level == found.context.policy.ladder.top:
        faults += [*found.context.policy.warnings, *policy.idle_rules(found)]
    else:
        faults = [fault for fault in faults if fault.code not in _OF_ALL]
    return [_remark(held, fault) for fault in in_order(faults) if _may_show(held, fault)]


def bounded(held: Held, remarks: Iterable[Remark]) -> list[Remark]:
    """Those of `remarks` that a site up to the level of `held` may show."""
    notes = frozenset(held.notes)
    return [r for r in remarks if r.tier <= held.level and (r.note is None or r.note in notes)]


def _may_show(held: Held, fault: Fault) -> bool:
    """Whether what the fault stands in was classified alike with all of the vault at hand."""
    note = _note(held, fault)
    return note is None or held.is_bounded(note)


def _note(held: Held, fault: Fault) -> str | None:
    source = f"{held.edition.context.vault.source}/"
    file = fault.place.file if fault.place else ""
    inside = file.removeprefix(source)
    return inside if file.startswith(source) and inside.endswith(".md") else None


def _remark(held: Held, fault: Fault) -> Remark:
    line = fault.place.line if fault.place else None
    return Remark(
        fault.code, fault.severity, fault.message, held.level, _note(held, fault), line, fault.hint
    )
