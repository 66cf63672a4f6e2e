"""Renames that the kernel may have beyond the common one (Linux): two folders put in each other's
place, and a name given that nothing has yet."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable
from functools import cache

_NOREPLACE = 1
"""`RENAME_NOREPLACE` of renameat2(2)."""
_EXCHANGE = 2
"""`RENAME_EXCHANGE` of renameat2(2)."""
_LACKING = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
"""What kernels and file systems answer that cannot do it."""


def exchange(one: str, one_fd: int, other: str, other_fd: int) -> bool:
    """Put `one` (below the open folder `one_fd`) and `other` in each other's place at once.

    False where this system cannot, and then nothing has changed; OSError as the system says.
    """
    return _rename(one, one_fd, other, other_fd, _EXCHANGE)


def rename_to_new(name: str, new: str, fd: int) -> bool:
    """Rename `name` in the open folder `fd` to `new`, which nothing may have.

    False where this system cannot, and then nothing has changed; OSError as the system says,
    `FileExistsError` where something has the name.
    """
    return _rename(name, fd, new, fd, _NOREPLACE)


def _rename(old: str, old_fd: int, new: str, new_fd: int, flags: int) -> bool:
    call = _renameat2()
    if call is None:
        return False
    if call(old_fd, os.fsencode(old), new_fd, os.fsencode(new), flags) == 0:
        return True
    code = ctypes.get_errno()
    if code in _LACKING:
        return False
    raise OSError(code, os.strerror(code))


@cache
def _renameat2() -> Callable[[int, bytes, int, bytes, int], int] | None:
    """The system call, where the C library has it."""
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
