"""The catalogue's rows that show in runs: readable cases in `tests/fixtures/runs`.

`tests/fixtures/README.md` describes the format. After each run all that lies in the vault but its
source, policy and state is compared, in both directions, and all that was said.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyrage
import pytest
import yaml
from fixtures.cases import TIERS
from fixtures.run_cases import RUN_CASES, THE_SAME, Link, Policy, Put, Run, RunCase, Step
from name_tools import run as tierpub
from test_fixtures import difference

from tierpub.seal import members, unseal
from tierpub.seal.identities import load_identities

_OURS = ("_Standards", "tierpub.yaml")
"""What is no output, by the first part of its path."""
LONG_AGO = 1_000_000_000
"""The time that files are given between two runs: what is written anew has another."""
_KEY = re.compile(r"«key (\w+)»")

TELLING = 6
"""Bytes of a word that no ciphertext of a test holds by chance."""


class Left(NamedTuple):
    """What one run left and said."""

    files: dict[str, bytes]
    """Of open trees, and the members of bundles."""
    marks: dict[str, tuple[int, int]]
    """Mode and time of each file of an open tree."""
    sizes: dict[int, int]
    """Of the bundles, by rank: what the cipher text shows, but for the header, whose size age
    makes up at random."""
    everything: bytes
    """All bytes and names that were written and all that was said."""
    code: int
    said: str


class Vault:
    """A vault on disk that a case's steps are taken in."""

    def __init__(self, folder: Path) -> None:
        self.root, self.keys = folder / "vault", folder / "keys"
        (self.root / "_Standards").mkdir(parents=True)
        self.keys.mkdir()
        self.others: dict[str, bytes] = {}
        """Files of the case beside the source: they stay whatever is run."""

    def take(self, step: Put | Link | Policy) -> None:
        """Change something."""
        if isinstance(step, Policy):
            text = yaml.dump(step.values, Dumper=yaml.CSafeDumper, allow_unicode=True)
            (self.root / "tierpub.yaml").write_text(_KEY.sub(self._key, text), "utf-8")
            return
        path = self.root / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(step, Link):
            path.symlink_to(step.target)
        elif step.data is None:
            path.unlink()
            self.others.pop(step.path, None)
        else:
            path.write_bytes(step.data)
            if not step.path.startswith(("_Standards/", ".tierpub/")):
                self.others[step.path] = step.data

    def _key(self, found: re.Match[str]) -> str:
        """A public key whose other half is kept under that name."""
        file = self.keys / found[1]
        if not file.exists():
            file.write_text(f"{pyrage.x25519.Identity.generate()}\n")
            file.chmod(0o600)
        return str(pyrage.x25519.Identity.from_str(file.read_text().strip()).to_public())

    def run(self, step: Run) -> Left:
        """Run the command line; the files of earlier runs are made old first."""
        for path in self._written():
            os.utime(path, (LONG_AGO, LONG_AGO))
        done = tierpub(*step.arguments, "--vault", self.root)
        return self._left(done.returncode, done.stdout + done.stderr)

    def _left(self, code: int, said: str) -> Left:
        files: dict[str, bytes] = {}
        marks: dict[str, tuple[int, int]] = {}
        sizes: dict[int, int] = {}
        for path in self._written():
            name = path.relative_to(self.root).as_posix()
            if name.endswith(".tar.age"):
                rank = TIERS.index(name.removeprefix("_").removesuffix(".tar.age"))
                keys = load_identities([self.keys / TIERS[rank]], {})
                plain = unseal(path.read_bytes(), keys)
                sizes[rank] = len(plain)
                files |= {m.name: m.data for m in members(plain)}
            else:
                files[name] = path.read_bytes()
                marks[name] = (stat.S_IMODE(path.stat().st_mode), int(path.stat().st_mtime))
        return Left(files, marks, sizes, self._everything(said), code, said)

    def _everything(self, said: str) -> bytes:
        """Bytes and names of all that is not the author's, and what was said."""
        rest = [p for p in self.root.rglob("*") if p.relative_to(self.root).parts[0] not in _OURS]
        held = [p.read_bytes() for p in rest if p.is_file()]
        names = [os.fsencode(p.relative_to(self.root)) for p in rest]
        return b"\0".join([*held, *names, said.encode()])

    def touched(self) -> list[str]:
        """The case's own files that are not as it put them there."""
        files = ((path, self.root / path, data) for path, data in self.others.items())
        return [
            f"{path}, which is not ours, has changed"
            for path, file, data in files
            if not file.is_file() or file.read_bytes() != data
        ]

    def _written(self) -> list[Path]:
        """What lies in the vault and is neither its source, its policy, its state nor the
        case's."""
        return [
            path
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
            and not path.is_symlink()
            and (name := path.relative_to(self.root).as_posix()) not in self.others
            and name.partition("/")[0] not in (*_OURS, ".tierpub")
        ]


