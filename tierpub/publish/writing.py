"""Does what a plan says, file by file, so that every file is the old one or the new one.

1. Bundles are sealed: whatever can fail without a write fails before the first one.
2. What will be written is recorded beside what stands there, so that after an interruption
   the next run knows both for ours.
3. Files are written to temporary files in their own folders, a batch at a time; when the batch is
   on disk each is renamed over the old one, or linked to a name that nothing has.
4. Stale files go, then the folders that this left empty.
5. When all of that is on disk, too, the record is closed.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tierpub.errors import Fault, Place, TierpubError
from tierpub.publish.durable import one_by_one, sync_around
from tierpub.publish.folders import Blocked, Folders, reason
from tierpub.publish.outputs import MODE, Counts, Output, Sealed, parents
from tierpub.publish.state import Record, State
from tierpub.publish.steps import Plan, Remove, Write

Seal = Callable[[bytes, tuple[str, ...]], bytes]
"""Encrypts a bundle to its recipients."""
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""Reasons that have nothing to do with the file that meets them: everybody may know."""
BATCH = 1000
"""Files that are brought to disk together before they take their names."""


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


def _run(plan: Plan, jobs: list[_Job]) -> dict[str, Record]:
    """Write and remove; returns the records of what stands there now."""
    done = dict(plan.adopted)
    each = one_by_one(len(jobs) + len(plan.removes))
    with Folders(plan.root, create=True) as folders:
        _remove(folders, [r for r in plan.removes if r.first])
        for at in range(0, len(jobs), BATCH):
            done |= _write(folders, jobs[at : at + BATCH], plan.state, each=each)
        for path in plan.modes:
            _set_mode(folders, path)
    with Folders(plan.root) as folders:
        for path in plan.leftovers:
            _sweep(folders, path, plan.state)
        _remove(folders, [r for r in plan.removes if not r.first])
        _prune(folders, [r.path for r in plan.removes])
        changed = [job.write.output.path for job in jobs] + [r.path for r in plan.removes]
        if changed:
            _settle(folders, changed, each=each)
    return done


def _write(folders: Folders, jobs: list[_Job], state: State, *, each: bool) -> dict[str, Record]:
    """Write one batch: all bytes, then all names. Until the first name nothing has changed."""
    done: dict[str, Record] = {}
    seen: list[int] = []
    try:
        for job in jobs:
            with _told(job.write.output):
                seen.append(_fill(folders, job, state, sync=each))
        if not each:
            _settle(folders, [job.write.output.path for job in jobs], each=False)
        for job, time in zip(jobs, seen, strict=True):
            with _told(job.write.output):
                _place(folders, job.write, state)
            new = job.record
            done[job.write.output.path] = Record(new.tier, new.next, new.next_sealed, time)
    except BaseException:
        for job in jobs[len(done) :]:
            _sweep(folders, job.write.output.path, state)
        raise
    return done


def _fill(folders: Folders, job: _Job, state: State, *, sync: bool) -> int:
    """Write the bytes to a temporary file; returns its modification time."""
    temporary = state.temporary(job.write.output.path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = folders.fd(_split(job.write.output.path)[0])
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
        return os.fstat(file).st_mtime_ns
    finally:
        os.close(file)


def _place(folders: Folders, write: Write, state: State) -> None:
    """Give the temporary file its name: in place of what was planned with, or of nothing."""
    temporary = state.temporary(write.output.path)
    folder, name = _split(write.output.path)
    fd = folders.fd(folder)
    if write.before is None and _linked(temporary, name, fd):
        os.unlink(temporary, dir_fd=fd)
        return
    try:
        now = os.stat(name, dir_fd=fd, follow_symlinks=False)
    except FileNotFoundError:
        now = None
    if now is not None and (write.before is None or not _same(now, write.before)):
        raise _failed(write.output.path, "it was changed during the run", write.output.told)
    os.replace(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)


def _linked(temporary: str, name: str, fd: int | None) -> bool:
    """Whether `name` could be made a link: unlike a rename that never takes another's place."""
    try:
        os.link(temporary, name, src_dir_fd=fd, dst_dir_fd=fd, follow_symlinks=False)
    except OSError:
        # Taken meanwhile, or a file system without links.
        return False
    return True


def _same(now: os.stat_result, before: os.stat_result) -> bool:
    return (now.st_ino, now.st_size, now.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def _settle(folders: Folders, paths: list[str], *, each: bool) -> None:
    """Have the disk hold what was done at `paths`, before anything relies on it."""
    try:
        sync_around(folders, paths, each=each)
    except (Blocked, OSError) as error:
        why = error.why if isinstance(error, Blocked) else reason(error)
        raise _failed(".", f"what was written cannot be brought to disk: {why}", 0) from None


def _set_mode(folders: Folders, path: str) -> None:
    folder, name = _split(path)
    # Not every file system keeps modes, and an adopted file may be somebody else's.
    with contextlib.suppress(OSError, Blocked):
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folders.fd(folder))
        try:
            os.fchmod(file, MODE)
        finally:
            os.close(file)


def _remove(folders: Folders, removes: Iterable[Remove]) -> None:
    for remove in removes:
        folder, name = _split(remove.path)
        if remove.before is None:
            continue
        try:
            fd = folders.fd(folder)
            if _same(os.stat(name, dir_fd=fd, follow_symlinks=False), remove.before):
                os.unlink(name, dir_fd=fd)
                continue
        except FileNotFoundError:
            continue
        except (Blocked, OSError) as error:
            if error.errno in _OF_THE_DISK:
                why = f"what is to go cannot be removed: {os.strerror(error.errno).lower()}"
                raise _failed(".", why, 0) from None
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


@contextlib.contextmanager
def _told(output: Output | Sealed) -> Iterator[None]:
    """Tell what fails in the words of a fault at the tier of `output`."""
    try:
        yield
    except (Blocked, OSError) as error:
        if error.errno in _OF_THE_DISK:
            why = f"what is to be published cannot be written: {os.strerror(error.errno).lower()}"
            raise _failed(".", why, 0) from None
        if isinstance(error, Blocked):
            raise _failed(error.folder, error.why, output.told) from None
        why = f"it cannot be written: {reason(error)}"
        raise _failed(output.path, why, output.told) from None


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _failed(path: str, message: str, tier: int | None = None) -> TierpubError:
    hint = "running again finishes what was begun"
    return TierpubError(Fault("write-failed", message, Place(path), hint, tier=tier))
