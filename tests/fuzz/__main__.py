"""`python -m tests.fuzz TARGET --runs N [--seed N] [--plain]`."""

# ruff: noqa: T201, S311 - a command; the same seed gives the same inputs
from __future__ import annotations

import argparse
import contextlib
import random
import sys
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.seeds import mutated, seeds
from tests.fuzz.targets import TARGETS


def plain(target: str, runs: int, seed: int) -> int:
    """Mutations of seeds, `runs` of them; how many failed. Prints the input of each failure."""
    chance, known, failures = random.Random(seed), seeds(target), 0
    for number in range(runs):
        data = mutated(chance.choice(known), chance.choice(known), chance)
        try:
            TARGETS[target](data)
        except Exception as error:  # noqa: BLE001 - a failure is what is looked for
            failures += 1
            print(f"run {number}: {type(error).__name__}: {error}\n{data!r}")
    print(f"{runs} runs of {target}, {failures} failed")
    return failures


def guided(run: Callable[[bytes], None], target: str, runs: int, corpus: Path) -> None:
    """The same by atheris, which keeps inputs that reach new code in `corpus`."""
    import atheris  # type: ignore[import-not-found]  # noqa: PLC0415 - only where it is installed

    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(data)
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-runs={runs}", "-max_len=4096", str(corpus)], run)
    atheris.Fuzz()


def main() -> int:
    """The exit code: 1 where an input failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="without atheris")
    parser.add_argument("--corpus", type=Path, default=Path(".fuzz"), help="where inputs are kept")
    asked = parser.parse_args()
    if not asked.plain:
        with contextlib.suppress(ModuleNotFoundError):
            guided(TARGETS[asked.target], asked.target, asked.runs, asked.corpus / asked.target)
    return 1 if plain(asked.target, asked.runs, asked.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
