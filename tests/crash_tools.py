"""Runs of `tierpub` that something goes wrong in: at any system call, by `strace`.

`Tracer` starts runs and injects a signal or an error at the n-th call of a kind; `Scene` is a
vault in a known state, to be copied for each try, with what its files must hold afterwards.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pyrage
import pytest
from cli_tools import POLICY, make_vault, snapshot

ROOT = Path(__file__).parents[1]
IDENTITY = pyrage.x25519.Identity.generate()
CANARIES = ("HERONTOWER", "nine-gilded-coins", "Quillfeather", "Marrowgate")
"""Words that only sealed tiers hold; the last one is part of a note's name."""
CHANGES = (
    "write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,ftruncate,fallocate,rename,"
    "renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,fchmod,"
    "chmod,fchmodat,utimensat,fsync,fdatasync,syncfs,sync,sync_file_range,msync"
)
"""System calls that change what is on disk, or make it last."""
READS = "openat,read,pread64,newfstatat,getdents64"
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|\?)", re.DOTALL)

FIRST = {
    "Open/Office.md": "# Office\n\nOpen words. See [[Ann_Marrowgate|her]].\n",
    "Open/Desk.md": "# Desk\n\nA desk. %% HERONTOWER %%\n",
    "Plans.md": "# Plans\n\nInside words.\n\n## Pay [confidential:: secret]\n\nnine-gilded-coins\n",
    "People/Ann_Marrowgate.md": "She works at [[Office]], called Quillfeather.\n",
}
CHANGED = FIRST | {
    "Open/Office.md": "# Office\n\nOther words. See [[Ann_Marrowgate|her]].\n",
    "Open/New/Room.md": "# Room\n\nA new room.\n",
    "People/Ann_Marrowgate.md": "She left [[Office]], called Quillfeather.\n",
}
REMOVED = {
    "Open/Office.md": CHANGED["Open/Office.md"],
    "Plans.md": "---\nconfidential: secret\n---\nnine-gilded-coins\n",
    "People/Ann_Marrowgate.md": CHANGED["People/Ann_Marrowgate.md"],
}
SCENES = {"first run": ({}, FIRST), "changes": (FIRST, CHANGED), "removals": (CHANGED, REMOVED)}
"""What was projected before the run that goes wrong, and what that run projects."""


class Call(NamedTuple):
    """The `number`-th call (from 1) of the system call `name` in a run."""

    name: str
    number: int
    about: str
    """Its arguments as `strace -y` shows them."""


@dataclass(frozen=True)
class Ended:
    """A run that has ended."""

    code: int
    stdout: str
    stderr: str
    calls: tuple[Call, ...] = ()


def need_strace() -> None:
    """Skip the module where `strace` is missing; in CI that is a failure."""
    if shutil.which("strace") is None and os.environ.get("CI") != "true":
        pytest.skip("strace is not installed", allow_module_level=True)


