"""Growth, the start of the command line, and sealing."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys

from benchmarks import synthetic
from benchmarks.measure import clock, folder, paired, ratio, say
from benchmarks.path import peak, unsealed
from tierpub import path


def growth(runs: int, sizes: tuple[int, ...], seed: int) -> None:
    """How time and memory for a note change with the number of notes."""
    policy = unsealed(synthetic.POLICY)
    for notes in sizes:
        with folder() as root:
            synthetic.write(root, notes, seed)
            (root / "policy.yaml").write_text(synthetic.POLICY)
            times = [clock(lambda: path.project(root, policy)) for _ in range(runs)]
            say(f"{notes} notes: a note, all tiers", statistics.median(times) / notes * 1e6, "µs")
            peak(root, str(root / "policy.yaml"))


def start(runs: int) -> None:
    """`tierpub --help` against an interpreter that does nothing."""

    def run(*args: str) -> None:
        subprocess.run([sys.executable, *args], check=True, stdout=subprocess.DEVNULL)

    times = paired(runs, lambda: run("-c", "pass"), lambda: run("-m", "tierpub", "--help"))
    say("`tierpub --help`, against a bare interpreter", ratio(times[1], times[0]))


def seal(runs: int, megabytes: int, seed: int) -> None:
    """Bundling and encrypting a tier to three recipients."""
    import pyrage  # noqa: PLC0415

    from tierpub import seal as sealing  # noqa: PLC0415

    source = random.Random(seed)
    members = [
        (f"_private/{n}.md", source.randbytes(4600)) for n in range(megabytes * 1_000_000 // 4600)
    ]
    keys = tuple(str(pyrage.x25519.Identity.generate().to_public()) for _ in range(3))
    times = [clock(lambda: sealing.seal(sealing.build(members), keys)) for _ in range(runs)]
    say("sealing a tier", megabytes / statistics.median(times), "MB/s")
