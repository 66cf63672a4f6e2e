"""How tierpub talks: data to stdout, messages to stderr, each in one form.

    error: FILE:LINE:COLUMN: fact
      hint: what to write or run

Lower case, no full stop. A message is one line of printable characters whatever the names in it
are. Who may read it is decided here: below a viewing level only faults at or below it are shown;
that there are others is one fixed sentence for errors, and nothing at all for warnings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextvars import ContextVar, Token
from typing import Any, Self

import click

from tierpub.errors import Fault

EXIT_CLEAN = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_FINDINGS = 10
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
EXIT_HUNG_UP = 129
EXIT_TERMINATED = 143

ABOVE = "a fault above this level; `tierpub check` shows it"

_COLOURS = {"error": "red", "warning": "yellow", "hint": "cyan"}
_level: ContextVar[int | None] = ContextVar("level", default=None)


class viewing_level:  # noqa: N801 - used as the functions of contextlib are
    """The block in which a verb may lower what is shown; `value` is what it came to."""

    def __init__(self) -> None:
        self.value: int | None = None
        self._token: Token[int | None] | None = None

    def __enter__(self) -> Self:
        self._token = _level.set(None)
        return self

    def __exit__(self, *_: object) -> None:
        self.value = _level.get()
        if self._token is not None:
            _level.reset(self._token)


def limit(level: int) -> None:
    """From here on show only faults at or below `level`.

    `project` and `release` call it once the policy is loaded and before a note is read: faults
    of the policy are the policy author's own and are shown whole.
    """
    _level.set(level)


def visible(fault: Fault, level: int | None) -> bool:
    """Whether `fault` may be shown at `level`; None stands for cleared eyes.

    A fault without a tier counts as above every level.
    """
    return level is None or (fault.tier is not None and fault.tier <= level)


def warn(faults: Iterable[Fault]) -> None:
    """Print warnings at the level that `limit` set."""
    report(faults, _level.get())


def report(faults: Iterable[Fault], level: int | None) -> None:
    """Print faults in their order, and one fixed sentence where errors are not to be seen."""
    hidden = False
    for fault in faults:
        if visible(fault, level):
            say(fault.severity, str(fault), fault.hint)
        elif fault.severity == "error":
            hidden = True
    if hidden:
        fail(ABOVE)


def fail(message: str, hint: str = "") -> None:
    """Print one error that stands in no file."""
    say("error", message, hint)


def say(kind: str, message: str, hint: str = "") -> None:
    """Print one message, and its hint on a line of its own, to stderr."""
    click.echo(f"{_paint(kind)} {printable(message)}", err=True)
    if hint:
        click.echo(f"  {_paint('hint')} {printable(hint)}", err=True)


def printable(text: str) -> str:
    """`text` on one line, with everything escaped that could move a cursor or turn text around."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _paint(kind: str) -> str:
    text = f"{kind}:"
    return click.style(text, fg=_COLOURS[kind], bold=True) if _colourful() else text


def _colourful() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stderr.isatty()


def print_json(data: Mapping[str, Any], *, version: int = 1) -> None:
    """Print one JSON document to stdout, with the name and version of its form: that of the verb
    that runs. A version gains fields; what a field means changes only with the number."""
    import json

    verb = click.get_current_context().command.name
    click.echo(json.dumps({"schema": f"tierpub/{verb}/{version}", **data}, indent=2))


def fault_data(fault: Fault) -> dict[str, Any]:
    """A fault as it stands in JSON output; the caller has made sure that it may be seen."""
    place = fault.place
    return {
        "code": fault.code,
        "severity": fault.severity,
        "message": fault.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "hint": fault.hint,
    }
