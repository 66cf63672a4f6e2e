"""Leaks to plant: what a mutant is, how it is put into a module's text, and how it is run.

A mutant takes the place of one function, or of one entry of a table, by its name: its code is
added at the end of the module, so that whatever is rewritten inside that function, the mutant
still fits. Where no such place is to be had, it is a change of text that must occur exactly once.
A place that is not there any more is an error, never a mutant that changes nothing.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[2]
PARTS = (
    "tierpub", "tests", "policies", "vault", "docs", "benchmarks", ".ci", "pyproject.toml",
    "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", ".gitignore", "action.yml",
    ".pre-commit-hooks.yaml",
)  # fmt: skip
"""What a copy of the project needs for its tests."""
CRASHES = re.compile(
    r"(?:\w+\.)*(?:Name|Import|ModuleNotFound|Attribute|Type|Key|Index|Syntax|UnboundLocal|Recursion)Error\b"
)
"""What a mutant dies of that does not leak but cannot run."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One leak."""

    leak: str
    """What gets out, or how one can tell that something was hidden."""
    module: str
    place: str
    """What is replaced: a function, `Class.method` or `TABLE[entry]` of the module; or, where
    `code` is no function, the text that occurs once."""
    code: str
    """`def mutant(…)`, which may call `true`, the function it takes the place of; or the text
    that replaces `place`."""
    killers: tuple[str, ...]
    """Selections of tests, as pytest takes them, the likeliest first."""

    @property
    def file(self) -> str:
        """The module's file, from the root of the project."""
        return self.module.replace(".", "/") + ".py"

    def plant(self, source: str) -> str:
        """The module's text with the leak in it. Raises `LookupError` where the place is gone."""
        code = textwrap.dedent(self.code).strip()
        if not re.search(r"^def mutant\(", code, re.MULTILINE):
            if source.count(self.place) != 1:
                raise LookupError(f"{self.leak}: {self.file} does not hold the text just once")
            return source.replace(self.place, self.code)
        if not holds(source, self.place):
            raise LookupError(f"{self.leak}: {self.file} has no `{self.place}`")
        return f"{source}\n\ntrue = {self.place}\n\n\n{code}\n\n\n{self.place} = mutant\n"


def holds(source: str, place: str) -> bool:
    """Whether a module's own text defines `place`; of a table's entry, the table."""
    body = ast.parse(source).body
    for name in place.partition("[")[0].split("."):
        found = [node for node in body if name in _defined(node)]
        if not found:
            return False
        body = getattr(found[-1], "body", [])
    return True


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {target.id for target in targets if isinstance(target, ast.Name)}
    return set()


def copy_project(folder: Path) -> Path:
    """A copy of the project below `folder`, in which mutants are planted one after the other."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            skipped = shutil.ignore_patterns("__pycache__", ".hypothesis")
            shutil.copytree(ROOT / part, folder / part, ignore=skipped)
        else:
            shutil.copy2(ROOT / part, folder / part)
    return folder


@contextmanager
def changed(file: Path, text: str) -> Iterator[None]:
    """A module of the copy with another text for a while.

    Python tells a stale compiled file by its source's length and second, and two mutants of one
    length may share a second: what was compiled goes whenever the text changes.
    """
    whole = file.read_bytes()
    compiled = Path(cache_from_source(str(file)))
    try:
        compiled.unlink(missing_ok=True)
        file.write_text(text, encoding="utf-8")
        yield
    finally:
        file.write_bytes(whole)
        compiled.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of tests ended."""

    code: int
    """The exit code: 0 all passed, 1 one failed, anything else is no run."""
    test: str
    """The test that failed first; empty where none failed, or where one could not begin."""
    why: str
    """Of that failure, the first line."""
    output: str


class Runner:
    """Runs tests of copies of the project, each in a process of its own, forked from one that has
    imported what they need from elsewhere."""

    def __init__(self) -> None:
        warm = Path(__file__).with_name("warm.py")
        self._process = subprocess.Popen(
            [sys.executable, warm], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=_environment(),
        )  # fmt: skip

    def close(self) -> None:
        """End the process that forks."""
        self._stream("stdin").close()
        if self._process.wait(30):
            raise ChildProcessError("the process that runs tests did not end in order")
        self._stream("stdout").close()

    def run(self, copy: Path, selection: str = "") -> Outcome:
        """Run tests of the copy up to the first that fails."""
        report, output = copy / "report.xml", copy / "output.txt"
        report.unlink(missing_ok=True)
        order = {
            "folder": str(copy), "output": str(output),
            "env": _environment() | {"PYTHONPATH": str(copy), "TIERPUB_EXAMPLES": "15"},
            "arguments": ["-x", "-n", "0", "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
                          "--assert=plain", "--tb=short", f"--junitxml={report}",
                          *shlex.split(selection)],
        }  # fmt: skip
        self._stream("stdin").write(json.dumps(order) + "\n")
        self._stream("stdin").flush()
        code = int(self._stream("stdout").readline())
        return _outcome(code, report, output.read_text(encoding="utf-8"))

    def _stream(self, name: str) -> IO[str]:
        stream: IO[str] = getattr(self._process, name)
        return stream


def _outcome(code: int, report: Path, output: str) -> Outcome:
    if not report.exists():
        return Outcome(code, "", "", output)
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it just now
        for end in case.iter("failure"):  # an error before the test ran is no finding
            test = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
            why = end.get("message", "").partition("\n")[0]
            return Outcome(code, test, why, output)
    return Outcome(code, "", "", output)


def _environment() -> dict[str, str]:
    """Without what the outer run is told; compiled files may be kept in the copy."""
    told = ("PYTEST_", "PYTHONDONTWRITE", "PYTHONPATH", "TIERPUB_", "COV_")
    return {name: value for name, value in os.environ.items() if not name.startswith(told)}
