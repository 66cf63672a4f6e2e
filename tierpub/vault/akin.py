"""Which names a destination depends on: what stands in a vault under another name cannot matter.

Every lookup goes by the last part of a path, and some by the parts before it. Names are akin when
no lookup is sure to tell them apart: case, normalisation, blanks at the edges and `.md` do not
count. A name with the ending of a tier is akin to the one without it, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.tiers import fold
from tierpub.vault.links import Destination
from tierpub.vault.names import key, split
from tierpub.vault.pattern import Pattern


def kin(name: str) -> str:
    """What all names that are akin to `name` have in common."""
    low = fold(key(name)).strip()
    while low.endswith(".md"):
        low = low[:-3].strip()
    return low


def kin_of_path(path: str) -> str:
    """The same for the last part of a path."""
    return kin(path.rpartition("/")[2])


def looked_up(dest: Destination, pattern: Pattern) -> Iterator[str]:
    """What is akin to any name that `dest` is resolved by."""
    endings = [fold(pattern.suffix(name)) for name in pattern.ladder.names]
    for reading in dest.readings:
        for part in split(reading.path):
            yield from _without_endings(kin(part), [e for e in endings if e])


def _without_endings(low: str, endings: list[str]) -> Iterator[str]:
    waiting = [low]
    while waiting:
        low = waiting.pop()
        yield low
        waiting += [kin(low[: -len(e)]) for e in endings if low.endswith(e) and len(low) > len(e)]
