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
from tierpub.classify import survey
from tierpub.classify.context import Context
from tierpub.classify.read import read_note
from tierpub.note import Grammar
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
    with path.Run(scan(root, policy), policy, processes) as run, publish.open_state(out) as state:
        outputs = (publish.Output(name, data, rank) for rank, name, data in run.projections(ranks))
        publish.apply(publish.plan(out, outputs, state, scope, reseal=False), _never)


def _never(*_: object) -> bytes:
    raise AssertionError("nothing is sealed here")


def measure(root: Path, policy: Policy, runs: int) -> None:
    """Print the ratios, the share of each stage and the peak of memory."""
    tiers = len(policy.ladder)
    notes = len(scan(root, policy).notes)
    with folder() as place:
        names = iter(range(10**6))
        times = paired(
            runs,
            lambda: floor(root, place / f"f{next(names)}", tiers),
            lambda: path.project(root, policy),
            lambda: written(root, policy, place / f"w{next(names)}"),
        )
    say("notes", notes, "")
    say("floor: read once, write a copy for each tier", statistics.median(times[0]), "s")
    say("all tiers in memory, against the floor", ratio(times[1], times[0]))
    say("all tiers written, against the floor", ratio(times[2], times[0]))
    say("a note, all tiers in memory", statistics.median(times[1]) / notes * 1e6, "µs")
    stages(root, policy, statistics.median(b - a for a, b in zip(times[1], times[2], strict=True)))


def stages(root: Path, policy: Policy, write: float) -> None:
    """Print what each stage takes of the whole."""
    vault = scan(root, policy)
    grammar = Grammar(policy.label_key, tuple(policy.tree(t.rank) + "/" for t in policy.ladder))
    context = Context(policy, vault, grammar)
    found = survey(vault, policy)
    texts = {note: vault.read(note) for note in vault.notes}
    seconds = {
        "scan": clock(lambda: scan(root, policy)),
        "read": clock(lambda: [vault.read(note) for note in vault.notes]),
        "parse": clock(lambda: [read_note(context, n, text) for n, text in texts.items()]),
    }
    fresh = scan(root, policy)  # it remembers no link yet
    whole = clock(lambda: survey(fresh, policy))
    seconds["classify"] = max(0.0, whole - seconds["read"] - seconds["parse"])
    seconds["cut"] = clock(
        lambda: sum(
            1
            for _ in path.projections(
                vault, found, range(len(policy.ladder)), gate=path.Gate(found)
            )
        )
    )
    seconds["write"] = max(0.0, write)
    total = sum(seconds.values())
    for stage, spent in seconds.items():
        say(f"share of {stage}", 100 * spent / total, "%")


def peak(root: Path, policy_file: str) -> None:
    """Print the peak of memory of a process that does nothing else."""
    command = [sys.executable, "-m", "benchmarks", "peak", str(root), "--policy", policy_file]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    say("peak of memory, all tiers one after the other", float(done.stdout), "MB")


def peak_here(root: Path, policy: Policy) -> None:
    """Project all tiers, keep nothing, and print this process's peak in MB."""
    vault = scan(root, policy)
    found = survey(vault, policy)
    for _ in path.projections(vault, found, range(len(policy.ladder)), gate=path.Gate(found)):
        pass
    print(_peak_of_this_process())


def _peak_of_this_process() -> float:
    """In MB. What the kernel counts for a child begins with the peak of its parent, so its own
    is read where the system tells it."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+)", status.read_text())):
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
