"""The command that counts what the tests of leaks cover."""

from __future__ import annotations

import pytest

from tests.counts.__main__ import NAMES
from tests.counts.parts import PARTS, Count, _failed, fixtures


def test_every_part_can_be_named() -> None:
    """What the command line knows is what there is."""
    assert set(NAMES) == set(PARTS)


@pytest.mark.parametrize(
    ("said", "failures"),
    [
        ("3 passed in 1s", 0),
        ("2 failed, 3 passed in 1s", 2),
        ("1 failed, 3 passed, 2 errors in 1s", 3),
        ("no tests ran in 0.1s", 1),
        ("", 1),
    ],
)
def test_what_did_not_run_did_not_pass(said: str, failures: int) -> None:
    """Failures and errors are counted, and silence is a failure."""
    assert _failed(said) == failures


def test_counts_are_of_what_is_there() -> None:
    """The catalogue is counted from its page and fixtures."""
    rows, cases, runs = (next(counts) for counts in [fixtures(0, 0)] for _ in range(3))
    assert rows == Count("catalogue: rows", rows.number)
    assert rows.number > 30
    assert cases.number > 300
    assert runs.number > 15
