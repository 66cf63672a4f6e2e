"""How long an audit takes, against reading every published file once."""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import folder, paired, ratio, say
from tierpub import project
from tierpub.audit import audit
from tierpub.policy import Policy


def read(out: Path) -> int:
    """Read all files below a folder; how many bytes."""
    return sum(len(path.read_bytes()) for path in out.rglob("*") if path.is_file())


def measure(root: Path, policy: Policy, runs: int) -> None:
    """Print what an audit alone and one with the vault take, of all tiers in the clear."""
    policy = replace(policy, mentions="off")
    with folder() as out:
        for rank, tree in project(root, policy).items():
            for path, data in tree.items():
                place = out / policy.ladder.names[rank] / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        times = paired(
            runs,
            lambda: read(out),
            lambda: audit(out, policy=policy),
            lambda: audit(out, vault=root, policy=policy),
        )
        say("published", read(out) / 1e6, "MB")
    say("reading what is published", statistics.median(times[0]), "s")
    say("audit of the publication alone, against reading it", ratio(times[1], times[0]))
    say("audit with vault and policy, against reading it", ratio(times[2], times[0]))
