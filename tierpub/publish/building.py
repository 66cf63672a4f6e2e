"""Builds a release below an open folder: files written or linked, all of them synced to disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from tierpub.manifest.places import Entry, below, open_file, opened
from tierpub.publish.folders import read
from tierpub.publish.outputs import MODE, parents
from tierpub.publish.release import File, Release
from tierpub.publish.standing import same

_FOLDER_MODE = 0o755
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class AlteredError(OSError):
    """A file that was to stay as it is was changed during the run."""


def build(release: Release, place: int) -> None:
    """Build `release` as the folder `new` in the open folder `place`.

    Raises OSError as the system says, `AlteredError` among them.
    """
    by_folder = _by_folder(release)
    kept = release.standing.entries()
    os.mkdir("new", 0o700, dir_fd=place)
    with opened("new", dir_fd=place) as top:
        for folder, files in by_folder.items():
            parent, _, name = folder.rpartition("/")
            with below(top, parent) as above:
                os.mkdir(name, 0o700, dir_fd=above)
            with below(top, folder) as fd, _old(release.out, folder) as old:
                for file, made in files.items():
                    place_file(file, made, fd, old, kept.get(f"{folder}/{file}"))
        _settle(release, by_folder, top)
    os.fsync(place)


def _by_folder(release: Release) -> dict[str, dict[str, File]]:
    """Files by name, by folder; every folder that is needed, each after the one it stands in."""
    found: dict[str, dict[str, File]] = {}
    for tier, files in release.tiers.items():
        for path, file in files.items():
            whole = f"{tier}/{path}"
            for folder in parents(whole):
                found.setdefault(folder, {})
            found[whole.rpartition("/")[0]][whole.rpartition("/")[2]] = file
    return dict(sorted(found.items()))


@contextlib.contextmanager
def _old(out: Path, folder: str) -> Iterator[int | None]:
    """The same folder of the release that stands; None where it has none."""
    with contextlib.ExitStack() as stack:
        try:
            top = stack.enter_context(opened(out))
            fd = stack.enter_context(below(top, folder))
        except OSError:
            yield None
            return
        yield fd


def place_file(name: str, file: File, fd: int, old: int | None, before: Entry | None) -> None:
    """Write a file, or take over the one that stands."""
    if file.data is not None:
        write_file(name, file.data, fd)
        return
    if old is None or before is None:
        raise AlteredError(0, "a file that stays has gone")
    if not _linked(name, fd, old, before):
        _copy(name, file.digest, fd, old)


def write_file(name: str, data: bytes, fd: int, times: tuple[int, int] | None = None) -> None:
    """Write a new file into the open folder `fd`, synced to disk."""
    file = os.open(name, _NEW, 0o600, dir_fd=fd)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
        os.fchmod(file, MODE)
        if times is not None:
            os.utime(file, ns=times)
        os.fsync(file)
    finally:
        os.close(file)


def _linked(name: str, fd: int, old: int, before: Entry) -> bool:
    """Make a hard link to the very file that was inspected; False where there can be none."""
    try:
        os.link(name, name, src_dir_fd=old, dst_dir_fd=fd, follow_symlinks=False)
    except FileNotFoundError:
        raise AlteredError(0, "a file that stays has gone") from None
    except (OSError, NotImplementedError):
        return False
    now = Entry(name, os.stat(name, dir_fd=fd, follow_symlinks=False))
    if not now.is_file or not same(now, before):
        raise AlteredError(0, "a file that stays was changed during the run")
    if stat.S_IMODE(now.state.st_mode) != MODE:
        os.unlink(name, dir_fd=fd)
        return False
    return True


def _copy(name: str, digest: str, fd: int, old: int) -> None:
    """Copy a file with its time, where it cannot be linked or has other permissions."""
    file = open_file(name, old)
    try:
        state = os.fstat(file)
    finally:
        os.close(file)
    data = read(old, name, state.st_size)
    if hashlib.sha256(data).hexdigest() != digest:
        raise AlteredError(0, "a file that stays was changed during the run")
    write_file(name, data, fd, (state.st_atime_ns, state.st_mtime_ns))


def _settle(release: Release, folders: Mapping[str, Mapping[str, File]], top: int) -> None:
    """Give the folders the permissions and times they had, and sync them all.

    Folders are what access is granted to: one that only a group may enter must not be open to all
    after the swap. And the times of a tier in which nothing changed do not tell of other tiers.
    """
    kept = release.standing.entries()
    same_names = _same_names(release, folders)
    for folder in sorted(folders, reverse=True):
        tier = release.standing.tiers.get(folder)
        before = tier.state if tier else kept[folder].state if folder in kept else None
        with below(top, folder) as fd:
            _permit(fd, before)
            if before is not None and folder in same_names:
                os.utime(fd, ns=(before.st_atime_ns, before.st_mtime_ns))
            os.fsync(fd)
    _permit(top, release.standing.state)
    os.fsync(top)


def _same_names(release: Release, folders: Mapping[str, Mapping[str, File]]) -> set[str]:
    """Folders in which nothing was written, added or removed."""
    before: dict[str, set[str]] = {folder: set() for folder in folders}
    now: dict[str, set[str]] = {folder: set(files) for folder, files in folders.items()}
    for path in release.standing.entries():
        before.setdefault(path.rpartition("/")[0], set()).add(path.rpartition("/")[2])
    for path in folders:
        now.setdefault(path.rpartition("/")[0], set()).add(path.rpartition("/")[2])
    stay = {folder for folder, files in folders.items()
            if all(file.data is None for file in files.values())}  # fmt: skip
    return {folder for folder in stay if before[folder] == now[folder]}


def _permit(fd: int, before: os.stat_result | None) -> None:
    if before is None or not stat.S_ISDIR(before.st_mode):
        os.fchmod(fd, _FOLDER_MODE)
        return
    if before.st_gid != os.fstat(fd).st_gid:
        # Without the right to it the folder stays with our own group: fewer may enter, not more.
        with contextlib.suppress(PermissionError):
            os.fchown(fd, -1, before.st_gid)
    os.fchmod(fd, stat.S_IMODE(before.st_mode))