class Tracer:
    """Starts runs of `tierpub`, traced from their first own instruction on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        plain = {k: v for k, v in os.environ.items() if not k.startswith("TIERPUB")}
        self.server = subprocess.Popen(
            [sys.executable, "-B", ROOT / "tests/crash_server.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=plain | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
        )

    def close(self) -> None:
        """End the process that forks."""
        self.server.stdin.close()
        assert self.server.wait(30) == 0
        self.server.stdout.close()

    def run(
        self,
        scene: Path,
        *options: str,
        calls: str = CHANGES,
        text: bool = False,
        meanwhile: Callable[[int], None] | None = None,
        verb: tuple[str, ...] = (),
    ) -> Ended:
        """One run in `scene`, traced with `options`; `text` has strings of its calls in the trace,
        and `meanwhile` is called once it is traced. `verb` are its arguments; without them it
        projects all levels."""
        pid = self._begun(scene, verb)
        shown = ("-s", "200" if text else "0", "-o", str(self.folder / "trace"))
        command = ["strace", "-f", "-q", "-y", *shown, "-p", str(pid), "-e", f"trace={calls}"]
        with self._or_killed(pid):
            tracer = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
            wait_until(lambda: traced(pid) or tracer.poll() is not None)
            time.sleep(0.02)  # it has hold of the process, and stops it next
            os.kill(pid, signal.SIGUSR1)
            if meanwhile:
                meanwhile(pid)
        done = self._ended()
        _, told = tracer.communicate(timeout=60)
        assert tracer.returncode == 0, told
        return replace(done, calls=calls_in((self.folder / "trace").read_text()))

    def again(self, scene: Path) -> Ended:
        """One run in `scene` that nobody traces: it takes a third of the time."""
        pid = self._begun(scene)
        with self._or_killed(pid):
            os.kill(pid, signal.SIGUSR1)
        return self._ended()

    def _begun(self, scene: Path, verb: tuple[str, ...] = ()) -> int:
        """A process that waits for a signal, and then is `tierpub`."""
        order = {
            **{name: str(self.folder / name) for name in ("stdout", "stderr")},
            "env": {"TMPDIR": str(scene / "tmp")},
            "arguments": verb or ("project", "--all", "--vault", str(scene / "vault")),
        }
        return int(self._said(json.dumps(order)))

    @contextlib.contextmanager
    def _or_killed(self, pid: int):
        """Where it does not begin the process is ended: or the server would wait for it, and the
        next run for both."""
        try:
            yield
        except BaseException:
            os.kill(pid, signal.SIGKILL)
            self.server.stdout.readline()
            raise

    def _ended(self) -> Ended:
        code = int(self.server.stdout.readline())
        out, err = ((self.folder / name).read_text() for name in ("stdout", "stderr"))
        return Ended(code, out, err)

    def _said(self, line: str) -> str:
        self.server.stdin.write(line + "\n")
        self.server.stdin.flush()
        return self.server.stdout.readline()


def wait_until(true) -> None:
    """Wait until `true()`, a minute at most: machines may be busy."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def traced(pid: int) -> bool:
    """Whether a tracer has taken hold of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return "TracerPid:\t0\n" not in status


def calls_in(trace: str) -> tuple[Call, ...]:
    """The calls of a trace, each with its number among those of its name, as strace counts."""
    count: Counter[str] = Counter()
    found = []
    for line in trace.splitlines():
        if match := _CALL.match(line):
            count[match[2]] += 1
            found.append(Call(match[2], count[match[2]], match[3]))
    return tuple(found)


def make_scene(folder: Path, notes: dict[str, str]) -> Path:
    """A vault with a sealed tier and strangers' files in its trees, and a folder for the rest."""
    (folder / "tmp").mkdir(parents=True)
    key = IDENTITY.to_public()
    tiers = f"private, {{name: secret, recipients: [{key}]}}]\nseal_from: private"
    make_vault(folder / "vault", notes, POLICY.replace("private, secret]", tiers))
    for path in ("_public/Open/New/mine.txt", "_internal/mine.md", "_private/mine.md"):
        file = folder / "vault" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a stranger's\n")
    return folder


def set_notes(scene: Path, notes: dict[str, str]) -> None:
    """Replace all canonical notes."""
    shutil.rmtree(scene / "vault/_Standards")
    for path, text in notes.items():
        file = scene / "vault/_Standards" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def copy(scene: Path, to: Path) -> Path:
    """Another scene in the same state, times included."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(scene, to, symlinks=True)
    return to


def published(scene: Path) -> dict[str, object]:
    """What stands in the vault's trees by path: bytes, or a bundle's files when it is opened."""
    found = {}
    for path, (data, _, _) in snapshot(scene / "vault").items():
        if path.startswith(("_Standards/", ".tierpub/")) or path == "tierpub.yaml":
            continue
        found[path] = opened(data) if path.endswith(".age") else data
    return found


def opened(data: bytes) -> dict[str, bytes]:
    """The files of a bundle, which must be whole."""
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(data, [IDENTITY]))) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar}


def temporary(path: str) -> bool:
    """Whether it is one of tierpub's temporary files."""
    return Path(path).name.startswith(".tierpub-")


def assert_whole(scene: Path, before: dict, after: dict) -> str:
    """Each file is the old one or the new one; returns what the tree is as a whole."""
    now = {path: data for path, data in published(scene).items() if not temporary(path)}
    for path in {*before, *after, *now}:
        assert now.get(path) in (before.get(path), after.get(path)), path
    return "old" if now == before else "new" if now == after else "between"


def assert_no_canary(scene: Path) -> None:
    """No word of a sealed tier stands in a file or a name outside the canonical notes."""
    for path in scene.rglob("*"):
        if scene / "vault/_Standards" in path.parents:
            continue
        data = path.name.encode()
        if path.is_file():
            data += path.read_bytes()
        assert not [word for word in CANARIES if word.encode() in data], path


def strangers(scene: Path) -> dict:
    """The files that tierpub must not touch, with inode and time."""
    files = [p for p in (scene / "vault").rglob("*") if p.name.startswith("mine.")]
    files += [p for p in (scene / "vault/_Standards").rglob("*") if p.is_file()]
    return {p: (p.stat().st_ino, p.stat().st_mtime_ns, p.read_bytes()) for p in files}
