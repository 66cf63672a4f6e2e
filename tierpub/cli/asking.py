"""Asking for a secret: on the terminal, so that it stands in no command line and no log."""

from __future__ import annotations

import os
import sys

import click


def ask(file: str) -> str | None:
    """The passphrase of a key file; None where none was given, or nobody is there to be asked."""
    if not _somebody():
        return None
    answer = click.prompt(
        f"Passphrase for {file}", hide_input=True, default="", err=True, show_default=False
    )
    return str(answer) or None


def _somebody() -> bool:
    """Whether there is a terminal, be it that of standard input or the process's own."""
    if sys.stdin is not None and sys.stdin.isatty():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
