"""A run that is killed at any system call: nothing torn, nothing leaked, and a rerun ends it."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter, defaultdict

import pytest
from crash_tools import (
    CHANGED,
    REMOVED,
    SCENES,
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
)

need_strace()
FULL = os.environ.get("TIERPUB_CRASH_FULL") == "1"
"""Kill at every call. Otherwise at two of each kind in each scene: the first and a middle one."""


@pytest.fixture(scope="module")
def tracer(tmp_path_factory):
    """What runs are made with."""
    made = Tracer(tmp_path_factory.mktemp("trace") / "t")
    yield made
    made.close()


def points(calls: tuple[Call, ...]) -> list[Call]:
    """The calls to kill at."""
    if FULL:
        return list(calls)
    kinds = defaultdict(list)
    for call in calls:
        kinds[call.name].append(call)
    return [call for found in kinds.values() for call in {found[0], found[len(found) // 2]}]


@pytest.mark.parametrize("name", SCENES)
def test_killed_anywhere(tracer, tmp_path, name, capsys):
    """Killed at a call that changes something, every file is the old or the new one, no word of a
    sealed tier is on disk, strangers' files are untouched, and a rerun ends as if nothing was."""
    notes, then = SCENES[name]
    scene = make_scene(tmp_path / "scene", notes)
    if notes:
        assert tracer.run(scene).code == 0
    before = published(scene)
    set_notes(scene, then)
    straight = copy(scene, tmp_path / "straight")
    whole = tracer.run(straight)
    assert (whole.code, whole.stderr) == (0, "")
    elsewhere = [call for call in whole.calls if str(straight) not in call.about]
    assert all(call.about.startswith(("1<", "2<")) for call in elsewhere), elsewhere
    after = published(straight)
    state = sorted(path.name for path in (straight / "vault/.tierpub").iterdir())
    outcomes = defaultdict(Counter)
    for call in points(whole.calls):
        spot = copy(scene, tmp_path / "spot")
        untouched = strangers(spot)
        done = tracer.run(spot, "-e", f"inject={call.name}:signal=SIGKILL:when={call.number}")
        assert done.code == -9, call
        assert_no_canary(spot)
        outcomes[call.name][assert_whole(spot, before, after)] += 1
        again = tracer.again(spot)
        assert (again.code, again.stderr) == (0, ""), call
        assert published(spot) == after, call
        assert sorted(path.name for path in (spot / "vault/.tierpub").iterdir()) == state, call
        assert strangers(spot) == untouched
        assert_no_canary(spot)
    report(capsys, name, whole.calls, outcomes)
    total = sum(outcomes.values(), Counter())
    assert total["old"]
    assert total["new"]


def report(capsys, name, calls, outcomes):
    """Print what was tried."""
    lines = [
        f"    {call:<10} killed at {sum(found.values()):>3}:  "
        + ", ".join(f"{count} {what}" for what, count in sorted(found.items()))
        for call, found in sorted(outcomes.items())
    ]
    tried = sum(sum(found.values()) for found in outcomes.values())
    with capsys.disabled():
        head = f"\n  {name}: {tried} of {len(calls)} points"
        sys.stdout.write("\n".join([head, *lines, ""]))


def names_of(call: Call) -> list[str]:
    """The names that a call's arguments quote."""
    return re.findall(r'"([^"]+)"', call.about)


def folder_of(call: Call) -> str:
    """The open folder that a call works in."""
    return re.search(r"<([^>]+)>", call.about)[1]


@pytest.mark.parametrize(("many", "by"), [(0, "fsync"), (12, "syncfs")])
def test_on_disk_before_it_has_a_name(tracer, tmp_path, many, by):
    """Bytes are synced before their file takes its name, and names before the record is closed, so
    that a power cut leaves no file empty and none unknown. A few files are synced one by one."""
    scene = make_scene(tmp_path / "scene", CHANGED)
    assert tracer.run(scene).code == 0
    more = {f"Open/More/N{n}.md": f"# N{n}\n" for n in range(many)}
    set_notes(scene, {**REMOVED, **more})
    done = tracer.run(scene, text=True)
    assert (done.code, done.stderr) == (0, "")
    written: dict[str, str] = {}
    """What was done since it was last synced: temporary files, and folders whose names changed."""
    named = closing = 0
    synced = set()
    for call in done.calls:
        about = re.search(r"<([^>]*)>", call.about)
        if call.name in {"fsync", "fdatasync"}:
            written.pop(about[1], None)
            synced.add("fsync")
        elif call.name == "syncfs":
            written.clear()
            synced.add("syncfs")
        elif call.name == "write" and "/.tierpub-" in call.about:
            written[about[1]] = "bytes"
        elif call.name in {"linkat", "renameat", "renameat2", "unlinkat", "mkdirat"}:
            folder, names = folder_of(call), names_of(call)
            if call.name in {"linkat", "renameat", "renameat2"}:
                assert f"{folder}/{names[0]}" not in written, call
                named += 1
            written[folder] = "names"
            if "AT_REMOVEDIR" in call.about:
                written.pop(f"{folder}/{names[0]}", None)
        elif call.name == "pwrite64" and "state.db" in call.about and named:
            assert not written, (call, written)
            closing += 1
    assert named > many
    assert closing
    assert by in synced
    assert ("syncfs" in synced) == (by == "syncfs")
