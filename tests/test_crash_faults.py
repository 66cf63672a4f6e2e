"""A run that the system fails: full disk, bad reads, signals, changed targets, another run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import defaultdict
from pathlib import Path

import pytest
from cli_tools import tierpub
from crash_tools import (
    CHANGED,
    FIRST,
    READS,
    REMOVED,
    Call,
    Tracer,
    assert_no_canary,
    assert_whole,
    copy,
    make_scene,
    need_strace,
    published,
    set_notes,
    strangers,
    temporary,
    wait_until,
)

need_strace()
FULL = os.environ.get("TIERPUB_CRASH_FULL") == "1"
_STATE = re.compile(r"/vault/\.tierpub[/>\"]")
_LOOKED_AT = re.compile(r"/vault/_(?!Standards)")
UNFINISHED = "running again finishes what was begun"
ODD = "failed in a way it should not"
"""Of a message for what nobody thought of."""


@pytest.fixture(scope="module")
def tracer(tmp_path_factory):
    """What runs are made with."""
    made = Tracer(tmp_path_factory.mktemp("trace") / "t")
    yield made
    made.close()


@pytest.fixture(scope="module")
def scenes(tmp_path_factory, tracer):
    """A scene in which a run changes and removes files; what stands before and after; its calls."""
    folder = tmp_path_factory.mktemp("scenes")
    scene = make_scene(folder / "scene", FIRST)
    assert tracer.run(scene).code == 0
    before = published(scene)
    set_notes(scene, {**CHANGED, "Plans.md": REMOVED["Plans.md"]})
    straight = copy(scene, folder / "straight")
    changes = tracer.run(straight).calls
    after = published(straight)
    reads = tracer.run(copy(scene, folder / "read"), calls=READS).calls
    return scene, before, after, changes, reads


def some(calls: list[Call]) -> list[Call]:
    """All calls, or at most two of each kind: the first and a middle one."""
    if FULL:
        return calls
    kinds = defaultdict(list)
    for call in calls:
        kinds[call.name].append(call)
    return [
        c for found in kinds.values() for c in dict.fromkeys((found[0], found[len(found) // 2]))
    ]


def ours(calls, *names) -> list[Call]:
    """The calls of these names that have to do with the vault, and not with the output."""
    about = [c for c in calls if c.name in names and "/vault" in c.about]
    return [c for c in about if "/tierpub/vault/" not in c.about]  # the program's own text


def check_after(tracer, spot, scenes, done):
    """After a run that failed: nothing torn, lost, leaked or left; and the next run ends it."""
    _, before, after, *_ = scenes
    assert ODD not in done.stderr
    assert not [word for word in ("HERON", "Marrow", "Quill") if word in done.stderr + done.stdout]
    what = assert_whole(spot, before, after)
    assert_no_canary(spot)
    again = tracer.again(spot)
    assert (again.code, again.stderr) == (0, "")
    assert published(spot) == after
    return what


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_disk_full_or_failing(tracer, tmp_path, scenes, error):
    """Where a call that changes the disk fails, the run says why and what it has not replaced
    stays; it leaves no temporary file."""
    names = (
        "write",
        "pwrite64",
        "mkdirat",
        "renameat2",
        "renameat",
        "fsync",
        "fdatasync",
        "unlinkat",
    )
    for call in some(ours(scenes[3], *names)):
        spot = copy(scenes[0], tmp_path / "spot")
        untouched = strangers(spot)
        done = tracer.run(spot, "-e", f"inject={call.name}:error={error}:when={call.number}")
        left = [path for path in published(spot) if temporary(path)]
        assert not left or call.name == "unlinkat", call
        assert strangers(spot) == untouched
        # Without that rename there is the common one, an empty folder may stay, and a record that
        # stays open is closed by the next run.
        fine = call.name == "renameat2" or "AT_REMOVEDIR" in call.about or _STATE.search(call.about)
        assert done.code == 1 or fine, call
        if done.code:
            assert re.fullmatch(
                r"error: .*(space left|input/output|disk).*\n  hint: .*\n", done.stderr
            )
        else:
            assert done.stderr == "" or "the next run closes it" in done.stderr, call
        check_after(tracer, spot, scenes, done)


@pytest.mark.parametrize("error", ["EIO", "EACCES"])
def test_reads_that_fail(tracer, tmp_path, scenes, error):
    """Where a file or folder of the vault cannot be read a run is refused and changes nothing, but
    for a second look, which only the next run would use."""
    calls = ours(scenes[4], *READS.split(","))
    for call in some([c for c in calls if c.name != "newfstatat" or _LOOKED_AT.search(c.about)]):
        spot = copy(scenes[0], tmp_path / "spot")
        done = tracer.run(
            spot, "-e", f"inject={call.name}:error={error}:when={call.number}", calls=READS
        )
        what = check_after(tracer, spot, scenes, done)
        if _STATE.search(call.about):
            assert what == ("old" if done.code else "new"), call
            continue
        # A look for the next run's sake may fail: then all is there to the byte, as ever.
        assert done.code == 1 or what == "new", call
        # Between renames there are looks at what stands there, and folders are opened again: what
        # fails then says that the run has begun.
        # What may not be named at this level is told as that.
        begun = UNFINISHED in done.stderr or "a fault above this level" in done.stderr
        assert what == "old" or begun or not done.code, call


@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_signals(tracer, tmp_path, scenes, number, code):
    """Ctrl-C and a request to end stop a run in order, wherever it is: one line, its own exit
    code, no temporary file left."""
    calls = [call for call in scenes[3] if not call.about.startswith("1<")]
    for call in some(calls):
        spot = copy(scenes[0], tmp_path / "spot")
        done = tracer.run(spot, "-e", f"inject={call.name}:signal={number}:when={call.number}")
        said = "interrupted" if number == "SIGINT" else "terminated"
        assert (done.code, done.stderr.strip()) == (code, f"error: {said}"), call
        assert not [path for path in published(spot) if temporary(path)]
        check_after(tracer, spot, scenes, done)


def stopped(pid: int) -> bool:
    """Whether a traced process stands still for good, and not for the tracer's glance alone."""
    for _ in range(20):
        if "\nState:\tt" not in Path(f"/proc/{pid}/status").read_text().replace("\tT", "\tt"):
            return False
        time.sleep(0.005)
    return True


