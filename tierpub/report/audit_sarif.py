"""Findings of an audit as SARIF 2.1.0, for viewers of code scanning."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from tierpub.audit import RULES, Finding, Rule
from tierpub.report.audit_data import Audit

SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_INDEX = {rule.name: index for index, rule in enumerate(RULES)}


def audit_sarif(audit: Audit, version: str, *, confidential: bool = False) -> dict[str, Any]:
    """The log of one run; `version` is that of tierpub."""
    driver = {"name": "tierpub", "version": version, "rules": [_rule(rule) for rule in RULES]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, confidential=confidential) for each in audit.findings],
    }
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.doc.strip()},
        "help": {"text": rule.doc.strip()},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", "confidentiality"]},
    }


def _result(finding: Finding, *, confidential: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": _INDEX[finding.rule],
        "level": "note" if finding.confidence == "low" else finding.severity,
        "message": {"text": finding.message},
        "locations": [_location(finding.file, finding.line, finding.column)],
        "partialFingerprints": {"tierpubFinding/v1": _fingerprint(finding)},
        "properties": {"confidence": finding.confidence},
    }
    place = finding.canonical if confidential else None
    if place is not None:
        related = _location(place.file, place.line, place.column)
        result["relatedLocations"] = [{**related, "message": {"text": "in the canonical vault"}}]
    return result


def _location(file: str, line: int | None, column: int | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(file)}}
    if line is not None:
        region = {"startLine": line, **({"startColumn": column} if column is not None else {})}
        physical["region"] = region
    return {"physicalLocation": physical}


def _fingerprint(finding: Finding) -> str:
    """The same for a finding that only moved to another line."""
    return hashlib.sha256(f"{finding.rule}\0{finding.file}\0{finding.message}".encode()).hexdigest()
