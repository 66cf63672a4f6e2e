"""The tests' own `tierpub`: a run that a server forks is what a process from nothing is."""

from __future__ import annotations

import os
import sys

import cli_tools
import pytest
from cli_tools import make_vault, tierpub

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="servers are for Linux alone")


@pytest.fixture
def both(monkeypatch):
    """Runs `tierpub` from nothing, and by each server; what each came to."""

    def run(*arguments, **options):
        monkeypatch.setenv("TIERPUB_TESTS_FRESH", "1")
        made = [tierpub(*arguments, **options)]
        monkeypatch.delenv("TIERPUB_TESTS_FRESH")
        monkeypatch.setattr(cli_tools, "FIRST", 0)
        made += [tierpub(*arguments, **options) for _ in range(2)]
        assert len({done.args[0] for done in made}) == 2, "no server ran anything"
        return [(done.returncode, done.stdout, done.stderr) for done in made]

    return run


@pytest.mark.parametrize(
    "arguments",
    [[], ["--help"], ["--version"], ["check", "--help"], ["no-such-verb"], ["check", "--nothing"],
     ["check"], ["check", "--format", "json"], ["explain", "Plans"], ["explain", "None"],
     ["project", "--level", "internal", "--dry-run"], ["rule"], ["schema"],
     ["report", "out", "--dry-run", "--audit", "-"]],
)  # fmt: skip
def test_a_served_run_is_as_one_from_nothing(tmp_path, both, arguments):
    """Exit code, output and messages are the same, with an environment and input of its own."""
    root = make_vault(tmp_path)
    env = {"TIERPUB_PROCESSES": "2", "COLUMNS": "50"}
    made = both(*arguments, cwd=root, env=env, input="not JSON")
    assert made[0] == made[1] == made[2]


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_served_run_has_the_folder_and_mask_of_its_tester(tmp_path, monkeypatch, mask):
    """What a process has from the one that starts it a served run has, too."""
    root = make_vault(tmp_path / "notes")
    monkeypatch.setattr(cli_tools, "FIRST", 0)
    monkeypatch.chdir(root)
    made = []
    for out, fresh in (("a", "1"), ("b", ""), ("c", "")):
        monkeypatch.setenv("TIERPUB_TESTS_FRESH", fresh)
        old = os.umask(mask)
        try:
            done = tierpub("project", "--level", "public", "--out", tmp_path / out)
        finally:
            os.umask(old)
        assert done.returncode == 0, done.stderr
        paths = [tmp_path / out, *sorted((tmp_path / out).rglob("*"))]
        made.append([(p.relative_to(tmp_path / out), p.stat().st_mode) for p in paths])
    assert made[0] == made[1] == made[2]
    monkeypatch.chdir(tmp_path / "a/_public")
    assert "no vault here" in tierpub("project", "--level", "public").stderr


def test_servers_take_turns(both):
    """Two runs after one another are of two servers, each with an order of sets of its own."""
    both("--version")
    assert len([key for key in cli_tools.SERVERS if key[0] == os.getpid()]) == 2
