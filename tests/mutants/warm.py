"""A process that has imported what runs of tests need from elsewhere, and forks one per order.

Run as a process of its own by `planting`: reads a JSON object a line, and answers each with the
exit code of the run of tests that it made of it. Nothing of the project is imported before the
fork: what a run tests, and its tests, are those of the folder that its order names.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import sys
from pathlib import Path

SHARED = (
    "pytest", "_pytest.junitxml", "_pytest.python", "_pytest.doctest", "_pytest.fixtures",
    "_pytest.unittest", "xdist.plugin", "xdist.looponfail", "hypothesis", "hypothesis.strategies",
    "hypothesis.stateful", "ahocorasick_rs", "click", "click.testing", "cryptography",
    "cryptography.hazmat.primitives.asymmetric.ed25519", "frontmatter", "jinja2", "markdown_it",
    "msgspec", "multiprocessing.pool", "pathspec", "PIL.Image", "pyrage", "pyromark", "re2",
    "securesystemslib.signer", "yaml", "difflib", "sqlite3", "tarfile", "unittest.mock",
    "xml.etree.ElementTree",
)  # fmt: skip
"""What runs of tests import, but for the project and its tests."""


def warm_up() -> None:
    """Import what is shared; nothing of the project may come along."""
    sys.path.pop(0)  # the folder of this file
    for name in SHARED:
        importlib.import_module(name)
    if own := [name for name in sys.modules if name.partition(".")[0] in {"tierpub", "conftest"}]:
        sys.exit(f"imported before any run: {own}")
    gc.collect()
    gc.freeze()


def be_pytest(order: dict) -> int:
    """Run tests as the order says, and return the exit code."""
    with Path(order["output"]).open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["env"])
    sys.path[:0] = [order["folder"]]
    return int(importlib.import_module("pytest").main(order["arguments"]))


def serve() -> None:
    """Fork a run for each line of stdin."""
    warm_up()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 70
            try:
                code = be_pytest(json.loads(line))
            finally:
                with contextlib.suppress(OSError):
                    sys.stdout.flush()
                    sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
