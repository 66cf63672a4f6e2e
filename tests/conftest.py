"""What tests have to tell is printed at the end of a run, whether they ran alone or in parallel.

A test says it by `record_property("told", "…")`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests that passed have told."""
    told = sorted(
        str(value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == "told"
    )
    if told:
        terminalreporter.section("told")
        terminalreporter.write_line("\n".join(told))
