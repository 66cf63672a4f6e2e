"""The frame of the command line, as its users meet it: a process, its streams, its exit code."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tierpub.cli.output import ABOVE, fault_data, printable, visible
from tierpub.errors import Fault, Place

frame = importlib.import_module("tierpub.cli.main")

PLANT = """
import importlib, sys, types, click
frame = importlib.import_module("tierpub.cli.main")
from tierpub.cli import output
from tierpub.errors import Fault, Place, TierpubError
module = types.ModuleType("tierpub.cli.planted")
@click.command(name="planted")
def command():
{body}
module.command = command
sys.modules["tierpub.cli.planted"] = module
frame.VERBS = {{**frame.VERBS, "planted": ("planted", "Planted.")}}
frame.main()
"""


def run(*arguments, code=None, env=None, **options):
    """Run `tierpub` (or the program `code`) and return the ended process."""
    start = [sys.executable, *(["-c", code] if code else ["-m", "tierpub"])]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIERPUB")}
    return subprocess.run(
        [*start, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**environment, **(env or {})},
        check=False,
        timeout=60,
        **options,
    )


def planted(body, **options):
    """Run a verb whose body is `body`."""
    indented = "\n".join("    " + line for line in body.splitlines())
    return run("planted", code=PLANT.format(body=indented), **options)


def test_help_lists_every_verb():
    """The first screen names every verb and exits with 0."""
    done = run("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert all(f"\n  {verb} " in done.stdout for verb in frame.VERBS)


def test_help_imports_no_verb_and_nothing_heavy():
    """Help is quick: no verb and no heavy library is imported for it."""
    code = (
        "import sys\nfrom tierpub.cli import main\ntry:\n    main(['--help'])\n"
        "finally:\n    print(sorted(sys.modules), file=sys.stderr)"
    )
    loaded = set(run(code=code).stderr.replace("'", "").strip("[]\n").split(", "))
    heavy = {"yaml", "pathspec", "rich", "msgspec", "re2", "pyrage", "pyromark", "cryptography"}
    assert "tierpub.cli.main" in loaded
    assert not loaded & (heavy | {"sqlite3", "json", "asyncio", "multiprocessing"})
    assert not loaded & {f"tierpub.cli.{module}" for module, _ in frame.VERBS.values()}


@pytest.mark.parametrize("verb", list(frame.VERBS))
def test_table_and_verb_agree(verb):
    """What the table says of a verb is what the verb says of itself."""
    module, line = frame.VERBS[verb]
    command = importlib.import_module(f"tierpub.cli.{module}").command
    assert command.name == verb
    assert command.help.split("\n\n")[0].replace("\n", " ") == line


def test_no_verb_shows_help_and_is_a_usage_error():
    """Without a verb the help is shown and the exit code is that of a wrong usage."""
    done = run()
    assert done.returncode == 2
    assert "Commands:" in done.stderr


@pytest.mark.parametrize("arguments", [["nothing"], ["--nothing"], ["schema", "x"]])
def test_wrong_usage(arguments):
    """A wrong usage is one lower-case line and a hint, exit code 2."""
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert first[7].islower()
    assert not first.endswith(".")
    assert second.startswith("  hint: tierpub")
    assert second.endswith("--help")


def test_refusal_prints_every_fault_in_its_form():
    """A refusal exits with 1 and prints place, fact and hint of each fault."""
    done = planted(
        "raise TierpubError(Fault('a', 'one', Place('n.md', 3, 4), 'do so'),\n"
        "    Fault('b', 'two', severity='warning'))"
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "error: n.md:3:4: one\n  hint: do so\nwarning: two\n"


@pytest.mark.parametrize("faults", [1, 3])
def test_faults_above_the_level_are_one_fixed_sentence(faults):
    """Below a level nothing tells how many faults are above it, or what they are."""
    more = "Fault('c', 'secret', Place('Secret.md'), tier=2)," * (faults - 1)
    done = planted(
        "output.limit(1)\n"
        "raise TierpubError(Fault('a', 'seen', Place('n.md'), tier=1),"
        f"Fault('b', 'secret', Place('Secret.md'), 'secret'), {more})"
    )
    assert done.stderr == f"error: n.md: seen\nerror: {ABOVE}\n"
    assert done.returncode == 1


def test_warnings_above_the_level_say_nothing():
    """A warning above the level leaves no trace at all: only a refusal may."""
    done = planted(
        "output.limit(0)\n"
        "output.warn([Fault('a', 'secret', severity='warning', tier=1),\n"
        "    Fault('b', 'secret', severity='warning'),\n"
        "    Fault('c', 'seen', severity='warning', tier=0)])"
    )
    assert (done.returncode, done.stderr) == (0, "warning: seen\n")


def test_limit_of_one_run_does_not_bind_the_next():
    """Two runs in one process do not share a level."""
    done = planted("output.limit(0)")
    assert done.returncode == 0
    program = PLANT.format(body="    raise TierpubError(Fault('a', 'seen'))").replace(
        "frame.main()", "output.limit(0); frame.run(['planted']); sys.exit(frame.run(['planted']))"
    )
    assert run(code=program).stderr == "error: seen\n" * 2


def test_visible():
    """Cleared eyes see all; others see what has a tier at or below theirs."""
    faults = [Fault("a", "x", tier=tier) for tier in (0, 1, 2, None)]
    assert [visible(fault, 1) for fault in faults] == [True, True, False, False]
    assert all(visible(fault, None) for fault in faults)


@pytest.mark.parametrize(
    "raising",
    [
        "raise ValueError('Ann earns 9')",
        "raise RecursionError('Ann earns 9')",
        "raise type('PanicException', (BaseException,), {})('Ann earns 9')",
        "raise OSError(5, 'Ann earns 9')",
        "raise UnicodeEncodeError('ascii', 'Ann earns 9', 0, 1, 'x')",
        "import warnings; warnings.warn('Ann earns 9')\nraise KeyError('Ann earns 9')",
    ],
)
def test_unexpected_failure_quotes_nothing(raising):
    """Whatever goes wrong inside, a fixed sentence is printed and no text of a note."""
    done = planted(raising)
    assert done.returncode == 1
    assert "Ann" not in done.stderr + done.stdout
    assert done.stderr.startswith("error: tierpub failed")
    assert "Traceback" not in done.stderr


def test_failure_while_an_object_is_dropped_quotes_nothing():
    """What Python cannot raise it does not print either."""
    done = planted("class X:\n  def __del__(self): raise ValueError('Ann earns 9')\nX()")
    assert (done.returncode, done.stderr) == (0, "")


def test_traceback_on_request():
    """With `TIERPUB_TRACEBACK=1` the traceback is there."""
    done = planted("raise ValueError('Ann earns 9')", env={"TIERPUB_TRACEBACK": "1"})
    assert "ValueError: Ann earns 9" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(("returned", "code"), [("10", 10), ("None", 0), ("0", 0)])
def test_exit_code_is_what_the_verb_returns(returned, code):
    """A verb's return value is the exit code."""
    assert planted(f"return {returned}").returncode == code


