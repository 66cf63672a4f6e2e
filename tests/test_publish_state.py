"""The record of earlier runs: interrupted, lost, damaged, forged, shared."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from itertools import pairwise

import pytest

from tests.test_publish import ALL, LADDER, SEALED, A, B, C, other, publish, refused, seal, tree
from tierpub.errors import TierpubError
from tierpub.publish import Counts, Output, Scope, apply, open_state, plan, store
from tierpub.publish.state import Record


class Interrupted(BaseException):
    """As a Ctrl-C is: no `Exception`."""


def interrupt(monkeypatch, name, after):
    """Let the system call `os.<name>` fail at its call number `after`; returns what ends that."""
    real, calls = getattr(os, name), []

    def call(*args, **options):
        calls.append(args)
        if len(calls) > after:
            raise Interrupted
        return real(*args, **options)

    monkeypatch.setattr(os, name, call)


RUNS = [
    [A, B, C, SEALED],
    [other(A, b"A2"), C, Output("_internal/new/D.md", b"d", 1), SEALED],
    [other(A, b"A3"), other(B, b"B3"), Output("_internal/new/D.md", b"d", 1)],
    [],
]


@pytest.mark.parametrize("name", ["replace", "unlink", "rmdir", "mkdir", "open", "fchmod"])
@pytest.mark.parametrize("after", range(8))
@pytest.mark.parametrize(("first", "then"), list(pairwise(RUNS)))
def test_rerun_finishes_an_interrupted_run(tmp_path, monkeypatch, name, after, first, then):  # noqa: PLR0913, PLR0917
    """Wherever a run is cut off, each file is old or new, and a rerun ends where it would have."""
    vault, straight = tmp_path / "vault", tmp_path / "straight"
    for folder in (vault, straight):
        folder.mkdir()
        publish(folder, *first)
    old = {k: v for k, v in tree(vault).items() if v}
    publish(straight, *then)
    with monkeypatch.context() as patch:
        interrupt(patch, name, after)
        with contextlib.suppress(Interrupted, TierpubError):
            publish(vault, *then)
    wanted = {output.path: getattr(output, "data", None) for output in then}
    for path, data in tree(vault).items():
        if data and not path.endswith((".age",)) and "/.tierpub-" not in path:
            assert data in (old.get(path), wanted.get(path))
    publish(vault, *then)
    assert open_bundles(vault) == open_bundles(straight)


def open_bundles(root):
    """The tree below `root`, with bundles (which differ each time) as their length."""
    return {k: len(v) if k.endswith(".age") else v for k, v in tree(root).items()}


def test_interrupted_twice_with_other_texts(tmp_path, monkeypatch):
    """A file stays ours through two interrupted runs that wanted different texts."""
    publish(tmp_path, A, B)
    for text in (b"one", b"two"):
        with monkeypatch.context() as patch:
            interrupt(patch, "replace", 1)
            with pytest.raises(Interrupted):
                publish(tmp_path, other(A, text), other(B, text))
    publish(tmp_path, other(A, b"three"), other(B, b"three"))
    assert {v for v in tree(tmp_path).values() if v} == {b"three"}


def test_killed_run_leaves_nothing_behind(tmp_path, monkeypatch):
    """The temporary file of a run that was killed is removed by the next, whatever that writes."""
    publish(tmp_path, A, B)
    with monkeypatch.context() as patch:
        interrupt(patch, "replace", 0)
        patch.setattr(os, "unlink", lambda *_, **__: None)
        with pytest.raises(Interrupted):
            publish(tmp_path, other(A, b"new"), B)
    assert any("/.tierpub-" in path for path in tree(tmp_path))
    publish(tmp_path, A, B)
    assert not any("/.tierpub-" in path for path in tree(tmp_path))


def test_full_disk_is_a_fault_and_leaves_no_temporary_file(tmp_path, monkeypatch):
    """When the system cannot write, the run is refused with its reason at the file's tier."""
    publish(tmp_path, A)

    def full(*_):
        raise OSError(errno.ENOSPC, "x")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(TierpubError) as caught:
            publish(tmp_path, other(A, b"new"))
    assert [(f.code, f.tier) for f in caught.value.faults] == [("write-failed", 0)]
    assert tree(tmp_path) == {"_public": None, "_public/UN": None, A.path: b"a"}


def test_file_that_changes_during_the_run_is_kept(tmp_path):
    """A file that somebody saves between plan and write is neither replaced nor removed."""
    publish(tmp_path, A, C)
    for outputs in ([other(A, b"new"), C], [C]):
        with open_state(tmp_path) as state:
            (tmp_path / A.path).write_bytes(b"a")
            made = plan(tmp_path, outputs, state, ALL)
            (tmp_path / A.path).write_bytes(b"mine")
            with pytest.raises(TierpubError):
                apply(made, seal)
        assert tree(tmp_path)[A.path] == b"mine"


