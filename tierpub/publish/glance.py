"""Whether files are as they were, by a glance: size, times, inode and mode, and no byte read.

A file whose times are no older than the last look could have been changed again right after it,
in the same tick of the clock: such a young file is read, as git does it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from struct import Struct

_LOOK = Struct("<QQqqI")
LOOK = _LOOK.size
"""Bytes of a look at one file."""
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


def look_at(root: str, paths: Iterable[str]) -> Iterator[tuple[str, os.stat_result | None]]:
    """Each of `paths` below `root` and its state; None where there is none."""
    for path in paths:
        try:
            yield path, os.lstat(f"{root}/{path}")
        except OSError:
            yield path, None


@dataclass(slots=True)
class Tree:
    """All that stands below a folder, folder by folder."""

    folders: dict[str, bytes] = field(default_factory=dict)
    """Of each folder, by path from the root, what a glance sees of everything in it."""
    young: list[str] = field(default_factory=list)
    """Files that a glance is not enough for."""


def look_through(root: str, tree: str, since: int) -> Tree:
    """A look at everything below the folder `tree` of `root`. Raises OSError for a folder that
    cannot be looked at; what is not there has no folders."""
    found, waiting = Tree(), [tree]
    try:
        if not stat.S_ISDIR(os.lstat(f"{root}/{tree}").st_mode):
            found.folders[tree] = b"none\0" + bytes(LOOK)
            return found
    except FileNotFoundError:
        return found
    while waiting:
        folder = waiting.pop()
        found.folders[folder], inner = look_into(root, folder, since, found.young)
        waiting += inner
    return found


def look_into(root: str, folder: str, since: int, young: list[str]) -> tuple[bytes, list[str]]:
    """What a glance sees of everything in one folder, and the folders in it. Files that are too
    young for it are added to `young`."""
    seen: list[bytes] = []
    inner: list[str] = []
    with os.scandir(f"{root}/{folder}") as entries:
        for entry in entries:
            state = entry.stat(follow_symlinks=False)
            name = os.fsencode(entry.name)
            if stat.S_ISDIR(state.st_mode):
                inner.append(f"{folder}/{entry.name}")
                seen.append(name + _A_FOLDER)  # its times change with what is in it
                continue
            seen.append(b"%s\0%s" % (name, look(state)))
            if is_young(state, since):
                young.append(f"{folder}/{entry.name}")
    return b"".join(sorted(seen)), inner


def entries(seen: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The names in what a glance saw of a folder, each with what it saw of that."""
    at = 0
    while at < len(seen):
        end = seen.index(b"\0", at)
        yield seen[at:end], seen[end + 1 : end + 1 + LOOK]
        at = end + 1 + LOOK
