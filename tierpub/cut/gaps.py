"""What stays around a cut in running text.

The gap is closed by looking only at what is visible on both sides of it, so that nothing of
what was cut, not even how much, can be told from the result.
"""

from __future__ import annotations

_PAIRS = {
    "(": ")", "[": "]", "{": "}", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb",
    "\u201e": "\u201c", "\u2039": "\u203a",
}  # fmt: skip
_SYMMETRIC = ("**", "__", "~~", "==", "$$", "*", "_", '"', "'", "`", "$")
_CLOSING = frozenset(".,;:!?)]}\u201d\u2019\u00bb\u203a\u2026")
_OPENING = frozenset("([{\u201c\u2018\u00ab\u201e\u2039")
_PAUSES = frozenset(",;:\u2013\u2014")
_STOPS = frozenset(".!?")
_BLANK = " \t\r\n"
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
            text, rest = _join(text, piece)
            text += rest
            gap = not rest
        else:
            text += piece
    return _end(text) if gap else text


def _end(text: str) -> str:
    """A line that ended in a cut, without the blanks and commas that led up to it."""
    text = text.rstrip(" \t\r\n")
    bare = text.rstrip(" \t,;\u2013\u2014-&|/")
    return bare if bare and not text.endswith(("**", "__")) else text


def _join(left: str, right: str) -> tuple[str, str]:
    """`left` and `right` without what only the cut between them called for."""
    left, right = _drop_empty_pair(left, right)
    if not left.strip(" \t"):
        return left, right.lstrip(SEPARATORS)
    if not right:
        return left, right
    if _opens(left):
        return left, right.lstrip(SEPARATORS if left[-1] in _OPENING else " \t")
    if left[-1] in _BLANK and right[0] in _BLANK:
        right = right.lstrip(_BLANK)
    if not right:
        return left, right
    if (right[0] in _CLOSING and not right.startswith("![")) or _closes(left, right):
        return _before_closing(left, right)
    return left, right


def _before_closing(left: str, right: str) -> tuple[str, str]:
    """No blank, and no second mark of the same pause, before a mark that closes something."""
    bare = left.rstrip(" \t")
    if right[0] in _PAUSES and bare[-1:] in _STOPS:
        right = right[1:]
        return (left, right.lstrip(" \t")) if left != bare else (left, right)
    if bare[-1:] in _PAUSES and bare[:-1].strip():
        if right[0] in _PAUSES:
            right = right[1:]
            return (left, right.lstrip(" \t")) if left != bare else (left, right)
        bare = bare[:-1].rstrip(" \t")
    return bare, right


def _opens(text: str) -> bool:
    """Whether `text` ends in a bracket, quote or emphasis mark that is open."""
    if text[-1] in _OPENING:
        return True
    mark = next((m for m in _SYMMETRIC if text.endswith(m)), None)
    if mark is None or text.count(mark) % 2 == 0:
        return False
    before = text[-len(mark) - 1 : -len(mark)]
    return not before or not before.isalnum()


def _closes(left: str, right: str) -> bool:
    """Whether `right` begins with an emphasis mark that is open in `left`."""
    mark = next((m for m in _SYMMETRIC if right.startswith(m)), None)
    if mark is None or left.count(mark) % 2 == 0:
        return False
    return not right[len(mark) : len(mark) + 1].isalnum()


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
