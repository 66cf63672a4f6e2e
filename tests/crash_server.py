"""A `tierpub` that has imported everything and forks a run for each line it is given.

Run as a process of its own by `crash_tools`: reads a JSON list of arguments, answers with the pid
of a child that waits until a tracer is there and told so, and then with the child's exit code (or
the signal that ended it, negative). So a run can be traced without tracing Python's start.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
import io
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

SET_PTRACER, ANY = 0x59616D61, -1


def warm_up() -> None:
    """Import what a run imports, by making one; lines that a run executes are then compiled. The
    program's text, which is the same in all runs, is read now: nine of ten calls would be that."""
    frame = importlib.import_module("tierpub.cli.main")
    origin = importlib.import_module("tierpub.publish.origin")
    origin._code = functools.cache(origin._code)  # noqa: SLF001
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "_Standards").mkdir()
        (root / "_Standards/A.md").write_text("A [[B]]\n")
        key = importlib.import_module("pyrage").x25519.Identity.generate().to_public()
        tiers = f"tiers: [low, {{name: high, recipients: [{key}]}}]\nseal_from: high\n"
        (root / "tierpub.yaml").write_text(f"version: 1\n{tiers}defaults: {{note: low}}\n")
        with contextlib.redirect_stdout(io.StringIO()):
            code = frame.run(["project", "--all", "--vault", folder])
        if code:
            sys.exit(f"the run that warms up ended with {code}")


def child(order: dict) -> None:
    """Wait for a signal from the tester, then be `tierpub`."""
    for number, path in enumerate((order["stdout"], order["stderr"]), 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.environ.update(order["env"])
    tempfile.tempdir = None  # as found by the run that warmed up
    ctypes.CDLL(None).prctl(SET_PTRACER, ctypes.c_long(ANY), 0, 0, 0)
    signal.sigwait({signal.SIGUSR1})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    importlib.import_module("tierpub.cli.main").main(order["arguments"])


def tell(number: int) -> None:
    """Answer with a number."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def serve() -> None:
    """Fork a run for each line of stdin."""
    warm_up()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            code = 70
            try:
                child(json.loads(line))
            except SystemExit as leave:  # must not get into this loop
                code = leave.code if isinstance(leave.code, int) else 0
            finally:
                os._exit(code)
        tell(pid)
        _, status = os.waitpid(pid, 0)
        tell(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve()
