"""Comments that begin in a list item, a quote or a footnote and end outside of it.

To who writes it, all between is a comment: editors go by the signs alone. To who reads the blocks
it ends with its container, and what comes after is text. What one of them hides the other shows.
"""

from __future__ import annotations

import re

from tierpub.note.source import Source
from tierpub.note.view import Comment, code_ranges

_ARROW = re.compile("-->")


def across(source: Source) -> set[Comment]:
    """The comments that their containers do not close, and that are closed behind them."""
    open_ = [comment for comment in source.comments if not comment.closed]
    if not open_:
        return set()
    signs, arrows = _last_signs(source), _last_arrow(source)
    return {
        comment
        for comment in open_
        if comment.start < (signs if source.text.startswith("%%", comment.start) else arrows)
    }


def _last_signs(source: Source) -> int:
    """Where the last comment begins that is written with `%%`."""
    starts = (c.start for c in reversed(source.comments) if source.text.startswith("%%", c.start))
    return next(starts, -1)


def _last_arrow(source: Source) -> int:
    """Where the last `-->` stands that is neither in a comment nor in code."""
    code = iter(code_ranges(source.view.events))
    start, end = next(code, (0, 0))
    last = -1
    for arrow in _ARROW.finditer(source.text, source.base):
        at = arrow.start() - source.base
        while end <= at and end:
            start, end = next(code, (0, 0))
        if not (start <= at < end or source.in_comment(arrow.start())):
            last = arrow.start()
    return last
