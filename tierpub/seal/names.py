"""Which names a bundle may hold: those that every file system places where we mean.

Checked when a bundle is built, when it is read, and again before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tierpub.errors import Fault, Place, TierpubError
from tierpub.tiers import fold

PADDING = ".tierpub-padding"
"""The last member, which only makes the size a size class."""

SETTINGS = frozenset({".git", ".obsidian", ".tierpub"})
"""Folders whose files can make a tool run code. Nothing of a vault is published from them, and
whoever knows a tier's public keys could seal a bundle that plants a plugin."""

MAX_NAME, MAX_PART = 4096, 255
"""Bytes of a name and of each part of it, as Linux allows."""

_PART_END = re.compile(r"/|\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ROOTED = re.compile(r"/|[A-Za-z]:")
# Windows drops blanks and dots at the end of a part, so that `.. ` climbs like `..`.
_DOTS = re.compile(r"(?:^|/)[. ]*(?:/|\Z)")
_TAIL = re.compile(r"[. ]+(?=/|\Z)")


def check_names(names: Iterable[str]) -> None:
    """Pass when each name is a clean relative path and no two of them meet in one file.

    Compared in NFC, case-folded and as Windows shortens them, also a file with the folders of
    others. Raises one
    `TierpubError` with a fault for each bad name, `bundle-name` or `bundle-collision`.
    """
    faults: list[Fault] = []
    files: dict[str, str] = {}
    for name in names:
        if wrong := name_fault(name):
            faults.append(Fault("bundle-name", f"a name {wrong}", Place(printable(name))))
        elif (folded := _TAIL.sub("", fold(name))) in files:
            faults.append(_collision(name))
        else:
            files[folded] = name
    for folder in {folded.rpartition("/")[0] for folded in files}:
        parents = (folder[: at.start()] for at in _PART_END.finditer(folder))
        faults += [_collision(files[parent]) for parent in parents if parent in files]
    if faults:
        raise TierpubError(*faults)


def name_fault(name: str) -> str | None:
    """Say what is wrong with one name, to be read after "a name"; None when it is clean."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "is not UTF-8"
    return next((fault for fault, holds in _FAULTS if holds(name)), None)


def printable(name: str) -> str:
    """`name` fit for a terminal: control characters and broken UTF-8 escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in name
    )


def _collision(name: str) -> Fault:
    return Fault("bundle-collision", "two names would meet in one file", Place(printable(name)))


def _too_long(name: str) -> bool:
    raw = name.encode()
    if len(raw) <= MAX_PART:
        return False
    return len(raw) > MAX_NAME or any(len(part) > MAX_PART for part in raw.split(b"/"))


def _is_padding(name: str) -> bool:
    return name[0] == "." and fold(name.partition("/")[0]).rstrip(". ") == PADDING


def _in_settings(name: str) -> bool:
    if name[0] != "." and "/." not in name:
        return False
    return not SETTINGS.isdisjoint(_TAIL.sub("", fold(name)).split("/"))


_FAULTS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("holds a control character", _CONTROL.search),
    ("holds a backslash", lambda name: "\\" in name),
    ("is not relative", _ROOTED.match),
    ("has an empty part or one of dots alone", _DOTS.search),
    ("is too long", _too_long),
    ("is the one that a bundle keeps for itself", _is_padding),
    ("stands in a folder of settings", _in_settings),
)
