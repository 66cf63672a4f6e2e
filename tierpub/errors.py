"""What can go wrong, said once: the base error and the fault it carries.

A fault states a fact about the input, where it stands and how to mend it. It never quotes
note text, for it may be printed where its reader is not cleared for the note (design: who may
see what tierpub prints). Policy text may be quoted: the policy is its author's own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_LINE_END = re.compile("\n")
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a path as the user wrote it or relative to the vault root, then
    line and column, both counted from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


def place_at(file: str, text: str, at: int) -> Place:
    """The place of an offset into the text of `file`."""
    ends = _line_ends(text)
    line = bisect_left(ends, at)
    return Place(file, line + 1, at - (ends[line - 1] if line else -1))


def offset_of(text: str, place: Place) -> int:
    """The offset into `text` of a place with a line."""
    line = min((place.line or 1) - 1, len(ends := _line_ends(text)))
    return (ends[line - 1] if line else -1) + (place.column or 1)


@lru_cache(maxsize=1)
def _line_ends(text: str) -> list[int]:
    """Where the lines of a text end; found once for all faults of a note."""
    return [match.start() for match in _LINE_END.finditer(text)]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the input."""

    code: str
    """Kebab-case name of the kind of fault, stable across releases: `unknown-tier`."""
    message: str
    """The fact: lower case, no full stop, no note text."""
    place: Place | None = None
    hint: str = ""
    """What to write or run instead; empty where there is nothing to add."""
    severity: Severity = "error"
    tier: int | None = None
    """Rank of the portion it stands in; None where that is not known, which counts as highest."""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message}"


class TierpubError(Exception):
    """A refusal. Carries every fault that was found, at least one."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


def refuse(code: str, message: str, place: Place | None = None, hint: str = "") -> TierpubError:
    """A `TierpubError` with a single fault, for `raise refuse(...)`."""
    return TierpubError(Fault(code, message, place, hint))
