"""What the painting steps work on: one note, its canvas, and what its links lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from tierpub.audit.reading.blocks import Block
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.reading.inline import Piece
from tierpub.audit.reading.known import Known
from tierpub.audit.reading.note import NoteText
from tierpub.audit.reading.targets import Reach, Targets
from tierpub.policy import NoteRules, Policy

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Easel:
    """All that the steps need for one note."""

    note: NoteText
    canvas: Canvas
    policy: Policy
    rules: NoteRules
    targets: Targets
    known: Known
    pieces: list[Piece] = field(default_factory=list)
    """Everything in lines that has a tier of its own."""

    def show(self, reach: Reach, start: int, end: int) -> None:
        """Take note that what stands in a range leads to attachments."""
        self.canvas.shows += [(file, start, end) for file in reach.files]

    def ask(self, question: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `known` says. It is noted down, to be asked again when more is known."""
        answer = question(*args, **kwargs)
        self.canvas.asked.append((question.__name__, args, answer))
        return answer

    def block_at(self, at: int) -> Block:
        """The innermost block that holds an offset."""
        block = self.note.root
        while True:
            inner = next((c for c in block.children if c.start <= at < c.end), None)
            if inner is None:
                return block
            block = inner


def reach_of(easel: Easel, piece: Piece) -> Reach:
    """What a link leads to."""
    return easel.targets.reach(
        piece.target, easel.note.path, easel.rules, markdown=piece.markdown or piece.kind == "url"
    )


def anchored(easel: Easel, piece: Piece, reach: Reach | None = None) -> tuple[int, int]:
    """The tiers that an anchor gives: to its link, and to its own words."""
    reach = reach or reach_of(easel, piece)
    if not reach.anchor or not reach.notes:
        return 0, 0
    return easel.ask(easel.known.anchor, reach)
