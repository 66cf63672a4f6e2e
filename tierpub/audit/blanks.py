"""Blank lines where something was cut: more of them than the canonical note has there would tell
that something was."""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.tokens import Tokenizer

_BLANK = " \t\r>"
"""What a blank line may hold: it may stand in quotes."""


def extra_blanks(
    canvas: Canvas, projection: str, level: int, tokenizer: Tokenizer
) -> Iterator[int]:
    """Where in a projection more blank lines follow one another than do anywhere between the
    lines around them in the canonical note: one may be set where two blocks would join. Lines
    that are visible as a whole tell where in the note it is."""
    lines = tokenizer.even(canvas.text).split("\n")
    have = tokenizer.even(projection).split("\n")
    if len(lines) != canvas.text.count("\n") + 1 or len(have) != projection.count("\n") + 1:
        return  # an escape in the frontmatter stands for a line's end
    for each in (lines, have):
        del each[len(each) - (not each[-1]) :]  # what follows the last line's end is no line
    shown = _shown(canvas, level)
    before, pending, run = -1, [], 0
    for number, line in enumerate([*have, ""]):
        if number < len(have) and not line.strip(_BLANK):
            run += 1
            continue
        pending.append((number, run))
        run = 0
        after = len(lines) if number == len(have) else _next(lines, shown, line)
        if after is not None:
            most = max(1, _longest_run(lines, before + 1, after))
            yield from (_offset(projection, at) for at, blanks in pending if blanks > most)
            before, pending = after, []


def _shown(canvas: Canvas, level: int) -> list[int]:
    """The numbers of the lines that a level sees whole and that are not blank, the last first."""
    found, at = [], 0
    for number, line in enumerate(canvas.text.split("\n")):
        end = at + len(line)
        if line.strip(_BLANK) and canvas.highest(at, end) <= level:
            found.append(number)
        at = end + 1
    return found[::-1]


def _next(lines: list[str], shown: list[int], line: str) -> int | None:
    """The number of the next visible line, if it is this one; it is taken off then."""
    return shown.pop() if shown and lines[shown[-1]] == line else None


def _longest_run(lines: list[str], start: int, end: int) -> int:
    most = run = 0
    for line in lines[start:end]:
        run = 0 if line.strip(_BLANK) else run + 1
        most = max(most, run)
    return most


def _offset(text: str, line: int) -> int:
    """Where a line begins, or the text ends."""
    at = 0
    for _ in range(line):
        at = text.find("\n", at) + 1
    return min(at, max(0, len(text) - 1))
