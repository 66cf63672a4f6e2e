"""A string that must not get out, a place where it was found, and what that place says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tierpub.audit.finding import Confidence
from tierpub.audit.views import View

_SURE = 8
"""Letters of a string that is found in an encoded run wherever it stands there."""
_LEAST = 6
"""Letters of one that is looked for there at all, where words have blanks between them."""
_WORDS = re.compile(r"[^\W_]+")
NO_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(slots=True)
class Needle:
    """One string."""

    text: str
    """Even, as it is searched for."""
    kind: str
    """`value`, `title`, `path`, `anchor`, `comment`, `attachment`."""
    tier: int
    """The lowest tier that may read it anywhere."""
    note: str
    at: int
    """Where it stands: a canonical note and an offset; -1 for its name."""
    visible: bool = False
    """Whether its tier was lowered by a place where it is visible."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A needle that was found."""

    needle: Needle
    form: str
    """`plain`, or how it was encoded."""
    wrapped: bool
    """Whether that hid the words around it, too."""
    line: int
    column: int


def hit_at(text: str, start: int, needle: Needle, view: View | None) -> Hit:
    """A hit in a text, by the offset where it begins in that or in a view of it."""
    at = view.at(start) if view else start
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    form = view.form if view else "plain"
    return Hit(needle, form, view is not None and view.wrapped, line, column)


def letters(text: str) -> int:
    """How many letters and digits a text has."""
    return sum(map(len, _WORDS.findall(text)))


def long_enough(needle: Needle) -> bool:
    """Whether a needle is long enough to be looked for in encoded runs."""
    return bool(NO_BLANKS.search(needle.text)) or letters(needle.text) >= _LEAST


def counts(  # noqa: PLR0913, PLR0917 - a match, and what stands around it
    hay: str,
    start: int,
    end: int,
    needle: Needle,
    view: View | None = None,
    tiers: bytes | None = None,
    found: int = 0,
) -> bool:
    """Whether a match counts: whether it is no part of a longer word, of what is visible at the
    tier `found`. Encoded runs may be cut anywhere, so that long needles may, too."""
    wrapped = view is not None and view.wrapped
    if wrapped and not long_enough(needle):
        return False
    if not needle.text.isascii() and NO_BLANKS.search(hay, start, end):
        return True
    if wrapped and letters(needle.text) >= _SURE:
        return True
    if start and hay[start - 1].isalnum() and hay[start].isalnum() and (
        tiers is None or tiers[start - 1] <= found
    ):  # fmt: skip
        return False
    return not (
        end < len(hay) and hay[end].isalnum() and hay[end - 1].isalnum()
        and (tiers is None or tiers[end] <= found)
    )  # fmt: skip


def confidence(hit: Hit) -> Confidence:
    """How sure it is that a hit is a leak: by how long and how common the string is."""
    text = hit.needle.text
    count = letters(text)
    if count < 5:  # noqa: PLR2004 - a short word is everywhere
        return "low"
    digits = sum(c.isdigit() for c in text)
    if len(_WORDS.findall(text)) == 1 and not digits and not hit.wrapped:
        return "low" if count < 8 else "medium"  # noqa: PLR2004
    if digits == count and count < 6:  # noqa: PLR2004 - a number
        return "low"
    return "high" if count >= 8 else "medium"  # noqa: PLR2004
