"""Removing trees without ever following a symlink."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from tierpub.manifest.places import Entry, listed, names, opened
from tierpub.publish.standing import same


def clear(name: str, parent: int) -> None:
    """Remove `name` from the open folder `parent`, with all that is in it."""
    state = os.stat(name, dir_fd=parent, follow_symlinks=False)
    if not stat.S_ISDIR(state.st_mode):
        os.unlink(name, dir_fd=parent)
        return
    with opened(name, dir_fd=parent) as fd:
        for below, _ in listed(fd):
            clear(below, fd)
    os.rmdir(name, dir_fd=parent)


def clear_known(fd: int, known: Mapping[str, Entry], prefix: str = "") -> None:
    """Remove from the open folder `fd` what `known` has by its path, if it is the same still, and
    the folders that this leaves empty. Everything else stays."""
    for name, state in listed(fd):
        entry = Entry(prefix + name, state)
        before = known.get(entry.path)
        if entry.is_folder:
            with opened(name, dir_fd=fd) as below:
                clear_known(below, known, entry.path + "/")
                empty = not names(below)
            if empty:
                os.rmdir(name, dir_fd=fd)
        elif before is not None and same(entry, before):
            os.unlink(name, dir_fd=fd)
