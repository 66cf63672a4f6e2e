"""The quick look at a projection: whether it is as expected, word for word and blank for blank.

Nearly all are, and then no differences have to be looked for.
"""

from __future__ import annotations

from typing import Literal

from tierpub.audit.reading.canvas import CUT, Canvas
from tierpub.audit.tokens import TOKENS, Tokenizer

Look = Literal["same", "alike", "other"]


def quick_look(canvas: Canvas, projection: str, level: int, tokenizer: Tokenizer) -> Look:
    """`same`: a projection is what is expected to the blank. `alike`: it holds the expected
    tokens, in lines that the canonical note has. Much quicker than looking for differences, and so
    for nearly all."""
    have = tokenizer.even(projection)
    want = tokenizer.even(canvas.visible(level, cuts=True))
    if have == want:
        return "same"
    plain = want.replace(CUT, "")
    if have.split() != plain.split() and TOKENS.findall(plain) != TOKENS.findall(have):
        return "other"
    lines = want.splitlines()
    known = set(lines)
    strange = [line for line in have.splitlines() if line not in known]
    if not strange:
        return "alike"
    cut = {"".join(line.replace(CUT, "").split()): line for line in lines if CUT in line}
    fits = all(_fits(cut.get("".join(line.split()), ""), line) for line in strange)
    return "alike" if fits else "other"


def _fits(want: str, have: str) -> bool:
    """Whether a line is as wanted but for the blanks where something was cut from it."""
    parts = want.split(CUT)
    last, at, blanks = len(parts) - 1, 0, 0
    for index, part in enumerate(parts):
        core = part[len(part) - len(part.lstrip()) :] if index else part
        if index:
            room = max(blanks, len(part) - len(core))
            free = len(have[at:]) - len(have[at:].lstrip())
            if free > room and at:
                return False
            at += free
        blanks = len(core) - len(core.rstrip())
        core = core.rstrip() if index < last else core
        if not have.startswith(core, at):
            return False
        at += len(core)
    return bool(want) and not have[at:].strip()
