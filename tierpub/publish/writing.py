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
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise

from tierpub.crew import Forks, helpful
from tierpub.publish.durable import one_by_one, sync_around
from tierpub.publish.folders import Blocked, Folders
from tierpub.publish.outputs import MODE, Counts, Sealed, parents
from tierpub.publish.placing import OF_THE_DISK, Job, Writer, failed, same, settle, split, sweep
from tierpub.publish.state import Record, State
from tierpub.publish.steps import Plan, Remove, Write

Seal = Callable[[bytes, tuple[str, ...]], bytes]
"""Encrypts a bundle to its recipients."""


_SHARE = 1024
"""Fewer files than this are not worth a process of their own."""


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


def _job(write: Write, seal: Seal, state: State) -> Job:
    output, record = write.output, write.record
    if not isinstance(output, Sealed):
        return Job(write, output.data, record._replace(next=state.digest(output.data)))
    data = seal(output.plain, output.recipients)
    made_of = state.sealed_digest(output.plain, output.recipients)
    return Job(write, data, record._replace(next=state.digest(data), next_sealed=made_of))


def _run(plan: Plan, jobs: Sequence[Job]) -> dict[str, Record]:
    """Write and remove; returns the records of what stands there now."""
    done = dict(plan.adopted)
    each = one_by_one(len(jobs) + len(plan.removes))
    with Folders(plan.root, create=True) as folders:
        _remove(folders, [r for r in plan.removes if r.first])
    done |= _write_all(plan, jobs, each=each)
    with Folders(plan.root) as folders:
        for path in plan.modes:
            _set_mode(folders, path)
        for path in plan.leftovers:
            sweep(folders, path, plan.state)
        _remove(folders, [r for r in plan.removes if not r.first])
        _prune(folders, [r.path for r in plan.removes])
        changed = [r.path for r in plan.removes]
        if each:  # of many, the writers did so
            changed += [job.write.output.path for job in jobs]
        if changed:
            settle(lambda: sync_around(folders, changed, each=each))
    return done


def _write_all(plan: Plan, jobs: Sequence[Job], *, each: bool) -> dict[str, Record]:
    """Write in as many processes as help, each what lies side by side; all the records."""
    count = helpful(len(jobs), _SHARE)
    if count == 1:
        return Writer(plan.root, plan.state, jobs, each=each).write()
    cuts = [len(jobs) * start // count for start in range(count + 1)]
    shares = [jobs[start:end] for start, end in pairwise(cuts)]
    makers = [partial(Writer, plan.root, plan.state, share, each=each) for share in shares]
    try:
        with Forks(makers) as writers:
            done = writers.each(Writer.write)
    except BaseException:
        with Folders(plan.root) as folders:  # for those that were ended in the middle of a batch
            for job in jobs:
                sweep(folders, job.write.output.path, plan.state)
        raise
    return {path: record for share in done for path, record in share.items()}


def _set_mode(folders: Folders, path: str) -> None:
    folder, name = split(path)
    # Not every file system keeps modes, and an adopted file may be somebody else's.
    with contextlib.suppress(OSError, Blocked):
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folders.fd(folder))
        try:
            os.fchmod(file, MODE)
        finally:
            os.close(file)


def _remove(folders: Folders, removes: Iterable[Remove]) -> None:
    for remove in removes:
        folder, name = split(remove.path)
        if remove.before is None:
            continue
        try:
            fd = folders.fd(folder)
            if same(os.stat(name, dir_fd=fd, follow_symlinks=False), remove.before):
                os.unlink(name, dir_fd=fd)
                continue
        except FileNotFoundError:
            continue
        except (Blocked, OSError) as error:
            if error.errno in OF_THE_DISK:
                why = f"what is to go cannot be removed: {os.strerror(error.errno).lower()}"
                raise failed(".", why, 0) from None
            raise failed(remove.path, "this file of an earlier run cannot be removed") from None
        raise failed(remove.path, "it was changed during the run")


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
