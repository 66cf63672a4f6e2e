"""What stands in a vault, by name, and what of it is new or gone since the last run."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tierpub.path import row as rows
from tierpub.path.keyed import Keyed
from tierpub.vault import Vault
from tierpub.vault.akin import kin_of_path

_EVERYWHERE = ("place", "symlinks")
"""Sorts of names that may matter to any lookup."""


@dataclass(frozen=True, slots=True)
class Stock:
    """All names of a vault, as keyed numbers."""

    whole: bytes
    """A digest of all of it."""
    fixed: bytes
    """A digest of what may matter to any lookup."""
    entries: bytes
    """By twos: what stands there, and the topic of its name."""

    @property
    def topics(self) -> dict[int, int]:
        """The topic of each entry."""
        numbers = array("q")
        numbers.frombytes(self.entries)
        return dict(rows.in_twos(tuple(numbers)))


class Names:
    """The names in a vault, of which a stock is made where it is needed."""

    def __init__(self, vault: Vault, keyed: Keyed) -> None:
        self.keyed = keyed
        self._sorts = dict(vault.inventory())

    def add(self, path: str) -> bool:
        """Take in a file outside the source, for one that this run has made; whether it is new."""
        others = self._sorts["others"]
        if path in others:
            return False
        self._sorts["others"] = sorted([*others, path])
        return True

    def whole(self) -> bytes:
        """As `Stock.whole`."""
        return self._digest(self._sorts)

    def stock(self) -> Stock:
        """The names as numbers."""
        pairs = sorted(self._entries())
        flat = array("q", rows.flat(pairs)).tobytes()
        return Stock(self.whole(), self._digest(_EVERYWHERE), flat)

    def moved(self, known: Stock) -> set[int] | None:
        """The topics of what is new or gone since `known`; None where all may depend on it."""
        if self._digest(_EVERYWHERE) != known.fixed:
            return None
        before, now = known.topics, dict(self._entries())
        return {before[n] if n in before else now[n] for n in before.keys() ^ now.keys()}

    def _entries(self) -> Iterator[tuple[int, int]]:
        keyed = self.keyed
        for sort, names in self._sorts.items():
            for path in names if sort not in _EVERYWHERE else ():
                # Those are among the others by their names, too.
                every = sort == "attachments"
                topic = rows.all_files(keyed) if every else rows.name_of(keyed, kin_of_path(path))
                yield keyed.number(sort, path), topic

    def _digest(self, sorts: Iterable[str]) -> bytes:
        pieces = []
        for sort in sorts:
            joined = "\0".join(self._sorts[sort]).encode("utf-8", "surrogatepass")
            pieces += [sort.encode(), joined]
        return self.keyed.digest(*pieces)