def test_folder_that_becomes_a_symlink_during_the_run(tmp_path):
    """A folder swapped for a symlink between plan and write is not written through."""
    vault, outside = tmp_path / "vault", tmp_path / "outside"
    vault.mkdir()
    outside.mkdir()
    with open_state(vault) as state:
        made = plan(vault, [A], state, ALL)
        (vault / "_public").symlink_to(outside)
        with pytest.raises(TierpubError):
            apply(made, seal)
    assert list(outside.iterdir()) == []


def test_state_holds_no_text_and_hides_itself(tmp_path):
    """State is private to its owner, ignored by git, and holds digests only."""
    publish(tmp_path, other(A, b"words of a note" * 9), SEALED)
    folder = tmp_path / ".tierpub"
    assert {p.name for p in folder.iterdir()} == {".gitignore", "key", "state.db"}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in folder.iterdir()} == {0o600}
    assert (folder / ".gitignore").read_text() == "*\n"
    data = b"".join(p.read_bytes() for p in folder.iterdir())
    assert b"words of" not in data
    assert SEALED.plain not in data
    assert b"age1" not in data


def test_lost_state_adopts_what_is_right(tmp_path):
    """Without its record a run adopts identical files and refuses others."""
    publish(tmp_path, A, B)
    shutil.rmtree(tmp_path / ".tierpub")
    assert refused(tmp_path, A, other(B, b"new")) == {("stranger", B.path)}
    assert publish(tmp_path, A, B) == Counts(unchanged=2)
    assert publish(tmp_path, A, other(B, b"new")) == Counts(replaced=1, unchanged=1)


@pytest.mark.parametrize("after", range(3))
def test_record_that_was_never_finished_is_no_damage(tmp_path, monkeypatch, after):
    """A run that was killed while it made the record leaves nothing that the next one warns of."""
    made = []
    real = store._write_private  # noqa: SLF001

    def die(file, data):
        if len(made) == after:
            raise Interrupted
        made.append(file)
        real(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(store, "_write_private", die)
        with pytest.raises(Interrupted):
            publish(tmp_path, A)
    with open_state(tmp_path) as state:
        assert state.warnings == []
    assert publish(tmp_path, A) == Counts(created=1)
    with open_state(tmp_path) as state:
        assert (state.warnings, list(state.records(tmp_path))) == ([], [A.path])


def ruin_header(folder):
    """Leave no database at all."""
    (folder / "state.db").write_bytes(b"no database" * 99)


def ruin_middle(folder):
    """Leave pages overwritten."""
    data = (folder / "state.db").read_bytes()
    (folder / "state.db").write_bytes(data[:4096] + bytes(len(data) - 4096))


def ruin_truncate(folder):
    """Leave a file cut off."""
    (folder / "state.db").write_bytes((folder / "state.db").read_bytes()[:5000])


def ruin_key(folder):
    """Leave a key cut off."""
    (folder / "key").write_bytes(b"short")


def ruin_key_gone(folder):
    """Leave no key."""
    (folder / "key").unlink()


def ruin_database_gone(folder):
    """Leave no database."""
    (folder / "state.db").unlink()


def ruin_symlinks(folder):
    """Leave links in place of both files."""
    for name in ("key", "state.db"):
        (folder / name).rename(folder / (name + ".x"))
        (folder / name).symlink_to(name + ".x")


def ruin_folder(folder):
    """Leave a folder in place of the database."""
    shutil.rmtree(folder / "state.db", ignore_errors=True)
    (folder / "state.db").unlink()
    (folder / "state.db").mkdir()


def ruin_rows(folder):
    """Leave a column of another type."""
    with contextlib.closing(sqlite3.connect(folder / "state.db")) as db, db:
        db.execute("UPDATE files SET tier = x'00'")


def ruin_version(folder):
    """Leave a later version of it."""
    with contextlib.closing(sqlite3.connect(folder / "state.db")) as db, db:
        db.execute("PRAGMA user_version = 99")


RUINS = [value for name, value in sorted(globals().items()) if name.startswith("ruin_")]


@pytest.mark.parametrize("ruin", RUINS)
def test_damaged_state_counts_as_none(tmp_path, ruin):
    """A record that cannot be read warns, adopts what is right, and works again afterwards."""
    publish(tmp_path, A, B)
    ruin(tmp_path / ".tierpub")
    with open_state(tmp_path) as state:
        assert [(f.code, f.severity, f.tier) for f in state.warnings] == [
            ("state-lost", "warning", 0)
        ]
        assert state.records(tmp_path) == {}
    assert publish(tmp_path, A, B) == Counts(unchanged=2)
    if ruin is not ruin_folder:
        assert publish(tmp_path, A, other(B, b"new")) == Counts(replaced=1, unchanged=1)
    with open_state(tmp_path) as state:
        assert bool(state.warnings) == (ruin is ruin_folder)


@pytest.mark.parametrize("kind", ["file", "symlink"])
def test_state_that_cannot_be_written(tmp_path, kind):
    """Where no state can be kept the run does its work and says what follows from that."""
    vault, elsewhere = tmp_path / "vault", tmp_path / "elsewhere"
    vault.mkdir()
    elsewhere.mkdir()
    if kind == "file":
        (vault / ".tierpub").write_bytes(b"")
    else:
        (vault / ".tierpub").symlink_to(elsewhere)
    with open_state(vault) as state:
        assert apply(plan(vault, [A], state, ALL), seal) == Counts(created=1)
        assert [f.code for f in state.warnings] == ["state-lost", "state-not-written"]
    assert publish(vault, A) == Counts(unchanged=1)
    assert list(elsewhere.iterdir()) == []


def test_read_only_state_folder(tmp_path, monkeypatch):
    """A vault that cannot be written to is published elsewhere, with a warning."""

    def refuse(self, *_, **__):
        raise OSError(errno.EROFS, "x", str(self))

    vault, out = tmp_path / "vault", tmp_path / "out"
    vault.mkdir()
    out.mkdir()
    monkeypatch.setattr("tierpub.publish.store._write_private", refuse)
    with open_state(vault) as state:
        assert apply(plan(out, [A], state, ALL), seal) == Counts(created=1)
        assert [f.code for f in state.warnings] == ["state-not-written"]
    assert publish(vault, A, out=out) == Counts(unchanged=1)


def test_read_only_record_is_still_read(tmp_path, monkeypatch):
    """A record that can only be read still tells ours from strangers."""
    publish(tmp_path, A)

    def refuse(*_):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("tierpub.publish.state.State._connect", refuse)
    assert publish(tmp_path, other(A, b"new")) == Counts(replaced=1)


def test_two_runs_at_once(tmp_path):
    """A second run in the same vault is refused while the first has not ended."""
    with open_state(tmp_path):
        with pytest.raises(TierpubError) as caught, open_state(tmp_path):
            pass
        program = "import sys, pathlib; from tierpub.publish import open_state\n"
        program += "with open_state(pathlib.Path(sys.argv[1])): pass"
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path], capture_output=True, check=False
        )
        assert b"another run" in done.stderr
    assert [(f.code, f.tier) for f in caught.value.faults] == [("locked", 0)]
    with open_state(tmp_path):
        pass


