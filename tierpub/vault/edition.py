"""A vault as readers of one level know it: their notes alone, with the text that they read.

What is not in an edition cannot be told from what was never in the vault: links, folders and
faults are those of the notes that are given.
"""

from __future__ import annotations

from collections.abc import Mapping

from tierpub.vault.index import Shelf
from tierpub.vault.vault import Vault
from tierpub.vault.walk import Layout, _Walk


def edition(vault: Vault, layout: Layout, texts: Mapping[str, str]) -> Vault:
    """The vault that holds of the notes of `vault` only those in `texts`, each reading so.

    Walks the vault again for the files that are no notes; reads none.
    """
    walk = _EditionWalk(vault, layout, texts)
    walk.run()
    return _Edition(walk, texts)


class _EditionWalk(_Walk):
    """A walk that passes over all other notes, and the folders that hold none of these."""

    def __init__(self, vault: Vault, layout: Layout, texts: Mapping[str, str]) -> None:
        super().__init__(vault.root, vault.source, layout)
        self.index.folders = _Folders(self, texts)
        self._texts = texts

    def _note(self, path: str, inside: str) -> None:
        if inside in self._texts:
            super()._note(path, inside)


class _Folders(Shelf):
    """The folders beside the source, and those around the notes of the edition."""

    __slots__ = ("_around", "_walk")

    def __init__(self, walk: _Walk, texts: Mapping[str, str]) -> None:
        super().__init__(files=False)
        self._walk = walk
        self._around: set[str] = set()
        for note in texts:
            folder = note.rpartition("/")[0]
            while folder and folder not in self._around:
                self._around.add(folder)
                folder = folder.rpartition("/")[0]

    def add(self, entry: str) -> None:
        """Enter a folder, if it is known to readers of the edition."""
        inside = self._walk.index.in_source(entry)
        if inside is None or inside in self._around:
            super().add(entry)


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
