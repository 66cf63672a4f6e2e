"""What the mention gate looks for, from one run to the next: numbers, and the notes that say it.

The words themselves are read again from the few notes that say them. Where a changed note says
something that could make another needle of a word, or excuse one, everything is done again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from tierpub.classify import Survey
from tierpub.mentions import Called, Names, Needle, excusing, gather, leads_of
from tierpub.mentions.plain import plain
from tierpub.path import row as rows
from tierpub.path.copies import Copies
from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost, Memory, Speech
from tierpub.path.row import Row

_NAMES, _ALIASES = 0, 2
"""The tables of `Called` whose words can excuse a needle that is a part of them."""


def speech_of(keyed: Keyed, needles: list[Needle], names: Names, all_rows: Iterable[Row]) -> Speech:
    """What is to be remembered of a run's gate, given the rows of all notes."""
    held = excusing(needles, names)
    excuses = [(rows.word_of(keyed, w), tier, 0) for w, tier in held.own.items()]
    excuses += [(rows.word_of(keyed, w), tier, 1) for w, tier in held.aliases.items()]
    found = [(rows.word_of(keyed, n.text), n.floor, rows.WHATS.index(n.what)) for n in needles]
    raised = {word for row in all_rows for word, _, _ in rows.in_threes(row.raised)}
    return Speech(rows.flat(sorted(found)), rows.flat(sorted(excuses)), frozenset(raised))


def says(row: Row, speech: Speech) -> bool:
    """Whether a note says one of the longer names that excuse a needle."""
    words = {word for word, _, _ in rows.in_threes(speech.excuses)}
    return any(
        word in words and rows.table_of(entry) in (_NAMES, _ALIASES)
        for word, entry in rows.in_twos(row.called)
    )


class Spoken:
    """What the notes of a partial run say, held against what the last whole run heard."""

    def __init__(self, found: Survey, memory: Memory, dirty: Collection[str]) -> None:
        """`found` has all notes that say a needle or an excuse, and those that are `dirty`."""
        self._found, self._memory, self._dirty = found, memory, dirty
        self._keyed = memory.keyed
        self._speech = memory.speech

    def stand(self, new: Mapping[str, Row], copies: Copies) -> None:
        """Raise `Lost` unless the needles, and what excuses them, are certainly as they were, and
        no attachment goes where its name was not searched."""
        memory = self._memory
        pairs = [(memory.row(path), new[path]) for path in self._dirty]
        pairs += [(row, Row.nothing()) for row in memory.gone_rows()]
        known = [*memory.gone.values(), *(memory.notes.get(path) for path in self._dirty)]
        if any(note is not None and note.flags & rows.LEADS for note in known):
            raise Lost
        if any(self._says_other(*pair) for pair in pairs):
            raise Lost
        if copies.asked and self._speech.needles:
            raise Lost
        self._excuses_stand()

    def _says_other(self, old: Row, new: Row) -> bool:
        guarded = {word for word, _, _ in rows.in_threes(self._speech.excuses)}
        guarded |= self._speech.raised
        words = {w for w, _ in set(rows.in_twos(old.called)) ^ set(rows.in_twos(new.called))}
        return old.raised != new.raised or not guarded.isdisjoint(words)

    def _excuses_stand(self) -> None:
        """Raise `Lost` where a changed note says a longer name that nothing said before."""
        needles, _ = self.heard()
        if not needles:
            return
        dirty = {path: self._found.notes[path] for path in self._dirty}
        part = Survey(self._found.context, dirty)
        said = gather(part)
        held = excusing(needles, Names(said.names, said.aliases))
        known = {(word, alias) for word, _, alias in rows.in_threes(self._speech.excuses)}
        for alias, table in enumerate((held.own, held.aliases)):
            if any((rows.word_of(self._keyed, word), alias) not in known for word in table):
                raise Lost
        if leads_of(part, needles):
            raise Lost

    def heard(self) -> tuple[list[Needle], Names]:
        """The needles, and the names that excuse one, in words. Raises `Lost` where one of them
        is said nowhere that was read."""
        if not self._speech.needles:
            return [], Names({}, {})
        said = gather(self._found)
        texts = {rows.word_of(self._keyed, text): text for text in self._texts(said)}
        needles = [
            Needle(texts[word], floor, rows.WHATS[what], "", 0)
            for word, floor, what in rows.in_threes(self._speech.needles)
            if word in texts
        ]
        texts |= {rows.word_of(self._keyed, t): t for t in leads_of(self._found, needles)}
        own: dict[str, int] = {}
        aliases: dict[str, int] = {}
        for word, tier, alias in rows.in_threes(self._speech.excuses):
            if word in texts:
                (aliases if alias else own)[texts[word]] = tier
        if 3 * (len(needles) + len(own) + len(aliases)) != len(self._speech.needles) + len(
            self._speech.excuses
        ):
            raise Lost
        return needles, Names(own, aliases)

    def _texts(self, said: Called) -> Iterator[str]:
        """All words that may be a needle or excuse one."""
        yield from (needle.text for needle in said.raised)
        yield from said.names
        yield from said.aliases
        for folder in self._found.context.folders:
            path = folder.removeprefix(f"{self._found.context.vault.source}/")
            yield plain(path.rpartition("/")[2])
            yield plain(path)