@pytest.mark.parametrize("lines", [1, 100_000])
def test_reader_that_goes_away(lines):
    """A closed pipe ends the run quietly."""
    body = f"    for n in range({lines}): click.echo('x' * 50)"
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; time.sleep(.3)\n" + PLANT.format(body=body),
            "planted",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 141
    process.stderr.close()


def test_full_disk_under_the_output():
    """Output that cannot be written is an error with its reason, and no success."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", PLANT.format(body="    sys.stdout.write('x')"), "planted"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b"error: no space left on device\n"


def test_interrupt():
    """Ctrl-C ends with 130 and without a traceback."""
    # A shell that starts the tests in the background has them ignore the signal: undo that.
    body = (
        "    import signal, time; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "    click.echo('ready'); sys.stdout.flush(); time.sleep(30)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", PLANT.format(body=body), "planted"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert stderr.strip() == b"error: interrupted"


def test_names_cannot_steer_the_terminal():
    """Control characters, line ends and directional marks in a name are escaped."""
    assert printable("a\x1b[2Jb\nc\u202ed\u0085e\udcff") == ("a\\x1b[2Jb\\nc\\u202ed\\x85e\\udcff")
    assert printable("Müller 東京") == "Müller 東京"
    done = planted("raise TierpubError(Fault('a', 'one', Place('x\\n\\x1b[1merror: y.md')))")
    assert done.stderr == "error: x\\n\\x1b[1merror: y.md: one\n"


def test_same_bytes_in_every_locale():
    """What is printed does not depend on the locale."""
    body = "click.echo('Müller')\nraise TierpubError(Fault('a', 'Müller'))"
    results = {
        (done.stdout, done.stderr)
        for env in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONUTF8": "0"})
        for done in [planted(body, env=env)]
    }
    assert results == {("Müller\n", "error: Müller\n")}


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_only_on_a_terminal_that_wants_it(env, coloured):
    """Messages are coloured on a terminal, unless `NO_COLOR` is set."""
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    done = subprocess.run(
        [sys.executable, "-m", "tierpub", "nothing"],
        stderr=theirs,
        env={**environment, "TERM": "xterm", **env},
        check=False,
    )
    os.close(theirs)
    printed = os.read(ours, 10_000)
    os.close(ours)
    assert done.returncode == 2
    assert (b"\x1b[" in printed) == coloured


def test_json_has_a_version_and_plain_faults():
    """JSON output states the version of its form; a fault is an object without its tier."""
    done = planted("output.print_json({'faults': [output.fault_data(Fault('a', 'Müller'))]})")
    data = json.loads(done.stdout)
    assert data["schema"] == "tierpub/planted/1"
    assert data["faults"][0]["message"] == "Müller"
    assert fault_data(Fault("a", "m", Place("f", 1, 2), "h", tier=3)) == {
        "code": "a",
        "severity": "error",
        "message": "m",
        "file": "f",
        "line": 1,
        "column": 2,
        "hint": "h",
    }


def test_schema_is_json():
    """`tierpub schema` prints a JSON Schema and nothing else."""
    done = run("schema")
    assert done.returncode == 0
    assert json.loads(done.stdout)["$schema"].startswith("https://json-schema.org/")
