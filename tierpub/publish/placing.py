"""Files in their places: bytes first, names when the bytes are on disk.

Everything goes through temporary files, whose names nobody without our key could have made.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from tierpub.errors import Fault, Place, TierpubError
from tierpub.publish.durable import sync_devices
from tierpub.publish.exchange import rename_to_new
from tierpub.publish.folders import Blocked, Folders, reason
from tierpub.publish.outputs import MODE, Output, Sealed
from tierpub.publish.state import Record, State
from tierpub.publish.steps import Write

OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""Reasons that have nothing to do with the file that meets them: everybody may know."""
BATCH = 1000
"""Files that are brought to disk together before they take their names."""


class Job(NamedTuple):
    """A file to write, with the bytes and the record it will have."""

    write: Write
    data: bytes
    record: Record


class Writer:
    """Writes a share of the files of a plan."""

    def __init__(self, root: Path, state: State, jobs: Sequence[Job], *, each: bool) -> None:
        """With `each` every file is brought to disk by itself, else a batch at a time."""
        self._root, self._state, self._jobs, self._each = root, state, jobs, each

    def write(self) -> dict[str, Record]:
        """Write them all; the record of each. Raises `TierpubError` as `apply` does."""
        done: dict[str, Record] = {}
        devices: dict[int, str] = {}
        with Folders(self._root, create=True) as folders:
            for at in range(0, len(self._jobs), BATCH):
                done |= self._batch(folders, self._jobs[at : at + BATCH], devices)
            if not self._each:
                settle(lambda: sync_devices(folders, devices.values()))
        return done

    def _batch(
        self, folders: Folders, jobs: Sequence[Job], devices: dict[int, str]
    ) -> dict[str, Record]:
        """All bytes, then all names. Until the first name nothing has changed. `devices` gains
        a folder on each file system that was written to."""
        done: dict[str, Record] = {}
        filled: list[tuple[str, int]] = []
        try:
            for job in jobs:
                temporary = self._state.temporary(job.write.output.path)
                with told(job.write.output):
                    now = _fill(folders, job, temporary, sync=self._each)
                filled.append((temporary, now.st_mtime_ns))
                devices.setdefault(now.st_dev, job.write.output.path.rpartition("/")[0])
            if not self._each:
                settle(lambda: sync_devices(folders, devices.values()))
            for job, (temporary, time) in zip(jobs, filled, strict=True):
                with told(job.write.output):
                    _place(folders, job.write, temporary)
                new = job.record
                done[job.write.output.path] = Record(new.tier, new.next, new.next_sealed, time)
        except BaseException:
            for job in jobs[len(done) :]:
                sweep(folders, job.write.output.path, self._state)
            raise
        return done


def _fill(folders: Folders, job: Job, temporary: str, *, sync: bool) -> os.stat_result:
    """Write the bytes to a temporary file; returns what it is now."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = folders.fd(split(job.write.output.path)[0])
    try:
        file = os.open(temporary, flags, 0o600, dir_fd=fd)
    except FileExistsError:
        # Left by a run that was killed: the name is made with our key.
        os.unlink(temporary, dir_fd=fd)
        file = os.open(temporary, flags, 0o600, dir_fd=fd)
    try:
        view = memoryview(job.data)
        while view:
            view = view[os.write(file, view) :]
        os.fchmod(file, MODE)
        if sync:
            os.fsync(file)
        return os.fstat(file)
    finally:
        os.close(file)


def _place(folders: Folders, write: Write, temporary: str) -> None:
    """Give the temporary file its name: in place of what was planned with, or of nothing."""
    folder, name = split(write.output.path)
    fd = folders.fd(folder)
    if write.before is None and fd is not None and _is_given(temporary, name, fd):
        return
    try:
        now = os.stat(name, dir_fd=fd, follow_symlinks=False)
    except FileNotFoundError:
        now = None
    if now is not None and (write.before is None or not same(now, write.before)):
        raise failed(write.output.path, "it was changed during the run", write.output.told)
    os.replace(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)


def _is_given(temporary: str, name: str, fd: int) -> bool:
    """Whether the temporary file could be given a name that nothing had: by a rename that never
    takes another's place, or a link where there is no such rename."""
    try:
        if not rename_to_new(temporary, name, fd):
            os.link(temporary, name, src_dir_fd=fd, dst_dir_fd=fd, follow_symlinks=False)
            os.unlink(temporary, dir_fd=fd)
    except OSError:
        # Taken meanwhile, or a file system without links.
        return False
    return True


def same(now: os.stat_result, before: os.stat_result) -> bool:
    """Whether a file is still what it was."""
    return (now.st_ino, now.st_size, now.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def settle(sync: Callable[[], None]) -> None:
    """Have the disk hold what was done, before anything relies on it."""
    try:
        sync()
    except (Blocked, OSError) as error:
        why = error.why if isinstance(error, Blocked) else reason(error)
        raise failed(".", f"what was written cannot be brought to disk: {why}", 0) from None


def sweep(folders: Folders, path: str, state: State) -> None:
    """Remove the temporary file that a killed run may have left for `path`."""
    with contextlib.suppress(OSError, Blocked):
        fd = folders.fd(path.rpartition("/")[0])
        if fd is not None:
            os.unlink(state.temporary(path), dir_fd=fd)


class told:  # noqa: N801 - used like a function, and thousands of times
    """Tell what fails in the words of a fault at the tier of an output."""

    __slots__ = ("_output",)

    def __init__(self, output: Output | Sealed) -> None:
        self._output = output

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, (Blocked, OSError)):
            return
        output = self._output
        if error.errno in OF_THE_DISK:
            why = f"what is to be published cannot be written: {os.strerror(error.errno).lower()}"
            raise failed(".", why, 0) from None
        if isinstance(error, Blocked):
            raise failed(error.folder, error.why, output.told) from None
        why = f"it cannot be written: {reason(error)}"
        raise failed(output.path, why, output.told) from None


def split(path: str) -> tuple[str, str]:
    """The folder of a path and the name in it."""
    folder, _, name = path.rpartition("/")
    return folder, name


def failed(path: str, message: str, tier: int | None = None) -> TierpubError:
    """The refusal of a run that could not finish."""
    hint = "running again finishes what was begun"
    return TierpubError(Fault("write-failed", message, Place(path), hint, tier=tier))
