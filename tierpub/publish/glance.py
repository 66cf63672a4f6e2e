"""Whether files are as they were, by a glance: size, times, inode and mode, and no byte read.

A file whose times are no older than the last look could have been changed again right after it,
in the same tick of the clock: such a young file is read, as git does it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from struct import Struct

_LOOK = Struct("<QQqqI")
LOOK = _LOOK.size
"""Bytes of a look at one file."""
NO_FOLDER = b"no folder"
"""The digest of what is none."""
Seen = tuple[str, str, int]
"""A root, a folder below it, and when that was looked at last."""
_A_FOLDER = b"\0" + bytes(LOOK)
SLACK = 2_100_000_000
FINE_SLACK = 100_000_000
"""Nanoseconds by which a clock may be coarse: that of a file system which counts seconds, or two,
and of one that counts less."""


def look(state: os.stat_result) -> bytes:
    """What a glance sees of a file."""
    return _LOOK.pack(
        state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_mode
    )


def is_young(state: os.stat_result, since: int) -> bool:
    """Whether a file was changed so late that a look at `since` may have missed a later change."""
    at = max(state.st_mtime_ns, state.st_ctime_ns)
    coarse = state.st_ctime_ns % 1_000_000_000 == 0
    return at >= since - (SLACK if coarse else FINE_SLACK)


def states(root: str, paths: Iterable[str]) -> Iterator[os.stat_result | None]:
    """What each of `paths` below `root` is; None where nothing is there."""
    for path in paths:
        try:
            yield os.lstat(f"{root}/{path}")
        except OSError:
            yield None


class Looker:
    """Looks at everything below some folders, folder by folder; as a worker, in its own process."""

    def __init__(self, digest: Callable[[bytes], bytes], trees: Sequence[Seen]) -> None:
        """`digest` is made of what is seen in each folder of `trees`."""
        self._digest, self._trees = digest, trees

    def looks(self) -> list[Tree]:
        """Raises OSError where a folder cannot be looked at."""
        return [self.look(*tree) for tree in self._trees]

    def look(self, root: str, top: str, since: int) -> Tree:
        """A look at everything below a folder; what is not there has no folders."""
        found, waiting = Tree(), [top]
        try:
            if not stat.S_ISDIR(os.lstat(f"{root}/{top}").st_mode):
                found.folders[top] = NO_FOLDER
                return found
        except FileNotFoundError:
            return found
        while waiting:
            folder = waiting.pop()
            seen, inner = look_into(root, folder, since, found.young)
            found.folders[folder] = self._digest(seen)
            waiting += inner
        return found


def look_into(root: str, folder: str, since: int, young: list[str]) -> tuple[bytes, list[str]]:
    """What a glance sees of everything in one folder, and the folders in it. Files that are too
    young for it are added to `young`."""
    seen: list[bytes] = []
    inner: list[str] = []
    pack, limit = _LOOK.pack, since - SLACK
    with os.scandir(os.fsencode(f"{root}/{folder}")) as there:
        for entry in there:  # hot: 180,000 files of a vault of 30,000 notes
            state = entry.stat(follow_symlinks=False)
            mode, changed, name = state.st_mode, state.st_ctime_ns, entry.name
            if stat.S_ISDIR(mode):
                inner.append(f"{folder}/{os.fsdecode(name)}")
                seen.append(name + _A_FOLDER)  # its times change with what is in it
                continue
            time = state.st_mtime_ns
            look = pack(state.st_ino, state.st_size, time, changed, mode)
            seen.append(b"%s\0%s" % (name, look))
            if (changed >= limit or time >= limit) and is_young(state, since):
                young.append(f"{folder}/{os.fsdecode(name)}")
    seen.sort()
    return b"".join(seen), inner


def entries(seen: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The names in what a glance saw of a folder, each with what it saw of that."""
    at = 0
    while at < len(seen):
        end = seen.index(b"\0", at)
        yield seen[at:end], seen[end + 1 : end + 1 + LOOK]
        at = end + 1 + LOOK


@dataclass(slots=True)
class Tree:
    """All that stands below a folder, folder by folder."""

    folders: dict[str, bytes] = field(default_factory=dict)
    """Of each folder, by path from the root, a digest of what a glance sees of all in it."""
    young: list[str] = field(default_factory=list)
    """Files that a glance is not enough for."""
