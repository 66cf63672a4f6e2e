"""What stands in a vault, by path, by name and by the end of a path, and Obsidian's rules for it.

Every lookup takes constant time but for paths of several parts that end alike, whose table is
made at the first lookup and kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tierpub.vault.links import Base, Reading
from tierpub.vault.names import Table, folded, key, normalise, seen, split
from tierpub.vault.pattern import Pattern

_RELATIVE = re.compile(r"\s*\.{1,2}(?:[/\\]|\s*$)")
_SMALL = 8
_DEEPEST = 64  # parts of a path on disk that are looked at


class Shelf:
    """One sort of thing in the vault: notes, other files, or folders."""

    __slots__ = ("_double", "_endings", "_files", "_full", "_names", "_prefix", "count")

    def __init__(self, prefix: str = "", *, files: bool = True) -> None:
        """`prefix` is what makes an entry a path from the vault root."""
        self._prefix = prefix
        self._files = files
        self._full, self._names = Table(), Table()
        self._endings: dict[tuple[str, int], Table] = {}
        self.count = 0
        self._double = False

    def add(self, entry: str) -> None:
        """Enter a path, which stands below the prefix."""
        self.count += 1
        self._double = self._double or entry[-6:].lower() == ".md.md"
        self._full.add(self._prefix + entry, entry)
        self._names.add(entry.rpartition("/")[2], entry)

    def freeze(self) -> None:
        """Close the shelf; only then may it be asked."""
        self._full.freeze()
        self._names.freeze()

    def entries(self) -> list[str]:
        """Everything that was entered, sorted."""
        return sorted(self._full.values())

    def collisions(self) -> list[tuple[str, ...]]:
        """Groups of entries that are one path where case and normalisation do not count."""
        return self._full.collisions()

    def at(self, path: str) -> tuple[str, ...]:
        """What stands at `path`, given with or without `.md`."""
        return self.at_key(key(path))

    def at_key(self, low: str) -> tuple[str, ...]:
        """As `at`, for a path that is a key already."""
        hit = self._full.by_key(low)
        if not self._files or (low[-3:] == ".md" and not self._double):
            return hit
        return self._join([hit, self._full.by_key(low + ".md")])

    def ending(self, parts: list[str]) -> tuple[str, ...]:
        """Everything whose path ends in `parts`, shortest first."""
        return self.ending_key(key("/".join(parts)), len(parts))

    def ending_key(self, low: str, length: int) -> tuple[str, ...]:
        """As `ending`, for so many parts that are joined and a key already."""
        if not length:
            return ()
        hit = self._ending(low, length)
        if not self._files or (low[-3:] == ".md" and not self._double):
            return hit
        return self._join([hit, self._ending(low + ".md", length)])

    def _ending(self, low: str, length: int) -> tuple[str, ...]:
        name = low.rpartition("/")[2]
        entries = self._names.by_key(name)
        if length == 1 or not entries:
            return entries
        if len(entries) <= _SMALL:
            return self._filter(entries, low)
        table = self._endings.get((name, length))
        if table is None:
            table = self._endings[name, length] = self._ends(entries, length)
        return table.by_key(low)

    def _filter(self, entries: tuple[str, ...], low: str) -> tuple[str, ...]:
        """Do for a few entries what `_ends` does for many."""
        wholes = ["/" + key(self._prefix + entry) for entry in entries]
        hits = tuple(
            e for e, whole in zip(entries, wholes, strict=True) if whole.endswith("/" + low)
        )
        if hits:
            return hits
        tail = "/" + folded(low)
        return tuple(
            e for e, whole in zip(entries, wholes, strict=True) if folded(whole).endswith(tail)
        )

    def _ends(self, entries: tuple[str, ...], length: int) -> Table:
        table = Table()
        for entry in entries:
            whole = (self._prefix + entry).split("/")
            if len(whole) >= length:
                table.add("/".join(whole[-length:]), entry)
        return table.freeze()

    @staticmethod
    def _join(hits: list[tuple[str, ...]]) -> tuple[str, ...]:
        full = [hit for hit in hits if hit]
        if len(full) < 2:  # noqa: PLR2004 -- one tuple stays the same object
            return full[0] if full else ()
        return tuple(dict.fromkeys(entry for hit in full for entry in hit))


class Found(NamedTuple):
    """What one reading of a destination names."""

    places: tuple[str, ...]
    """The paths from the vault root that it may mean, Obsidian's first choice first."""
    notes: tuple[str, ...] = ()
    note: str | None = None
    others: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    bare: bool = False
    """Whether it is a name alone."""
    relative: bool = False
    """Whether it begins at the note's folder by `./` or `../`."""
    slash: bool = False
    """Whether it ends in a slash, or in dots, and so can name nothing but a folder."""
    start: int = 0
    """In a path on disk: which part the path from the vault root begins at."""


