"""One changed note among many: `tierpub project --all` as a process, against doing everything."""

from __future__ import annotations

import compileall
import os
import random
import re
import statistics
import subprocess
import sys
from pathlib import Path

import tierpub
from benchmarks import synthetic
from benchmarks.measure import clock, folder, say


def measure(notes: int, runs: int, seed: int) -> None:
    """Print how long runs take, start-up included, and how many times as fast they are as the one
    that does everything again and finds all as it should be."""
    compileall.compile_dir(Path(tierpub.__file__).parent, quiet=1)
    with folder() as root:
        synthetic.write(root, notes, seed)
        (root / "tierpub.yaml").write_text(synthetic.POLICY)
        first = clock(lambda: _project(root))
        memory = root / ".tierpub" / "notes.db"
        whole, changed, same = [], [], []
        for number in range(runs):
            memory.unlink()
            whole.append(clock(lambda: _project(root)))
            same.append(clock(lambda: _project(root)))
            _project(root)  # what was written within the last tick is not read any more
            _edit(root, random.Random(seed + number).randrange(notes))
            changed.append(clock(lambda: _project(root)))
        start = clock(lambda: _run("--help"))
    say("notes", notes, "")
    say("everything, for the first time", first, "s")
    say("everything, where nothing has changed", statistics.median(whole), "s")
    say("one changed note", statistics.median(changed), "s")
    say("nothing changed", statistics.median(same), "s")
    say("`tierpub --help`", start, "s")
    every = statistics.median(whole)
    say("one changed note: times as fast as everything again", every / statistics.median(changed))
    say("… as everything for the first time", first / statistics.median(changed))


def _edit(root: Path, number: int) -> None:
    note = root / "_Standards" / synthetic.name(number)
    text = note.read_text()
    note.write_text(re.sub(r"river|bridge|council", "quay", text, count=1))


def _project(root: Path) -> None:
    _run("project", "--all", "--vault", str(root))


def _run(*arguments: str) -> None:
    command = [sys.executable, "-m", "tierpub", *arguments]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
