"""What was published: the trees of each tier, sealed or not, with the files in them.

A publication is a release (`DIR/<tier>/<tree>/…`), one tier's folder of it, a vault root into
which projections were written (`_public/…`, `_private.tar.age`), or one tree. Nothing is followed
out of it, and files are read when they are looked at, one at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tierpub import seal
from tierpub.audit.layout import Layout
from tierpub.errors import TierpubError, refuse
from tierpub.seal.header import is_age
from tierpub.tiers import fold

BUNDLE = ".tar.age"
MANIFEST = ".manifest.json"


@dataclass(frozen=True, slots=True)
class File:
    """One published file."""

    rank: int
    path: str
    """As its readers have it: `_public/UN/IOM.public.md`."""
    place: str
    """Relative to the publication, for people who look for it."""
    read: Callable[[], bytes]
    sealed: bool = False


Opener = Callable[[int, bytes, str], bytes | None]
"""Gives what is in the bundle of a tier: its rank, its bytes, its place. None where there is no
way to open it. Raises `TierpubError` where it is no bundle."""


@dataclass(slots=True)
class Bundle:
    """A sealed tier."""

    rank: int
    place: str
    data: bytes
    fault: str = ""
    """Why it could not be opened with what there was; empty where it was."""
    opened: bool = False


@dataclass(slots=True)
class Publication:
    """Everything below one folder that is published."""

    folder: Path
    layout: Layout
    files: dict[int, dict[str, File]] = field(default_factory=dict)
    bundles: list[Bundle] = field(default_factory=list)
    tier_folders: dict[int, Path] = field(default_factory=dict)
    """The folder of each tier that holds its tree and manifest."""
    strangers: list[str] = field(default_factory=list)
    """What stands beside the trees where nothing should, and links in them."""

    @property
    def ranks(self) -> list[int]:
        """The tiers that can be looked into, lowest first."""
        return sorted(self.files)

    def every(self) -> Iterator[File]:
        """All files."""
        for rank in self.ranks:
            yield from self.files[rank].values()


def open_publication(folder: Path, layout: Layout, opener: Opener) -> Publication:
    """What stands below `folder`. Raises `no-publication` where that is nothing."""
    found = Publication(folder, layout)
    tiers = {fold(name): rank for rank, name in enumerate(layout.ladder.names)}
    below = [(tiers[fold(e.name)], e) for e in sorted(folder.iterdir())
             if fold(e.name) in tiers and e.is_dir() and not e.is_symlink()]  # fmt: skip
    released = [(rank, entry) for rank, entry in below if _holds(entry, layout, rank)]
    if released:
        _release(found, released, opener)
    elif (rank := _tree_rank(folder.resolve().name, layout)) is not None and not any(
        _holds(folder, layout, each) for each in range(len(layout.ladder))
    ):
        _tree(found, rank, folder, folder.resolve().name, "")
    else:
        _root(found, folder, opener)
    if not found.files and not found.bundles:
        hint = "a release, one tier's folder of it, or a vault root with `_public/`"
        raise refuse("no-publication", f"`{folder}` holds no tree of any tier", None, hint)
    return found


def _holds(folder: Path, layout: Layout, rank: int) -> bool:
    tree = layout.tree(rank)
    return any(os.path.lexists(folder / (tree + end)) for end in ("", BUNDLE, MANIFEST))


def _tree_rank(name: str, layout: Layout) -> int | None:
    ranks = range(len(layout.ladder))
    return next((r for r in ranks if layout.tree(r) == name), None)


def _release(found: Publication, released: list[tuple[int, Path]], opener: Opener) -> None:
    names = {entry.name for _, entry in released}
    found.strangers += [e.name for e in sorted(found.folder.iterdir()) if e.name not in names]
    for rank, entry in released:
        _take(found, rank, entry, f"{entry.name}/", opener)
        tree = found.layout.tree(rank).split("/")[0]
        mine = {tree, found.layout.tree(rank) + BUNDLE, found.layout.tree(rank) + MANIFEST}
        found.strangers += [
            f"{entry.name}/{e.name}" for e in sorted(entry.iterdir()) if e.name not in mine
        ]


def _root(found: Publication, folder: Path, opener: Opener) -> None:
    ranks = [r for r in range(len(found.layout.ladder)) if _holds(folder, found.layout, r)]
    for rank in ranks:
        _take(found, rank, folder, "", opener)


def _take(found: Publication, rank: int, folder: Path, prefix: str, opener: Opener) -> None:
    """One tier: its tree, and its bundle."""
    tree = found.layout.tree(rank)
    found.tier_folders[rank] = folder
    if (folder / tree).is_dir():
        _tree(found, rank, folder / tree, tree, prefix + tree)
    bundle = folder / (tree + BUNDLE)
    if os.path.lexists(bundle):
        _bundle(found, rank, bundle, prefix + tree + BUNDLE, opener)


def _tree(found: Publication, rank: int, folder: Path, tree: str, place: str) -> None:
    files = found.files.setdefault(rank, {})
    for path, entry in _walk(folder, ""):
        where = f"{place}/{path}" if place else path
        if entry.is_symlink() or not entry.is_file():
            found.strangers.append(where)
        else:
            files[f"{tree}/{path}"] = File(
                rank, f"{tree}/{path}", where, partial(_read, f"{folder}/{path}")
            )


def _walk(folder: Path, below: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    for entry in sorted(os.scandir(folder / below), key=lambda entry: entry.name):
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder, path)
        else:
            yield path, entry


def _read(path: str) -> bytes:
    """The bytes of a file; `Path.read_bytes` takes twice as long."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()


def _held(data: bytes) -> Callable[[], bytes]:
    """Reads what is in memory already."""
    return lambda: data


def _bundle(found: Publication, rank: int, path: Path, place: str, opener: Opener) -> None:
    """A sealed tier, opened in memory where an identity fits."""
    bundle = Bundle(rank, place, path.read_bytes() if path.is_file() else b"")
    found.bundles.append(bundle)
    if not is_age(bundle.data):
        return
    try:
        plain = opener(rank, bundle.data, place)
        if plain is None:
            return
        members = seal.members(plain, root=found.layout.tree(rank), file=place)
    except TierpubError as error:
        bundle.fault = error.faults[0].code
        return
    bundle.opened = True
    files = found.files.setdefault(rank, {})
    for member in members:
        # A file that also stands in the clear is looked at twice.
        key = member.name + "\0" if member.name in files else member.name
        files[key] = File(
            rank, member.name, f"{place}/{member.name}", _held(member.data), sealed=True
        )
