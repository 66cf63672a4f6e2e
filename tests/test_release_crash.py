"""A release that is killed at any moment: the old one or the new one, and nothing in between.

The process is killed by SIGKILL as it enters one of its system calls that change the disk, one
run for each of them. By default a sample of them is tried; `TIERPUB_CRASH_POINTS=all` tries every
one and prints what came of it (`pytest -n 0 -s tests/test_release_crash.py`).
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from cli_tools import NOTES, put
from crash_tools import Call, Tracer
from release_tools import SEALED_WORDS, contents, released, sealed_vault, tracing

from tierpub.manifest import examine_publication
from tierpub.manifest import opened as opened_folder
from tierpub.seal import members, unseal
from tierpub.seal.identities import load_identities

frame = importlib.import_module("tierpub.cli.main")

CALLS = (
    "openat", "mkdir", "mkdirat", "linkat", "rename", "renameat", "renameat2", "unlink",
    "unlinkat", "rmdir", "fsync", "fdatasync", "fchmod", "fchmodat", "fchown", "utimensat",
    "write", "pwrite64", "ftruncate",
)  # fmt: skip
SAMPLE = 6
EVERY = os.environ.get("TIERPUB_CRASH_POINTS") == "all"
KEEPING_EXCHANGE: tuple[str, ...] = ()
WITHOUT_EXCHANGE = ("-e", "inject=renameat2:error=ENOSYS")


if not tracing():
    pytest.skip("strace is not here or may not trace", allow_module_level=True)


@pytest.fixture(scope="module")
def tracer(tmp_path_factory):
    """What runs are made with."""
    made = Tracer(tmp_path_factory.mktemp("trace") / "t")
    yield made
    made.close()


def run(tracer: Tracer, folder: Path, *options, calls: str):
    """Release the vault in `folder` under strace."""
    verb = ("release", "--vault", str(folder / "vault"), "--out", str(folder / "www/site"))
    return tracer.run(folder, *options, calls=calls, verb=verb)


def points(tracer: Tracer, folder: Path, *options) -> list[tuple[str, int]]:
    """Each system call of a run that changes the disk, by name and number among its namesakes."""
    done = run(tracer, folder, *options, calls=",".join(CALLS))
    assert done.code == 0, done.stderr
    return [(call.name, call.number) for call in done.calls if changes(call)]


def changes(call: Call) -> bool:
    """Whether a call changes the disk: opening a file may, and printing does not."""
    if call.name == "openat":
        return "O_CREAT" in call.about or "O_TRUNC" in call.about
    return not (call.name == "write" and call.about.startswith(("1<", "2<")))


class Place:
    """A vault, its keys and a release, put back to the same state before each run."""

    def __init__(self, folder: Path, *, first: bool) -> None:
        self.folder, self.pristine = folder / "work", folder / "pristine"
        vault = sealed_vault(self.folder)
        (self.folder / "tmp").mkdir()
        (self.folder / "www").mkdir()
        self.old = None
        if not first:
            released(vault, self.folder / "www/site")
            self.old = self.state()
        put(vault, "Plans.md", NOTES["Plans.md"].replace("Inside", "Other"))
        put(vault, "Open/New.md", "More words.\n")
        (vault / "_Standards/People/Ann_Falcon.md").write_text("She works elsewhere.\n")
        shutil.copytree(self.folder, self.pristine, symlinks=True)
        released(vault, self.folder / "www/site")
        self.new = self.state()
        assert self.new != self.old

    def restore(self) -> None:
        """Forget whatever the last run did."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.pristine, self.folder, symlinks=True)

    def state(self):
        """What the release holds, sealed tiers in plain text; None where there is none."""
        site = self.folder / "www/site"
        if not site.exists():
            return None
        with opened_folder(site) as fd:
            found = examine_publication(fd)
        assert found.problems == ()
        assert [p for tier in found.tiers.values() for p in tier.problems] == []
        files = {p: d for p, d in contents(site).items()
                 if not p.startswith(("private/", "secret/"))}  # fmt: skip
        for name in ("private", "secret"):
            keys = load_identities([self.folder / f"{name}.key"], {})
            plain = unseal((site / f"{name}/_{name}.tar.age").read_bytes(), keys)
            files |= {f"{name}/{m.name}": m.data for m in members(plain)}
        return files

    def plaintext(self) -> list[str]:
        """Files outside the canonical tree that hold words of a sealed tier."""
        words = [word.encode() for word in SEALED_WORDS]
        return [
            str(path)
            for path in self.folder.rglob("*")
            if path.is_file()
            and "_Standards" not in path.parts
            and any(word in path.read_bytes() or word in os.fsencode(path.name) for word in words)
        ]


