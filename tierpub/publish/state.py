"""What we wrote last time: `.tierpub/` in the vault root. Keyed digests and paths, no plaintext.

Losing it costs time, never correctness: a state that cannot be read counts as none, with a
warning; then identical files are adopted and others are strangers. Nothing is created before
the first write of a run, so that a refused run leaves no trace. One run at a time: the vault's
root folder is locked, which needs no file and ends with the process.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tierpub.errors import Fault, Place, TierpubError
from tierpub.publish.folders import reason

FOLDER = ".tierpub"
KEY_SIZE = 32
_VERSION = 1
_SCHEMA = f"""
CREATE TABLE files (
    root BLOB NOT NULL, path BLOB NOT NULL, tier TEXT NOT NULL,
    digest BLOB, sealed BLOB, seen INTEGER, next BLOB, next_sealed BLOB,
    PRIMARY KEY (root, path)
) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""
_ALL = "SELECT root, path, tier, digest, sealed, seen, next, next_sealed FROM files"
_PUT = "REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class Record(NamedTuple):
    """What is known of one file we wrote."""

    tier: str
    digest: bytes | None
    """Of what stood there when the last run ended; None where that run has not ended."""
    sealed: bytes | None = None
    """Of a bundle's plaintext and recipients."""
    seen: int | None = None
    """Modification time for which `digest` was true; only spares hashing it again."""
    next: bytes | None = None
    """Of what a run that has not ended was about to write."""
    next_sealed: bytes | None = None

    def ours(self, digest: bytes) -> bool:
        """Whether a file with this digest is one we wrote."""
        return digest in {self.digest, self.next}

    def holds(self, digest: bytes, made_of: bytes) -> bool:
        """Whether the bundle with this digest was made of this plaintext for these recipients."""
        return (digest, made_of) in {(self.digest, self.sealed), (self.next, self.next_sealed)}


