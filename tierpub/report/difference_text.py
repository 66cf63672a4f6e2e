"""A difference as a unified diff; `patch` passes over what stands below each hunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tierpub.report.difference import Cut, Difference, Hunk
from tierpub.report.pen import Pen

_STYLES = {"-": "removed", "+": "added"}
_FEW = 8
"""So many cuts are explained below one hunk unless all are asked for."""


def difference_text(
    difference: Difference, names: Sequence[str], pen: Pen, *, verbose: bool = False
) -> str:
    """The whole diff, without a line end at its end."""
    return "\n".join(_text(difference, names, pen, verbose=verbose))


def _text(
    difference: Difference, names: Sequence[str], pen: Pen, *, verbose: bool
) -> Iterator[str]:
    yield pen(f"--- {difference.note} at {names[difference.before]}", "bold")
    yield pen(f"+++ {difference.note} at {names[difference.after]}", "bold")
    for hunk in difference.hunks:
        yield from _hunk(hunk, names, pen, verbose=verbose)


def _hunk(hunk: Hunk, names: Sequence[str], pen: Pen, *, verbose: bool) -> Iterator[str]:
    yield pen(hunk.header, "cyan")
    for line in hunk.lines:
        yield pen(line.expandtabs(4).rstrip("\r"), _STYLES.get(line[0], ""))
    shown = hunk.cuts if verbose or len(hunk.cuts) <= _FEW + 1 else hunk.cuts[:_FEW]
    for cut in shown:
        yield from _cut(cut, names, pen)
    if len(shown) < len(hunk.cuts):
        yield pen(f"# {len(hunk.cuts) - len(shown)} more; -v shows all", "dim")


def _cut(cut: Cut, names: Sequence[str], pen: Pen) -> Iterator[str]:
    called = f"the {cut.kind}" + (f" “{cut.excerpt}” in line {cut.line}" if cut.excerpt else "")
    tier = pen.tier(names[cut.tier], cut.tier, len(names) - 1)
    first, *rest = pen.wrap(f"{names[cut.tier]}: {called} {cut.why}", 4)
    yield f"{pen('#', 'dim')} {tier}{pen(first[len(names[cut.tier]) :], 'dim')}"
    yield from (pen(f"#   {line}", "dim") for line in rest)
