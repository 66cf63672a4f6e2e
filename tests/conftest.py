"""What tests have to tell is printed at the end of a run, whether they ran alone or in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Says a line that is printed at the end of the run, if the test passes."""
    return lambda line: request.node.user_properties.append(("told", line))


@pytest.fixture(scope="session")
def templates() -> Iterator[None]:
    """The templates of reports are compiled once for all sites that this process makes: again
    where a template's text has changed."""
    from jinja2 import BytecodeCache, Environment  # noqa: PLC0415 - few tests need it
    from jinja2.bccache import Bucket  # noqa: PLC0415

    from tierpub.report.site import render  # noqa: PLC0415

    class Kept(BytecodeCache):
        """What was compiled, by template and text."""

        def __init__(self) -> None:
            self.kept: dict[tuple[str, str], bytes] = {}

        def load_bytecode(self, bucket: Bucket) -> None:
            if known := self.kept.get((bucket.key, bucket.checksum)):
                bucket.bytecode_from_string(known)

        def dump_bytecode(self, bucket: Bucket) -> None:
            self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "Environment", partial(Environment, bytecode_cache=Kept()))
        yield


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
