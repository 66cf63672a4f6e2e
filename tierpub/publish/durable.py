"""What makes a file survive a power cut: it is on disk before it takes its name.

A rename may reach the disk before the bytes do; then the name stands for an empty file. So the
bytes go first. A fsync for each file costs a commit of the file system's journal (3 ms measured
on ext4), `syncfs` one for all of them: a few files are synced one by one, many by file system,
and by file again where there is no `syncfs`.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable
from functools import cache

from tierpub.publish.folders import Folders
from tierpub.publish.outputs import parents

FEW = 8
"""Files up to which each is synced for itself: flushing a busy disk whole could take longer."""


def one_by_one(count: int) -> bool:
    """Whether `count` files are to be synced each for itself, while they are open."""
    return count <= FEW or _syncfs() is None


def sync_around(folders: Folders, paths: Iterable[str], *, each: bool) -> None:
    """Bring to disk what was done in the folders of `paths`; OSError where that fails.

    With `each` the entries of those folders and of the folders around them, else everything on
    the file systems that they are on. Raises `Blocked` as `Folders.fd` does.
    """
    done: set[str | int] = set()
    sync = _syncfs()
    for folder in {"", *(folder for path in paths for folder in parents(path))}:
        fd = folders.fd(folder)
        if fd is None:
            continue
        if each or sync is None:
            os.fsync(fd)
        elif (device := os.fstat(fd).st_dev) not in done:
            done.add(device)
            sync(fd)


def sync_devices(folders: Folders, paths: Iterable[str]) -> None:
    """Bring to disk everything on the file systems of the folders `paths` and of the root; OSError
    where that fails. Only where not `one_by_one`."""
    sync = _syncfs()
    for folder in {"", *paths}:
        fd = folders.fd(folder)
        if fd is not None and sync is not None:
            sync(fd)


@cache
def _syncfs() -> Callable[[int], None] | None:
    """The system call `syncfs` by file descriptor, where the C library has it."""
    function = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if function is None:
        return None

    def sync(fd: int) -> None:
        if function(fd) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return sync
