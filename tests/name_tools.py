"""What the tests of names share: files of any name, the verbs in this process, what they leave."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
from pathlib import Path
from types import SimpleNamespace

from cli_tools import snapshot

from tierpub.policy import load_policy
from tierpub.report.findings import check

main = importlib.import_module("tierpub.cli.main")
MD = "Words.\n"


def at(root: Path, name: str | bytes) -> Path:
    """Where a name, which may be no UTF-8, stands below the source."""
    return Path(os.fsdecode(os.fsencode(root / "_Standards") + b"/" + os.fsencode(name)))


def make(root: Path, name: str | bytes, text: str = MD) -> None:
    """Write a file below the source."""
    path = at(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(*arguments: object) -> SimpleNamespace:
    """Run `tierpub` in this process; what `subprocess.run` would return."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.run([str(argument) for argument in arguments])
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def project(root: Path, *arguments: str) -> int:
    """Run `tierpub project`; all levels where none is named."""
    levels = () if "--level" in arguments else ("--all",)
    return main.run(["project", *levels, *arguments, "--vault", str(root)])


def found(root: Path) -> dict[str, list[tuple[str, str]]]:
    """What `check` finds: code to severity and place of each."""
    codes: dict[str, list[tuple[str, str]]] = {}
    for fault in check(root, load_policy(root / "tierpub.yaml")).faults:
        codes.setdefault(fault.code, []).append((fault.severity, str(fault.place)))
        assert fault.message.isprintable()
        assert str(fault.place).isprintable()
    return codes


def tree(root: Path, tier: str = "public") -> dict[str, str]:
    """The text of each projection of a tier, by its path below the tier's tree."""
    folder = root / f"_{tier}"
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def leaves_all(root: Path, capsys) -> str:
    """Assert that a run is refused and changes no file; returns what it says."""
    before = snapshot(root)
    assert project(root) == 1
    assert snapshot(root) == before
    said = capsys.readouterr()
    assert said.out == ""
    return said.err
