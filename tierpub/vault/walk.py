"""Walking a vault: which files are canonical notes, and what else stands there.

A note is a regular file `*.md` below the source that nothing ignores, but no `*.excalidraw.md`;
any other regular file there is an attachment. Everything else is entered in the index too, for a
link may name it. A symlink is never followed: what stands behind one is outside the source. Below
the source a symlink that leads out of the vault is a fault.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pathspec

from tierpub.errors import Fault, Place, refuse
from tierpub.tiers import Ladder
from tierpub.vault.attachments import is_drawing
from tierpub.vault.extensions import has_md
from tierpub.vault.index import Index
from tierpub.vault.names import key
from tierpub.vault.pattern import Pattern
from tierpub.vault.vault import Vault

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_SKIPPED = frozenset({".git", ".tierpub"})


class Layout(Protocol):
    """What of a policy a walk needs."""

    @property
    def ladder(self) -> Ladder:
        """The tiers."""

    @property
    def source(self) -> str:
        """The canonical tree, below the vault root."""

    @property
    def projection(self) -> str:
        """Where projections stand."""

    @property
    def ignore(self) -> tuple[str, ...]:
        """Patterns of paths that are no notes, as in `.gitignore`."""


def scan(root: Path, policy: Layout) -> Vault:
    """Walk the vault at `root`.

    Faults of single files are in `Vault.faults`. A `TierpubError` where there is no vault, no
    source, no note, or where `ignore` or `.gitignore` cannot be read.
    """
    if not root.is_dir():
        raise refuse("no-vault", "the vault is not a folder", Place(str(root)), "give its path")
    source = "/".join(p for p in policy.source.split("/") if p not in ("", "."))
    _check_source(root, source)
    walk = _Walk(root.resolve(), source, policy)
    walk.run()
    if not walk.notes and not walk.faults:
        hint = "notes end in .md; see `vault.source` and `vault.ignore` in the policy"
        raise refuse("no-notes", "the source holds no notes", Place(source or "."), hint)
    return walk.vault()


def _check_source(root: Path, source: str) -> None:
    path = root
    for part in source.split("/") if source else ():
        path = path / part
        if part == ".." or path.is_symlink():
            fact = "the source is reached through a symlink or leads upwards"
            raise refuse("symlink-source", fact, Place(source), "name the folder itself")
        if not path.is_dir():
            hint = "make it, or name another folder as `vault.source` in the policy"
            raise refuse("no-source", "the vault has no source folder", Place(source), hint)


class _Ignore:
    """The patterns that hold in one folder: its own `.gitignore`, then those above it."""

    __slots__ = ("above", "prefix", "spec")

    def __init__(self, spec: pathspec.GitIgnoreSpec, prefix: int, above: _Ignore | None) -> None:
        self.spec, self.prefix, self.above = spec, prefix, above

    def own(self, path: str) -> bool | None:
        """Whether these patterns alone cover `path`; None where they say nothing of it."""
        path = path[self.prefix :]
        if not path.isascii():  # a name that is no UTF-8 must not stop the walk
            path = path.encode(errors="replace").decode()
        return self.spec.check_file(path).include

    def covers(self, path: str) -> bool:
        """Whether `path` (a folder ends in `/`) is ignored; the deepest pattern decides."""
        here: _Ignore | None = self
        while here is not None:
            verdict = here.own(path)
            if verdict is not None:
                return verdict
            here = here.above
        return False


def _spec(lines: list[str] | tuple[str, ...], place: Place) -> pathspec.GitIgnoreSpec:
    try:
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except (ValueError, TypeError) as error:
        fact = "a pattern of paths cannot be read"
        raise refuse("bad-pattern", fact, place, "write it as in .gitignore") from error


class _Walk:
    """One walk and what it has found."""

    def __init__(self, root: Path, source: str, policy: Layout) -> None:
        self.root = root
        self.pattern = Pattern(policy.projection, policy.ladder)
        self.index = Index([p for p in root.as_posix().split("/") if p], source, self.pattern)
        self.notes: list[str] = []
        self.faults: list[Fault] = []
        self._policy = _Ignore(_spec(policy.ignore, Place("policy")), 0, None)
        self._source = source

    def run(self) -> None:
        """Walk all folders, without recursion: a vault may be deeper than Python's stack."""
        waiting: list[tuple[str, _Ignore | None, bool]] = [("", None, False)]
        while waiting:
            folder, above, ignored = waiting.pop()
            if folder:
                self.index.folders.add(folder)
            waiting += self._folder(folder, above, ignored=ignored)
        self.index.freeze()
        self.faults += self._collisions()

    def vault(self) -> Vault:
        """Return the vault that was found."""
        faults = sorted(self.faults, key=lambda f: (str(f.place), f.code))
        notes = tuple(sorted(self.notes))
        return Vault(self.root, notes, tuple(faults), self.index, self.pattern)

    def _folder(
        self, folder: str, above: _Ignore | None, *, ignored: bool
    ) -> Iterator[tuple[str, _Ignore | None, bool]]:
        try:
            entries = sorted(os.scandir(f"{self.root}/{folder}"), key=lambda e: e.name)
        except OSError as error:
            self._unreadable(folder, error, ignored=ignored)
            return
        ignore = self._own(entries, folder, above)
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                self._symlink(path, ignored=ignored or self._ignored(path, ignore))
            elif not entry.is_dir(follow_symlinks=False):
                self._file(path, entry, ignore, ignored=ignored)
            elif entry.name not in _SKIPPED and not self.pattern.is_tree(path):
                out = ignored or self._ignored(path + "/", ignore)
                self._check(path, ignored=out)
                yield path, ignore, out

    def _own(
        self, entries: list[os.DirEntry[str]], folder: str, above: _Ignore | None
    ) -> _Ignore | None:
        own = next((e for e in entries if e.name == ".gitignore" and not e.is_symlink()), None)
        if own is None or not own.is_file():
            return above
        lines = Path(own.path).read_text("utf-8", errors="surrogateescape").splitlines()
        place = Place(f"{folder}/.gitignore" if folder else ".gitignore")
        return _Ignore(_spec(lines, place), len(folder) + 1 if folder else 0, above)

    def _ignored(self, path: str, ignore: _Ignore | None) -> bool:
        verdict = self._policy.own(path)
        if verdict is None:
            return ignore is not None and ignore.covers(path)
        return verdict

    def _file(
        self, path: str, entry: os.DirEntry[str], ignore: _Ignore | None, *, ignored: bool
    ) -> None:
        if self.pattern.of(path) is not None:
            return
        inside = self.index.in_source(path)
        if inside is None:
            self.index.others.add(path)
        elif ignored or entry.name.startswith(".") or self._ignored(path, ignore):
            self.index.others.add(path)
            self.index.ignored.add(path)
        elif not entry.is_file(follow_symlinks=False):
            self._check(path, ignored=False)
            self.index.others.add(path)
        elif has_md(path) and not is_drawing(path):
            self._note(path, inside)
        else:
            self._check(path, ignored=False)
            self.index.others.add(path)
            self.index.attachments.append(inside)

    def _note(self, path: str, note: str) -> None:
        self._check(path, ignored=False)
        self.index.notes.add(note)
        self.notes.append(note)

    def _symlink(self, path: str, *, ignored: bool) -> None:
        self.index.symlinks.add(key(path))
        self.index.others.add(path)
        self.index.folders.add(path)
        self.index.ignored.add(path)
        if ignored or self.index.in_source(path) is None:
            return
        try:
            leads = (self.root / path).resolve()
        except (OSError, RuntimeError):  # a circle
            leads = self.root
        if not leads.is_relative_to(self.root):
            hint = "copy what it leads to into the vault, or list it under `vault.ignore`"
            self._fault("symlink-outside", "a symlink leads out of the vault", path, hint)

    def _check(self, path: str, *, ignored: bool) -> None:
        """Faults of the last name in `path`."""
        if ignored or self.index.in_source(path) is None:
            return
        name = path.rpartition("/")[2]
        if name.isascii() and name.isprintable() and "\\" not in name:
            if _RESERVED.match(name):
                self._fault("reserved-name", "Windows reserves this name", path, warn=True)
            return
        for what, code, fact in (
            (_SURROGATE, "name-not-utf-8", "a file name is not valid UTF-8"),
            (_CONTROL, "control-in-name", "a file name holds a control character"),
            (_BIDI, "bidi-in-name", "a file name holds a control for the direction of text"),
            (re.compile(r"\\"), "backslash-in-name", "a file name holds a backslash"),
        ):
            if what.search(name):
                self._fault(code, fact, path, "rename it")

    def _unreadable(self, folder: str, error: OSError, *, ignored: bool) -> None:
        below = folder == self._source or self.index.in_source(folder) is not None
        fact = f"a folder cannot be read: {os.strerror(error.errno or 0)}"
        self._fault("unreadable-folder", fact, folder or ".", warn=ignored or not below)

    def _collisions(self) -> Iterator[Fault]:
        for group in self.index.notes.collisions():
            other = ", ".join(_shown(self.index.join(n)) for n in group[1:])
            fact = f"would be one file with {other} where case or normalisation do not count"
            place = Place(_shown(self.index.join(group[0])))
            yield Fault("colliding-names", fact, place, "rename one of them")

    def _fault(
        self, code: str, fact: str, path: str, hint: str = "", *, warn: bool = False
    ) -> None:
        place = Place(_shown(path))
        self.faults.append(Fault(code, fact, place, hint, "warning" if warn else "error"))


def _shown(path: str) -> str:
    """`path` with everything escaped that could change how a message reads."""
    hidden = (_SURROGATE, _CONTROL, _BIDI)
    return "".join(
        c.encode("unicode_escape", "surrogatepass").decode()
        if any(h.match(c) for h in hidden)
        else c
        for c in path
    )
