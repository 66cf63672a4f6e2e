"""What takes long to make and is the same for all: made by the first process that asks for it.

It lies in the folder of the run, which all processes of it share, and is gone with it: no run of
tests is given what another one made.
"""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyrage
import pytest

_T = TypeVar("_T")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], _T]) -> _T:
    """What `make` returns for a folder that is called `name`, from whichever process of this run
    of tests came first. What it makes must be equal to itself once pickled."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = base / f"{name}.pickle"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make(base / name)))
    return pickle.loads(kept.read_bytes())  # noqa: S301 - our own


def wrapped(factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """An age identity, and it in a file that the passphrase `pass words` opens: age makes that
    take seconds, on purpose."""

    def make(_: Path) -> tuple[str, bytes]:
        key = str(pyrage.x25519.Identity.generate())
        return key, pyrage.passphrase.encrypt(key.encode(), "pass words")

    return once(factory, "wrapped", make)
