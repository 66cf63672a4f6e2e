"""How names are compared: keys, and tables that answer by key.

Obsidian compares names by lower case; a file system or another reader may fold harder (`ß` and
`ss`). A table answers by lower case where that finds something and by full folding where it
does not, so that two notes of the corpus family, `Staßfurt` and `Stassfurt`, stay two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tierpub.tiers import fold

_BLANKS = {0xA0: " ", 0x202F: " "}  # Obsidian reads both as a blank
_EDGE = re.compile(r"(?<! ) +(?=/|$|\.md$)|(?:^|(?<=/)) +")
_SEPARATORS = re.compile(r"[/\\]+")


def key(text: str) -> str:
    """`text` as paths are looked up: NFC, lower case, no blanks at the edges of a name."""
    if text.isascii():
        low = text.lower()
    else:
        if "\xa0" in text or "\u202f" in text:
            text = text.translate(_BLANKS)
        low = _composed(_composed(text).lower())
    return _EDGE.sub("", low) if " " in low else low


def folded(text: str) -> str:
    """`tiers.fold(text)`, sooner."""
    return text.lower() if text.isascii() else fold(text)


def _composed(text: str) -> str:
    if unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def split(path: str) -> list[str]:
    """The parts of `path`, separators of either sort, without blanks, empty parts and `.`."""
    parts = _SEPARATORS.split(path) if "\\" in path else path.split("/")
    if "" not in parts and "." not in parts and path.split(None, 1) == [path]:
        return parts  # no blank and nothing to take out, as nearly always
    return [p for part in parts if (p := part.strip()) not in ("", ".")]


def normalise(parts: list[str]) -> list[str]:
    """`parts` without `..`. What climbs above the top stays at the top, so that a path with
    one `..` too many is read as the path that its writer had in mind.
    """
    if ".." not in parts:
        return parts
    out: list[str] = []
    for part in parts:
        if part != "..":
            out.append(part)
        elif out:
            out.pop()
    return out


def seen(paths: tuple[str, ...], *, beside: bool) -> tuple[str, ...]:
    """Those of `paths` that a bare name may mean. No reader's program looks into folders with a
    leading dot (`.trash`), so what is there counts only where nothing else has the name; `beside`
    says that something has that is none of them."""
    found = tuple(path for path in paths if path[0] != "." and "/." not in path)
    return found if found or beside else paths


Values = str | list[str] | tuple[str, ...]


def _append(table: dict[str, Values], at: str, value: str) -> None:
    old = table.setdefault(at, value)
    if isinstance(old, list):
        old.append(value)
    elif old is not value:
        table[at] = [old, value] if isinstance(old, str) else [*old, value]


def _freeze(table: dict[str, Values]) -> None:
    for at, values in table.items():
        if isinstance(values, list):
            table[at] = tuple(sorted(values, key=lambda v: (len(v), v)))


def _tuple(values: Values | None) -> tuple[str, ...]:
    if values is None:
        return ()
    return (values,) if isinstance(values, str) else tuple(values)


class Table:
    """Names to values, many to a name, shortest value first. Lookup takes constant time."""

    __slots__ = ("_exact", "_folds")

    def __init__(self) -> None:
        self._exact: dict[str, Values] = {}
        self._folds: dict[str, Values] = {}

    def add(self, name: str, value: str) -> None:
        """Enter `value` under `name`; call `freeze` when all are in."""
        low = key(name)
        _append(self._exact, low, value)
        if not low.isascii() and (hard := fold(low)) != low:
            _append(self._folds, hard, value)

    def freeze(self) -> Table:
        """Sort each name's values; the table itself, for chaining."""
        _freeze(self._exact)
        _freeze(self._folds)
        return self

    def get(self, name: str) -> tuple[str, ...]:
        """The values of `name`, or (); one and the same tuple each time where there are many."""
        return self.by_key(key(name))

    def by_key(self, low: str) -> tuple[str, ...]:
        """The values of the name whose key is `low`."""
        exact = self._exact.get(low)
        if exact is not None:
            return _tuple(exact)
        hard = folded(low)
        other = self._exact.get(hard) if hard != low else None
        return _tuple(other) + _tuple(self._folds.get(hard))

    def values(self) -> Iterator[str]:
        """Every value, in no order that means anything; as often as it was added."""
        for values in self._exact.values():
            yield from _tuple(values)

    def collisions(self) -> list[tuple[str, ...]]:
        """The groups of values that one file name may stand for on some file system."""
        groups: dict[str, set[str]] = {}
        for at, values in (*self._exact.items(), *self._folds.items()):
            if not isinstance(values, str) or at in self._folds:
                groups.setdefault(at, set()).update(_tuple(values))
        return [tuple(sorted(group)) for group in groups.values() if len(group) > 1]
