"""Fuzz targets on mutated notes and policies: a small run, the same each time."""

# ruff: noqa: S311 - the same inputs each time
from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.seeds import mutated, seeds
from fuzz.targets import TARGETS
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import guided

ROOT = Path(__file__).parents[1]
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


def command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`python -m tests.fuzz` with such arguments, what it keeps below `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments, "--corpus", folder / "kept"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", TARGETS)
def test_atheris_follows_the_code_and_finds_nothing(target: str, tmp_path: Path) -> None:
    """Where atheris is there, the command instruments the project and nothing else, and runs."""
    if reason := guided.missing():
        pytest.skip(reason)
    done = command(target, "--atheris", "--runs", "100", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    followed = set(re.findall(r"Instrumenting (\S+)", done.stderr))
    assert {f"tierpub.{'policy' if target == 'policy' else 'note'}"} <= followed
    assert {name.partition(".")[0] for name in followed} == {guided.FOLLOWED}
    assert "number_of_executed_units: 100" in done.stderr
    assert int(re.findall(r"cov: (\d+)", done.stderr)[-1]) > 100


def test_the_command_knows_the_targets() -> None:
    """What can be named on the command line is what there is."""
    assert set(guided.NAMES) == set(TARGETS)


def test_without_atheris_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where atheris is missing, there is a reason with what to do; where it is, there is none."""
    monkeypatch.setattr(guided.importlib.util, "find_spec", lambda _: None)
    assert "pip install atheris" in guided.missing()
    monkeypatch.setattr(guided.importlib.util, "find_spec", lambda name: name)
    assert guided.missing() == ""


def test_mutations_are_counted(tmp_path: Path) -> None:
    """Without atheris the command says how many inputs it tried and how many failed."""
    done = command("frontmatter", "--plain", "--runs", "20", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "20 runs of frontmatter, 0 failed\n")
