"""All six tiers of a vault, against reading each note once and writing six copies of it."""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import clock, folder, paired, ratio, say
from tierpub import path, publish
from tierpub.classify.part import NoteReason
from tierpub.crew import helpful
from tierpub.mentions import choose, join, names_of
from tierpub.path.shard import Shard
from tierpub.policy import Policy, parse_policy
from tierpub.vault import scan


def unsealed(text: str) -> Policy:
    """The policy that a text states, with no tier sealed: what is measured is the splitter."""
    lines = [line for line in text.splitlines() if not line.startswith("seal_from:")]
    return parse_policy("\n".join(lines), "policy.yaml", Path())


def floor(root: Path, out: Path, copies: int) -> None:
    """Read each note once and write that many copies, with nothing between."""
    source = str(root / "_Standards")
    for folder_, _, files in os.walk(source):
        below = folder_[len(source) :]
        for copy in range(copies):
            os.makedirs(f"{out}/{copy}{below}")  # noqa: PTH103 - nothing may slow the floor
        for name in files:
            with open(f"{folder_}/{name}", "rb") as file:  # noqa: PTH123
                data = file.read()
            for copy in range(copies):
                with open(f"{out}/{copy}{below}/{name}", "wb") as file:  # noqa: PTH123
                    file.write(data)


def written(root: Path, policy: Policy, out: Path, processes: int) -> None:
    """All tiers, through the one writer that there is."""
    ranks = range(len(policy.ladder))
    out.mkdir(parents=True, exist_ok=True)
    scope = publish.Scope(policy.ladder, frozenset(ranks), None, "")
    with (
        path.no_collection(),  # as the command line has it
        path.Run(scan(root, policy), policy, processes) as run,
        publish.open_state(out) as state,
    ):
        outputs = (publish.Output(name, data, rank) for rank, name, data in run.projections(ranks))
        publish.apply(publish.plan(out, outputs, state, scope, reseal=False), _never)


def _never(*_: object) -> bytes:
    raise AssertionError("nothing is sealed here")


def measure(root: Path, policy: Policy, runs: int) -> None:
    """Print the ratios, the share of each stage and the peak of memory."""
    tiers = len(policy.ladder)
    notes = len(scan(root, policy).notes)
    many = helpful(notes, 1)
    with folder() as place:
        names = iter(range(10**6))
        times = paired(
            runs,
            lambda: floor(root, place / f"f{next(names)}", tiers),
            lambda: path.project(root, policy, processes=1),
            lambda: path.project(root, policy, processes=many),
            lambda: written(root, policy, place / f"w{next(names)}", many),
        )
    say("notes", notes, "")
    say("processes, where not one", many, "")
    say("floor: read once, write a copy for each tier", statistics.median(times[0]), "s")
    say("all tiers in memory, one process, against the floor", ratio(times[1], times[0]))
    say("all tiers in memory, against the floor", ratio(times[2], times[0]))
    say("all tiers written, against the floor", ratio(times[3], times[0]))
    say("one process against more", ratio(times[1], times[2]))
    say("a note, all tiers in memory", statistics.median(times[2]) / notes * 1e6, "µs")
    stages(root, policy)


def stages(root: Path, policy: Policy) -> None:
    """Print what each stage takes of the whole, in one process and without writing."""
    vault = scan(root, policy)
    shard = Shard(vault, policy, vault.notes)
    ctx = shard.found.context
    seconds = {"scan": clock(lambda: scan(root, policy))}
    reasons: list[NoteReason] = []
    seconds["read and parse"] = clock(lambda: reasons.extend(shard.read()[0]))
    seconds["classify"] = clock(lambda: shard.classify(reasons))
    shard.settle(shard.block_refs())
    called = join([shard.called()], ctx)
    needles = choose(called, ctx)
    shard.watch(needles, names_of(called, [shard.leads(needles)] if needles else []))
    ranks = range(len(policy.ladder))
    seconds["cut and gate"] = clock(lambda: sum(1 for _ in shard.projections(ranks)))
    total = sum(seconds.values())
    for stage, spent in seconds.items():
        say(f"share of {stage}", 100 * spent / total, "%")


def peak(root: Path, policy_file: str) -> None:
    """Print the peak of memory of a process that does nothing else."""
    command = [sys.executable, "-m", "benchmarks", "peak", str(root), "--policy", policy_file]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    say("peak of memory, all tiers one after the other", float(done.stdout), "MB")


def peak_here(root: Path, policy: Policy) -> None:
    """Project all tiers in one process, keep nothing, and print its peak in MB."""
    with path.Run(scan(root, policy), policy, 1) as run:
        for _ in run.projections(range(len(policy.ladder))):
            pass
    print(_peak_of_this_process())


def _peak_of_this_process() -> float:
    """In MB. What the kernel counts for a child begins with the peak of its parent, so its own
    is read where the system tells it."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+)", status.read_text())):
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
