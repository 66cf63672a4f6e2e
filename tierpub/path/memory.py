"""What is remembered of a whole vault between two runs, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tierpub.classify.context import Facts
from tierpub.path.keyed import Keyed
from tierpub.path.row import SPEAKS, Row, facts_in, topics_in

PackedReason = tuple[int, int, int, int]


@dataclass(slots=True)
class Note:
    """The little of a note that is always at hand."""

    content: bytes
    """Digest of its text."""
    reason: PackedReason
    """What gives it its tier."""
    flags: int
    row: bytes
    """Digest of its row."""


@dataclass(slots=True)
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
    """A vault as a run left it."""

    keyed: Keyed
    notes: dict[str, Note]
    """In the order of the vault."""
    speech: Speech
    levels: tuple[int, ...]
    """For each attachment of the vault, in order, from which level it is copied; -1 for never."""
    fetch: Callable[[int], bytes] = field(repr=False)
    """The packed row of a note, by its number."""
    fetch_all: Callable[[], Iterable[tuple[int, bytes]]] = field(repr=False)
    """All of them."""

    def row(self, note: str) -> Row:
        """What is remembered of one note. Raises `Lost` where it is not what was put down."""
        data = self.fetch(self.keyed.note(note))
        self._check(note, data)
        return Row.unpacked(data)

    def _check(self, note: str, data: bytes) -> None:
        if self.keyed.digest(data) != self.notes[note].row:
            raise Lost

    def facts(self, note: str) -> Facts:
        """What links into a note depend on."""
        return facts_in(self.row(note), self.keyed, note)

    def topics(self) -> Iterator[tuple[str, Iterable[int]]]:
        """Every note and the topics that it depends on."""
        names = {self.keyed.note(note): note for note in self.notes}
        for number, data in self.fetch_all():
            note = names.pop(number, None)
            if note is None:
                raise Lost
            self._check(note, data)
            yield note, topics_in(data)
        if names:
            raise Lost

    def speakers(self) -> set[str]:
        """The notes that have to be read for what the mention gate looks for."""
        if not self.speech.needles:
            return set()
        return {note for note, known in self.notes.items() if known.flags & SPEAKS}
