"""A vault as readers of one level know it: their notes alone, with the text that they read.

What is not in an edition cannot be told from what was never in the vault: links, folders and
faults are those of the notes that are given.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from tierpub.vault.index import Shelf
from tierpub.vault.vault import Vault
from tierpub.vault.walk import Layout, _Ignore, _Walk


def edition(
    vault: Vault, layout: Layout, texts: Mapping[str, str], attachments: Iterable[str] = ()
) -> Vault:
    """The vault that holds of the notes of `vault` only those in `texts`, each reading so, and of
    its attachments only `attachments`.

    Walks the vault again for the files that are no notes; reads none.
    """
    walk = _EditionWalk(vault, layout, (*texts, *attachments))
    walk.run()
    return _Edition(walk, texts)


class _EditionWalk(_Walk):
    """A walk that passes over all other notes, and in the source over the folders that hold none
    of these: what stands in them is as hidden as their names."""

    def __init__(self, vault: Vault, layout: Layout, held: Iterable[str]) -> None:
        """`held` are the notes and attachments of the edition, relative to the source."""
        super().__init__(vault.root, vault.source, layout)
        held = frozenset(held)
        self._left_out = frozenset((*vault.notes, *vault.attachments)) - held
        self._around = _folders(held)
        self.index.folders = _Folders(self)

    def knows(self, path: str) -> bool:
        """Whether readers of the edition may know of the folder `path`, from the vault root."""
        inside = self.index.in_source(path)
        return inside is None or inside in self._around

    def _file(
        self, path: str, entry: os.DirEntry[str], ignore: _Ignore | None, *, ignored: bool
    ) -> None:
        left_out = self.index.in_source(path) in self._left_out
        if not left_out and self.knows(path.rpartition("/")[0]):
            super()._file(path, entry, ignore, ignored=ignored)


class _Folders(Shelf):
    """The folders that readers of an edition may know of."""

    __slots__ = ("_walk",)

    def __init__(self, walk: _EditionWalk) -> None:
        super().__init__(files=False)
        self._walk = walk

    def add(self, entry: str) -> None:
        """Enter a folder, if it is one of them."""
        if self._walk.knows(entry):
            super().add(entry)


def _folders(notes: Iterable[str]) -> set[str]:
    """The folders around `notes`, all relative to the source."""
    found: set[str] = set()
    for note in notes:
        folder = note.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


class _Edition(Vault):
    """A vault whose notes are read from memory."""

    __slots__ = ("_texts",)

    def __init__(self, walk: _EditionWalk, texts: Mapping[str, str]) -> None:
        known = {walk.index.join(note) for note in texts}
        faults = [f for f in walk.faults if f.place is not None and f.place.file in known]
        notes = tuple(sorted(walk.notes))
        super().__init__(walk.root, notes, tuple(faults), walk.index, walk.pattern)
        self._texts = texts

    def read(self, note: str) -> str:
        """The text of `note` in this edition."""
        return self._texts[note]
