"""Everything that is wrong with a vault and its policy, or that its author should know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tierpub.classify import Classified, Survey, survey
from tierpub.errors import Fault
from tierpub.policy import Policy
from tierpub.report.checks import (
    attachments,
    links,
    mentions,
    names,
    numbering,
    policy,
    published,
)
from tierpub.report.defaults import Defaulted, defaulted
from tierpub.report.watched import watched
from tierpub.vault import scan

Check = Callable[[Survey], Iterable[Fault]]
"""Looks at a vault."""
NoteCheck = Callable[[Survey, Classified], Iterable[Fault]]
"""Looks at one note of a vault."""
CHECKS: tuple[Check, ...] = (
    attachments.attachments,
    mentions.mentions,
    names.places,
    names.tiers_trees,
    policy.idle_rules,
    published.in_the_way,
    published.left_over,
)
NOTE_CHECKS: tuple[NoteCheck, ...] = (
    attachments.data_uris,
    links.missing_anchors,
    links.outside,
    links.unparsed,
    numbering.gaps,
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What `check` found."""

    faults: tuple[Fault, ...]
    """Sorted by file, line and column."""
    defaults: tuple[Defaulted, ...] = ()
    notes: int = 0
    """How many notes were read; 0 where a faulty policy kept the vault from being read."""

    @property
    def errors(self) -> tuple[Fault, ...]:
        """What keeps the vault from being published."""
        return tuple(fault for fault in self.faults if fault.severity == "error")

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What does not."""
        return tuple(fault for fault in self.faults if fault.severity == "warning")


def check(root: Path, stated: Policy) -> Findings:
    """Read the vault at `root` and gather all findings.

    Raises a `TierpubError` where there is no vault to read.
    """
    seen = watched(stated)
    vault = scan(root, seen)
    found = survey(vault, seen)
    faults = [*stated.warnings, *policy.recipients(stated), *names.plain_trees(stated)]
    faults += found.faults
    for look in CHECKS:
        faults += look(found)
    faults += of_notes(found)
    return Findings(in_order(faults), defaulted(found), len(vault.notes))


def of_notes(found: Survey) -> Iterator[Fault]:
    """What the checks of single notes find, note by note."""
    for note in found.notes.values():
        for look in NOTE_CHECKS:
            yield from look(found, note)


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Sorted by file, line and column, each once."""
    return tuple(sorted(dict.fromkeys(faults), key=_position))


def _position(fault: Fault) -> tuple[str, int, int, str]:
    place = fault.place
    if place is None:
        return ("", 0, 0, fault.code)
    return (place.file, place.line or 0, place.column or 0, fault.code)
