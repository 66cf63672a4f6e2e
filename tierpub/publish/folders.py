"""Folders below a root, opened without ever following a symlink.

All reading and writing goes through these descriptors, so that neither a symlink that stood
there before nor one that is put there meanwhile leads out of the root.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from types import TracebackType
from typing import Self

OPEN_AT_ONCE = 64
"""Descriptors kept: outputs come grouped by folder or by note, not at random."""
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Blocked(Exception):  # noqa: N818 - a state of the disk, told to the planner
    """A folder cannot be entered: `folder` is in the way, for the reason `why` (as the system
    numbers it: `errno`)."""

    def __init__(self, folder: str, why: str, number: int | None = None) -> None:
        super().__init__(folder, why)
        self.folder = folder
        self.why = why
        self.errno = number


class Folders:
    """Opens folders by their path relative to `root`; with `create` it makes those missing."""

    def __init__(self, root: Path, *, create: bool = False) -> None:
        self._root = root
        self._create = create
        self._open: dict[str, int] = {}
        self._known: dict[str, Blocked | None] = {}
        """Folders known to be absent (None) or blocked."""
        self._made: set[str] = set()
        """Folders made here, in which nothing stands but what this run puts there."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every descriptor; the object can be used again."""
        while self._open:
            os.close(self._open.popitem()[1])

    def fd(self, folder: str) -> int | None:
        """A descriptor of `folder`, valid until the next call; None where it does not exist.

        Raises `Blocked` where a symlink or a file is in the way.
        """
        found = self._open.get(folder)
        if found is not None:
            return found
        if folder in self._known:
            known = self._known[folder]
            if known is not None:
                raise known
            return None
        return self._enter(folder)

    def _enter(self, folder: str) -> int | None:
        parent, _, name = folder.rpartition("/")
        try:
            fd = self._open_below(parent, name) if folder else self._open_root()
        except Blocked as blocked:
            self._known[folder] = blocked
            raise
        except OSError as error:
            wall = self._known[folder] = Blocked(folder or ".", _why(error), error.errno)
            raise wall from None
        if fd is None:
            self._known[folder] = None
            return None
        return self._keep(folder, fd)

    def _open_root(self) -> int | None:
        if self._create:
            self._root.mkdir(parents=True, exist_ok=True)
        try:
            return os.open(self._root, _FLAGS & ~os.O_NOFOLLOW)
        except FileNotFoundError:
            return None

    def _open_below(self, parent: str, name: str) -> int | None:
        above = self.fd(parent)
        if above is None:
            return None
        if parent not in self._made:
            try:
                return os.open(name, _FLAGS, dir_fd=above)
            except FileNotFoundError:
                if not self._create:
                    return None
        with contextlib.suppress(FileExistsError):  # made by another process of this run
            os.mkdir(name, 0o755, dir_fd=above)
            self._made.add(f"{parent}/{name}" if parent else name)
        return os.open(name, _FLAGS, dir_fd=above)

    def _keep(self, folder: str, fd: int) -> int:
        if len(self._open) >= OPEN_AT_ONCE:
            os.close(self._open.pop(next(iter(self._open))))
        self._open[folder] = fd
        return fd


def _why(error: OSError) -> str:
    if error.errno in {errno.ENOTDIR, errno.ELOOP, errno.EMLINK}:
        return "a symlink or a file stands where a folder is needed"
    return f"this folder cannot be opened: {reason(error)}"


def reason(error: Exception) -> str:
    """What the system says, without the path it says it of, and in our spelling."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return str(error)


def read(fd: int, name: str, size: int) -> bytes:
    """The bytes of the regular file `name` in the open folder `fd`; OSError as the system says.

    Never follows a symlink and never waits for the other end of a pipe.
    """
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=fd)
    try:
        data = os.read(file, size + 1)
        if len(data) == size:
            return data
        parts = [data]
        while parts[-1]:
            parts.append(os.read(file, 1 << 20))
        return b"".join(parts)
    finally:
        os.close(file)
