"""Which names a bundle may hold: those that every file system places where we mean.

Checked when a bundle is built, when it is read, and again before anything is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from tierpub.errors import Fault, Place, TierpubError
from tierpub.tiers import fold

PADDING = ".tierpub-padding"
"""The last member, which only makes the size a size class."""

MAX_NAME, MAX_PART = 4096, 255
"""Bytes of a name and of each part of it, as Linux allows."""

_DRIVE = re.compile(r"[A-Za-z]:")


def check_names(names: Iterable[str]) -> None:
    """Pass when each name is a clean relative path and no two of them meet in one file.

    Compared in NFC and case-folded, also a file with the folders of others. Raises one
    `TierpubError` with a fault for each bad name, `bundle-name` or `bundle-collision`.
    """
    faults: list[Fault] = []
    files: set[str] = set()
    folders: set[str] = set()
    for name in names:
        if wrong := name_fault(name):
            faults.append(Fault("bundle-name", f"a name {wrong}", Place(printable(name))))
            continue
        folded = fold(name)
        parents = {folded[:at] for at, char in enumerate(folded) if char == "/"}
        if folded in files or folded in folders or parents & files:
            message = "two names would meet in one file"
            faults.append(Fault("bundle-collision", message, Place(printable(name))))
        files.add(folded)
        folders |= parents
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


def _too_long(name: str) -> bool:
    parts = name.encode().split(b"/")
    return len(name.encode()) > MAX_NAME or any(len(part) > MAX_PART for part in parts)


_FAULTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (
        "holds a control character",
        lambda name: any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in name),
    ),
    ("holds a backslash", lambda name: "\\" in name),
    ("is not relative", lambda name: name.startswith("/") or bool(_DRIVE.match(name))),
    (
        # Windows drops blanks and dots at the end of a part, so that `.. ` climbs like `..`.
        "has an empty part or one of dots alone",
        lambda name: not all(part.strip(". ") for part in name.split("/")),
    ),
    ("is too long", _too_long),
    (
        "is the one that a bundle keeps for itself",
        lambda name: fold(name.split("/")[0]).rstrip(". ") == PADDING,
    ),
)
