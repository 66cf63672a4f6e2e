"""What is wrong with a name on disk: one that no reader can trust, or that not every system can
hold or link to.

The first are errors, for a message or a path with such a name says something else than is there.
The others are warnings, for the note is published as it is and only some of its readers suffer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINERS = frozenset("\u200c\u200d")  # letters of Persian and many emoji need them
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)", re.IGNORECASE
)
_NOT_ON_WINDOWS = re.compile(r'[:*?"<>|]')
_NOT_IN_LINKS = re.compile(r"[#^|]|\[\[|\]\]")


class NameFault(NamedTuple):
    """One thing that is wrong with a name."""

    code: str
    fact: str
    hint: str
    severe: bool = False
    """Whether nothing of this name can be published."""


def name_faults(name: str) -> Iterator[NameFault]:
    """What is wrong with one file's or folder's name."""
    plain = name.isascii() and name.isprintable()
    if "\\" in name:
        fact = "a file name holds a backslash"
        yield NameFault("backslash-in-name", fact, "rename it", severe=True)
    if not plain:
        yield from _unreadable(name)
    if _DEVICE.match(name):
        yield NameFault("reserved-name", "Windows reserves this name", "")
    if _NOT_ON_WINDOWS.search(name) or name.endswith((".", " ")):
        fact = "Windows cannot hold this name"
        hint = 'leave out `: * ? " < > |`, and a dot or blank at the end, if it is read there'
        yield NameFault("unportable-name", fact, hint)
    if _NOT_IN_LINKS.search(name):
        fact = "no wikilink can name this file: it holds `#`, `^`, `|` or brackets"
        yield NameFault("unlinkable-name", fact, "rename it if notes link to it")


def _unreadable(name: str) -> Iterator[NameFault]:
    for what, code, fact in (
        (_SURROGATE, "name-not-utf-8", "a file name is not valid UTF-8"),
        (_CONTROL, "control-in-name", "a file name holds a control character"),
        (_TURNING, "bidi-in-name", "a file name holds a control for the direction of text"),
    ):
        if what.search(name):
            yield NameFault(code, fact, "rename it", severe=True)
    if any(map(_unseen, name)):
        fact = "a file name holds a character that nobody sees"
        hint = "rename it: links that are typed will not find it"
        yield NameFault("invisible-in-name", fact, hint)


def _unseen(character: str) -> bool:
    """Whether a character shows nothing and is no control that is told of as an error."""
    unseen = unicodedata.category(character) == "Cf" and character not in _JOINERS
    return unseen and not _TURNING.match(character)


def shown(path: str) -> str:
    """`path` with everything escaped that could change how a message reads."""
    if path.isascii() and path.isprintable():
        return path
    return "".join(_escaped(c) if _odd(c) else c for c in path)


def _odd(character: str) -> bool:
    category = unicodedata.category(character)
    return category in {"Cc", "Cs", "Zl", "Zp"} or (category == "Cf" and character not in _JOINERS)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()
