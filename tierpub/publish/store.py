"""The files of the state: a key, a database, and a `.gitignore` that hides both.

They are made in an order in which a run that is killed leaves nothing that the next one could
take for a damaged record: an empty database first, the key that makes it one last.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tierpub.publish.glance import look

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
_ONE = "SELECT tier, digest, sealed, seen, next, next_sealed FROM files WHERE root = ? AND path = ?"


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

    def made_of(self, digest: bytes) -> bytes | None:
        """What the bundle with this digest was made of; None where that is not known."""
        if digest == self.next:
            return self.next_sealed
        return self.sealed if digest == self.digest else None


Rows = dict[bytes, dict[str, Record]]
"""Records by root and path."""


def load(folder: Path) -> tuple[bytes, Rows]:
    """The key (empty where there is none yet) and all records of the state in `folder`.

    Raises OSError, ValueError or `sqlite3.Error` for a state that cannot be read.
    """
    names = ("key", "state.db")
    if not is_folder(folder) or not any(os.path.lexists(folder / name) for name in names):
        return b"", {}
    key = b""
    with contextlib.suppress(FileNotFoundError):
        key = read_key(folder)
    rows = _read_rows(folder / "state.db")
    if rows and not key:
        raise ValueError("its key is gone")
    return key, rows


def load_some(folder: Path, root: bytes, paths: Iterable[str]) -> dict[str, Record]:
    """The records of some paths below `root`, of a state that is known to be whole.

    Raises `sqlite3.Error` or OSError where it cannot be read.
    """
    found = {}
    with contextlib.closing(_connect(folder / "state.db")) as db:
        for path in paths:
            row = db.execute(_ONE, (root, os.fsencode(path))).fetchone()
            if row is not None:
                found[path] = Record._make(row)
    return found


def look_at(folder: Path) -> bytes:
    """What a glance sees of the database: other bytes wherever it was written to since; none
    where a write of it was cut off."""
    try:
        if os.path.lexists(folder / "state.db-journal"):
            return b""
        return look(os.lstat(folder / "state.db"))
    except OSError:
        return b""


def is_folder(folder: Path) -> bool:
    """Whether the state's folder is there; ValueError where something else is."""
    try:
        if stat.S_ISDIR(folder.lstat().st_mode):
            return True
    except FileNotFoundError:
        return False
    raise ValueError("it is no folder")


def create(folder: Path, key: bytes) -> None:
    """Make folder, key and an empty database, over whatever unreadable things stand there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink():
        raise NotADirectoryError("it is a symlink")
    database = folder / "state.db"
    for leftover in (database, database.with_name("state.db-journal")):
        leftover.unlink(missing_ok=True)
    _write_private(folder / ".gitignore", b"*\n")
    _write_private(database, _empty())
    _write_private(folder / "key", key)
    for touched in (folder, folder.parent):
        _sync_folder(touched)


def connect(folder: Path) -> sqlite3.Connection:
    """A connection to the database, which must be there."""
    return _connect(folder / "state.db")


def read_key(folder: Path) -> bytes:
    """The state's key; OSError or ValueError where there is none."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    fd = os.open(folder / "key", flags)
    try:
        key = os.read(fd, KEY_SIZE + 1)
    finally:
        os.close(fd)
    if len(key) != KEY_SIZE:
        raise ValueError("its key is not whole")
    return key


def _connect(database: Path) -> sqlite3.Connection:
    db = sqlite3.connect(database.as_uri() + "?mode=rw", uri=True, timeout=5)
    try:
        # The file may have come with a vault from elsewhere: its schema may hold triggers, views.
        db.execute("PRAGMA trusted_schema = OFF")
        # What is recorded must be on disk before a file is replaced, also through a power cut.
        db.execute("PRAGMA synchronous = EXTRA")
        # A name that is forgotten may have become a secret: leave none in pages that are free.
        db.execute("PRAGMA secure_delete = ON")
    except BaseException:
        db.close()
        raise
    return db


def _read_rows(database: Path) -> Rows:
    if not stat.S_ISREG(database.lstat().st_mode):
        raise ValueError("its database is no file")
    rows: Rows = {}
    with contextlib.closing(_connect(database)) as db:
        if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            raise ValueError("another version wrote it")
        for root, path, *rest in db.execute(_ALL):
            if not (isinstance(path, bytes) and isinstance(rest[0], str)):
                raise ValueError("its database holds something else")  # noqa: TRY004
            rows.setdefault(root, {})[os.fsdecode(path)] = Record._make(rest)
    return rows


def _empty() -> bytes:
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_SCHEMA)
        return db.serialize()


def _write_private(file: Path, data: bytes) -> None:
    temporary = file.with_name(f"{file.name}.new")
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(fd)
    temporary.replace(file)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
