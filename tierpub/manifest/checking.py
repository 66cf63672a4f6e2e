"""Holds a tier's folder against its manifest: nothing altered, missing or added.

The manifest is looked for, read and, with a key, verified before its words count. Then every
entry of the folder is held against it: hidden files, empty folders, links and devices too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tierpub.errors import TierpubError
from tierpub.manifest.envelope import MAX_SIZE, is_signed, read, signed_by
from tierpub.manifest.keys import PublicKey, load_public_key
from tierpub.manifest.places import Entry, below, locate, manifest_path, open_file, opened, walk
from tierpub.manifest.statement import Manifest, bad
from tierpub.seal.header import MAX_HEADER, read_header

_KEY_STANZAS = frozenset({"X25519", "ssh-ed25519", "ssh-rsa"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a folder's manifest and the folder disagree in."""

    code: str
    """`no-manifest`, `bad-manifest`, `bad-signature`, `missing-file`, `unexpected-file`,
    `changed-file` or `unsealed-tier`."""
    path: str
    """Relative to the tier's folder."""
    message: str


@dataclass(frozen=True, slots=True)
class Tier:
    """What was found in a tier's folder."""

    problems: tuple[Problem, ...]
    manifest: Manifest | None = None
    """None where there is none to be relied on."""
    where: str = ""
    """The manifest's path relative to the folder."""
    data: bytes = field(default=b"", repr=False)
    """The manifest's bytes."""
    entries: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    """Everything in the folder, by path."""
    signed: bool = False
    """Whether it holds a signature, by whomever."""
    state: os.stat_result | None = field(default=None, repr=False)
    """Of the folder itself."""


def check(
    folder: Path, key: Path | None = None, *, level: str | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the tier in `folder`; nothing when it is as it was published.

    `key` is the file of the public key that must have signed it; without one no signature is
    looked at. `level` is the tier that it must be. Raises `TierpubError` when the key cannot be
    read, or the folder is none or cannot be entered.
    """
    public = None if key is None else load_public_key(key)
    with opened(folder) as fd:
        return examine(fd, public, level=level).problems


def examine(fd: int, key: PublicKey | None = None, *, level: str | None = None) -> Tier:
    """As `check`, for an open folder and a key that was read; tells all that it found."""
    found = locate(fd)
    if not found:
        return Tier((Problem("no-manifest", "", "no manifest stands here"),))
    if len(found) > 1:
        message = "several files are named like a manifest, and it cannot be told which is"
        return Tier(tuple(Problem("bad-manifest", path, message) for path in found))
    where = found[0]
    try:
        data = manifest_bytes(fd, where)
        manifest = read(data)
        problems = _about_itself(manifest, where, data, key, level)
    except TierpubError as error:
        return Tier(tuple(Problem("bad-manifest", where, f.message) for f in error.faults))
    except OSError as error:
        return Tier((Problem("bad-manifest", where, _unreadable(error)),))
    comparison = _Comparison(manifest, where)
    comparison.run(fd)
    every = (*problems, *sorted(comparison.problems, key=lambda p: (p.path, p.code)))
    return Tier(every, manifest, where, data, comparison.entries, is_signed(data), os.fstat(fd))


def _about_itself(
    manifest: Manifest, where: str, data: bytes, key: PublicKey | None, level: str | None
) -> list[Problem]:
    problems = []
    if key is not None and not signed_by(data, key):
        what = "is signed by another key, or was altered" if is_signed(data) else "is not signed"
        problems.append(Problem("bad-signature", where, what))
    if manifest_path(manifest.tree) != where:
        problems.append(Problem("bad-manifest", where, "stands in another place than it states"))
    if level is not None and manifest.level != level:
        problems.append(
            Problem("bad-manifest", where, f"states the tier `{manifest.level}` and not `{level}`")
        )
    return problems


class _Comparison:
    """One walk through a folder, beside its manifest."""

    def __init__(self, manifest: Manifest, where: str) -> None:
        self.sealed, self.where = manifest.sealed, where
        self.wanted = dict(manifest.subjects)
        self.folders = {p for path in (*self.wanted, where) for p in _parents(path)}
        self.entries: dict[str, Entry] = {}
        self.problems: list[Problem] = []

    def run(self, fd: int) -> None:
        for entry, folder in walk(fd):
            self.entries[entry.path] = entry
            if entry.path != self.where:
                self.look(entry, folder)
        for path in self.wanted.keys() - self.entries.keys():
            self.add("missing-file", path, "a file of the manifest is not there")

    def look(self, entry: Entry, folder: int) -> None:
        path = entry.path
        if entry.is_folder and path in self.folders:
            return
        if path not in self.wanted:
            self.add("unexpected-file", path, f"{_kind(entry)} that the manifest does not name")
        elif not entry.is_file:
            self.add("changed-file", path, f"{_kind(entry)} where the manifest has a file")
        else:
            self.compare(path, folder)

    def compare(self, path: str, folder: int) -> None:
        try:
            digest, head = _digest(path.rpartition("/")[2], folder)
        except OSError as error:
            self.add("changed-file", path, _unreadable(error))
            return
        if digest != self.wanted[path]:
            self.add("changed-file", path, "its bytes are not those that were published")
        if self.sealed and not is_sealed(head):
            self.add("unsealed-tier", path, "is not an age file sealed to keys, as its tier must")

    def add(self, code: str, path: str, message: str) -> None:
        self.problems.append(Problem(code, path, message))


def is_sealed(head: bytes) -> bool:
    """Whether a file that begins so is a binary age file sealed to keys."""
    try:
        stanzas = read_header(head)
    except TierpubError:
        return False
    return not {"scrypt"} & (kinds := {s.type for s in stanzas}) and bool(kinds & _KEY_STANZAS)


def _digest(name: str, folder: int) -> tuple[str, bytes]:
    """SHA-256 of a file, and its first bytes."""
    with os.fdopen(open_file(name, folder), "rb") as file:
        head = file.read(MAX_HEADER)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest(), head


def manifest_bytes(fd: int, where: str) -> bytes:
    """The bytes of the manifest at `where` below the open folder `fd`, if they are not too many."""
    folder, _, name = where.rpartition("/")
    with below(fd, folder) as here, os.fdopen(open_file(name, here), "rb") as file:
        data = file.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise bad("", "is too large for a manifest")
    return data


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _kind(entry: Entry) -> str:
    if entry.is_file:
        return "a file"
    if entry.is_folder:
        return "a folder"
    return "something that is neither file nor folder, such as a symlink,"


def _unreadable(error: OSError) -> str:
    return f"it cannot be read: {os.strerror(error.errno or 0).lower()}"
