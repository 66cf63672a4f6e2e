"""What a note says it is called, and how a reader takes a value of its frontmatter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tierpub.classify import Classified
from tierpub.note import Kind
from tierpub.tiers import fold

_CALLING = frozenset(("alias", "aliases", "title"))
_WIKI = re.compile(r"!?\[\[([^\[\]|]*)(?:\\?\|([^\[\]]*))?\]\]")


def aliases_of(note: Classified) -> Iterator[tuple[int, str]]:
    """The aliases and titles of a note, each with the portion that holds it."""
    portions = note.note.portions
    lists: dict[int, str] = {}  # what a list's items are, looked up for the first of them
    for index, value in note.note.values.items():
        portion = portions[index]
        if portion.kind == Kind.ENTRY:
            key = lists.get(portion.parent)
            if key is None:
                key = lists[portion.parent] = top_key(note, index)
        else:
            key = top_key(note, index)
        if key not in _CALLING:
            continue
        if key != "title":
            for alias in _aliases(note, index, value):
                yield index, alias
        else:
            yield index, value
    yield from _titles(note)


def keys_of(note: Classified, index: int) -> tuple[str, ...]:
    """The keys that lead to a leaf from the top; an item of a list has those of its list."""
    portions, keys = note.note.portions, []
    while portions[index].kind in (Kind.FIELD, Kind.ENTRY):
        if portions[index].kind == Kind.FIELD:
            keys.append(portions[index].name)
        index = portions[index].parent
    return tuple(reversed(keys))


def is_below(note: Classified, index: int, marked: set[int]) -> bool:
    """Whether a leaf or a field that it is an item of is one of `marked`."""
    portions = note.note.portions
    while index > 0 and portions[index].kind in (Kind.FIELD, Kind.ENTRY):
        if index in marked:
            return True
        index = portions[index].parent
    return False


def top_key(note: Classified, index: int) -> str:
    """The key of the frontmatter that a leaf stands right below, folded; else nothing."""
    portions = note.note.portions
    while portions[index].kind == Kind.ENTRY:
        index = portions[index].parent
    top = portions[portions[index].parent].kind == Kind.FRONTMATTER
    return _folded_key(portions[index].name) if top else ""


@lru_cache(maxsize=4096)
def _folded_key(name: str) -> str:
    return fold(name)


def _aliases(note: Classified, index: int, value: str) -> Iterable[str]:
    """One alias an item; a plain value may list several between commas."""
    listed = note.note.portions[index].kind == Kind.ENTRY
    return [reading(value)] if listed else [value, *value.split(",")]


def reading(value: str) -> str:
    """What a reader sees of a value: of a link its words, or the end of its path."""
    match = _WIKI.fullmatch(value.strip()) if "[[" in value else None
    if not match:
        return value
    return match[2] or match[1].partition("#")[0].rpartition("/")[2].removesuffix(".md")


def _titles(note: Classified) -> Iterator[tuple[int, str]]:
    """The first heading, where it is one of the first level and nothing in it is above the rest:
    else what its readers see is not what it says."""
    portions = note.note.portions
    for index, portion in enumerate(portions):
        if portion.kind == Kind.HEADING:
            if portion.level == 1 and not _is_mixed(note, index):
                yield index, portion.name
            return


def _is_mixed(note: Classified, heading: int) -> bool:
    end = note.note.portions[heading].inner_end
    for index in range(heading + 1, len(note.note.portions)):
        if note.note.portions[index].start >= end:
            break
        if note.tiers[index] > note.tiers[heading]:
            return True
    return False
