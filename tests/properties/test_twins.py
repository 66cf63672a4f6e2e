"""Noninterference: what is hidden above a level cannot be told from what is written for it.

`TIERPUB_TWINS=2000` tries so many pairs for each level, new ones each time; without it some are
tried. How many were, and what was generated, is printed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from twin_blockmap import neighbours, shape
from twin_command import told_by_command
from twin_policy import TIERS, TOP, policy, policy_text
from twin_run import check_same, fail, run, size
from twin_tally import Tally
from twin_vault import Twins, twins

from tierpub.policy import parse_policy

LONG = int(os.environ.get("TIERPUB_TWINS", "0"))
PAIRS = LONG or size(45)
COMMANDS = max(1, LONG // 100)
"""Pairs that are taken through the command line, for each level."""
each_level = pytest.mark.parametrize("level", range(TOP), ids=TIERS[:TOP])


def _tell(capfd: pytest.CaptureFixture[str], text: str) -> None:
    with capfd.disabled():
        print(f"\n{text}")  # noqa: T201 - how much was tried


@each_level
def test_twins_look_the_same_at_their_level(level: int, capfd: pytest.CaptureFixture[str]) -> None:
    """Two vaults that differ only above a level give the same tree of the same bytes for it."""
    tally = Tally()

    @settings(max_examples=PAIRS)
    @given(twins(level=level))
    def alike(pair: Twins) -> None:
        trees = (pair.a.tree, pair.b.tree)
        outputs = [run(tree, pair.default, [level])[level] for tree in trees]
        check_same(pair, *trees, (outputs[0], outputs[1]))
        tally.add(pair)

    alike()
    _tell(capfd, f"twins at {TIERS[level]}: {tally}")
    assert tally.pairs >= PAIRS


@each_level
def test_twins_look_the_same_to_who_runs_the_command(
    level: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """Tree, names, bytes, modes, both streams and the exit code are the same for two twins."""
    done = 0

    @settings(max_examples=COMMANDS)
    @given(twins(level=level))
    def alike(pair: Twins) -> None:
        nonlocal done
        told = [told_by_command(side.tree, pair.default, level) for side in (pair.a, pair.b)]
        assert told[0].code == 0, told[0]
        check_same(pair, pair.a.tree, pair.b.tree, (told[0].files, told[1].files))
        assert told[0] == told[1]
        done += 1

    alike()
    _tell(capfd, f"{done} pairs of twins by the command line at {TIERS[level]}")
    assert done >= COMMANDS


@settings(max_examples=size(30))
@given(twins())
def test_a_vault_looks_as_if_nothing_were_hidden(pair: Twins) -> None:
    """A vault and the one whose slots were never filled give the same bytes."""
    outputs = (
        run(pair.a.tree, pair.default, [pair.level]),
        run(pair.skeleton, pair.default, [pair.level]),
    )
    check_same(pair, pair.a.tree, pair.skeleton, (outputs[0][pair.level], outputs[1][pair.level]))


@settings(max_examples=size(30))
@given(twins())
def test_slots_leave_the_skeleton_as_it_parses(pair: Twins) -> None:
    """The generator keeps its word: visible text stands in the same blocks with any filling."""
    known = set(pair.words)
    both = pair.skeleton.keys() & pair.a.tree.keys()
    for path in (path for path in both if path.endswith(".md")):
        trees = [{path: tree[path]} for tree in (pair.skeleton, pair.a.tree)]
        bare, filled = (neighbours(shape(tree[path].decode()), known) for tree in trees)
        if bare != filled:
            fail(f"{path}\n{bare}\n{filled}", bare=trees[0], filled=trees[1])


def test_each_run_has_a_policy_of_its_own() -> None:
    """The policy of a run is the one that its text states, and remembers nothing of another run."""
    one, other = (policy("internal", Path(folder)) for folder in ("/a", "/b"))
    assert one == parse_policy(policy_text("internal"), "tierpub.yaml", Path("/a"))
    asked = [each.rules_for("Rprivate/Note.md") for each in (one, other)]
    assert asked[0] is not asked[1]
    rules = [each.note("Rprivate/Note.md") for each in asked]
    assert rules[0] is rules[1] is not None