def test_recipients_have_no_order(tmp_path):
    """The digest of a bundle is the same in every process and for every order of recipients."""
    publish(tmp_path, A)
    program = (
        "import sys, pathlib; from tierpub.publish import open_state\n"
        "names = [f'age1{n}' for n in range(9)]\n"
        "with open_state(pathlib.Path(sys.argv[1])) as state:\n"
        "    for n in (names, names[::-1]): print(state.sealed_digest(b'x', n).hex())"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-c", program, tmp_path],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.split()
        for seed in ("1", "2")
    ]
    assert len({digest for both in digests for digest in both}) == 1


def test_no_vault(tmp_path):
    """A vault that is no folder is a fault that everybody may see."""
    with pytest.raises(TierpubError) as caught, open_state(tmp_path / "x"):
        pass
    assert [(f.code, f.tier) for f in caught.value.faults] == [("no-vault", 0)]


@pytest.mark.parametrize("path", ["../victim", "_Standards/A.md", ".git/config", "a/../../victim"])
def test_forged_record_removes_nothing_outside(tmp_path, path):
    """A record that came with somebody's vault cannot have the source or other folders removed."""
    vault = tmp_path / "vault"
    victim = vault / path
    for folder in (vault / "a", vault / "_Standards", vault / ".git"):
        folder.mkdir(parents=True)
    victim.write_bytes(b"mine")
    scope = Scope(LADDER, frozenset({0}), source="_Standards")
    with open_state(vault) as state:
        state.begin(vault, {path: Record("public", state.digest(b"mine"))})
    assert publish(vault, scope=scope) == Counts()
    assert victim.read_bytes() == b"mine"


def test_forged_schema_runs_nothing(tmp_path):
    """A trigger in a database from elsewhere has no effect on what is published."""
    publish(tmp_path, A)
    with contextlib.closing(sqlite3.connect(tmp_path / ".tierpub/state.db")) as db, db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON files BEGIN SELECT load_extension('x'); END")
    assert publish(tmp_path, other(A, b"new")) == Counts(replaced=1)
