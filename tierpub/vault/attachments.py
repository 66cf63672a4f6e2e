"""The files below the source that are no notes: which count, and reading one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tierpub.errors import Place, TierpubError, refuse

_DRAWING = ".excalidraw.md"


def is_drawing(name: str) -> bool:
    """Whether a file is a drawing that only ends like a note: its text is data of a plugin."""
    return name[-len(_DRAWING) :].lower() == _DRAWING


def read_file(root: Path, path: str) -> bytes:
    """The bytes of the regular file at `path`, from the vault root.

    No symlink is followed and no device or pipe is opened for long. A `TierpubError` where it
    cannot be read, for a copy that is missing must not look like one that was withheld.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        number = os.open(root / path, flags)
        with open(number, "rb") as file:  # noqa: PTH123 - a descriptor
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise _unreadable(path, "it is no file")
            return file.read()
    except OSError as error:
        raise _unreadable(path, os.strerror(error.errno or 0)) from None


def _unreadable(path: str, why: str) -> TierpubError:
    return refuse("unreadable-attachment", f"an attachment cannot be read: {why}", Place(path))