class State:
    """The record of earlier runs in one vault. Made by `open_state`."""

    def __init__(self, vault: Path) -> None:
        self._vault = vault.resolve()
        self.folder = self._vault / FOLDER
        self.warnings: list[Fault] = []
        self.key = b""
        self._rows: dict[bytes, dict[str, Record]] = {}
        self._sound = False
        """Whether what is on disk can be added to; else it is made anew."""
        self._load()

    # reading

    def records(self, root: Path) -> dict[str, Record]:
        """What earlier runs wrote below `root`, by path."""
        return self._rows.get(self._where(root), {})

    def digest(self, data: bytes) -> bytes:
        """Keyed digest of a file's bytes."""
        return hashlib.blake2b(data, digest_size=32, key=self.key, person=b"tierpub file").digest()

    def sealed_digest(self, plain: bytes, recipients: Iterable[str]) -> bytes:
        """Keyed digest of a bundle's plaintext and of who may open it, in any order."""
        hasher = hashlib.blake2b(digest_size=32, key=self.key, person=b"tierpub seal")
        names = sorted({name.encode() for name in recipients})
        for part in (*names, plain):
            hasher.update(len(part).to_bytes(8, "big"))
            hasher.update(part)
        hasher.update(len(names).to_bytes(8, "big"))
        return hasher.digest()

    def temporary(self, path: str) -> str:
        """Name of the temporary file for `path`: nobody without the key can have made it."""
        hasher = hashlib.blake2b(os.fsencode(path), digest_size=12, key=self.key, person=b"temp")
        return f".tierpub-{hasher.hexdigest()}"

    def _where(self, root: Path) -> bytes:
        """A root's name in the record: a vault that is moved as a whole keeps its record."""
        resolved = root.resolve()
        inside = resolved.is_relative_to(self._vault)
        return os.fsencode(resolved.relative_to(self._vault) if inside else resolved)

    def _load(self) -> None:
        try:
            if self._exists():
                self.key = _read_key(self.folder / "key")
                self._rows = _read_rows(self.folder / "state.db")
        except (OSError, ValueError, sqlite3.Error) as error:
            self._lost(reason(error))
        self._sound = bool(self.key and self._rows)
        self.key = self.key or secrets.token_bytes(KEY_SIZE)

    def _exists(self) -> bool:
        try:
            if not stat.S_ISDIR(self.folder.lstat().st_mode):
                raise ValueError("it is no folder")
        except FileNotFoundError:
            return False
        return any(os.path.lexists(self.folder / name) for name in ("key", "state.db"))

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
        """Record what is about to be written, before it is; a warning where that cannot be."""
        self._write(root, rows, ())

    def finish(self, root: Path, rows: dict[str, Record], gone: Iterable[str]) -> None:
        """Record what was written, and forget what was removed."""
        self._write(root, rows, gone)

    def _write(self, root: Path, rows: dict[str, Record], gone: Iterable[str]) -> None:
        where = self._where(root)
        known = self._rows.setdefault(where, {})
        known.update(rows)
        forget = [path for path in gone if known.pop(path, None)]
        try:
            with contextlib.closing(self._connect()) as db, db:
                # In the order of the table, which is as much as twice as fast.
                put = sorted((os.fsencode(path), record) for path, record in rows.items())
                db.executemany(_PUT, ((where, path, *record) for path, record in put))
                db.executemany(
                    "DELETE FROM files WHERE root = ? AND path = ?",
                    ((where, os.fsencode(p)) for p in forget),
                )
        except (OSError, sqlite3.Error) as error:
            if not any(fault.code == "state-not-written" for fault in self.warnings):
                self._unwritten(reason(error))

    def _unwritten(self, why: str) -> None:
        self._warn(
            "state-not-written",
            f"what this run writes cannot be recorded ({why}): a later run will neither replace"
            " nor remove it",
            f"make {FOLDER} writable and run again",
        )

    def _connect(self) -> sqlite3.Connection:
        database = self.folder / "state.db"
        if not self._sound:
            self._start(database)
            self._sound = True
        return _connect(database)

    def _start(self, database: Path) -> None:
        """Make folder, key and an empty database, over whatever unreadable things stand there."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self.folder.is_symlink():
            raise NotADirectoryError("it is a symlink")
        _write_private(self.folder / ".gitignore", b"*\n")
        _write_private(self.folder / "key", self.key)
        for leftover in (database, database.with_name("state.db-journal")):
            leftover.unlink(missing_ok=True)
        _write_private(database, b"")
        with contextlib.closing(_connect(database)) as db:
            db.executescript(_SCHEMA)


def _connect(database: Path) -> sqlite3.Connection:
    db = sqlite3.connect(database.as_uri() + "?mode=rw", uri=True, timeout=5)
    # The file may have come with a vault from elsewhere: its schema may hold triggers and views.
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _read_key(file: Path) -> bytes:
    fd = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        key = os.read(fd, KEY_SIZE + 1)
    finally:
        os.close(fd)
    if len(key) != KEY_SIZE:
        raise ValueError("its key is not whole")
    return key


def _read_rows(database: Path) -> dict[bytes, dict[str, Record]]:
    if not stat.S_ISREG(database.lstat().st_mode):
        raise ValueError("its database is no file")
    rows: dict[bytes, dict[str, Record]] = {}
    with contextlib.closing(_connect(database)) as db:
        if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            raise ValueError("another version wrote it")
        for root, path, *rest in db.execute(_ALL):
            if not (isinstance(path, bytes) and isinstance(rest[0], str)):
                raise ValueError("its database holds something else")  # noqa: TRY004
            rows.setdefault(root, {})[os.fsdecode(path)] = Record._make(rest)
    return rows


def _write_private(file: Path, data: bytes) -> None:
    temporary = file.with_name(f"{file.name}.new")
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as stream:
        stream.write(data)
    temporary.replace(file)


@contextlib.contextmanager
def open_state(vault: Path) -> Iterator[State]:
    """The state of `vault`, with the vault locked against other runs until the block ends.

    Raises `TierpubError` when another run holds it, or when the vault is no folder.
    """
    try:
        fd = os.open(vault, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        why = reason(error)
        fault = Fault("no-vault", f"the vault cannot be opened: {why}", Place(str(vault)), tier=0)
        raise TierpubError(fault) from None
    try:
        _lock(fd, vault)
        yield State(vault)
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
