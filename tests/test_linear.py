"""Pathological notes take time that is linear in their size.

Nothing is timed. Calls and lines of Python are counted at three sizes; what would be in one call
of a pattern or a search is read at a size at which the square of it would take minutes, under a
limit of processor time that linear work needs a small part of.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from linear_shapes import LARGE, SMALL

from tierpub.classify import survey
from tierpub.cut import Cutter
from tierpub.errors import TierpubError
from tierpub.mentions import Gate
from tierpub.policy import parse_policy
from tierpub.vault import scan

_POLICY = r"""
version: 1
tiers: [public, internal, secret]
defaults: { note: public, comment: secret }
rules:
  - { field: "*_f", tier: secret }
  - { link: "https://secret.example/**", tier: secret }
  - { text: '\bXQ5[a-z0-9]+', tier: secret }
"""
_SIZES = (60, 120, 240)
_SECONDS = 15


def read(text: str, root: Path) -> None:
    """Take a note beside a hidden one through all that `project` does with it."""
    source = root / "_Standards"
    source.mkdir(parents=True, exist_ok=True)
    (source / "Note.md").write_bytes(text.encode())
    (source / "Hid.md").write_text("---\nconfidential: secret\naliases: [Zzyy]\n---\n# Qqww\n")
    policy = parse_policy(_POLICY, "tierpub.yaml", root)
    vault = scan(root, policy)
    found = survey(vault, policy)
    if any(fault.severity == "error" for fault in found.faults):
        return
    cutter, gate = Cutter(found.context, found.notes["Note.md"]), Gate(found)
    for level in (0, 2):
        projection = cutter.at(level)
        if projection is not None:
            gate.look("Note.md", level, projection.text)
    with pytest.raises(TierpubError) if gate.mentions() else _nothing():
        gate.verdict()


class _nothing:  # noqa: N801 - as contextlib's
    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        return None


def _steps(work: Callable[[], None]) -> int:
    """How many calls are made and lines run, loops on one line included, in code of tierpub."""
    count = 0

    def line(frame: Any, event: str, arg: object) -> Any:
        nonlocal count
        count += 1
        return line

    def call(frame: Any, event: str, arg: object) -> Any:
        nonlocal count
        count += 1
        return line if "tierpub" in frame.f_code.co_filename else None

    traced = sys.gettrace()
    gc.disable()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(traced)
        gc.enable()
    return count


@pytest.mark.parametrize("name", SMALL)
def test_twice_the_note_is_twice_the_work(name: str, tmp_path: Path) -> None:
    """What the second doubling of a note costs is twice what the first did, or hardly more."""
    read(SMALL[name](_SIZES[0]), tmp_path)  # what is done once and kept
    steps = [_steps(lambda n=n: read(SMALL[name](n), tmp_path)) for n in _SIZES]
    first, second = steps[1] - steps[0], steps[2] - steps[1]
    # A shape that is refused when it gets too deep costs more the first time than ever again.
    assert second <= 2.3 * max(first, 500, steps[1] // 8), steps


def test_what_no_count_sees_is_linear(tmp_path: Path) -> None:
    """Large notes, each a single long run of something, are read within a limit of time."""
    code = "import test_linear as t; t.read_large()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ":".join([str(Path(__file__).parent), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr[-2000:]}"
    assert done.stdout.splitlines() == [*LARGE, "done"]


def read_large() -> None:
    """Read all large notes in the current folder, each within the limit; print each name first."""
    root = Path()
    for name, (shape, size) in LARGE.items():
        print(name, flush=True)  # noqa: T201 - what the test reads
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + _SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        read(shape(size), root)
    print("done")  # noqa: T201 - what the test reads
