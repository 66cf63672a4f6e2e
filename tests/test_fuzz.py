"""Fuzz targets on mutated notes and policies: a small run, the same each time."""

# ruff: noqa: S311 - the same inputs each time
from __future__ import annotations

import random

import pytest
from fuzz.seeds import mutated, seeds
from fuzz.targets import TARGETS
from hypothesis import given, settings
from hypothesis import strategies as st

RUNS = {"note": 300, "frontmatter": 1500, "policy": 150}


@pytest.mark.parametrize("target", TARGETS)
def test_mutated_input_is_read_or_refused(target: str) -> None:
    """Notes, frontmatter and policies with pieces cut, doubled and mixed break no promise."""
    chance, known = random.Random(target), seeds(target)
    for _ in range(RUNS[target]):
        data = mutated(chance.choice(known), chance.choice(known), chance)
        try:
            TARGETS[target](data)
        except Exception as error:
            error.add_note(repr(data))
            raise


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_are_read_or_refused(target: str) -> None:
    """What the mutations begin with breaks no promise, and there is something to begin with."""
    known = seeds(target)
    assert known
    for data in known:
        TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_any_bytes_are_read_or_refused(target: str) -> None:
    """Bytes that no note is made of break no promise."""

    @settings(max_examples=60, derandomize=True, deadline=None)
    @given(st.binary(max_size=200))
    def holds(data: bytes) -> None:
        TARGETS[target](data)
        TARGETS[target](b"---\n" + data)

    holds()
