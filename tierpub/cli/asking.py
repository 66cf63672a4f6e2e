"""Asking for a secret: on the terminal, so that it stands in no command line and no log."""

from __future__ import annotations

import click


def ask(file: str) -> str | None:
    """The passphrase of a key file; None where none was given."""
    answer = click.prompt(
        f"Passphrase for {file}", hide_input=True, default="", err=True, show_default=False
    )
    return str(answer) or None
