"""Noninterference: what is hidden above a level cannot be told from what is written for it."""

from __future__ import annotations

from hypothesis import given, settings
from twin_blockmap import neighbours, shape
from twin_run import check_same, fail, run, size
from twin_vault import Twins, twins


@settings(max_examples=size(100))
@given(twins())
def test_twins_look_the_same_at_their_level(pair: Twins) -> None:
    """Two vaults that differ only above a level give the same tree of the same bytes for it."""
    outputs = (
        run(pair.a.tree, pair.default, [pair.level]),
        run(pair.b.tree, pair.default, [pair.level]),
    )
    check_same(pair, pair.a.tree, pair.b.tree, (outputs[0][pair.level], outputs[1][pair.level]))


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
    for path in pair.skeleton.keys() & pair.a.tree.keys():
        trees = [{path: tree[path]} for tree in (pair.skeleton, pair.a.tree)]
        bare, filled = (neighbours(shape(tree[path].decode()), known) for tree in trees)
        if bare != filled:
            fail(f"{path}\n{bare}\n{filled}", bare=trees[0], filled=trees[1])
