"""What we wrote last time: `.tierpub/` in the vault root. Keyed digests and paths, no plaintext.

Losing it costs time, never correctness: a state that cannot be read counts as none, with a
warning; then identical files are adopted and others are strangers. Nothing is created before
the first write of a run, so that a refused run leaves no trace. One run at a time: the vault's
root folder is locked, which needs no file and ends with the process.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from tierpub.errors import Fault, Place, TierpubError
from tierpub.publish import digests, store
from tierpub.publish.folders import reason
from tierpub.publish.store import KEY_SIZE, Record

__all__ = ["FOLDER", "Record", "State", "open_state"]

FOLDER = ".tierpub"
_PUT = "REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class State:
    """The record of earlier runs in one vault. Made by `open_state`."""

    def __init__(self, vault: Path, *, load: bool = True) -> None:
        """Without `load` only the key is read, and records as they are asked for by `load_some`:
        for who knows by `look` that the record is whole and as an earlier run left it."""
        self._vault = vault.resolve()
        self.folder = self._vault / FOLDER
        self.warnings: list[Fault] = []
        self.key = b""
        self._rows: dict[bytes, dict[str, Record]] = {}
        self.loaded = load
        """Whether all records are at hand."""
        self._sound = False
        """Whether what is on disk can be added to; else it is made anew."""
        self._begun = False
        """Whether this run's writes are on record."""
        if load:
            self._load()
        else:
            self.key = store.read_key(self.folder)
            self._sound = True

    # reading

    def look(self) -> bytes:
        """What a glance sees of the record on disk; nothing where there is none that is whole."""
        return store.look_at(self.folder)

    def load(self) -> bool:
        """Read the whole record; whether it could be."""
        self._rows = {}
        self._load()
        self.loaded = True
        return not self.warnings

    def load_some(self, root: Path, paths: Iterable[str]) -> dict[str, Record]:
        """What is recorded of some paths below `root`. Raises `sqlite3.Error` or OSError."""
        where = self._where(root)
        found = store.load_some(self.folder, where, paths)
        self._rows.setdefault(where, {}).update(found)
        return found

    def records(self, root: Path) -> dict[str, Record]:
        """What earlier runs wrote below `root`, by path."""
        return self._rows.get(self._where(root), {})

    def digest(self, data: bytes) -> bytes:
        """Keyed digest of a file's bytes."""
        return digests.of_file(self.key, data)

    def sealed_digest(self, plain: bytes, recipients: Iterable[str]) -> bytes:
        """Keyed digest of a bundle's plaintext and of who may open it, in any order."""
        return digests.of_bundle(self.key, plain, recipients)

    def someone_left(self, made_of: bytes | None, count: int, now: tuple[str, ...]) -> bool:
        """Whether one of the `count` recipients of a bundle we sealed is not among `now`."""
        return digests.someone_left(self.key, made_of, count, now)

    def temporary(self, path: str) -> str:
        """Name of the temporary file for `path`: nobody without the key can have made it."""
        return digests.temporary(self.key, path)

    def _where(self, root: Path) -> bytes:
        """A root's name in the record: a vault that is moved as a whole keeps its record."""
        resolved = root.resolve()
        inside = resolved.is_relative_to(self._vault)
        return os.fsencode(resolved.relative_to(self._vault) if inside else resolved)

    def _load(self) -> None:
        try:
            self.key, self._rows = store.load(self.folder)
        except (OSError, ValueError, sqlite3.Error) as error:
            with contextlib.suppress(OSError, ValueError):
                self.key = store.read_key(self.folder) if store.is_folder(self.folder) else b""
            self._lost(reason(error))
        self._sound = bool(self.key and self._rows)
        self.key = self.key or secrets.token_bytes(KEY_SIZE)

    def _lost(self, why: str) -> None:
        self._warn(
            "state-lost",
            f"the record of earlier runs cannot be read ({why}): what they wrote and this run"
            " would not is no longer recognised",
            "look through the projections for files that should be gone",
        )

    def _warn(self, code: str, message: str, hint: str = "") -> None:
        self.warnings.append(Fault(code, message, Place(FOLDER), hint, "warning", tier=0))

    # writing

    def begin(self, root: Path, rows: dict[str, Record]) -> None:
        """Record what is about to be written, before it is.

        Where the state cannot be written to that is a warning: a vault may be read-only and
        published elsewhere. A full or failing disk is a `TierpubError`, for on it a run would
        write what the next one takes for a stranger's.
        """
        try:
            self._write(root, rows, ())
        except (OSError, sqlite3.Error) as error:
            if _of_the_disk(error):
                message = f"what would be written cannot be recorded: {reason(error)}"
                hint = "nothing was changed; mend that and run again"
                fault = Fault("state-not-written", message, Place(FOLDER), hint, tier=0)
                raise TierpubError(fault) from None
            self._unwritten(reason(error))
        else:
            self._begun = True

    def finish(self, root: Path, rows: dict[str, Record], gone: Iterable[str]) -> None:
        """Record what was written, and forget what was removed."""
        try:
            self._write(root, rows, gone)
        except (OSError, sqlite3.Error) as error:
            if self._begun:
                message = f"the record of this run could not be closed ({reason(error)})"
                self._warn("state-not-closed", message, "the next run closes it")
            elif not any(fault.code == "state-not-written" for fault in self.warnings):
                self._unwritten(reason(error))

    def _write(self, root: Path, rows: dict[str, Record], gone: Iterable[str]) -> None:
        where = self._where(root)
        known = self._rows.setdefault(where, {})
        known.update(rows)
        forget = [path for path in gone if known.pop(path, None)]
        with contextlib.closing(self._connect()) as db, db:
            # In the order of the table, which is as much as twice as fast.
            put = sorted((os.fsencode(path), record) for path, record in rows.items())
            db.executemany(_PUT, ((where, path, *record) for path, record in put))
            db.executemany(
                "DELETE FROM files WHERE root = ? AND path = ?",
                ((where, os.fsencode(p)) for p in forget),
            )

    def _unwritten(self, why: str) -> None:
        self._warn(
            "state-not-written",
            f"what this run writes cannot be recorded ({why}): a later run will neither replace"
            " nor remove it",
            f"make {FOLDER} writable and run again",
        )

    def _connect(self) -> sqlite3.Connection:
        if not self._sound:
            store.create(self.folder, self.key)
            self._sound = True
        return store.connect(self.folder)


def _of_the_disk(error: OSError | sqlite3.Error) -> bool:
    """Whether the disk is full or failing, rather than not ours to write to."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR"))


@contextlib.contextmanager
def open_state(vault: Path, *, load: bool = True) -> Iterator[State]:
    """The state of `vault`, with the vault locked against other runs until the block ends;
    without `load` as `State` has it.

    Raises `TierpubError` when another run holds it, or when the vault is no folder. Without
    `load` also OSError and ValueError, where there is no key.
    """
    try:
        fd = os.open(vault, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        why = reason(error)
        fault = Fault("no-vault", f"the vault cannot be opened: {why}", Place(str(vault)), tier=0)
        raise TierpubError(fault) from None
    try:
        _lock(fd, vault)
        yield State(vault, load=load)
    finally:
        os.close(fd)


def _lock(fd: int, vault: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        message = "another run of tierpub is writing from this vault"
        hint = "wait until it has ended, then run again"
        raise TierpubError(Fault("locked", message, Place(str(vault)), hint, tier=0)) from None
    except OSError:
        # Some network file systems lock no folders. Every file is still replaced atomically.
        return
