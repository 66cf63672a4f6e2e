"""Where a tier's manifest and bundle stand, and how they are found again without a policy."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BUNDLE = ".tar.age"
"""What a sealed tier's one file ends in, after the name of its tree."""
MAX_DEPTH = 128
"""Folders that a published file may lie in."""

MAX_TREE = 8
"""Folders that a tree may be deep: so far down a manifest is looked for."""
_ENDING = ".manifest.json"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def manifest_path(tree: str) -> str:
    """Where the manifest of the tier with this tree stands: `_public` → `_public.manifest.json`.

    Beside the tree and named after it, so that the folders of several tiers can be laid over one
    another: a tree has its tier's name in it, and no tier's name has a dot.
    """
    return tree + _ENDING


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that stands in a folder."""

    path: str
    """Relative to the folder that was walked."""
    state: os.stat_result
    """Its own, not that of what a symlink leads to."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder and no symlink to one."""
        return stat.S_ISDIR(self.state.st_mode)

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.state.st_mode)


def walk(fd: int) -> Iterator[tuple[Entry, int]]:
    """Everything below the open folder `fd`, hidden things too, each with a descriptor of the
    folder it stands in; a folder before what is in it, and nothing behind a symlink.

    What lies deeper than a manifest can name is not entered, but its folder is seen.
    """
    yield from _walk(fd, "", 0)


def names(fd: int) -> list[str]:
    """The names in the open folder `fd`, in order."""
    return sorted(os.listdir(fd))


def listed(fd: int) -> Iterator[tuple[str, os.stat_result]]:
    """Name and own state of everything in the open folder `fd`, in order of names."""
    for name in names(fd):
        try:
            yield name, os.stat(name, dir_fd=fd, follow_symlinks=False)
        except FileNotFoundError:
            continue


def _walk(fd: int, prefix: str, depth: int) -> Iterator[tuple[Entry, int]]:
    for name, state in listed(fd):
        entry = Entry(prefix + name, state)
        yield entry, fd
        if entry.is_folder and depth < MAX_DEPTH:
            yield from _entered(name, fd, entry.path + "/", depth + 1)


def _entered(name: str, fd: int, prefix: str, depth: int) -> Iterator[tuple[Entry, int]]:
    """The walk through a folder, empty where it cannot be opened: then what a manifest has there
    is missing."""
    try:
        folder = os.open(name, _FOLDER, dir_fd=fd)
    except OSError:
        return
    try:
        yield from _walk(folder, prefix, depth)
    finally:
        os.close(folder)


@contextlib.contextmanager
def opened(path: str | Path, *, dir_fd: int | None = None) -> Iterator[int]:
    """A descriptor of a folder, which is no symlink; OSError as the system says."""
    fd = os.open(path, _FOLDER, dir_fd=dir_fd)
    try:
        yield fd
    finally:
        os.close(fd)


def open_file(name: str, fd: int) -> int:
    """A descriptor to read the file `name` of the open folder `fd` with.

    Follows no symlink and never waits for the other end of a pipe.
    """
    return os.open(name, _FILE, dir_fd=fd)


def locate(fd: int) -> list[str]:
    """Paths of what may be the manifest of the tier whose folder is open as `fd`: those nearest to
    the top that are named like one. Several where it cannot be told which it is."""
    folders = [""]
    for _ in range(MAX_TREE):
        found: list[str] = []
        deeper: list[str] = []
        for folder in folders:
            for path, mode in _listed(fd, folder):
                if stat.S_ISDIR(mode):
                    deeper.append(path)
                elif stat.S_ISREG(mode) and path.endswith(_ENDING):
                    found.append(path)
        if found:
            return found
        folders = deeper
    return []


def _listed(fd: int, folder: str) -> Iterator[tuple[str, int]]:
    """Path and mode of all that stands in one folder below `fd`; nothing where it has gone."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), below(fd, folder) as here:
        for name, state in listed(here):
            yield (f"{folder}/{name}" if folder else name), state.st_mode


@contextlib.contextmanager
def below(fd: int, folder: str) -> Iterator[int]:
    """A descriptor of a folder below the open folder `fd`, entered part by part so that no symlink
    is followed; `fd` itself for the empty path. OSError as the system says."""
    with contextlib.ExitStack() as stack:
        for name in folder.split("/") if folder else ():
            fd = stack.enter_context(opened(name, dir_fd=fd))
        yield fd
