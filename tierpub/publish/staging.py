"""Puts a release in place: built whole in a hidden folder beside its own, then swapped in at once.

    .NAME.tierpub/       mode 0700, locked as long as a run works in it
        new/             what is built; after the swap, what stood there before
        old/             only where folders cannot be exchanged: the old release between two renames

1. The new release is built in `new/`: unchanged files are hard links to the old release's, all
   others are written. All of it is synced to disk.
2. It is audited as it lies there.
3. New bundles are remembered, so that after an interruption they are known for ours.
4. It is exchanged for the old one by one rename.
5. The record is closed, and what stood there before is removed: file by file, and only what was
   there when the run began.

A run that is killed leaves the old release or the new one, and `.NAME.tierpub`, which the next
run removes.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from tierpub.errors import Fault, Place, TierpubError
from tierpub.manifest.places import below, names, opened
from tierpub.publish.building import AlteredError, build
from tierpub.publish.clearing import clear_known
from tierpub.publish.exchange import exchange
from tierpub.publish.folders import reason
from tierpub.publish.outputs import MODE
from tierpub.publish.release import Release
from tierpub.publish.standing import still
from tierpub.publish.state import Record, State
from tierpub.publish.workshop import Workshop, failed, workshop

Audited = Callable[[Path], None]
"""Looks at a release before anybody else can, and raises where it must not get out."""


def put_in_place(release: Release, state: State, audited: Audited) -> tuple[Fault, ...]:
    """Do what `release` plans; returns warnings. Nothing happens where nothing would change.

    Raises `TierpubError` where something cannot be written, was changed meanwhile or is refused by
    `audited`; the old release stands then as it did.
    """
    if not release.changes:
        _mend_modes(release)
        if release.adopted:
            state.finish(release.out, dict(release.adopted), ())
        return ()
    with workshop(release.out) as place:
        try:
            build(release, place.fd)
        except AlteredError:
            raise _changed(release.out) from None
        except OSError as error:
            raise failed(release.out, f"it cannot be built: {reason(error)}") from None
        audited(place.new)
        if release.records:
            state.begin(release.out, release.records)
        _swap(release, place)
        _remember(release, state)
        return tuple(_clear_old(release, place))


def _remember(release: Release, state: State) -> None:
    """Close the record of what is in place now."""
    rows = {p: Record(r.tier, r.next, r.next_sealed) for p, r in release.records.items()}
    rows |= release.adopted
    here = {f"{name}/{path}" for name, files in release.tiers.items() for path in files}
    gone = [path for path in state.records(release.out) if path not in here]
    if rows or gone:
        state.finish(release.out, rows, gone)


def _swap(release: Release, place: Workshop) -> None:
    """Put the new release where the old one stands."""
    out, name = release.out, release.out.name
    try:
        check_unchanged(release, place)
        if not release.standing.tiers:
            # An empty folder gives way to it, and nothing else does.
            os.rename("new", name, src_dir_fd=place.fd, dst_dir_fd=place.parent)
        elif exchange("new", place.fd, name, place.parent):
            _took_the_old_one(release, place)
        else:
            _two_renames(release, place)
        os.fsync(place.fd)
        os.fsync(place.parent)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
            raise _changed(out) from None
        raise failed(out, f"it cannot be put in place: {reason(error)}") from None


def check_unchanged(release: Release, place: Workshop) -> None:
    """Refuse where something else stands there than when the run began."""
    before = release.standing.state
    try:
        now = os.stat(release.out.name, dir_fd=place.parent, follow_symlinks=False)
    except FileNotFoundError:
        if before is None:
            return
        raise _changed(release.out) from None
    if before is None or not os.path.samestat(now, before):
        raise _changed(release.out)
    with opened(release.out.name, dir_fd=place.parent) as fd:
        if not still(fd, release.standing) or set(names(fd)) != set(release.standing.tiers):
            raise _changed(release.out)


def _took_the_old_one(release: Release, place: Workshop) -> None:
    """Undo the exchange where what came out of it is not what stood there."""
    taken = os.stat("new", dir_fd=place.fd, follow_symlinks=False)
    if release.standing.state is None or not os.path.samestat(taken, release.standing.state):
        exchange("new", place.fd, release.out.name, place.parent)
        raise _changed(release.out)


def _two_renames(release: Release, place: Workshop) -> None:
    """What an exchange does, where there is none: between the two there is no release for an
    instant, and a run that is killed there is undone by the next one."""
    name = release.out.name
    os.rename(name, "old", src_dir_fd=place.parent, dst_dir_fd=place.fd)
    try:
        os.rename("new", name, src_dir_fd=place.fd, dst_dir_fd=place.parent)
    except BaseException:
        os.rename("old", name, src_dir_fd=place.fd, dst_dir_fd=place.parent)
        raise


def _clear_old(release: Release, place: Workshop) -> Iterator[Fault]:
    """Remove the old release; what came into it during the run is kept, and told."""
    for name in ("old", "new"):
        try:
            with opened(name, dir_fd=place.fd) as fd:
                clear_known(fd, release.standing.entries())
            os.rmdir(name, dir_fd=place.fd)
        except FileNotFoundError:
            continue
        except OSError:
            kept = place.keep(name)
            message = "what came into the old release during the run is not tierpub's and was kept"
            hint = "move what you need of it away, then delete the folder"
            yield Fault("kept", message, Place(str(kept)), hint, "warning", tier=0)


def _mend_modes(release: Release) -> None:
    """Give files that stay the permissions of published files, where the system keeps any."""
    for path in release.modes:
        folder, _, name = path.rpartition("/")
        with (
            contextlib.suppress(OSError),
            opened(release.out) as top,
            below(top, folder) as fd,
        ):
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=fd)
            try:
                os.fchmod(file, MODE)
            finally:
                os.close(file)


def _changed(out: Path) -> TierpubError:
    return failed(out, "it was changed during the run, and is left as it is")
