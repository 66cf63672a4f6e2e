"""What a run wants to stand on disk, and the names that can stand there together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tierpub.errors import Fault, Place
from tierpub.tiers import Ladder, fold

MODE = 0o644
"""Of every published file. What is sealed may be read by all: that is why it was sealed."""
LONGEST = 255
"""Bytes that a file name may have on the file systems in use."""
PRIVATE = frozenset({".tierpub", ".git"})
"""First folders, folded, that nothing is published to."""
_SHORTEN = "rename the note, or a folder it stands in"
_TAIL = re.compile(r"[. ]+(?=/|\Z)")


@dataclass(frozen=True, slots=True)
class Output:
    """A file of an open tier: its path relative to the out folder, its bytes, its tier."""

    path: str
    data: bytes = field(repr=False)
    tier: int

    @property
    def told(self) -> int:
        """The tier of what is said of it: its name may be as hidden as the note's."""
        return self.tier


@dataclass(frozen=True, slots=True)
class Sealed:
    """A bundle of a sealed tier. `plain` never touches the disk."""

    path: str
    tier: int
    plain: bytes = field(repr=False)
    recipients: tuple[str, ...]
    bound: bool = False
    """Whether `plain` itself tells its recipients, so that the same plaintext was sealed to the
    same people."""

    @property
    def told(self) -> int:
        """The tier of what is said of it: its name, which the policy gives, is no secret."""
        return 0


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a run reaches: what it may remove of what earlier runs wrote."""

    ladder: Ladder
    """Records keep tiers by name, for ranks move when a ladder grows."""
    levels: frozenset[int]
    """The levels that are made. Files of a tier no longer on the ladder go along with them."""
    only: frozenset[str] | None = None
    """Paths that the named notes have or would have at these levels; None for whole trees."""
    source: str = ""
    """The canonical tree relative to the out folder, which is never written to; empty where it
    lies elsewhere."""

    absent: Mapping[str, int] = field(default_factory=dict)
    """Paths that this run does not write, but projections of canonical notes would have, each
    with the rank it would be of: a file there that no record names is not left alone."""

    def stale(self, path: str, tier: str) -> bool:
        """Whether a file an earlier run wrote, which this run does not, is this run's to remove."""
        if self.only is not None:
            return path in self.only
        rank = self.ladder.rank(tier)
        return rank is None or rank in self.levels


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files a run wrote for the first time, wrote anew, left, and removed."""

    created: int = 0
    replaced: int = 0
    unchanged: int = 0
    removed: int = 0


class Names:
    """Checks output paths one by one as they come, and against each other at the end."""

    def __init__(self, source: str) -> None:
        self._source = folded(source)
        self.seen: dict[str, tuple[str, int]] = {}
        """Path and tier of each output, by folded path."""
        self._folders: set[str] = set()
        """Folders whose own names are known to be fine."""

    def check(self, path: str, tier: int) -> Fault | None:
        """What is wrong with `path` by itself or beside those before it."""
        folder, _, name = path.rpartition("/")
        why = "" if folder in self._folders and _good(name) else self._bad(path)
        if why:
            return Fault("bad-output-path", why, Place(path), _SHORTEN, tier=tier)
        if folder:
            self._folders.add(folder)
        key = folded(path)
        if key in self.seen:
            other, above = self.seen[key]
            return _collision(path, other, max(tier, above))
        self.seen[key] = (path, tier)
        return None

    def _bad(self, path: str) -> str:
        if not possible(path):
            if too_long(path):
                return f"a name in this path has more than {LONGEST} bytes"
            return "this is no path that a file can be written to"
        if self.reserved(path):
            return "nothing is published into this folder"
        return ""

    def reserved(self, path: str) -> bool:
        """Whether `path` lies where nothing of ours can stand: the source, or a tool's folder."""
        key = folded(path)
        inside = bool(self._source) and (key + "/").startswith(self._source + "/")
        return inside or key.split("/", 1)[0] in PRIVATE

    def clashes(self) -> Iterator[Fault]:
        """Files that stand where another output needs a folder."""
        for key in {folded(f) for folder in self._folders for f in parents(folder + "/x")}:
            if key in self.seen:
                path, tier = self.seen[key]
                yield Fault(
                    "output-collision",
                    "another output needs a folder of this name",
                    Place(path),
                    "rename the note, or the folder",
                    # The other is not named, for it may be above this one.
                    tier=max(tier, self._lowest_below(key)),
                )

    def _lowest_below(self, key: str) -> int:
        return min(t for k, (_, t) in self.seen.items() if k.startswith(key + "/"))


def _collision(path: str, other: str, tier: int) -> Fault:
    message = (
        "two outputs have this path"
        if path == other
        else f"this and {other} are one name on a system that folds case or normalisation, or"
        " drops a dot or blank at a name's end"
    )
    return Fault("output-collision", message, Place(path), "rename one of the two notes", tier=tier)


def possible(path: str) -> bool:
    """Whether `path` names something below the root and nothing else."""
    return all(map(_good, path.split("/")))


def _good(name: str) -> bool:
    return not (name in {"", ".", ".."} or "\0" in name or too_long(name))


def too_long(path: str) -> bool:
    """Whether a name in `path` is longer than file systems allow."""
    if len(path) < LONGEST // 4:
        return False
    return any(len(os.fsencode(name)) > LONGEST for name in path.split("/"))


def folded(path: str) -> str:
    """`path` as file systems compare it that ignore case and normalisation, and as Windows does,
    which drops dots and blanks at the end of a name."""
    low = path.lower() if path.isascii() else fold(path)
    if "./" in low or " /" in low or low.endswith((".", " ")):
        return _TAIL.sub("", low)
    return low


def parents(path: str) -> Iterator[str]:
    """The folders `path` lies in, innermost first, without the root."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
