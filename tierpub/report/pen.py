"""How text for a terminal is made: colours by meaning, one line a line, columns that hold."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_CODES = {
    "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34",
    "magenta": "35", "cyan": "36",
    "error": "1;31", "warning": "1;33", "hint": "36", "place": "1", "added": "32", "removed": "31",
}  # fmt: skip
_HEAT = ("green", "cyan", "blue", "yellow", "magenta", "red")
"""Colours of tiers from the lowest to the highest."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What the text is written for."""

    escape: Callable[[str], str]
    """Makes what comes from notes and names fit for one line of a terminal."""
    colour: bool = False
    width: int = 100

    def __call__(self, text: str, style: str = "") -> str:
        """`text` on one line, in the colour of what it means."""
        return self.raw(self.escape(text), style)

    def raw(self, text: str, style: str = "") -> str:
        """As a call, for what is known to be fit."""
        code = _CODES.get(style)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text

    def tier(self, name: str, rank: int, top: int, width: int = 0) -> str:
        """The name of a tier in its colour, padded to `width` columns."""
        heat = _HEAT[round(rank * (len(_HEAT) - 1) / top)] if top else _HEAT[0]
        padding = " " * (width - columns(name))
        return self(name, heat) + padding

    def fit(self, text: str, width: int) -> str:
        """`text` in exactly `width` columns, cut short where it is longer."""
        text = self.escape(text)
        if columns(text) > width:
            while text and columns(text) > width - 1:
                text = text[:-1]
            text = text.rstrip() + "…"
        return text + " " * (width - columns(text))

    def wrap(self, text: str, indent: int) -> list[str]:
        """`text` in lines that fit beside a margin of `indent` columns."""
        room = max(self.width - indent, 30)
        return textwrap.wrap(
            self.escape(text), room, break_on_hyphens=False, break_long_words=False
        )


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def count(number: int, noun: str) -> str:
    """`1 note`, `2 notes`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
