"""The files of an opened bundle, written below a folder, or nothing at all.

Every step goes through the descriptor of the folder before it and never through a symlink, files
are created and never overwritten, and what was made is taken away again when a step fails.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tierpub.errors import Place, refuse
from tierpub.seal.bundle import Member
from tierpub.seal.names import check_names, printable

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def extract(members: Iterable[Member], folder: Path) -> int:
    """Write `members` below `folder`, made if it is missing, and return how many they were.

    Files get mode 0600, folders that had to be made 0700. Raises `TierpubError` (`bundle-name`,
    `bundle-collision`, `extract-failed`) and then leaves behind nothing it wrote, also when it is
    interrupted; a killed process may leave files.
    """
    wanted = list(members)
    check_names(member.name for member in wanted)
    made: list[tuple[str, ...]] = []
    try:
        new = _make_folder(folder)
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        message = f"cannot be used as a folder: {error.strerror}"
        raise refuse("extract-failed", message, Place(str(folder))) from None
    try:
        for member in wanted:
            _write(root, member, made)
    except BaseException:
        _undo(root, made)
        if new:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    finally:
        os.close(root)
    return len(wanted)


def _make_folder(folder: Path) -> bool:
    """Make `folder` itself, not its parents; whether it was missing."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def _write(root: int, member: Member, made: list[tuple[str, ...]]) -> None:
    parts = tuple(member.name.split("/"))
    try:
        with _opened(root, parts[:-1], made) as parent:
            handle = os.open(parts[-1], _CREATE, 0o600, dir_fd=parent)
            made.append(parts)
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, 0o600)
                file.write(member.data)
    except FileExistsError:
        message = "stands there already and is not overwritten"
        raise refuse("extract-failed", message, Place(printable(member.name))) from None
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise refuse("extract-failed", message, Place(printable(member.name))) from None


@contextlib.contextmanager
def _opened(root: int, parts: tuple[str, ...], made: list[tuple[str, ...]] | None) -> Iterator[int]:
    """Open the folder `parts` below `root` and yield its descriptor.

    Missing ones are made and noted in `made`, or an error where that is None.
    """
    here = os.dup(root)
    try:
        for depth, part in enumerate(parts, 1):
            if made is not None:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, 0o700, dir_fd=here)
                    made.append((*parts[:depth], ""))
            below = os.open(part, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _undo(root: int, made: list[tuple[str, ...]]) -> None:
    """Take away what was made, last first.

    A folder (its last part is empty) that somebody else has put a file into meanwhile stays.
    """
    for parts in reversed(made):
        is_folder = not parts[-1]
        path = parts[:-1] if is_folder else parts
        with contextlib.suppress(OSError), _opened(root, path[:-1], None) as parent:
            (os.rmdir if is_folder else os.unlink)(path[-1], dir_fd=parent)
