"""What a run keeps and leaves beside its output: no hidden word in any byte."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from cli_tools import put, tierpub
from hidden_words import PLAIN, WORDS, forms, hidden_vault, left, notes, python, told


@pytest.fixture
def vault(tmp_path):
    """A vault of hidden words, its upper tiers sealed."""
    return hidden_vault(tmp_path / "vault")


def test_the_words_can_be_found():
    """Each form is found, and each word is in the vault."""
    whole = "\n".join([*notes(), *notes().values()])
    assert told(whole) == set(WORDS)
    for form in forms(WORDS["body"]):
        assert told(b"x" + form + b"y") == {"body"}
    assert told(base64.b64encode(b"ab" + WORDS["body"].encode() + b"c")) == {"body"}


def test_open_trees_hold_no_hidden_word(vault):
    """In names and bytes of what the public gets no word is found; the visible ones are."""
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    public = dict(left(vault / "_public"))
    assert told(b"\n".join(public.values())) == set()
    assert PLAIN.encode() in b"".join(public.values()).lower()
    assert told(b"\n".join(dict(left(vault / "_internal")).values())) == {"phone"}


def test_state_and_bundles_hold_no_hidden_word(vault):
    """Neither what a run remembers nor a sealed file holds any, be it in another encoding."""
    for _ in range(2):
        assert tierpub("project", "--all", "--vault", vault).returncode == 0
        put(vault, "Open/New.md", "New words.\n")
    rest = dict(left(vault, "_public", "_internal", "tierpub.yaml"))
    assert {".tierpub/state.db", ".tierpub/key", "_private.tar.age"} <= rest.keys()
    assert told(b"\n".join(rest.values())) == set()


def test_state_forgets_the_names_of_what_was_removed(vault):
    """A note that is of a sealed tier now leaves its name in no byte of the record."""
    old = vault / f"_Standards/Open/{WORDS['deep']}.md"
    old.write_text("Visible once.\n", encoding="utf-8")
    assert tierpub("project", "--level", "public", "--vault", vault).returncode == 0
    assert told(b"".join(dict(left(vault / ".tierpub")).values())) == {"deep"}
    old.rename(vault / f"_Standards/People/{WORDS['deep']}.md")
    assert tierpub("project", "--level", "public", "--vault", vault).returncode == 0
    assert told(b"".join(dict(left(vault / ".tierpub")).values())) == set()


WATCH = """
import importlib, json, os, sys
log, seen = os.environ.pop("LOG"), []
STARTS = {"os.exec", "os.system", "os.posix_spawn", "os.fork", "os.putenv"}
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append(["write", os.fsdecode(arguments[0])])
    elif event.split(".")[0] in {"subprocess", "socket", "tempfile"} or event in STARTS:
        seen.append([event, repr(arguments)])
sys.addaudithook(hook)
code = importlib.import_module("tierpub.cli.main").run(sys.argv[1:])
events = json.dumps(seen)
with open(log, "w") as file:
    file.write(events)
sys.exit(code)
"""
OWN = {"key.new", ".gitignore.new", "state.db.new", "notes.db.new"}
"""Files of the state while they are written."""


def watched(tmp_path, *arguments):
    """Run a verb; return it with what it opened for writing, started or connected to."""
    (tmp_path / "tmp").mkdir()
    log = tmp_path / "watched.json"
    done = python(WATCH, *arguments, LOG=str(log), TMPDIR=str(tmp_path / "tmp"))
    return done, json.loads(log.read_text())


@pytest.mark.parametrize(
    "arguments", [["project", "--all"], ["check"], ["explain", "Desk"],
                  ["diff", "Desk", "--from", "public", "--to", "secret"]], ids=lambda a: a[0],
)  # fmt: skip
def test_a_verb_starts_nothing_and_writes_where_it_should(vault, tmp_path, arguments):
    """No other process sees a word as an argument, no file is spilled elsewhere, and what is being
    written has a name that tells nothing."""
    done, seen = watched(tmp_path, *arguments, "--vault", vault)
    assert done.returncode == 0, done.stderr
    assert [event for event, _ in seen if event != "write"] == []
    names = {Path(path).name for _, path in seen}
    assert all(name.startswith(".tierpub-") or name in OWN for name in names), names
    assert (names != set()) == (arguments[0] == "project")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert told("\n".join(path for _, path in seen)) == set()


def test_modes_of_all_that_is_written(vault, tmp_path):
    """What is published can be read by all, what is private by its owner, whatever the umask."""
    before = os.umask(0)
    try:
        assert tierpub("project", "--all", "--vault", vault).returncode == 0
        assert tierpub("keygen", "--output", tmp_path / "new.key").returncode == 0
    finally:
        os.umask(before)
    modes = {
        path.relative_to(vault).as_posix(): path.stat().st_mode & 0o777
        for path in vault.rglob("*")
        if path.is_file() and "_Standards" not in path.parts and path.name != "tierpub.yaml"
    }
    assert {m for name, m in modes.items() if name.startswith(".tierpub/")} == {0o600}
    assert {m for name, m in modes.items() if not name.startswith(".tierpub/")} == {0o644}
    assert (vault / ".tierpub").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new.key").stat().st_mode & 0o777 == 0o600