def wrong(step: Run, left: Left, before: Left | None, *, twin: bool) -> list[str]:
    """All that is otherwise than the case says."""
    want, found = dict(step.expected), []
    if step.same or step.sized:
        assert before is not None, "there is no run to compare with"
        for path, text in kept(step, left, before, twin=twin):
            want[path] = before.files.get(path, b"")
            found.append(text)
        sizes = [rank for rank in step.sized if left.sizes.get(rank) != before.sizes.get(rank)]
        found += [f"the bundle of {TIERS[rank]} has another size" for rank in sizes]
    found += [difference(path, want, left.files) for path in sorted(want.keys() | left.files)]
    said = before.said if before and step.said.strip() == THE_SAME else step.said
    if (left.code, left.said) != (step.code, said):
        found.append(f"exit {left.code}, said:\n{left.said}")
    if set(left.sizes) != step.sealed:
        found.append(f"sealed: {[TIERS[rank] for rank in left.sizes]}")
    chance = [word for word in step.nowhere if step.sealed and len(word) < TELLING]
    assert not chance, f"too short: a ciphertext may hold them by chance: {chance}"
    found += [f"{w!r} is somewhere" for w in step.nowhere if w.encode() in left.everything]
    return [text for text in found if text]


def kept(step: Run, left: Left, before: Left, *, twin: bool) -> Iterator[tuple[str, str]]:
    """What is to be as it was, each with what is wrong with it: in the other vault it has the
    same mode, in this one its old time as well."""
    for rank, path in step.same:
        paths = [p for p in before.files if p.startswith(f"_{TIERS[rank]}/") and path in ("", p)]
        if path and not paths:
            yield path, f"{path} was not there before"
        for each in paths:
            mode, time = left.marks.get(each, (0, 0))
            was = before.marks.get(each, (mode, time))
            anew = not twin and each in left.marks and time != LONG_AGO
            wrong = mode != was[0] or anew
            yield each, f"{each} has another mode, or was written anew" if wrong else ""


def taken(
    steps: list[Step], vault: Vault, first: list[Left] | None
) -> tuple[list[Left], list[str]]:
    """Take all steps; what each run left, and what is wrong. `first` is of the other vault."""
    made: list[Left] = []
    found: list[str] = []
    for step in steps:
        if isinstance(step, Run):
            before = first[len(made)] if first else (made[-1] if made else None)
            made.append(vault.run(step))
            found += wrong(step, made[-1], before, twin=first is not None) + vault.touched()
        else:
            vault.take(step)
    return made, found


@pytest.mark.parametrize("case", RUN_CASES, ids=[case.title for case in RUN_CASES])
def test_runs(case: RunCase, tmp_path: Path) -> None:
    """Each run leaves what the case says, byte for byte, says what it says, and nothing else."""
    first: list[Left] | None = None
    for number, steps in enumerate(case.vaults):
        (tmp_path / str(number)).mkdir()
        made, found = taken(steps, Vault(tmp_path / str(number)), first)
        assert made
        assert not found, "\n".join([case.place, f"vault {number + 1}", *found])
        first = made


def test_titles_are_unique() -> None:
    """A case can be named by its title."""
    titles = [case.title for case in RUN_CASES]
    assert len(titles) == len(set(titles))


def one(run: Run, left: Left, before: Left | None = None, *, twin: bool = False) -> int:
    """How many things are wrong."""
    return len(wrong(run, left, before, twin=twin))


def test_a_comparison_can_fail() -> None:
    """Another byte, file, word, exit code, mode, time, size or tier that is sealed is told."""
    name = "_public/Open/N.public.md"
    left = Left({name: b"x"}, {name: (0o644, LONG_AGO)}, {3: 9}, b"x\0Nightjar\0said", 0, "said")
    run = Run([], 0, "said", {name: b"x"}, sealed={3})
    same = Run([], 0, "said", same=[(0, "")], sealed={3}, sized={3})
    assert one(run, left) == 0
    assert one(same, left, left) == 0
    assert one(run, left._replace(files={name: b"y"})) == 1
    assert one(run, left._replace(files={name: b"x", "_public/M.public.md": b""})) == 1
    assert one(run, left._replace(files={})) == 1
    assert one(run, left._replace(said="more")) == 1
    assert one(run, left._replace(code=1)) == 1
    assert one(run, left._replace(sizes={})) == 1
    assert one(Run([], 0, "said", {name: b"x"}, sealed={3}, nowhere=["Nightjar"]), left) == 1
    assert one(same, left._replace(marks={name: (0o600, LONG_AGO)}), left) == 1
    assert one(same, left._replace(marks={name: (0o644, 5)}), left) == 1
    assert one(same, left._replace(marks={name: (0o644, 5)}), left, twin=True) == 0
    assert one(same, left._replace(sizes={3: 8}), left) == 1
    assert one(same, left._replace(files={name: b"y"}), left) == 1
