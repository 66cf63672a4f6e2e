"""The parts of the count. Each runs what it counts, and gives its numbers as they come."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Count(NamedTuple):
    """One number."""

    what: str
    number: int
    bad: bool = False
    """Whether it should be 0."""
    note: str = ""


def _ran(*arguments: str, **environment: str) -> str:
    """What a Python process says, on both streams."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return done.stdout + done.stderr


def _tests(*selection: str, **environment: str) -> str:
    return _ran("-m", "pytest", "-n", "0", "-p", "no:cacheprovider", *selection, **environment)


def _failed(said: str) -> int:
    """How many tests failed or could not run; at least one where nobody says that they passed."""
    found = re.findall(r"(\d+) (?:failed|error)", said)
    return sum(map(int, found)) or int(not re.search(r"\d+ passed", said))


def fixtures(_pairs: int, _seconds: int) -> Iterator[Count]:
    """Rows of the catalogue, and the cases that are compared byte for byte."""
    from fixtures.cases import CASES  # noqa: PLC0415
    from fixtures.run_cases import RUN_CASES  # noqa: PLC0415
    from test_leaks import ROWS  # noqa: PLC0415

    yield Count("catalogue: rows", len(ROWS))
    yield Count("catalogue: cases of one projection", len(CASES))
    yield Count("catalogue: cases of several runs or vaults", len(RUN_CASES))
    files = ("tests/test_fixtures.py", "tests/test_fixture_runs.py", "tests/test_leaks.py")
    yield Count("catalogue: tests that fail", _failed(_tests("-v", *files)), bad=True)


def canaries(_pairs: int, _seconds: int) -> Iterator[Count]:
    """Tokens in every slot; those above a level that are there, and those below that are not."""
    import test_canaries as swept  # noqa: PLC0415

    kinds = len(swept.FIELDS) + len(swept.BODY) + len(swept.NOTES)
    yield Count("canaries: slots", swept.VAULT.slots, note=f" of {kinds} kinds")
    yield Count("canaries: tokens", len(swept.VAULT.tokens))
    yield Count("canaries: forms of them looked for", swept.sweep().forms)
    files = leaks = losses = lines = 0
    for sort in swept.SORTS:
        with tempfile.TemporaryDirectory() as folder:
            run = swept.run(Path(folder), sort)
        files += sum(map(len, run.trees.values())) + len(run.files)
        lines += sum(1 for level in run.trees for _ in swept.expected(level))
        leaks += len(swept.leaks(run)) + len(swept.remains(run))
        losses += len(swept.losses(run))
    yield Count("canaries: files searched", files, note=f" in {', '.join(swept.SORTS)}")
    yield Count("canaries: lines and tokens that had to be there", lines)
    yield Count("canaries: tokens above the level that were found", leaks, bad=True)
    yield Count("canaries: over-redactions", losses, bad=True)


def twins(pairs: int, _seconds: int) -> Iterator[Count]:
    """Pairs of vaults that look the same at a level; and each sort alone."""
    said = _tests(
        "-v", "tests/properties/test_twins.py", "-k", "same_at_their_level",
        TIERPUB_TWINS=str(pairs),
    )  # fmt: skip
    for tier, text in re.findall(r"twins at (\w+): (.*)", said):
        tried = re.search(r"of (\d+) pairs differ; (\d+) hidden", text)
        number, hidden = map(int, tried.groups()) if tried else (0, 0)
        yield Count(f"twins at {tier}: pairs", number, note=f", {hidden:,} hidden things")
    yield Count("twins: levels at which they can be told apart", _failed(said), bad=True)
    said = _tests("-v", "tests/properties/test_sorts.py")
    passed = re.search(r"(\d+) passed", said)
    yield Count("sorts of hidden things, each alone in its place", int(passed[1]) if passed else 0)
    yield Count("sorts that leave a trace", _failed(said), bad=True)


def fuzz(_pairs: int, seconds: int) -> Iterator[Count]:
    """Inputs of each fuzz target, guided by atheris where it is installed."""
    from tests.fuzz.guided import NAMES, missing  # noqa: PLC0415

    note = " by mutation (no atheris)" if missing() else " by atheris"
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            said = _ran(
                "-m", "tests.fuzz", name, "--seconds", str(seconds), "--corpus", f"{folder}/c"
            )
            runs = re.search(r"number_of_executed_units: (\d+)|(\d+) runs of", said)
            yield Count(f"fuzz: {name}", int(runs[1] or runs[2]) if runs else 0, note=note)
            crashed = bool(re.search(r"ERROR: libFuzzer|Uncaught Python|[1-9]\d* failed", said))
            yield Count(f"fuzz: {name}, failures", int(crashed or not runs), bad=True)


def mutants(_pairs: int, _seconds: int) -> Iterator[Count]:
    """Leaks that are planted one at a time, and those that a test saw."""
    from mutants.planted import MUTANTS  # noqa: PLC0415

    said = _tests("-v", "tests/test_mutants.py")
    killed = len(re.findall(r"^killed: ", said, re.MULTILINE))
    yield Count("mutants: planted", len(MUTANTS))
    yield Count("mutants: killed", killed)
    yield Count("mutants: that nobody saw", len(MUTANTS) - killed, bad=True)


def vaults(_pairs: int, _seconds: int) -> Iterator[Count]:
    """Both corpora and the sample vault."""
    from tests.counts.vaults import counted  # noqa: PLC0415

    return counted()


PARTS: dict[str, Callable[[int, int], Iterator[Count]]] = {
    "fixtures": fixtures,
    "canaries": canaries,
    "twins": twins,
    "fuzz": fuzz,
    "vaults": vaults,
    "mutants": mutants,
}