def hold(tracer, spot, scenes, action):
    """A run that stands still before it names its first file, while `action` is done."""
    call = next(call for call in scenes[3] if call.name == "fsync" and "/.tierpub-" in call.about)

    def meanwhile(pid):
        wait_until(lambda: stopped(pid))
        action()
        os.kill(pid, signal.SIGCONT)

    options = ("-e", f"inject={call.name}:signal=SIGSTOP:when={call.number}")
    return tracer.run(spot, *options, meanwhile=meanwhile)


@pytest.mark.parametrize("what", ["file", "folder", "new file"])
def test_target_becomes_a_symlink(tracer, tmp_path, scenes, what):
    """A file or folder that is swapped for a symlink during the run is refused: nothing is
    written to where it leads, and the link stays."""
    spot = copy(scenes[0], tmp_path / "spot")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_text("a stranger's\n")
    path = (
        spot
        / "vault"
        / {
            "file": "_public/Open/Office.public.md",
            "folder": "_internal/Open",
            "new file": "_internal/Open/New/Room.internal.md",
        }[what]
    )

    def swap():
        if what == "folder":
            path.rename(tmp_path / "moved")
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(outside if what == "folder" else outside / "mine")

    done = hold(tracer, spot, scenes, swap)
    assert done.code == 1
    assert ODD not in done.stderr
    assert path.is_symlink()
    assert {p.name: p.read_text() for p in outside.iterdir()} == {"mine": "a stranger's\n"}
    path.unlink()
    if what == "folder":
        (tmp_path / "moved").rename(path)
    again = tracer.again(spot)
    if what == "file":
        assert again.code == 0
    assert (again.code, published(spot)) == (0, scenes[2])


def test_second_run_is_refused(tracer, tmp_path, scenes):
    """A run beside another one is refused with its reason, and disturbs nothing."""
    spot = copy(scenes[0], tmp_path / "spot")
    other = []

    def run_too():
        other.append(tierpub("project", "--all", "--vault", spot / "vault"))

    done = hold(tracer, spot, scenes, run_too)
    assert (done.code, done.stderr) == (0, "")
    assert other[0].returncode == 1
    assert "another run of tierpub is writing from this vault" in other[0].stderr
    assert published(spot) == scenes[2]


@pytest.fixture
def mounted(tmp_path):
    """Mounts a file system and takes it off again; skips where that is not permitted."""
    places = []

    def mount(*options, at):
        done = subprocess.run(["mount", *options, at], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("mounting a file system is not permitted here")
        places.append(at)

    yield mount
    for place in reversed(places):
        subprocess.run(["umount", place], check=True)


def test_small_disk(tracer, tmp_path, scenes, mounted):
    """On a disk without room a run is refused and changes nothing; with room it succeeds."""
    small = tmp_path / "small"
    small.mkdir()
    mounted("-t", "tmpfs", "-o", "size=1m", "tmpfs", at=small)
    spot = copy(scenes[0], small / "spot")
    filler = small / "filler"
    with filler.open("wb") as file:
        room = os.statvfs(small).f_bavail * os.statvfs(small).f_bsize
        file.write(bytes(room - 12 * 4096))
    done = tracer.run(spot)
    assert "no space left on device" in done.stderr or "disk is full" in done.stderr
    assert done.code == 1
    assert not [path for path in published(spot) if temporary(path)]
    assert assert_whole(spot, scenes[1], scenes[2]) == "old"
    filler.unlink()
    check_after(tracer, spot, scenes, done)


def test_read_only_target(tracer, tmp_path, scenes, mounted):
    """A target that cannot be written to is refused with its reason, and the next run succeeds."""
    spot = copy(scenes[0], tmp_path / "spot")
    tree = spot / "vault/_public"
    mounted("--bind", tree, at=tree)
    subprocess.run(["mount", "-o", "remount,ro,bind", tree], check=True)
    done = tracer.run(spot)
    subprocess.run(["mount", "-o", "remount,rw,bind", tree], check=True)
    assert done.code == 1
    assert "read-only file system" in done.stderr
    assert assert_whole(spot, scenes[1], scenes[2]) == "old"
    check_after(tracer, spot, scenes, done)
