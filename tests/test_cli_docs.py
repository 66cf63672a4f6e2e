"""The page on the command line says of each verb what the verb is."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import click
import pytest
from cli_tools import NOTES, POLICY, data_of, make_vault, tierpub

from tierpub.cli import output

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
VERBS = importlib.import_module("tierpub.cli.main").VERBS
EXITS = {getattr(output, name) for name in vars(output) if name.startswith("EXIT_")}
ENDED = {output.EXIT_HUNG_UP, output.EXIT_INTERRUPTED, output.EXIT_PIPE, output.EXIT_TERMINATED}
"""Exit codes of every verb, which the table of verbs leaves out."""


def command_of(verb) -> click.Command:
    """The click command of a verb."""
    return importlib.import_module(f"tierpub.cli.{VERBS[verb][0]}").command


def section(verb) -> str:
    """What the page says of a verb, from its heading to the next."""
    found = re.search(rf"^### `{verb}`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def rows(text, width):
    """The rows of `width` cells of the tables in `text`, without heads."""
    found = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [row for row in found if len(row) == width]


def usage(command) -> str:
    """How a verb is called."""
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    return " ".join(["tierpub", command.name, *(p.metavar or p.name.upper() for p in arguments)])


def takes(option: click.Option) -> str:
    """What an option takes, as the page writes it."""
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return " " + "\\|".join(option.type.choices)
    return f" {option.metavar or option.type.name.upper()}"


def options(command) -> list[str]:
    """The rows that the page must have for the options of a verb."""
    found = []
    for option in (p for p in command.params if isinstance(p, click.Option)):
        names = ", ".join(f"`{name}{takes(option)}`" for name in option.opts)
        found.append(f"| {names} | {option.help or f'Default: {option.default}.'} |")
    return found


@pytest.mark.parametrize("verb", list(VERBS))
def test_each_verb_has_its_section(verb):
    """The page has a section for each verb, with how it is called and its options, no others."""
    command = command_of(verb)
    wanted = options(command)
    assert f"`{usage(command)}`" in section(verb), f"`{usage(command)}`"
    have = [line for line in section(verb).splitlines() if re.match(r"\| `-", line)]
    assert have == wanted, "\n".join(["the page should have:", *wanted])


def test_no_section_without_a_verb():
    """The page describes no verb that is not there."""
    assert re.findall(r"^### `(\w+)`", PAGE, re.MULTILINE) == list(VERBS)


def test_table_of_verbs():
    """The table of verbs has each of them once, with its exit codes and readers."""
    table = PAGE.partition("| verb | exits with |")[2].partition("\n\n")[0]
    found = {row[0].strip("`"): row for row in rows(table, 4)}
    assert list(found) == list(VERBS)
    for verb, (_, codes, prints, readers) in found.items():
        assert {int(code) for code in codes.split(", ")} <= EXITS - ENDED
        assert {0, 1, 2} <= {int(code) for code in codes.split(", ")}, verb
        assert prints
        assert readers


def test_exit_codes():
    """The table of exit codes has all that the command line returns."""
    table = PAGE.partition("| code | means |")[2].partition("\n\n")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) ", table, re.MULTILINE)} == EXITS


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    """A vault with a bundle and the key that opens it."""
    folder = tmp_path_factory.mktemp("docs")
    made = tierpub("keygen", "-o", folder / "key", "--format", "json")
    key = json.loads(made.stdout)["public_key"]
    tiers = f"private, {{name: secret, recipients: [{key}]}}]\nseal_from: private"
    root = make_vault(folder / "vault", NOTES, POLICY.replace("private, secret]", tiers))
    assert tierpub("project", "--all", "--vault", root).returncode == 0
    return folder


PROSE = {"schema", "rule"}
"""Verbs that print no data of a vault: a schema, which is JSON by itself; the text of a rule."""
CALLS = {
    "project": ["project", "--level", "public", "--vault", "vault"],
    "check": ["check", "--vault", "vault"],
    "explain": ["explain", "Plans", "--vault", "vault"],
    "diff": ["diff", "Plans", "--from", "public", "--to", "secret", "--vault", "vault"],
    "open": ["open", "vault/_private.tar.age", "-i", "key", "--list"],
    "keygen": ["keygen"],
}


@pytest.mark.parametrize("verb", list(VERBS))
def test_json(vault, verb):
    """What a verb prints with `--format json` names its form, and its members are those that the
    page names."""
    formats = [p for p in command_of(verb).params if "--format" in p.opts]
    if not formats:
        assert verb in PROSE, f"{verb} has no --format json"
        return
    members = re.findall(r"^\| `(\w+)` \|", section(verb), re.MULTILINE)
    assert f"`tierpub/{verb}/1`" in section(verb)
    assert members, f"the page names no member of what {verb} prints as JSON"
    if verb in CALLS:
        done = tierpub(*CALLS[verb], "--format", "json", cwd=vault)
        data = data_of(done)
        assert data["schema"] == f"tierpub/{verb}/1"
        optional = {"identity", "file"} if verb == "keygen" else set()
        assert set(data) - {"schema"} <= set(members)
        assert set(members) - optional <= set(data)


def test_keygen_json(tmp_path):
    """As JSON a new key is told by its file, or by itself where it goes to stdout."""
    made = data_of(tierpub("keygen", "-o", tmp_path / "key", "--format", "json"))
    assert made["file"] == str(tmp_path / "key")
    assert made["public_key"] in (tmp_path / "key").read_text()
    assert "AGE-SECRET-KEY" not in json.dumps(made)
    shown = data_of(tierpub("keygen", "--format", "json"))
    assert shown["identity"].startswith("AGE-SECRET-KEY-1")
    assert set(shown) == {"schema", "public_key", "identity"}


def test_open_json(vault, tmp_path):
    """As JSON an opened bundle is a list of names and sizes, whether it is laid out or not."""
    common = ("open", vault / "vault/_private.tar.age", "-i", vault / "key", "--format", "json")
    listed = data_of(tierpub(*common, "--list"))
    laid = data_of(tierpub(*common, "-o", tmp_path / "out"))
    assert listed["folder"] is None
    assert laid["folder"] == str(tmp_path / "out")
    assert laid["files"] == listed["files"]
    sizes = {f["name"]: f["size"] for f in laid["files"]}
    files = {p for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert {str(p.relative_to(tmp_path / "out")): p.stat().st_size for p in files} == sizes