class Index:
    """The whole vault, projections left out."""

    __slots__ = (
        "_pattern", "_source_key", "attachments", "folders", "ignored", "notes", "others", "root",
        "source", "symlinks",
    )  # fmt: skip

    def __init__(self, root: list[str], source: str, pattern: Pattern) -> None:
        """`root` is the vault root's path on disk in parts, `source` the canonical tree."""
        self._pattern = pattern
        self.root, self.source = root, source
        self._source_key = key(source)
        self.notes = Shelf(f"{source}/" if source else "")
        self.others, self.folders = Shelf(), Shelf(files=False)
        self.attachments: list[str] = []
        """The regular files below the source that are no notes and not ignored, relative to it."""
        self.symlinks: set[str] = set()
        self.ignored: set[str] = set()

    def freeze(self) -> None:
        """Close the index when all is in."""
        for shelf in (self.notes, self.others, self.folders):
            shelf.freeze()

    def inventory(self) -> Iterator[tuple[str, list[str]]]:
        """All that lookups depend on, by sort of thing: indexes that agree in it answer alike. What
        is of the sorts `place` and `symlinks` may matter to any lookup, all else to those by names
        that are akin to it."""
        yield "place", [*self.root, "", self.source]
        yield "symlinks", sorted(self.symlinks)
        yield "notes", self.notes.entries()
        yield "others", self.others.entries()
        yield "folders", self.folders.entries()
        yield "attachments", sorted(self.attachments)
        yield "ignored", sorted(self.ignored)

    def is_note(self, note: str) -> bool:
        """Whether `note`, in exactly this spelling, is a canonical note."""
        return note in self.notes.at(self.join(note))

    def join(self, path: str) -> str:
        """`path`, which is relative to the source, from the vault root."""
        return f"{self.source}/{path}" if self.source and path else self.source or path

    def in_source(self, place: str) -> str | None:
        """`place` relative to the source, or None where it lies outside."""
        if not self.source:
            return place
        head, rest = place[: len(self.source)], place[len(self.source) + 1 :]
        if key(head) == self._source_key and rest and place[len(self.source)] == "/":
            return rest
        return None

    def projected(self, place: str) -> bool:
        """Whether `place` lies in a tier's tree, of which the index knows nothing."""
        return self._pattern.of(place) is not None

    def behind_symlink(self, place: str) -> bool:
        """Whether `place` is, or lies behind, a symlink."""
        if not self.symlinks:
            return False
        parts = key(place).split("/")
        return any("/".join(parts[:i]) in self.symlinks for i in range(1, len(parts) + 1))

    def find(self, reading: Reading, folder: str) -> Found:
        """What `reading` names, seen from a note in `folder` (from the vault root)."""
        parts = split(reading.path)
        if reading.base is Base.DISK:
            return self._on_disk(parts)
        here = [] if reading.base is Base.VAULT else split(folder)
        slash = _names_folder(reading, parts)
        if reading.path.lstrip()[:1] in ("/", "\\"):
            return self._exact(["/".join(normalise(parts))], slash=slash)
        if _RELATIVE.match(reading.path):
            place = "/".join(normalise([*here, *parts]))
            return self._exact([place], slash=slash)._replace(relative=True)
        return self._anywhere(normalise(parts), here, slash=slash)

    def way(self, reading: Reading) -> Found:
        """What `find` tells of how `reading` is written, sooner: `relative`, `slash`, `start`."""
        if reading.base is Base.DISK:
            return self._on_disk(split(reading.path))
        relative = _RELATIVE.match(reading.path) is not None
        return Found((), relative=relative, slash=_names_folder(reading, split(reading.path)))

    def _exact(self, places: list[str], *, slash: bool = False) -> Found:
        if len(places) == 1 and self.projected(places[0]):
            return Found((places[0],), slash=slash)
        lows = [key(place) for place in places]
        notes = tuple(n for low in lows for n in self.notes.at_key(low))
        others = tuple(o for low in lows for o in self.others.at_key(low))
        if len(others) > 1:
            others = self._meant(others, places)
        folders = tuple(f for low in lows for f in self._folder(low))
        note = notes[0] if notes else None
        return Found(tuple(places), notes, note, others, folders, slash=slash)

    def _folder(self, low: str) -> tuple[str, ...]:
        return self.folders.at_key(low) if low else ("",)

    def _anywhere(self, parts: list[str], here: list[str], *, slash: bool) -> Found:
        count = len(parts)
        bare = count == 1
        places = ["/".join(parts), "/".join([*here, *parts])]
        low = key(places[0])
        if bare:
            places.reverse()  # the same folder first; the root's own is the shortest path
        notes = self.notes.ending_key(low, count)
        note = self._choice(notes, places) if notes else None
        others = self.others.ending_key(low, count)
        if bare and others:
            others = seen(others, beside=bool(notes))
        if len(others) > 1:
            others = self._meant(others, places)
        folders = self.folders.ending_key(low, count)
        return Found(tuple(places), notes, note, others, folders, bare=bare, slash=slash)

    def _choice(self, notes: tuple[str, ...], places: list[str]) -> str:
        """Obsidian's choice: what stands at one of `places`, else the shortest path."""
        if len(notes) > 1:
            for place in places:
                if hit := self.notes.at(place):
                    return hit[0]
        return notes[0]

    def _meant(self, others: tuple[str, ...], places: list[str]) -> tuple[str, ...]:
        """Of files that are no notes the one that stands at the first of `places`, else all: of
        a file only the one that is meant goes along with the link, under the path it has."""
        for place in places:
            if hit := self.others.at(place):
                return (place,) if place in hit else hit[:1]
        return others

    def _on_disk(self, parts: list[str]) -> Found:
        root = len(self.root)
        if root and [key(p) for p in parts[:root]] == [key(p) for p in self.root]:
            return self._exact(["/".join(normalise(parts[root:]))])._replace(start=root)
        whole = "/".join(normalise(parts))
        if self._pattern.inside(whole) is not None:  # the end of it is no path from the root
            return Found((whole,), start=len(parts))
        for start in range(max(0, len(parts) - _DEEPEST), len(parts)):
            place = "/".join(normalise(parts[start:]))
            for each in (place, self.join(place)):
                if self.notes.at(each) or self.others.at(each):
                    return self._exact([each])._replace(start=start)
        return Found((whole,), start=len(parts))


def _names_folder(reading: Reading, parts: list[str]) -> bool:
    """Whether a reading can name nothing but a folder."""
    return reading.path.rstrip()[-1:] in ("/", "\\") or parts[-1:] in ([], [".."])
