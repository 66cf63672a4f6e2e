"""Walking a vault: which files are canonical notes, and what else stands there.

A note is a regular file `*.md` below the source that nothing ignores, but no `*.excalidraw.md`;
any other regular file there is an attachment. Names with a leading dot are other tools' (`.trash`,
`.stversions`) and ignored. Everything else is entered in the index too, for a link may name it. A
symlink is never followed: what stands behind one is outside the source. Below the source a symlink
that leads out of the vault is a fault.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pathspec

from tierpub.errors import Fault, Place, refuse
from tierpub.tiers import Ladder
from tierpub.vault.attachments import is_drawing
from tierpub.vault.extensions import has_md
from tierpub.vault.filenames import name_faults, shown
from tierpub.vault.index import Index
from tierpub.vault.names import key
from tierpub.vault.pattern import Pattern
from tierpub.vault.vault import Vault

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

    __slots__ = ("above", "of_folders", "prefix", "spec")

    def __init__(self, spec: pathspec.GitIgnoreSpec, prefix: int, above: _Ignore | None) -> None:
        self.spec, self.prefix, self.above = spec, prefix, above
        self.of_folders = False
        """Whether they are certain to say nothing of a file but by a folder around it."""

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
        self._policy.of_folders = all(p[-1:] == "/" and p[0] != "!" for p in policy.ignore)
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
                out = ignored or entry.name[0] == "." or self._ignored(path + "/", ignore)
                if self._is_named(path, ignored=out):
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
        # A folder around a file that is ignored has been seen to be.
        asked = path[-1] == "/" or not self._policy.of_folders
        verdict = self._policy.own(path) if asked else None
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
        elif ignored or entry.name[0] == "." or self._ignored(path, ignore):
            self._aside(path)
        elif has_md(path) and not is_drawing(path) and entry.is_file(follow_symlinks=False):
            if self._is_named(path):
                self.index.notes.add(inside)
                self.notes.append(inside)
        elif not self._is_named(path, note=False):
            self._aside(path)  # nothing of this name is published: it need not stop the notes
        else:
            self.index.others.add(path)
            if entry.is_file(follow_symlinks=False):
                self.index.attachments.append(inside)

    def _aside(self, path: str) -> None:
        self.index.others.add(path)
        self.index.ignored.add(path)

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

    def _is_named(self, path: str, *, ignored: bool = False, note: bool = True) -> bool:
        """Whether what stands at `path` may be entered by its name. What is wrong with the name is
        a fault, which keeps notes (`note`: it is one, or a folder of some) from being published.
        """
        if ignored or self.index.in_source(path) is None:
            return True
        named = True
        for fault in name_faults(path.rpartition("/")[2]):
            named = named and not fault.severe
            self._fault(fault.code, fault.fact, path, fault.hint, warn=not (fault.severe and note))
        return named

    def _unreadable(self, folder: str, error: OSError, *, ignored: bool) -> None:
        # Without what holds the source, or on a failing disk, notes or targets would be missing
        # and their projections removed or their links kept.
        around = not folder or f"{self._source}/".startswith(f"{folder}/")
        elsewhere = not around and self.index.in_source(folder) is None
        denied = error.errno in {errno.EACCES, errno.EPERM}
        fact = f"a folder cannot be read: {os.strerror(error.errno or 0)}"
        mild = denied and (elsewhere or (ignored and not around))
        self._fault("unreadable-folder", fact, folder or ".", warn=mild)

    def _collisions(self) -> Iterator[Fault]:
        for group in self.index.notes.collisions():
            other = ", ".join(shown(self.index.join(n)) for n in group[1:])
            fact = f"would be one file with {other} where case or normalisation do not count"
            place = Place(shown(self.index.join(group[0])))
            yield Fault("colliding-names", fact, place, "rename one of them")

    def _fault(
        self, code: str, fact: str, path: str, hint: str = "", *, warn: bool = False
    ) -> None:
        place = Place(shown(path))
        self.faults.append(Fault(code, fact, place, hint, "warning" if warn else "error"))
