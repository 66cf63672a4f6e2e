"""An explanation as text: a table of the whole note, or sentences about one line."""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.report.explain import Explained, Explanation
from tierpub.report.pen import Pen

_PORTION = 46
_NARROW = 110
"""Below so many columns the reason stands on a line of its own."""


def explanation_text(explanation: Explanation, pen: Pen, *, verbose: bool = False) -> str:
    """The whole text, without a line end at its end.

    In the table links, tags and the like that are no higher than the text around them are
    left out unless `verbose`.
    """
    if explanation.line is not None:
        return "\n".join(_sentences(explanation, pen))
    return "\n".join(_table(explanation, pen, verbose=verbose))


# The whole note.


def _table(explanation: Explanation, pen: Pen, *, verbose: bool) -> Iterator[str]:
    note, *portions = explanation.portions
    portions = [p for p in portions if verbose or not p.quiet]
    yield from _headline(explanation, note, pen)
    places = max((len(f"{p.line}:{p.column}") for p in portions), default=0)
    tiers = max(len(name) for name in explanation.because.names)
    for portion in portions:
        yield from _row(explanation, portion, pen, places, tiers)


def _headline(explanation: Explanation, note: Explained, pen: Pen) -> Iterator[str]:
    yield f"{pen(explanation.note.note.file, 'bold')}  {_tier(explanation, note, pen)}"
    yield from (f"  {line}" for line in pen.wrap(note.why, 2))
    yield ""


def _row(
    explanation: Explanation, portion: Explained, pen: Pen, places: int, tiers: int
) -> Iterator[str]:
    """`line:column  tier  kind excerpt  why`; the reason wraps in its own column."""
    where = f"{portion.line}:{portion.column}".ljust(places)
    tier = _tier(explanation, portion, pen, tiers)
    margin = places + tiers + 4
    indent = "  " * (portion.depth - 1)
    room = _PORTION if pen.width >= _NARROW else pen.width - margin
    words = (
        f"{indent}{portion.kind} {portion.excerpt}" if portion.excerpt else indent + portion.kind
    )
    shown = pen.fit(words, max(room, 30))
    head = f"{pen(where, 'dim')}  {tier}  {shown}"
    if not portion.own:
        yield head.rstrip()
        return
    if pen.width >= _NARROW:
        first, *rest = pen.wrap(portion.brief, margin + room + 2) or [""]
        yield f"{head}  {pen(first, 'dim')}".rstrip()
        yield from (" " * (margin + room + 2) + pen(line, "dim") for line in rest)
    else:
        yield head.rstrip()
        left = margin + len(indent) + 2
        yield from (" " * left + pen(line, "dim") for line in pen.wrap(portion.brief, left))


# One line of it.


def _sentences(explanation: Explanation, pen: Pen) -> Iterator[str]:
    for number, portion in enumerate(explanation.portions):
        if number:
            yield ""
        where = f"{explanation.note.note.file}:{portion.line}:{portion.column}"
        yield f"{pen(where, 'bold')}  {pen(portion.kind)}  {pen(portion.excerpt)}"
        tier = explanation.because.names[portion.tier]
        sentence = f"{tier}, because the {portion.kind} {portion.why}"
        first, *rest = pen.wrap(sentence, 2)
        yield "  " + _tier(explanation, portion, pen) + pen(first[len(tier) :])
        yield from ("  " + pen(line) for line in rest)
        yield from _chain(explanation, portion, pen)
    if not explanation.portions:
        yield f"{explanation.note.note.file}:{explanation.line}: nothing stands in this line"


def _chain(explanation: Explanation, portion: Explained, pen: Pen) -> Iterator[str]:
    """What the portion stands in, outwards, each with its tier and reason."""
    tiers = max(len(name) for name in explanation.because.names)
    for each in explanation.chain(portion):
        what = f"in {explanation.because.called(explanation.note, each.index)}"
        yield f"    {_tier(explanation, each, pen, tiers)}  {pen(what)}"
        if each.own:
            left = tiers + 9
            yield from (" " * left + pen(line, "dim") for line in pen.wrap(each.brief, left))


def _tier(explanation: Explanation, portion: Explained, pen: Pen, width: int = 0) -> str:
    names = explanation.because.names
    return pen.tier(names[portion.tier], portion.tier, len(names) - 1, width)
