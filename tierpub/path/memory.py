"""What is remembered of a whole vault between two runs, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tierpub.classify.context import Context, Facts
from tierpub.path.keyed import Keyed
from tierpub.path.known_facts import facts_in
from tierpub.path.row import SPEAKS, WANTED, Row, folder_of, topics_in, uses_in

PackedReason = tuple[int, int, int, int]
_SHELF = 1 << 20
"""Added to the tier of a folder that holds attachments and no notes."""


class Note(NamedTuple):
    """The little of a note that is always at hand."""

    content: bytes
    """Digest of its text."""
    reason: PackedReason
    """What gives it its tier."""
    flags: int
    row: bytes
    """Digest of its row."""


class File(NamedTuple):
    """What is remembered of an attachment."""

    level: int
    """The lowest level at which something refers to it; -1 where nothing does."""
    copied: bool
    """Whether it is fit to be copied."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What the mention gate looked for, as keyed numbers."""

    needles: tuple[int, ...] = ()
    """By threes: a word, the level below which it may not be mentioned, and what it is."""
    excuses: tuple[int, ...] = ()
    """By threes: a longer name that holds a needle, its tier, and whether it is an alias."""
    raised: frozenset[int] = frozenset()
    """Every word that would be a needle if it were seen nowhere below its tier."""


class Lost(Exception):  # noqa: N818 - no error: everything is done again
    """What is remembered does not tell what has to be known."""


@dataclass(slots=True)
class Memory:
    """A vault as a run left it, as far as it is there still."""

    keyed: Keyed
    notes: dict[str, Note]
    """In the order of the vault; those that are new since are missing."""
    files: dict[int, File]
    """Attachments, by number."""
    folders: dict[int, int]
    """From which level each folder may be known of, by the number of its topic."""
    speech: Speech
    fetch: Callable[[int], bytes] = field(repr=False)
    """The packed row of a note, by its number."""
    fetch_all: Callable[[], Iterable[tuple[int, bytes]]] = field(repr=False)
    """All of them."""
    gone: dict[int, Note] = field(default_factory=dict)
    """Notes that are not there any more, by number."""

    def row(self, note: str) -> Row:
        """What is remembered of one note; of a new one that nothing is.

        Raises `Lost` where it is not what was put down."""
        known = self.notes.get(note)
        if known is None:
            return Row.nothing()
        return Row.unpacked(self._checked(known, self.fetch(self.keyed.note(note))))

    def gone_rows(self) -> Iterator[Row]:
        """What is remembered of the notes that are gone."""
        for number, known in self.gone.items():
            yield Row.unpacked(self._checked(known, self.fetch(number)))

    def _checked(self, known: Note, data: bytes) -> bytes:
        if self.keyed.digest(data) != known.row:
            raise Lost
        return data

    def wanted(self, note: str) -> bool:
        """Whether an anchor led into `note` when it was last looked at."""
        known = self.notes.get(note)
        return known is not None and bool(known.flags & WANTED)

    def facts(self, note: str) -> Facts:
        """What links into a note depend on."""
        return facts_in(self.row(note), self.keyed, note)

    def topics(self) -> Iterator[tuple[str, Iterable[int]]]:
        """Every note that is there still, and the topics that it depends on."""
        for note, data in self._rows():
            yield note, topics_in(data)

    def uses(self) -> Iterator[tuple[str, Iterable[int]]]:
        """The same with the attachments that it refers to, each followed by its level."""
        for note, data in self._rows():
            yield note, uses_in(data)

    def _rows(self) -> Iterator[tuple[str, bytes]]:
        names = {self.keyed.note(note): note for note in self.notes}
        for number, data in self.fetch_all():
            note = names.pop(number, None)
            if note is not None:
                yield note, self._checked(self.notes[note], data)
            elif number not in self.gone:
                raise Lost
        if names:
            raise Lost

    def speakers(self) -> set[str]:
        """The notes that have to be read for what the mention gate looks for."""
        if not self.speech.needles:
            return set()
        return {note for note, known in self.notes.items() if known.flags & SPEAKS}


def folders_of(keyed: Keyed, ctx: Context) -> dict[int, int]:
    """From which level each folder may be known of, as it is remembered."""
    found = {folder_of(keyed, path): tier for path, tier in ctx.folders.items()}
    found |= {folder_of(keyed, path): tier + _SHELF for path, tier in ctx.shelves.items()}
    return found


def differing(before: Mapping[int, int], now: Mapping[int, int]) -> set[int]:
    """The keys that are in one of two tables alone, or have another value."""
    return {n for n in before.keys() | now.keys() if before.get(n) != now.get(n)}
