"""What a projection keeps and what it drops, on the vaults of the twin generator."""

from __future__ import annotations

from hypothesis import given, settings
from twin_blockmap import neighbours, shape
from twin_policy import SOURCE, TIERS, TOP
from twin_run import check_words, fail, run, size, words
from twin_undo import cut_only, pairs, undone
from twin_vault import Twins, twins


def _tiers(pair: Twins) -> dict[str, int]:
    return pair.words | pair.a.words


@settings(max_examples=size(40))
@given(twins())
def test_no_word_above_the_level_gets_out(pair: Twins) -> None:
    """No byte and no path of a level's projection holds a word of a higher tier."""
    for level, output in run(pair.a.tree, pair.default).items():
        above = {word for word, tier in _tiers(pair).items() if tier > level}
        message = f"above level {level} ({TIERS[level]})"
        check_words(message, above & words(output), pair.a.tree, output)


@settings(max_examples=size(40))
@given(twins())
def test_every_word_at_or_below_the_level_is_there(pair: Twins) -> None:
    """Each word stands in the projections of its own tier and of those above it."""
    for level, output in run(pair.a.tree, pair.default).items():
        below = {word for word, tier in _tiers(pair).items() if tier <= level}
        message = f"lost at level {level} ({TIERS[level]})"
        check_words(message, below - words(output), pair.a.tree, output)


@settings(max_examples=size(25))
@given(twins())
def test_what_a_level_shows_all_levels_above_show(pair: Twins) -> None:
    """Words only ever come in from one level to the next."""
    outputs = run(pair.a.tree, pair.default)
    for level in range(TOP):
        lost = words(outputs[level]) - words(outputs[level + 1])
        check_words(f"seen at {level}, not at {level + 1}", lost, pair.a.tree, outputs[level + 1])


@settings(max_examples=size(30))
@given(twins())
def test_a_projection_is_the_canonical_text_with_spans_cut(pair: Twins) -> None:
    """With targets, added aliases and banner undone, what is left is the source's, in order."""
    for level, output in run(pair.a.tree, pair.default).items():
        for path, source, text in pairs(pair.a.tree, output, level):
            if stray := cut_only(source, text):
                fail(f"{path}: {stray!r} is not of the source", source={path: source.encode()},
                     projection={path: text.encode()})  # fmt: skip


@settings(max_examples=size(30))
@given(twins())
def test_the_top_level_keeps_everything(pair: Twins) -> None:
    """At the highest tier a projection differs in link targets and banner only."""
    output = run(pair.a.tree, pair.default, [TOP])[TOP]
    made = pairs(pair.a.tree, output, TOP)
    notes = [path for path in pair.a.tree if path.startswith(SOURCE) and path.endswith(".md")]
    assert len(made) == len(notes)
    for path, source, text in made:
        if undone(source) != undone(text):
            fail(f"{path} has changed", source={path: source.encode()}, top={path: text.encode()})


@settings(max_examples=size(10))
@given(twins())
def test_projecting_twice_gives_the_same(pair: Twins) -> None:
    """A second run over the same vault gives the same bytes."""
    assert run(pair.a.tree, pair.default) == run(pair.a.tree, pair.default)


@settings(max_examples=size(10))
@given(twins())
def test_files_in_another_order_give_the_same(pair: Twins) -> None:
    """The order in which files were created does not matter."""
    turned = dict(reversed(pair.a.tree.items()))
    assert run(pair.a.tree, pair.default) == run(turned, pair.default)


@settings(max_examples=size(10))
@given(twins())
def test_levels_asked_alone_or_together_are_the_same(pair: Twins) -> None:
    """What one level gets does not depend on which others are made."""
    together = run(pair.a.tree, pair.default)
    for level in reversed(range(TOP + 1)):
        assert run(pair.a.tree, pair.default, [level]) == {level: together[level]}


@settings(max_examples=size(40))
@given(twins())
def test_kept_blocks_parse_as_they_did(pair: Twins) -> None:
    """A kept word stands in the same blocks as in the source, lists that come together aside."""
    known = set(_tiers(pair))
    for level, output in run(pair.a.tree, pair.default).items():
        for path, source, text in pairs(pair.a.tree, output, level):
            kept = shape(text)
            before = neighbours(shape(source), known & kept.keys())
            if before != (after := neighbours(kept, known)):
                odd = next(
                    (was, now) for was, now in zip(before, after, strict=False) if was != now
                )
                fail(f"{path}: {odd[0]} became {odd[1]}", source={path: source.encode()},
                     projection={path: text.encode()})  # fmt: skip
