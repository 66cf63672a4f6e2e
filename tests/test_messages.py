"""What a run prints, whatever happens: nothing above the lowest level it makes."""

from __future__ import annotations

import json

import pytest
from cli_tools import put, snapshot, tierpub
from hidden_words import PLAIN, WORDS, hidden_vault, python, said, told

from tierpub.cli.output import ABOVE


@pytest.fixture
def vault(tmp_path):
    """A vault of hidden words, its upper tiers sealed."""
    return hidden_vault(tmp_path / "vault")


RUNS = [
    ["--level", "public"],
    ["--level", "public", "--format", "json"],
    ["--level", "public", "--dry-run"],
    ["--level", "public", "--dry-run", "--format", "json"],
    ["--level", "public", "--stdout", "Desk"],
    ["--level", "public", "Desk"],
    ["--all"],
    ["--all", "--format", "json"],
    ["--all", "--reseal"],
]


@pytest.mark.parametrize("arguments", RUNS, ids=" ".join)
def test_a_run_prints_no_hidden_word(vault, arguments):
    """Whatever is written and in whatever form, even where tracebacks are asked for."""
    done = tierpub("project", *arguments, "--vault", vault, env={"TIERPUB_TRACEBACK": "1"})
    assert done.returncode in (0, 10), done.stderr
    assert told(said(done)) == set()
    if "--all" not in arguments:
        assert "private" not in said(done)
    if "--stdout" in arguments:
        assert PLAIN in done.stdout.lower()
    if "json" in arguments:
        assert json.loads(done.stdout)["schema"] == "tierpub/project/1"


FAULTS = {
    "unknown tier": "a [confidential:: {body}]\n",
    "unknown tier in a tag": "a #confidential/{body}\n",
    "duplicate key": "---\n{body}: 1\n{body}: 2\n---\n",
    "no YAML": "---\n{body}: [\n---\n",
    "unknown alias": "---\na: *{body}\n---\n",
    "unknown field": "---\na: 1\nconfidential_private: [{body}]\n---\n",
    "a pair that is not closed": "%% confidential: private %%\n\n{body}\n",
    "no UTF-8": "{body} \udcff\n",
    "a NUL byte": "{body} \0\n",
    "a misspelt label": "---\nconfidental: secret\n{body}: 1\n---\n",
}


WITHIN = ("unknown tier", "unknown tier in a tag", "a pair that is not closed")
"""Those that may stand in a part of a note."""
HIDDEN = [*((fault, "") for fault in FAULTS), *((fault, "part") for fault in WITHIN)]


@pytest.mark.parametrize(("fault", "part"), HIDDEN)
def test_a_refused_run_tells_no_hidden_word(vault, fault, part):
    """Of a fault in a hidden note or part there is one fixed sentence, in any form, even where
    tracebacks are asked for."""
    text = FAULTS[fault].format(**WORDS)
    hidden = f"People/{WORDS['name']}.md"
    if part:
        text = f"Open.\n\n## {WORDS['heading']} [confidential:: secret]\n\n{text}"
    put(vault, "Open/Desk.md" if part else hidden, text.encode(errors="surrogateescape"))
    before = snapshot(vault)
    for traceback, form in (("", "text"), ("1", "json")):
        done = tierpub(
            "project", "--level", "public", "--format", form, "--vault", vault,
            env={"TIERPUB_TRACEBACK": traceback},
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"error: {ABOVE}\n"
    assert snapshot(vault) == before


@pytest.mark.parametrize("fault", FAULTS)
def test_not_even_cleared_eyes_are_quoted_the_text(vault, fault):
    """A message states a fact; keys and tiers that cannot be are the most that it quotes."""
    text = (FAULTS[fault] + "\n{section}\n").format(**WORDS)
    put(vault, "Open/Bad.md", text.encode(errors="surrogateescape"))
    done = tierpub("check", "--vault", vault)
    assert done.returncode == 10
    assert told(said(done), {"section", "body"}) <= {"body"}
    assert "_Standards/Open/Bad.md" in done.stdout


def test_a_mention_names_a_place_and_not_what_it_means(vault):
    """Of the note behind a mention nothing is told, not even its name where an alias was used."""
    put(vault, "Open/Desk.md", f"Visible {WORDS['alias']} words.\n")
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert done.returncode == 1
    assert "_Standards/Open/Desk.md:1:9: a mention" in done.stderr
    assert told(said(done)) == set()


CRASH = """
import importlib, sys
from tierpub.{module} import {name} as owner
def fail(self, *more):
    raise {error}
owner.{method} = fail
importlib.import_module("tierpub.cli.main").main(sys.argv[1:])
"""


def crashed(vault, traceback="", **plant):
    """Run `project` with a failure planted in it."""
    arguments = ("project", "--level", "public", "--vault", vault)
    return python(CRASH.format(**plant), *arguments, TIERPUB_TRACEBACK=traceback)


PLANTS = [
    {"module": "cut", "name": "Cutter", "method": "at", "error": "ValueError({text!r})"},
    {"module": "mentions", "name": "Gate", "method": "look", "error": "KeyError({text!r})"},
    {"module": "publish.state", "name": "State", "method": "digest",
     "error": "OSError(5, {text!r})"},
    {"module": "vault", "name": "Vault", "method": "read", "error": "MemoryError({text!r})"},
    {"module": "vault", "name": "Vault", "method": "resolve",
     "error": "UnicodeDecodeError('utf-8', {text!r}.encode(), 0, 1, {text!r})"},
]  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: f"{p['name']}.{p['method']}")
def test_a_crash_quotes_nothing(vault, plant):
    """An exception that holds text of a note is not shown, and leaves no file."""
    text = " ".join(WORDS.values())
    before = snapshot(vault)
    done = crashed(vault, **{**plant, "error": plant["error"].format(text=text)})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: tierpub failed in a way it should not")
    assert told(done.stderr) == set()
    assert snapshot(vault) == before


def test_a_traceback_is_shown_to_who_asks(vault):
    """`TIERPUB_TRACEBACK=1` shows all, and the hint says for whose eyes that is."""
    plant = {**PLANTS[0], "error": f"ValueError({WORDS['body']!r})"}
    assert told(crashed(vault, "1", **plant).stderr) == {"body"}
    assert "cleared eyes" in crashed(vault, **plant).stderr
