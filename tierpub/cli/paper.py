"""What stdout is: how wide, and whether it takes colours."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from tierpub.cli.output import printable

if TYPE_CHECKING:
    from tierpub.report.pen import Pen

CLEARED = "this output is for readers who may see the whole vault"
_WIDTH = 100
"""Where stdout is no terminal."""


def pen() -> Pen:
    """A pen for stdout; `NO_COLOR` and a dumb terminal get plain text."""
    from tierpub.report.pen import Pen

    terminal = sys.stdout.isatty()
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if terminal else _WIDTH
    return Pen(printable, colour=terminal and not plain, width=width)


def only_for_cleared_eyes() -> None:
    """Say on stderr who may read what follows."""
    click.echo(f"note: {CLEARED}", err=True)


def put(text: str) -> None:
    """Print text to stdout as it was made; a pen has decided about colours."""
    click.echo(text, color=True)
