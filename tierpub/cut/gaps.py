"""What stays around a cut in running text.

The gap is closed by looking only at what is visible on both sides of it, so that nothing of
what was cut, not even how much, can be told from the result.
"""

from __future__ import annotations

_PAIRS = {
    "(": ")", "[": "]", "{": "}", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb",
    "\u201e": "\u201c", "\u2039": "\u203a",
}  # fmt: skip
_SYMMETRIC = ("**", "__", "~~", "==", "*", "_", '"', "'", "`")
_CLOSING = frozenset(".,;:!?)]}\u201d\u2019\u00bb\u203a\u2026")
_OPENING = frozenset("([{\u201c\u2018\u00ab\u201e\u2039")
_PAUSE = frozenset(",;:.!?\u2013\u2014-")
_REPEATED = frozenset(",;.")
SEPARATORS = " \t\r\n-\u2013\u2014:;,.\u00b7\u2022|/=>\u2192&"
"""What sets parts of a line apart: at the start of a block it goes with the cut beside it."""


def close(pieces: list[str | None]) -> str:
    """Join the visible pieces of one line or heading; None stands for a cut between them."""
    text = ""
    gap = False
    for piece in pieces:
        if piece is None:
            gap = True
        elif gap:
            text, piece = _join(text, piece)  # noqa: PLW2901
            text += piece
            gap = not piece
        else:
            text += piece
    return text.rstrip(" \t\r\n") if gap else text


def _join(left: str, right: str) -> tuple[str, str]:
    """`left` and `right` without what only the cut between them called for."""
    left, right = _drop_empty_pair(left, right)
    if not left.strip(" \t"):
        return left, right.lstrip(SEPARATORS)
    if not right:
        return left, right
    if left[-1] in " \t\r\n" and right[0] in " \t\r\n":
        right = right.lstrip(" \t\r\n")
    if not right:
        return left, right
    if right[0] in _CLOSING:
        bare = left.rstrip(" \t")
        if bare and bare[-1] in _PAUSE and right[0] in _REPEATED:
            right = right[1:]
            return (left, right.lstrip(" \t")) if left[-1] in " \t" else (left, right)
        return bare, right
    if left[-1] in _OPENING:
        right = right.lstrip(" \t")
    return left, right


def _drop_empty_pair(left: str, right: str) -> tuple[str, str]:
    """Take away brackets, quotes and emphasis marks that nothing is left between."""
    while True:
        bare_left, bare_right = left.rstrip(" \t"), right.lstrip(" \t")
        if not bare_left or not bare_right:
            return left, right
        if _PAIRS.get(bare_left[-1]) == bare_right[0]:
            left, right = bare_left[:-1], bare_right[1:]
            continue
        mark = next((m for m in _SYMMETRIC if left.endswith(m) and right.startswith(m)), None)
        if mark is None or left.count(mark) % 2 == 0:
            return left, right
        left, right = left[: -len(mark)], right[len(mark) :]