def killed(tracer: Tracer, place: Place, call: str, number: int, *options) -> str:
    """Kill a run at one of its system calls; what stood there then: `old`, `new` or `none`."""
    place.restore()
    # strace takes one rule for a system call, and one that is killed needs no answer.
    rules = () if call == "renameat2" else options
    rule = ("-e", f"inject={call}:signal=KILL:when={number}")
    done = run(tracer, place.folder, *rules, *rule, calls=f"{call},renameat2")
    assert done.code == -signal.SIGKILL, (call, number, done)
    site = place.folder / "www/site"
    stands = place.state()
    aside = place.folder / "www/.site.tierpub/old"
    assert place.plaintext() == []
    if stands is None and place.old is not None:
        assert options, "without a release, though folders can be exchanged"
        assert aside.is_dir()
    else:
        assert stands in (place.old, place.new)
    assert rerun(place.folder / "vault", site) == 0
    assert place.state() == place.new
    assert {path.name for path in site.parent.iterdir()} == {"site"}
    assert list((place.folder / "tmp").iterdir()) == []
    assert place.plaintext() == []
    return "none" if stands is None else "new" if stands == place.new else "old"


def rerun(vault: Path, site: Path) -> int:
    """The exit code of the next run, which may say that the record of this one is not whole."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = frame.run(["release", "--vault", str(vault), "--out", str(site)])
    first, *hint = said.getvalue().splitlines() or [""]
    assert first.startswith("warning: .tierpub: the record of earlier runs") or not first
    assert len(hint) <= 1
    return code


@pytest.mark.parametrize(
    ("first", "options"),
    [(True, KEEPING_EXCHANGE), (False, KEEPING_EXCHANGE), (False, WITHOUT_EXCHANGE)],
    ids=["first release", "next release", "without exchange"],
)
def test_killed_at_any_system_call(tracer, tmp_path, capsys, first, options):
    """Whenever a release is killed, the old one or the new one stands there whole, no plaintext of
    a sealed tier lies anywhere, and the next run succeeds and leaves nothing behind. Only where
    folders cannot be exchanged, and between two renames, the old one is found aside."""
    place = Place(tmp_path, first=first)
    place.restore()
    every = points(tracer, place.folder, *options)
    assert len(every) > 50
    assert {"mkdirat", "renameat" if first else "renameat2", "fsync"} <= {call for call, _ in every}
    tried = every if EVERY else every[:: -(-len(every) // SAMPLE)]
    outcomes: dict[tuple[str, str], int] = Counter()
    for call, number in tried:
        outcomes[call, killed(tracer, place, call, number, *options)] += 1
    assert sum(outcomes.values()) == len(tried)
    if EVERY:
        with capsys.disabled():
            show(outcomes, len(every), "first" if first else " ".join(options) or "next")


def show(outcomes, count: int, title: str) -> None:
    """Print how many points of each system call left the old, the new, or no release."""
    lines = [f"\n{title}: {count} points"]
    for call in sorted({call for call, _ in outcomes}):
        row = {state: outcomes.get((call, state), 0) for state in ("old", "new", "none")}
        lines.append(f"  {call:12} " + "  ".join(f"{k} {v:3}" for k, v in row.items()))
    sys.stdout.write("\n".join(lines) + "\n")
