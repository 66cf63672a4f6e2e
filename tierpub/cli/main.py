"""The frame of the command line: verbs imported when run, and what every failure looks like.

A verb is a module of this package whose `command` is a click command. It returns its exit code
(None for 0) and raises `TierpubError` to refuse. A traceback could quote a note, so none is
printed unless `TIERPUB_TRACEBACK=1`.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

from tierpub.cli.output import (
    EXIT_FAILED,
    EXIT_HUNG_UP,
    EXIT_INTERRUPTED,
    EXIT_PIPE,
    EXIT_TERMINATED,
    EXIT_USAGE,
    fail,
    report,
    viewing_level,
)
from tierpub.errors import TierpubError

VERBS: Mapping[str, tuple[str, str]] = {
    "project": ("project", "Write the projections of one level or more."),
    "check": (
        "check",
        "Look for faults in policy and labels, and for what only a default decided.",
    ),
    "explain": ("explain", "Tell the tier of each portion of a note, and why."),
    "diff": ("diff", "Show what one level reads and another does not."),
    "release": ("release", "Put every tier in place in one swap, each complete for its audience."),
    "verify": ("verify", "Hold a release, or one of its tiers, against its manifests."),
    "audit": ("audit", "Look for what should not stand in a publication, trusting nobody."),
    "rule": ("rule", "Explain a rule of `tierpub audit`, or list all."),
    "report": (
        "report",
        "Write a site to the folder OUT that shows what each level reads, and why.",
    ),
    "open": ("open_", "Open FILE, a sealed tier such as `_private.tar.age`."),
    "keygen": ("keygen", "Make an age identity: the key that opens what is sealed to it."),
    "schema": ("schema", "Print the JSON Schema of a policy, for editors."),
}
"""Name to module and first line of help, so that `--help` imports none of them."""

HELP = """Publish one set of Markdown notes to audiences of different clearance.

Every projection is the note with all above its level cut out, searched for what is hidden
before it is written, and sealed where the policy says so.

\b
  tierpub check                      what is wrong, and what only a default decided
  tierpub project --level internal   write what the readers of one level get
  tierpub explain NOTE               why each portion has its tier
"""


class _Terminated(BaseException):
    """A signal asked the process to end; `args` is its number."""


class _Pipe(Exception):  # noqa: N818 - no error: the reader has seen enough
    """The reader of standard output went away."""


class Verbs(click.Group):
    """A group that knows its verbs by name and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs in the order in which a newcomer needs them."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"tierpub.cli.{VERBS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line.rstrip(".")) for name, (_, line) in VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run the verb; a reader that goes away is told apart from a failed write."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            raise _Pipe from None
        return result


@click.group(cls=Verbs, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tierpub", message="%(prog)s %(version)s")
def tierpub() -> None:
    """Hold the verbs."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    _prepare()
    code = run(arguments)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = _drop_output(code or EXIT_FAILED)
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one for each end
    """Run the command line and return its exit code; whatever fails has been told on stderr."""
    level = viewing_level()
    try:
        with level:
            result = tierpub.main(arguments, prog_name="tierpub", standalone_mode=False)
    except click.ClickException as error:
        return _usage(error)
    except (click.Abort, KeyboardInterrupt):
        fail("interrupted")
        return EXIT_INTERRUPTED
    except _Terminated as end:
        fail("terminated")
        return EXIT_HUNG_UP if end.args[0] == signal.SIGHUP else EXIT_TERMINATED
    except _Pipe:
        return _drop_output()
    except TierpubError as error:
        report(error.faults, level.value)
        return EXIT_FAILED
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else EXIT_FAILED
    except BaseException as error:  # noqa: BLE001 - a panic of a Rust library is no `Exception`
        return _unexpected(error)
    return result if isinstance(result, int) else 0


def _prepare() -> None:
    """Make what is printed the same in every locale, and silence what could quote a note."""
    _end_in_order()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if os.environ.get("TIERPUB_TRACEBACK") != "1":
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        sys.unraisablehook = lambda _: None
        sys.excepthook = _last_resort


def _end_in_order() -> None:
    """Have the signals that end a process unwind it, so that what it began is put away.

    One that is ignored, as `nohup` has it, stays so.
    """

    def end(number: int, _frame: object) -> None:
        raise _Terminated(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _usage(error: click.ClickException) -> int:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    verb = context.command_path if context else "tierpub"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
    elif isinstance(error, click.UsageError):
        fail(message[:1].lower() + message[1:], f"{verb} --help")
    else:
        fail(message[:1].lower() + message[1:])
        return EXIT_FAILED
    return EXIT_USAGE


def _unexpected(error: BaseException) -> int:
    if os.environ.get("TIERPUB_TRACEBACK") == "1":
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        # Of all reasons these two tell nothing of what was being read.
        fail(os.strerror(error.errno).lower())
        return EXIT_FAILED
    fail(
        "tierpub failed in a way it should not; what happened is not shown, for it could quote a"
        " note",
        "where only cleared eyes read this, run again with TIERPUB_TRACEBACK=1 and report it",
    )
    return EXIT_FAILED


def _last_resort(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
    _unexpected(error)


def _drop_output(code: int = EXIT_PIPE) -> int:
    """Let nothing more be written to a pipe without a reader, not even while Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return code
