"""Clocks, medians and places: what all benchmarks share."""

from __future__ import annotations

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, if there is one


@contextmanager
def folder() -> Iterator[Path]:
    """A folder in memory where there is such a file system, else a temporary one."""
    place = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def clock(work: Callable[[], object]) -> float:
    """Seconds that `work` took; what was there before is not collected meanwhile."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(runs: int, *works: Callable[[], object]) -> list[list[float]]:
    """Seconds of each of `works`, which take turns so that the machine's moods hit all alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, found in zip(works, times, strict=True):
            found.append(clock(work))
    return times


def ratio(above: list[float], below: list[float]) -> float:
    """Median of the ratios of paired times."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def say(what: str, figure: float, unit: str = "x") -> None:
    """Print one line of the table."""
    print(f"{what:<58} {figure:10.2f} {unit}", flush=True)
