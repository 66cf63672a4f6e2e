"""The ladder of tiers: order, lookup, and the name probably meant.

Inside the splitter a tier is its rank, an int: 0 is the lowest. Names meet ranks only here.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field


def fold(text: str) -> str:
    """`text` in NFC and case-folded: how names and paths are compared everywhere."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return text.casefold()  # what is in Latin-1 is in NFC, and so is what it folds to


@dataclass(frozen=True, slots=True)
class Tier:
    """One rank of the ladder."""

    name: str
    rank: int

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers of a policy, lowest first. Names are unique when folded."""

    names: tuple[str, ...]
    _ranks: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ranks", {fold(n): i for i, n in enumerate(self.names)})

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[Tier]:
        return (Tier(name, rank) for rank, name in enumerate(self.names))

    @property
    def top(self) -> int:
        """Rank of the highest tier."""
        return len(self.names) - 1

    def rank(self, name: str) -> int | None:
        """Rank of the tier called `name` in any case, or None. A look-alike letter is no match."""
        return self._ranks.get(fold(name))

    def suggest(self, name: str) -> str | None:
        """The tier whose name is nearest to `name`, or None where none is near."""
        near = difflib.get_close_matches(fold(name), self._ranks, n=1, cutoff=0.6)
        return self.names[self._ranks[near[0]]] if near else None
