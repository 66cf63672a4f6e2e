"""The hidden folder beside a release in which the next one is built; it is also the lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tierpub.errors import Fault, Place, TierpubError
from tierpub.manifest.places import names, opened
from tierpub.publish.clearing import clear
from tierpub.publish.folders import reason

_OURS = frozenset({"new", "old"})
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_TRIES = 8
"""How often another run may take the folder away between finding and locking it."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """The folder, locked for this run."""

    path: Path
    fd: int
    parent: int
    """The folder that both the release and this one stand in."""

    @property
    def new(self) -> Path:
        """Where the new release is built."""
        return self.path / "new"

    def keep(self, name: str) -> Path:
        """Move `new` or `old` out of here, where no later run removes it; returns where it is."""
        number = 1
        while True:
            kept = self.path.with_name(f"{self.path.name}-kept-{number}")
            if not os.path.lexists(kept):
                os.rename(name, kept.name, src_dir_fd=self.fd, dst_dir_fd=self.parent)
                return kept
            number += 1


@contextlib.contextmanager
def workshop(out: Path) -> Iterator[Workshop]:
    """A fresh workshop beside `out`, gone again when the block ends, however it ends.

    Raises `TierpubError` when another run is at work there, or where nothing can be made.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        parent = os.open(out.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        why = f"the folder it belongs into cannot be opened: {reason(error)}"
        raise failed(out, why) from None
    try:
        place = _locked(out, parent, create=True)
        if place is None:
            raise failed(out, "the folder to build it in was taken away again and again")
        try:
            yield place
        finally:
            _leave(place, out)
    finally:
        os.close(parent)


def recover(out: Path) -> None:
    """Undo or remove what a run that was killed left beside `out`; nothing where none did.

    Raises `TierpubError` when it is no leftover: another run is at work there.
    """
    try:
        parent = os.open(out.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        place = _locked(out, parent, create=False)
        if place is not None:
            _leave(place, out)
    finally:
        os.close(parent)


def _locked(out: Path, parent: int, *, create: bool) -> Workshop | None:
    path = out.with_name(f".{out.name}.tierpub")
    try:
        for _ in range(_TRIES):
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(path.name, 0o700, dir_fd=parent)
            try:
                state = os.stat(path.name, dir_fd=parent, follow_symlinks=False)
            except FileNotFoundError:
                if create:
                    continue
                return None
            _check_ours(state, path)
            if (fd := _lock(path, parent, state, out)) is not None:
                return _swept(Workshop(path, fd, parent), out)
    except OSError as error:
        raise failed(out, f"it cannot be built beside it: {reason(error)}") from None
    return None


def _check_ours(state: os.stat_result, path: Path) -> None:
    """Refuse a thing in the way that no run of ours has made."""
    private = stat.S_ISDIR(state.st_mode) and not state.st_mode & 0o077
    if not private or state.st_uid != os.geteuid():
        raise _stranger(path, "stands where a release is built, and tierpub did not make it")


def _lock(path: Path, parent: int, seen: os.stat_result, out: Path) -> int | None:
    """The folder, open and locked; None where another run has just removed it."""
    try:
        fd = os.open(path.name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        return None
    try:
        _flock(fd, out)
        now = os.stat(path.name, dir_fd=parent, follow_symlinks=False)
        if os.path.samestat(now, os.fstat(fd)) and os.path.samestat(now, seen):
            return fd
    except FileNotFoundError:
        pass
    except BaseException:
        os.close(fd)
        raise
    os.close(fd)
    return None


def _flock(fd: int, out: Path) -> None:
    """Lock an open folder. Raises `TierpubError` where another run holds it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        message, hint = "another run is releasing here", "wait until it has ended, then run again"
        raise TierpubError(Fault("locked", message, Place(str(out)), hint, tier=0)) from None
    except OSError:
        # Some network file systems lock no folders: there the audit and the swap must do.
        return


def _swept(place: Workshop, out: Path) -> Workshop:
    """The workshop without what an earlier run left in it."""
    try:
        _check_contents(place)
        _undo(place, out)
        for name in names(place.fd):
            clear(name, place.fd)
    except BaseException:
        os.close(place.fd)
        raise
    return place


def _check_contents(place: Workshop) -> None:
    if not set(names(place.fd)) <= _OURS:
        raise _stranger(place.path, "holds something that tierpub did not put there")


def _undo(place: Workshop, out: Path) -> None:
    """Put an old release back that was moved aside by a run which ended before the new one was
    in its place."""
    with contextlib.suppress(FileNotFoundError), opened("old", dir_fd=place.fd):
        try:
            os.stat(out.name, dir_fd=place.parent, follow_symlinks=False)
        except FileNotFoundError:
            os.rename("old", out.name, src_dir_fd=place.fd, dst_dir_fd=place.parent)


def _leave(place: Workshop, out: Path) -> None:
    """Remove the workshop; it is unlocked by that its descriptor is closed."""
    try:
        with contextlib.suppress(OSError):
            _undo(place, out)
            for name in names(place.fd):
                if name in _OURS:
                    clear(name, place.fd)
            os.rmdir(place.path.name, dir_fd=place.parent)
    finally:
        os.close(place.fd)


def _stranger(path: Path, message: str) -> TierpubError:
    return TierpubError(Fault("stranger", message, Place(str(path)), "move it away", tier=0))


def failed(out: Path, message: str) -> TierpubError:
    """The refusal of a release that could not be written."""
    return TierpubError(Fault("release-failed", message, Place(str(out)), tier=0))
