"""Painting: every character of a note gets the highest tier of whatever covers it.

`paint_note` runs its steps in the order of `STEPS`. What depends on other notes (anchors, block
ids) is taken from `Known` and settles in a few rounds: see `levels`.
"""

from __future__ import annotations

from collections.abc import Callable

from tierpub.audit.reading import paint_body, paint_code, paint_front, paint_inline, upward
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.reading.easel import Easel
from tierpub.audit.reading.known import Known
from tierpub.audit.reading.note import NoteText
from tierpub.audit.reading.targets import Targets
from tierpub.policy import Policy


def paint_note(note: NoteText, policy: Policy, targets: Targets, known: Known) -> Canvas:
    """Paint one note from the ground up."""
    canvas = Canvas(note.text, note.tier, policy.ladder.top)
    easel = Easel(note, canvas, policy, policy.rules_for(note.path), targets, known)
    for step in STEPS:
        step(easel)
    canvas.pieces, canvas.root = easel.pieces, note.root
    return canvas


STEPS: tuple[Callable[[Easel], None], ...] = (
    paint_front.front,
    paint_body.body,
    paint_body.comments,
    paint_body.sections_and_containers,
    paint_code.code,
    paint_inline.inline,
    paint_inline.text_rules,
    upward.definitions,
    upward.values,
    upward.footnotes,
    upward.block_ids,
    upward.lines,
    upward.footnotes,
    upward.emptied,
    upward.headings,
)
"""The order: what has a tier of its own, then what follows from the parts."""
