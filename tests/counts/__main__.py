"""`python -m tests.counts [PART …] [--pairs N] [--seconds N]`."""

# ruff: noqa: T201 - a command
from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "properties")]
NAMES = ("fixtures", "canaries", "twins", "fuzz", "vaults", "mutants")


def main() -> int:
    """The exit code: 1 where something was found that should not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.counts", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(NAMES)}; all where none is named")
    parser.add_argument("--pairs", type=int, default=100, help="twins for each level")
    parser.add_argument("--seconds", type=int, default=20, help="of fuzzing, for each target")
    asked = parser.parse_args()
    if unknown := [part for part in asked.parts if part not in NAMES]:
        parser.error(f"no part is called {', '.join(unknown)}")
    from tests.counts.parts import PARTS  # noqa: PLC0415 - what it needs is looked for above

    bad = 0
    for name in asked.parts or NAMES:
        began = time.monotonic()
        for count in PARTS[name](asked.pairs, asked.seconds):
            print(f"{count.what:60} {count.number:>12,}{count.note}", flush=True)
            bad += count.number if count.bad else 0
        print(f"{'':60} {time.monotonic() - began:>11.0f}s", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
