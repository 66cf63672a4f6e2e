"""`python -m tests.fuzz TARGET [--runs N] [--seconds N] [--atheris | --plain]`."""

# ruff: noqa: T201, S311 - a command; the same seed gives the same inputs
from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from tests.fuzz.guided import NAMES, guided, missing
from tests.fuzz.seeds import mutated, seeds


def plain(target: str, runs: int, seconds: int, seed: int) -> int:
    """Mutations of seeds until either limit is reached; how many failed. Prints the input of each
    failure."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - not before what atheris instruments

    chance, known, failures, number = random.Random(seed), seeds(target), 0, 0
    end = time.monotonic() + (seconds or float("inf"))
    while (not runs or number < runs) and time.monotonic() < end:
        data = mutated(chance.choice(known), chance.choice(known), chance)
        try:
            TARGETS[target](data)
        except Exception as error:  # noqa: BLE001 - a failure is what is looked for
            failures += 1
            print(f"run {number}: {type(error).__name__}: {error}\n{data!r}")
        number += 1
    print(f"{number} runs of {target}, {failures} failed")
    return failures


def main() -> int:
    """The exit code: 1 where an input failed or atheris is asked for and missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--runs", type=int, default=0, help="10000 where no limit is given")
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0, help="of mutations without atheris")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--plain", action="store_true", help="without atheris")
    how.add_argument("--atheris", action="store_true", help="with atheris, or not at all")
    parser.add_argument("--corpus", type=Path, default=Path(".fuzz"), help="where inputs are kept")
    asked = parser.parse_args()
    runs = asked.runs if asked.runs or asked.seconds else 10_000
    reason = missing()
    if asked.atheris and reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    if not asked.plain and not reason:
        guided(asked.target, asked.corpus / asked.target, runs=runs, seconds=asked.seconds)
    return 1 if plain(asked.target, runs, asked.seconds, asked.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
