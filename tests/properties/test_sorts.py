"""Each sort of hidden thing alone, in each place it may stand: empty and filled look the same."""

from __future__ import annotations

import os

import pytest
from twin_policy import TOP
from twin_run import check_same, check_words, run, words
from twin_slots import ALWAYS, SORTS, Filling
from twin_stages import STAGES
from twin_vault import OWED, Besides, Side, Twins, side, slots

_ALL = [(stage, sort) for stage, pieces in STAGES.items() for sort in SORTS[slots(pieces)[0].kind]]
_CASES = [
    pytest.param(stage, sort, style, newline, id=f"{stage}-{sort}-{style}-{newline!a}")
    for i, (stage, sort) in enumerate(_ALL)
    for style in (range(3) if "TIERPUB_EXAMPLES" in os.environ else [i % 3])
    for newline in (["\n", "\r\n"][i % 2],)
]
"""One style of each, all of them in a longer search."""
_FIRST = {(slots(STAGES[stage])[0].kind, sort): stage for stage, sort in reversed(_ALL)}
_SEEN = [pytest.param(s, sort, id=f"{s}-{sort}") for (_, sort), s in reversed(_FIRST.items())]
LEVEL = 1
_IN_FRONT = ("field", "entry", "flow", "eol", "frontmatter")


def _side(stage: str, filling: Filling, newline: str) -> Side:
    """A vault of the stage's note; the definitions that a filling owes come first."""
    pieces = STAGES[stage] if stage.startswith(_IN_FRONT) else [OWED, *STAGES[stage]]
    return side("a", {"Open/Note": pieces}, [[filling] * len(slots(pieces))], newline, Besides())


def _bare(stage: str) -> Filling:
    """Nothing, or something else where a slot is filled on both sides."""
    always = slots(STAGES[stage])[0].kind in ALWAYS
    return Filling("match", TOP) if always else Filling()


def _twins(filled: Side, empty: Side, told: str) -> Twins:
    return Twins(LEVEL, "public", {}, filled, empty, empty.tree, [told])


@pytest.mark.parametrize(("stage", "sort", "style", "newline"), _CASES)
def test_a_sort_leaves_no_trace(stage: str, sort: str, style: int, newline: str) -> None:
    """A slot filled with one sort looks as if nothing had ever stood there."""
    filling = Filling(sort, (2, 3, TOP)[style], style)
    filled, empty = _side(stage, filling, newline), _side(stage, _bare(stage), newline)
    outputs = [run(tree.tree, "public", [LEVEL])[LEVEL] for tree in (filled, empty)]
    pair = _twins(filled, empty, f"{stage}:{sort} style {style}")
    check_same(pair, filled.tree, empty.tree, (outputs[0], outputs[1]))


@pytest.mark.parametrize(("stage", "sort"), _SEEN)
def test_a_sort_is_seen_from_its_tier_on(stage: str, sort: str) -> None:
    """The words of one sort appear at its own tier and above, and nowhere below."""
    filled = _side(stage, Filling(sort, 3), "\n")
    for level, output in run(filled.tree, "public").items():
        right = {word for word, tier in filled.words.items() if tier <= level}
        check_words(f"leaked at {level}", words(output) - right, filled.tree, output)
        check_words(f"lost at {level}", right - words(output), filled.tree, output)
