"""Does what a plan says, file by file, so that every file is the old one or the new one.

1. Bundles are sealed: whatever can fail without a write fails before the first one.
2. What will be written is recorded beside what stands there, so that after an interruption
   the next run knows both for ours.
3. Files are written to a temporary file in the same folder and renamed over the old one.
4. Stale files go, then the folders that this left empty.
5. The record is closed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from tierpub.crew import Forks, helpful
from tierpub.errors import Fault, Place, TierpubError
from tierpub.publish.folders import Blocked, Folders, reason
from tierpub.publish.outputs import MODE, Counts, Sealed, parents
from tierpub.publish.state import Record, State
from tierpub.publish.steps import Plan, Remove, Write

Seal = Callable[[bytes, tuple[str, ...]], bytes]
"""Encrypts a bundle to its recipients."""


_SHARE = 1024
"""Fewer files than this are not worth a process of their own."""


class _Job(NamedTuple):
    """A file to write, with the bytes and the record it will have."""

    write: Write
    data: bytes
    record: Record


def apply(plan: Plan, seal: Seal) -> Counts:
    """Do what `plan` says and return what was done.

    Raises `TierpubError` when a file cannot be written or was changed meanwhile; running again
    finishes what was begun.
    """
    jobs = [_job(write, seal, plan.state) for write in plan.writes]
    jobs.sort(key=lambda job: job.write.output.path)  # folder by folder
    if not (jobs or plan.removes or plan.modes or plan.adopted or plan.leftovers):
        return plan.counts
    if jobs:
        plan.state.begin(plan.root, {job.write.output.path: job.record for job in jobs})
    done = _run(plan, jobs)
    gone = [remove.path for remove in plan.removes]
    if done or gone:
        plan.state.finish(plan.root, done, gone)
    return plan.counts


def _job(write: Write, seal: Seal, state: State) -> _Job:
    output, record = write.output, write.record
    if not isinstance(output, Sealed):
        return _Job(write, output.data, record._replace(next=state.digest(output.data)))
    data = seal(output.plain, output.recipients)
    made_of = state.sealed_digest(output.plain, output.recipients)
    return _Job(write, data, record._replace(next=state.digest(data), next_sealed=made_of))


def _run(plan: Plan, jobs: Sequence[_Job]) -> dict[str, Record]:
    """Write and remove; returns the records of what stands there now."""
    done = dict(plan.adopted)
    with Folders(plan.root, create=True) as folders:
        _remove(folders, [r for r in plan.removes if r.first])
    done |= _write_all(plan, jobs)
    with Folders(plan.root) as folders:
        for path in plan.modes:
            _set_mode(folders, path)
        for path in plan.leftovers:
            _sweep(folders, path, plan.state)
        _remove(folders, [r for r in plan.removes if not r.first])
        _prune(folders, [r.path for r in plan.removes])
    return done


def _write_all(plan: Plan, jobs: Sequence[_Job]) -> dict[str, Record]:
    """Write in as many processes as help, each what lies side by side; all the records."""
    count = helpful(len(jobs), _SHARE)
    if count == 1:
        return _Writer(plan, jobs).write()
    cuts = [len(jobs) * start // count for start in range(count + 1)]
    shares = [jobs[start:end] for start, end in pairwise(cuts)]
    try:
        with Forks([partial(_Writer, plan, share) for share in shares]) as writers:
            done = writers.each(_Writer.write)
    except BaseException:
        _clean(plan, jobs)
        raise
    return {path: record for each in done for path, record in each.items()}


class _Writer:
    """Writes a share of the files."""

    def __init__(self, plan: Plan, jobs: Sequence[_Job]) -> None:
        self._plan, self._jobs = plan, jobs

    def write(self) -> dict[str, Record]:
        """Write them all; the record of each."""
        with Folders(self._plan.root, create=True) as folders:
            return {
                job.write.output.path: _write(folders, job, self._plan.state) for job in self._jobs
            }


def _clean(plan: Plan, jobs: Iterable[_Job]) -> None:
    """Remove the temporary files of writers that were ended in the middle of one."""
    with Folders(plan.root) as folders:
        for job in jobs:
            _sweep(folders, job.write.output.path, plan.state)


def _write(folders: Folders, job: _Job, state: State) -> Record:
    output, record = job.write.output, job.record
    folder, _, name = output.path.rpartition("/")
    try:
        fd = folders.fd(folder)
        seen = _replace(fd, name, state.temporary(output.path), job)
    except Blocked as blocked:
        raise _failed(blocked.folder, blocked.why, output.tier) from None
    except OSError as error:
        why = f"it cannot be written: {reason(error)}"
        raise _failed(output.path, why, output.tier) from None
    return Record(record.tier, record.next, record.next_sealed, seen)


def _replace(fd: int | None, name: str, temporary: str, job: _Job) -> int:
    """Write through a temporary file; returns the new modification time."""
    try:
        seen = _fill(fd, temporary, job.data)
        _still(fd, name, job.write)
        os.replace(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=fd)
        raise
    return seen


def _fill(fd: int | None, temporary: str, data: bytes) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        file = os.open(temporary, flags, 0o600, dir_fd=fd)
    except FileExistsError:
        # Left by a run that was killed: the name is made with our key.
        os.unlink(temporary, dir_fd=fd)
        file = os.open(temporary, flags, 0o600, dir_fd=fd)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
        os.fchmod(file, MODE)
        return os.fstat(file).st_mtime_ns
    finally:
        os.close(file)


def _still(fd: int | None, name: str, write: Write) -> None:
    """Refuse where something else stands at `name` than was planned with."""
    try:
        now = os.stat(name, dir_fd=fd, follow_symlinks=False)
    except FileNotFoundError:
        return
    if write.before is None or not _same(now, write.before):
        raise _failed(write.output.path, "it was changed during the run", write.output.tier)


def _same(now: os.stat_result, before: os.stat_result) -> bool:
    return (now.st_ino, now.st_size, now.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def _set_mode(folders: Folders, path: str) -> None:
    folder, _, name = path.rpartition("/")
    # Not every file system keeps modes, and an adopted file may be somebody else's.
    with contextlib.suppress(OSError, Blocked):
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folders.fd(folder))
        try:
            os.fchmod(file, MODE)
        finally:
            os.close(file)


def _remove(folders: Folders, removes: Iterable[Remove]) -> None:
    for remove in removes:
        folder, _, name = remove.path.rpartition("/")
        if remove.before is None:
            continue
        try:
            fd = folders.fd(folder)
            if _same(os.stat(name, dir_fd=fd, follow_symlinks=False), remove.before):
                os.unlink(name, dir_fd=fd)
                continue
        except FileNotFoundError:
            continue
        except (Blocked, OSError):
            raise _failed(remove.path, "this file of an earlier run cannot be removed") from None
        raise _failed(remove.path, "it was changed during the run")


def _sweep(folders: Folders, path: str, state: State) -> None:
    """Remove the temporary file that a killed run may have left for `path`."""
    with contextlib.suppress(OSError, Blocked):
        fd = folders.fd(path.rpartition("/")[0])
        if fd is not None:
            os.unlink(state.temporary(path), dir_fd=fd)


def _prune(folders: Folders, paths: Iterable[str]) -> None:
    """Remove the folders that the removal of `paths` left empty, innermost first."""
    candidates = {folder for path in paths for folder in parents(path)}
    for folder in sorted(candidates, key=lambda f: f.count("/"), reverse=True):
        parent, _, name = folder.rpartition("/")
        # Not empty: somebody else keeps files there, which are left alone.
        with contextlib.suppress(OSError, Blocked):
            fd = folders.fd(parent)
            if fd is not None:
                os.rmdir(name, dir_fd=fd)


def _failed(path: str, message: str, tier: int | None = None) -> TierpubError:
    hint = "running again finishes what was begun"
    return TierpubError(Fault("write-failed", message, Place(path), hint, tier=tier))
