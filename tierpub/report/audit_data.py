"""Findings of an audit as JSON: one document, its form versioned and stated by a schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from tierpub.audit import CONFIDENCES, Finding

AUDIT_SCHEMA = "tierpub/audit/1"
"""The name and the version of the form of the document."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What one run of the auditor came to."""

    publication: str
    findings: tuple[Finding, ...]
    """Those to be shown, sorted."""
    held_back: int = 0
    """How many had less confidence than was asked for."""
    against: tuple[str, ...] = ()
    """What the publication was held against: `vault`, `policy`, `identities`, `key`."""


class PlaceData(msgspec.Struct, forbid_unknown_fields=True):
    """A place in the canonical vault."""

    file: str
    line: int | None
    column: int | None


class FindingData(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A finding. `canonical` is there for cleared eyes alone."""

    rule: str
    severity: str
    confidence: str
    file: str
    line: int | None
    column: int | None
    message: str
    canonical: PlaceData | None = None


class AuditData(msgspec.Struct, forbid_unknown_fields=True):
    """The whole document."""

    schema: str
    publication: str
    against: list[str]
    counts: dict[str, int]
    """Shown findings by confidence."""
    held_back: int
    findings: list[FindingData]


def audit_data(audit: Audit, *, confidential: bool = False) -> dict[str, Any]:
    """The document. Canonical places are in it where they are asked for."""
    counts: dict[str, int] = {
        level: sum(f.confidence == level for f in audit.findings) for level in CONFIDENCES
    }
    data = AuditData(
        AUDIT_SCHEMA, audit.publication, list(audit.against), counts, audit.held_back,
        [_finding(each, confidential=confidential) for each in audit.findings],
    )  # fmt: skip
    built: dict[str, Any] = msgspec.to_builtins(data)
    return built


def audit_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return msgspec.json.schema(AuditData)


def _finding(finding: Finding, *, confidential: bool) -> FindingData:
    place = finding.canonical if confidential else None
    canonical = PlaceData(place.file, place.line, place.column) if place else None
    return FindingData(
        finding.rule, finding.severity, finding.confidence, finding.file, finding.line,
        finding.column, finding.message, canonical,
    )  # fmt: skip
