"""Secret keys on the command line: named by file or environment, never written into it.

A passphrase is asked for on the terminal itself, so that it can be neither an argument nor
something piped in, and where there is no terminal nobody is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierpub.errors import Place, TierpubError, refuse

if TYPE_CHECKING:
    from tierpub.seal import Identity


def load(paths: Sequence[Path], *, ssh: bool = False) -> tuple[Identity, ...]:
    """The identities in `paths`, or else those that the environment names."""
    from tierpub.seal import load_identities

    return load_identities(paths, os.environ, ask=ask, ssh=ssh)


def opener(paths: Sequence[Path]) -> Callable[[bytes], bytes | None]:
    """What opens a bundle of an earlier run; it returns None where no identity at hand does.

    Named files are read at once, so that a wrong name is told; the environment only when there is
    something to open. Faults are those of whoever runs it, and shown at every level.
    """
    keys = _told(paths) if paths else None

    def unseal(data: bytes) -> bytes | None:
        nonlocal keys
        from tierpub import seal

        keys = _told(()) if keys is None else keys
        try:
            return seal.unseal(data, keys) if keys else None
        except TierpubError:
            return None

    return unseal


def _told(paths: Sequence[Path]) -> tuple[Identity, ...]:
    try:
        return load(paths)
    except TierpubError as error:
        raise TierpubError(*(replace(fault, tier=0) for fault in error.faults)) from None


def ask(file: str) -> str | None:
    """The passphrase of an identity file, from the terminal that the run belongs to."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        message = "needs a passphrase, and there is no terminal to ask for it"
        hint = "run it on a terminal, or give a key without a passphrase in TIERPUB_IDENTITY"
        raise refuse("no-passphrase", message, Place(file), hint) from None
    answer = click.prompt(
        f"Passphrase for {file}", hide_input=True, default="", err=True, show_default=False
    )
    return str(answer) or None
