"""What tests have to tell is printed at the end of a run, whether they ran alone or in parallel."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Says a line that is printed at the end of the run, if the test passes."""
    return lambda line: request.node.user_properties.append(("told", line))


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
