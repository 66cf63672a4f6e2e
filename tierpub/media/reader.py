"""Reading bytes in order: what is not there is refused, never made up."""

from __future__ import annotations


class NotExact(Exception):  # noqa: N818 - the fact, not an error of the program
    """A file is not exactly what its format says; the message tells why and quotes nothing."""


def must(holds: bool, fact: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Refuse with `fact` unless it `holds`."""
    if not holds:
        raise NotExact(fact)


class Reader:
    """Takes bytes from the front of `data`."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return self.end - self.at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        must(0 <= count <= self.left, "it ends too early, or a length leads beyond its end")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int, order: str = "big") -> int:
        """The next `size` bytes as a number, `big` or `little` end first."""
        raw = self.take(size)
        return int.from_bytes(raw, "big" if order == "big" else "little")
