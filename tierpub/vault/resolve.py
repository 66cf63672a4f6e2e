"""From a destination to its target: what sort of thing a link names, and every note it may name.

Which note a link opens differs between readers, so all that match are told and the caller takes
the highest tier of them. Where nothing matches, the target still says which path was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple
from urllib.parse import unquote

from tierpub.vault.extensions import has_md, is_attachment
from tierpub.vault.index import Found, Index
from tierpub.vault.links import Base, Destination, Reading
from tierpub.vault.names import key, normalise, split
from tierpub.vault.pattern import Pattern

Sort = Literal["note", "missing", "tier", "name", "outside", "attachment", "folder", "external"]
_SLASHES = ("/", "\\")
_PLAIN = re.compile(r"(?:/[\w(),~-]+(?:[ .][\w(),~-]+)*)+")
"""Paths from the vault root that can be read in one way only, nothing of which is taken out."""


class Target(NamedTuple):
    """What a link names."""

    sort: Sort
    """`note`: canonical notes. `missing`: a path below the source that no file stands at.
    `tier`: a projection, there or not. `name`: a bare name that nothing matches. `outside`: in
    the vault but outside the source, or ignored, there or not. `attachment`: a file below the
    source that is no note. `folder`: a folder below the source, or one that holds it.
    `external`: anything else."""
    notes: tuple[str, ...] = ()
    """Every canonical note it may name, relative to the source; the tier is their highest."""
    note: str | None = None
    """The one that Obsidian opens."""
    path: str = ""
    """The path from the vault root, of what was found or was meant; of `external` the URL."""
    tree: int | None = None
    """Rank of the tier whose projection it names, which counts in every sort."""
    anchor: str = ""
    """What follows `#`, decoded."""
    paths: tuple[str, ...] = ()
    """Every file that is no note, or else folder, that it may name, from the vault root. Without
    a slash at its end a link names no folder, but `missing` and `name` tell those called so."""
    outside: bool = False
    """Whether one of `paths` is outside the source or ignored."""
    sources: tuple[str, ...] = ()
    """Of `missing` and `tier`: the paths relative to the source that it may mean, likeliest
    first, with `.md` where a note is meant. A rule that matches one of them speaks."""
    reading: int = 0
    """Which reading of the destination this comes from."""

    @property
    def path_in_source(self) -> str | None:
        """The path relative to the source that was found or most likely meant."""
        return self.note or (self.sources[0] if self.sources else None)


class Resolver:
    """Resolves destinations against one index."""

    __slots__ = ("_index", "_pattern")

    def __init__(self, index: Index, pattern: Pattern) -> None:
        """Both as `walk.scan` made them."""
        self._index, self._pattern = index, pattern

    def projection(self, raw: str) -> Target | None:
        """The short way from a destination as it is written, in whatever syntax, to a path into a
        tier's tree; None where the long way must be gone."""
        if not _PLAIN.fullmatch(raw):
            return None
        return self._projected(raw[1:], "")

    def target(self, dest: Destination, note: str) -> Target:
        """What `dest` names in `note` (relative to the source). Never fails."""
        if len(dest.readings) == 1 and (short := self._in_tree(dest.readings[0])):
            return short
        folder = self._folder(note)
        finds = [self._find(dest, i, folder, note) for i in range(len(dest.readings))]
        hits = [i for i, f in enumerate(finds) if f.notes or f.others or (f.slash and f.folders)]
        chosen = hits[0] if hits else 0
        tree, sources, behind = self._projection(dest, finds)
        if hits:
            anchor = dest.readings[chosen].anchor
            return self._there(finds, chosen, tree, behind, anchor)
        if not finds:
            return Target("external", path=dest.url, tree=tree)
        return self._nothing(dest, finds[0], tree, sources, behind)

    def _in_tree(self, reading: Reading) -> Target | None:
        """The short way for one path from the vault root into a tier's tree, of which the index
        knows nothing."""
        if reading.base is Base.DISK or reading.path.lstrip()[:1] not in _SLASHES:
            return None
        place = "/".join(normalise(split(reading.path.lstrip("/"))))
        return self._projected(place, reading.anchor)

    def _projected(self, place: str, anchor: str) -> Target | None:
        ranks: list[int] = []
        sources: list[str] = []
        if not self._trees(place, ranks, sources, found=True):
            return None
        meant = tuple(dict.fromkeys(sources)) if len(sources) > 1 else (sources[0],)
        behind = self._behind(meant)
        note = behind[0] if behind else None
        return Target("tier", behind, note, place, max(ranks), anchor, (), False, meant)  # noqa: FBT003

    def _behind(self, sources: Iterable[str]) -> tuple[str, ...]:
        """The notes that stand at canonical paths."""
        notes = [n for path in sources for n in self._index.notes.at(self._index.join(path))]
        return tuple(dict.fromkeys(notes))

    def _folder(self, note: str) -> str:
        return self._index.join(note.rpartition("/")[0])

    def _find(self, dest: Destination, at: int, folder: str, note: str) -> Found:
        reading = dest.readings[at]
        if reading.path.strip():
            return self._index.find(reading, folder)
        own = reading.base is Base.NOTE
        return Found((self._index.join(note),), (note,), note) if own else Found(("",))

    def _projection(
        self, dest: Destination, finds: list[Found]
    ) -> tuple[int | None, tuple[str, ...], tuple[str, ...]]:
        """The rank that the destination names, the canonical paths of it, and those that exist."""
        ranks: list[int] = []
        sources: list[str] = []
        notes: list[str] = []
        for find in finds:
            found = bool(find.notes or find.others)
            for place in find.places:
                if not self._trees(place, ranks, sources, found=found):
                    self._endings(place, ranks, sources, notes, bare=find.bare)
        if not finds and (hit := self._pattern.inside(unquote(dest.url))):
            ranks.append(hit[0])
        meant = tuple(dict.fromkeys(sources))
        behind = tuple(dict.fromkeys((*notes, *self._behind(meant)))) if meant or notes else ()
        return max(ranks, default=None), meant, behind

    def _trees(self, place: str, ranks: list[int], sources: list[str], *, found: bool) -> bool:
        hit = self._pattern.of(place) or (None if found else self._pattern.inside(place))
        if hit is None:
            return False
        ranks.append(hit[0])
        sources.append(hit[1])
        folder, _, name = hit[1].rpartition("/")
        if (named := self._pattern.named(name)) is not None:
            ranks.append(named.rank)
            sources += [f"{folder}/{base}.md".lstrip("/") for base in named.bases]
        return True

    def _endings(
        self, place: str, ranks: list[int], sources: list[str], notes: list[str], *, bare: bool
    ) -> None:
        folder, _, name = place.rpartition("/")
        named = self._pattern.named(name)
        if named is None:
            return
        ranks.append(named.rank)
        for base in named.bases:
            path = f"{folder}/{base}".lstrip("/")
            inside = self._index.in_source(path)
            sources += [inside + ".md"] if inside and not bare else []
            notes += self._index.notes.ending([base] if bare else split(path))

    def _there(
        self,
        finds: list[Found],
        chosen: int,
        tree: int | None,
        behind: tuple[str, ...],
        anchor: str,
    ) -> Target:
        first = finds[chosen]
        notes = _merge([f.notes for f in finds] + ([behind] if tree is not None else []))
        others = _merge([f.others for f in finds])
        paths = others or (first.folders if first.slash else ())
        outside = any(self._is_outside(path, is_file=bool(others)) for path in paths)
        sort = self._sort(first, outside=outside)
        note = first.note or (notes[0] if notes else None)
        path = first.places[0]
        if sort == "note" and note:
            path = self._index.join(note)
        elif paths:
            path = paths[0]
        return Target(sort, notes, note, path, tree, anchor, paths, outside, (), chosen)

    def _sort(self, found: Found, *, outside: bool) -> Sort:
        if found.folders and found.slash:
            return "outside" if outside else "folder"
        if found.notes:
            return "note"
        return "outside" if outside else "attachment"

    def _is_outside(self, path: str, *, is_file: bool) -> bool:
        if path in self._index.ignored or self._index.behind_symlink(path):
            return True
        if is_file:
            return self._index.in_source(path) is None
        source, low = key(self._index.source), key(path)
        holds = not low or low == source or source.startswith(low + "/")
        return not holds and self._index.in_source(path) is None

    def _nothing(
        self,
        dest: Destination,
        find: Found,
        tree: int | None,
        sources: tuple[str, ...],
        behind: tuple[str, ...],
    ) -> Target:
        anchor = dest.anchor
        if tree is not None:
            note = behind[0] if behind else None
            return Target("tier", behind, note, find.places[0], tree, anchor, sources=sources)
        if any(map(self._index.behind_symlink, find.places)):
            return Target("outside", path=find.places[0], anchor=anchor, outside=True)
        meant = self._meant(dest, find)
        if meant:
            place, folders = find.places[0], find.folders
            return Target("missing", path=place, anchor=anchor, paths=folders, sources=meant)
        if dest.scheme:
            return Target("external", path=dest.url, anchor=anchor)
        if find.bare:
            return Target("name", path=find.places[-1], anchor=anchor, paths=find.folders)
        return Target("outside", path=find.places[0], anchor=anchor, outside=True)

    def _meant(self, dest: Destination, find: Found) -> tuple[str, ...]:
        """The paths below the source that a destination means that names nothing."""
        if find.bare:
            return ()
        inside = [self._index.in_source(place) for place in find.places]
        if inside[0] is None and dest.readings[0].base is Base.DISK:
            inside[0] = self._nested(find.places[0])
        elif inside[0] is None and len(find.places) > 1:  # by no prefix said to be elsewhere
            if self._index.folders.at(find.places[0].partition("/")[0]):
                return ()  # a folder beside the source would hold it
            inside[0] = find.places[0]
        else:
            inside = inside[:1]
        return tuple(dict.fromkeys(_as_note(p) for p in inside if p))

    def _nested(self, place: str) -> str | None:
        """What follows the source's name anywhere in a path on somebody's disk."""
        mark = f"/{key(self._index.source)}/"
        if not self._index.source or mark not in (low := "/" + key(place)):
            return None
        count = low[low.rindex(mark) + len(mark) :].count("/") + 1
        return "/".join(place.split("/")[-count:])


def _as_note(path: str) -> str:
    return path if has_md(path) or is_attachment(path) else path + ".md"


def _merge(hits: list[tuple[str, ...]]) -> tuple[str, ...]:
    full = [hit for hit in hits if hit]
    if not full or all(hit is full[0] for hit in full):
        return full[0] if full else ()
    return tuple(dict.fromkeys(entry for hit in full for entry in hit))
