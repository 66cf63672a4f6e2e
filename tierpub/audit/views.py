"""What a text says when it is decoded, and where each part of that stands in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_SHARE = 16
"""One of so many characters at least is a zero byte's where a text is in UTF-16: its blanks."""


@dataclass(frozen=True, slots=True)
class View:
    """A decoded text, or a stretch of a text with its escapes decoded."""

    text: str
    form: str
    """How it was encoded, for people: `base64`, `URL in hex`."""
    tiers: bytes | None = None
    """A tier for each character, where the text around has them."""
    starts: Sequence[int] = (0,)
    """Where in `text` each literal stretch begins."""
    places: Sequence[int] = (0,)
    """Where each of them begins in the text around."""
    escapes: Sequence[int] | None = None
    """Offsets of what escapes stood for; None where all of it was encoded."""
    outer: View | None = None
    """The view that this one was found in; None where that is the text itself."""

    @property
    def wrapped(self) -> bool:
        """Whether it was encoded as a whole, so that no bare text stood there."""
        return self.escapes is None or (self.outer is not None and self.outer.wrapped)

    def at(self, offset: int) -> int:
        """The place in the text itself, or that of the run which was decoded."""
        index = bisect_right(self.starts, offset) - 1
        place = self.places[index]
        if self.escapes is not None:
            place += offset - self.starts[index]
        return self.outer.at(place) if self.outer else place

    def decoded(self, start: int, end: int) -> bool:
        """Whether a range or what stands at its ends was encoded. Evening may have moved it by a
        few characters."""
        if self.escapes is None:
            return True
        index = bisect_left(self.starts, start, 1) - 1  # the escape before a stretch ends there
        return index < len(self.escapes) and self.escapes[index] <= end


def wide_texts(data: bytes) -> list[str]:
    """Bytes read as UTF-16 in both orders, where there are zeros as such a text has them."""
    if not data or b"\0" not in data:
        return []
    half = len(data) // 2
    zeros = [data[start::2].count(0) for start in (0, 1)]
    if max(zeros) * _SHARE < half:
        return []
    even, odd = data[: half * 2], data[1 : 1 + (len(data) - 1) // 2 * 2]
    pair = ((even, "utf-16-le"), (odd, "utf-16-be")) if zeros[1] > zeros[0] else \
        ((even, "utf-16-be"), (odd, "utf-16-le"))  # fmt: skip
    return [part.decode(order, "replace") for part, order in pair]


def wide_views(data: bytes, text: str) -> list[View]:
    """A file that is written in UTF-16; `text` is how it was read, which has the same lines."""
    found = []
    for decoded in wide_texts(data):
        starts, places = _line_starts(decoded), _line_starts(text)
        count = min(len(starts), len(places))
        found.append(View(decoded, "UTF-16", None, starts[:count], places[:count]))
    return found


def _line_starts(text: str) -> list[int]:
    starts, at = [0], text.find("\n") + 1
    while at:
        starts.append(at)
        at = text.find("\n", at) + 1
    return starts
