"""A report up to a level tells nothing of what is above it: not even that it is there."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from twin_policy import TIERS, policy
from twin_run import check_same, fail, size
from twin_vault import Tree, Twins, twins, write

from tierpub.report.site import hold, remarks_of, site
from tierpub.vault import scan

pytestmark = pytest.mark.usefixtures("templates")


def report(tree: Tree, default: str, level: int) -> Tree:
    """All files of the report of `tree` up to `level`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(tree, root)
        stated = policy(default, root)
        held = hold(scan(root, stated), stated, level)
        return dict(site(held, remarks_of(held)))


@settings(max_examples=size(40))
@given(twins())
def test_twins_have_the_same_report_at_their_level(pair: Twins) -> None:
    """Two vaults that differ only above a level have the same report up to it, byte for byte."""
    made = [report(side.tree, pair.default, pair.level) for side in (pair.a, pair.b)]
    check_same(pair, pair.a.tree, pair.b.tree, (made[0], made[1]))


@settings(max_examples=size(20))
@given(twins())
def test_no_hidden_word_stands_in_a_report(pair: Twins) -> None:
    """No word above the level, and no name of a tier above it, is in any byte of the report."""
    made = report(pair.a.tree, pair.default, pair.level)
    whole = "\n".join([*made, *(data.decode() for data in made.values())]).casefold()
    above = [word for word, tier in pair.a.words.items() if tier > pair.level]
    found = [word for word in above if word.casefold() in whole]
    if found:
        fail(f"hidden words: {found}", canonical=pair.a.tree, report=made)
    pages = "\n".join(data.decode() for path, data in made.items() if path.endswith(".html"))
    names = [name for name in TIERS[pair.level + 1 :] if name in pages]
    if names:
        fail(f"names of higher tiers: {names}", canonical=pair.a.tree, report=made)
