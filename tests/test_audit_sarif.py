"""What `tierpub audit --format sarif` prints, against the published schema of SARIF 2.1.0.

The schema is no part of this project. `npm pack @microsoft/jest-sarif` ships it;
TIERPUB_SARIF_SCHEMA names its `sarif-2.1.0-rtm.5.json`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from tierpub.audit import Finding
from tierpub.errors import Place
from tierpub.report.audit_data import Audit
from tierpub.report.audit_sarif import audit_sarif

WHERE = os.environ.get("TIERPUB_SARIF_SCHEMA")
FINDINGS = (
    Finding("leaked-title", "error", "high", "public/_public/Ä b/x #1.md", 3, 4, "a name",
            Place("_Standards/x.md", 3, 1)),
    Finding("missing-file", "warning", "medium", "public/y.md", None, None, "no projection"),
    Finding("image-metadata", "error", "low", "public/z.png", None, None, "the file holds text",
            Place("_Standards/z.png")),
)  # fmt: skip


@pytest.mark.skipif(WHERE is None, reason="TIERPUB_SARIF_SCHEMA names no schema")
@pytest.mark.parametrize("confidential", [False, True])
@pytest.mark.parametrize("findings", [(), FINDINGS], ids=["nothing", "findings"])
def test_it_is_valid_by_the_published_schema(findings, confidential):
    """With findings and without, with canonical places and without."""
    schema = json.loads(Path(WHERE or "").read_text("utf-8"))
    log = audit_sarif(Audit("out", findings, 1, ("vault",)), "1.0.0", confidential=confidential)
    check = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in check.iter_errors(log)] == []
    assert len(log["runs"][0]["results"]) == len(findings)


@pytest.mark.skipif(WHERE is None, reason="TIERPUB_SARIF_SCHEMA names no schema")
def test_the_schema_can_refuse():
    """A log without runs, or with a level that there is not, is not valid."""
    schema = json.loads(Path(WHERE or "").read_text("utf-8"))
    log = audit_sarif(Audit("out", FINDINGS, 0, ()), "1.0.0", confidential=False)
    check = jsonschema.Draft4Validator(schema)
    assert not check.is_valid({"version": "2.1.0"})
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not check.is_valid(log)
