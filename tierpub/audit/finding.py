"""One thing that an audit holds against a publication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tierpub.errors import Place

Severity = Literal["error", "warning"]
Confidence = Literal["low", "medium", "high"]
CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, where, and how sure the auditor is."""

    rule: str
    """Kebab-case name; `tierpub rule NAME` explains it."""
    severity: Severity
    confidence: Confidence
    file: str
    """Relative to the publication. A file in a sealed tier is named below its bundle."""
    line: int | None
    column: int | None
    message: str
    """The fact: lower case, no full stop, no text of a note."""
    canonical: Place | None = None
    """Where the thing stands in the canonical vault: for cleared eyes alone."""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """By file, line, column, rule."""
        return (self.file, self.line or 0, self.column or 0, self.rule, self.message)


def at_least(finding: Finding, confidence: Confidence) -> bool:
    """Whether a finding is as sure as asked for."""
    return CONFIDENCES.index(finding.confidence) >= CONFIDENCES.index(confidence)
