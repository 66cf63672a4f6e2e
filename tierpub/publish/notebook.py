"""What is remembered of a vault's notes on disk: `.tierpub/notes.db`, beside the record of files.

It holds keyed numbers and digests, tiers and the looks of files: no path, no name, no heading, no
value. It is of one piece: a digest over all of it stands in it, and rows are known by theirs. What
is damaged, torn or foreign is as good as nothing: then everything is done again, and nothing is
lost but time. So it need not be brought to disk before the next thing is done.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost

NAME = "notes.db"
_SCHEMA = """
CREATE TABLE parts (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE rows (note INTEGER PRIMARY KEY, data BLOB NOT NULL);
PRAGMA user_version = 1;
"""
_SEAL = "seal"


class Notebook:
    """The file of what is remembered. Use `close` when done with reading."""

    def __init__(self, folder: Path, keyed: Keyed) -> None:
        """`folder` is that of the state, `keyed` has its key."""
        self._file = folder / NAME
        self._keyed = keyed
        self._db: sqlite3.Connection | None = None

    def parts(self) -> dict[str, bytes]:
        """All parts, by name. Raises `Lost` where there are none that are whole."""
        try:
            found = dict(self._reading().execute("SELECT name, data FROM parts"))
        except (OSError, sqlite3.Error):
            raise Lost from None
        seal = found.pop(_SEAL, None)
        if not all(isinstance(n, str) and isinstance(d, bytes) for n, d in found.items()):
            raise Lost
        if seal != self._sealed(found):
            raise Lost
        return found

    def row(self, note: int) -> bytes:
        """The row of a note. Raises `Lost` where there is none."""
        try:
            found = self._reading().execute("SELECT data FROM rows WHERE note = ?", (note,))
            row = found.fetchone()
        except sqlite3.Error:
            raise Lost from None
        if row is None or not isinstance(row[0], bytes):
            raise Lost
        return row[0]

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """All rows."""
        try:
            for note, data in self._reading().execute("SELECT note, data FROM rows"):
                if not isinstance(data, bytes):
                    raise Lost
                yield note, data
        except sqlite3.Error:
            raise Lost from None

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _reading(self) -> sqlite3.Connection:
        if self._db is None:
            if not self._file.is_file() or self._file.is_symlink():
                raise Lost
            self._db = _connect(self._file, "ro")
            if self._db.execute("PRAGMA user_version").fetchone()[0] != 1:
                raise Lost
        return self._db

    def _sealed(self, parts: Mapping[str, bytes]) -> bytes:
        flat = [piece for name in sorted(parts) for piece in (name.encode(), parts[name])]
        return self._keyed.digest(*flat)

    def start(self, parts: Mapping[str, bytes], rows: Iterable[tuple[int, bytes]]) -> None:
        """Put down all of it anew."""
        self.close()
        new = self._file.with_name(f"{NAME}.new")
        new.unlink(missing_ok=True)
        os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with contextlib.closing(_connect(new, "rw")) as db:
            db.executescript(_SCHEMA)
            with db:
                self._put(db, parts, sorted(rows))
        new.replace(self._file)

    def change(
        self, parts: Mapping[str, bytes], rows: Iterable[tuple[int, bytes]], gone: Iterable[int]
    ) -> None:
        """Put down `parts`, which are all there are, and the rows that are others now."""
        self.close()
        with contextlib.closing(_connect(self._file, "rw")) as db, db:
            db.executemany("DELETE FROM rows WHERE note = ?", ((number,) for number in gone))
            known = {name for (name,) in db.execute("SELECT name FROM parts")}
            db.executemany("DELETE FROM parts WHERE name = ?", ((n,) for n in known - set(parts)))
            self._put(db, parts, rows)

    def _put(
        self,
        db: sqlite3.Connection,
        parts: Mapping[str, bytes],
        rows: Iterable[tuple[int, bytes]],
    ) -> None:
        db.executemany("REPLACE INTO rows VALUES (?, ?)", rows)
        sealed = {**parts, _SEAL: self._sealed(parts)}
        db.executemany("REPLACE INTO parts VALUES (?, ?)", sealed.items())


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{file.as_uri()}?mode={mode}", uri=True, timeout=5)
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA secure_delete = ON")
        if mode == "rw":
            db.execute("PRAGMA journal_mode = MEMORY")
            db.execute("PRAGMA synchronous = OFF")
    except BaseException:
        db.close()
        raise
    return db
