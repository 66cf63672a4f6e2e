"""`tierpub check`: all that is wrong with policy and vault, at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierpub.cli.output import EXIT_CLEAN, EXIT_FINDINGS, fault_data, print_json
from tierpub.cli.paper import only_for_cleared_eyes, pen, put
from tierpub.cli.workspace import find_workspace, workspace_options
from tierpub.errors import TierpubError

if TYPE_CHECKING:
    from tierpub.report.findings import Findings


@click.command(name="check")
@workspace_options
@click.option("-v", "--verbose", is_flag=True, help="Show every place, not the first few of each.")
@click.option("--strict", is_flag=True, help="Exit 10 on warnings, too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(
    *, vault: Path | None, policy: Path | None, verbose: bool, strict: bool, form: str
) -> int:
    """Look for faults in policy and labels, and for what only a default decided.

    Prints names and places of all notes: it is for readers who may see the whole vault.

    Exits with 10 when there is an error (with --strict, also a warning), with 0 when there is
    none, and with 1 when there is no policy or vault to look at.
    """
    only_for_cleared_eyes()
    findings = _findings(vault, policy)
    if form == "json":
        _print_json(findings)
    else:
        from tierpub.report.findings_text import findings_text

        put(findings_text(findings, pen(), verbose=verbose))
    found = findings.errors or (strict and findings.warnings)
    return EXIT_FINDINGS if found else EXIT_CLEAN


def _findings(vault: Path | None, policy: Path | None) -> Findings:
    from tierpub.report.findings import Findings, check, in_order

    try:
        space = find_workspace(vault, policy)
    except TierpubError as error:
        if any(fault.code in {"no-vault", "no-policy"} for fault in error.faults):
            raise
        return Findings(in_order(error.faults))
    return check(space.root, space.policy)


def _print_json(findings: Findings) -> None:
    from tierpub.report.defaults import defaults_data

    print_json(
        {
            "notes": findings.notes,
            "errors": len(findings.errors),
            "warnings": len(findings.warnings),
            "findings": [fault_data(fault) for fault in findings.faults],
            "defaults": defaults_data(findings.defaults),
        }
    )
