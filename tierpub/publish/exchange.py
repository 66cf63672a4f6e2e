"""One rename that puts two folders in each other's place, where the kernel has it (Linux)."""

from __future__ import annotations

import ctypes
import errno
import os

_EXCHANGE = 2
"""`RENAME_EXCHANGE` of renameat2(2)."""
_LACKING = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
"""What kernels and file systems answer that cannot do it."""


def exchange(one: str, one_fd: int, other: str, other_fd: int) -> bool:
    """Put `one` (below the open folder `one_fd`) and `other` in each other's place at once.

    False where this system cannot, and then nothing has changed; OSError as the system says.
    """
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(one_fd, os.fsencode(one), other_fd, os.fsencode(other), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _LACKING:
        return False
    raise OSError(code, os.strerror(code))
