"""A run over a few notes of a vault whose other notes are as they are remembered.

What is classified again is every note that changed, and what depends on what changed in it: the
links to a note whose tier is another, the anchors into one whose headings or blocks may be, the
block ids that links from elsewhere name. Tiers along anchors are a least fixed point, and notes
may lead to each other in a circle. So all notes that lead into a changed one by anchors, over any
number of steps, are classified from nothing, together with it; of the others, which do not depend
on it, the remembered tiers are the final ones.

Wherever what is remembered is not enough, `Lost` is raised and everything is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tierpub.classify import Reason
from tierpub.classify.context import Context, Facts
from tierpub.classify.part import NoteFault, NoteReason
from tierpub.path import row as rows
from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost, Memory, Note, PackedReason
from tierpub.path.row import Row
from tierpub.path.shard import Made, Shard
from tierpub.path.speech import Spoken
from tierpub.policy import Policy
from tierpub.vault import Vault

_ROUNDS = 100


Topic = Callable[[Keyed, str], int]


class Partial:
    """The changed notes of a vault, and those that depend on them."""

    def __init__(
        self, vault: Vault, policy: Policy, memory: Memory, changed: Iterable[str], most: int
    ) -> None:
        """Classifies what has to be. Raises `Lost` where that are more than `most` notes, or
        something is wrong in any of them: faults are told as they are where everything is done."""
        self._vault, self._policy, self._memory, self._most = vault, policy, memory, most
        self._keyed = memory.keyed
        self._rules = rows.rule_numbers(policy)
        self._asked: dict[int, set[str]] = {}
        """By topic, the notes that depend on it."""
        self.dirty = set(changed)
        """Notes that are projected again."""
        self._near = memory.speakers()
        """Notes that are classified with them: what is known of them may change, or is needed."""
        self.rows: dict[str, Row] = {}
        """What is to be remembered of the notes that were classified."""
        self.facts: dict[str, Facts] = {}
        """Of those of them that anchors lead into."""
        self.reasons: dict[str, PackedReason] = {}
        """What gives each of them its tier."""
        self._shard = self._classified()

    def _classified(self) -> Shard:
        for _ in range(_ROUNDS):
            notes = self.dirty | self._near
            if len(notes) > self._most:
                raise Lost
            shard = Shard(self._vault, self._policy, sorted(notes))
            if self._settled(shard):
                return shard
        raise Lost

    def _settled(self, shard: Shard) -> bool:
        """Classify the notes of `shard`; False where there turn out to be more of them."""
        given, faults = shard.read()
        _sound(faults)
        if not (self._rules_stand(given) and self._is_closed()):
            return False
        wanted, faults = shard.classify(self._all_reasons(dict(given)))
        _sound(faults)
        if unknown := {n for n in wanted - shard.found.notes.keys() if not self._wanted(n)}:
            self._near |= unknown
            return False
        self._settle_anchors(shard, wanted)
        _sound(shard.settle(shard.block_refs()))
        return self._compared(shard)

    def _rules_stand(self, given: list[NoteReason]) -> bool:
        """Whether all notes with links to one whose tier is another are here; else they are now."""
        changed = set()
        for note, reason in given:
            packed = rows.packed_reason(reason, self._rules)
            if packed is None:
                raise Lost
            self.reasons[note] = packed
            if packed != self._memory.notes[note].reason:
                changed.add(note)
        if not changed:
            return True
        self._same_folders(dict(given))
        linked = self._dependents(changed, rows.tier_of) - self.dirty
        self.dirty |= linked
        return not linked

    def _is_closed(self) -> bool:
        """Whether all notes that lead into one of these by anchors are here; else they are now."""
        entered = {n for n in self.dirty | self._near if self._wanted(n)}
        more = set()
        while entered:
            entered = self._dependents(entered, rows.anchors_into) - self.dirty - self._near
            self._near |= entered
            more |= entered
            entered = {n for n in entered if self._wanted(n)}
        return not more

    def _wanted(self, note: str) -> bool:
        """Whether an anchor led into `note` when it was last looked at."""
        return bool(self._memory.notes[note].flags & rows.WANTED)

    def _dependents(self, notes: Iterable[str], topic: Topic) -> set[str]:
        """The notes that depend on `topic` of any of `notes`."""
        asked = {topic(self._keyed, note) for note in notes}
        if new := asked - self._asked.keys():
            self._asked.update((number, set()) for number in new)
            for note, topics in self._memory.topics():
                for number in new.intersection(topics):
                    self._asked[number].add(note)
        return set().union(*(self._asked[number] for number in asked))

    def _all_reasons(self, given: dict[str, Reason]) -> list[NoteReason]:
        """What gives every note of the vault its tier: as read, or as remembered."""
        known: dict[PackedReason, Reason] = {}
        found = []
        for path, note in self._memory.notes.items():
            reason = given.get(path)
            if reason is None:
                reason = known.get(note.reason)
            if reason is None:
                reason = known[note.reason] = rows.unpacked_reason(note.reason, self._policy)
            found.append((path, reason))
        return found

    def _same_folders(self, given: dict[str, Reason]) -> None:
        """Raise `Lost` where a folder may be known of from another level on than before."""
        before, now = (Context.of(self._policy, self._vault) for _ in range(2))
        before.set_tiers(self._all_reasons({}))
        now.set_tiers(self._all_reasons(given))
        if before.folders != now.folders or before.shelves != now.shelves:
            raise Lost

    def _settle_anchors(self, shard: Shard, wanted: set[str]) -> None:
        """As in a whole run, but that what is not classified here stands still already."""
        here = shard.found.notes.keys()
        outside = {name: self._memory.facts(name) for name in sorted(wanted - here)}
        inside = sorted(n for n in here if n in wanted or self._wanted(n))
        shard.again(outside)
        known: dict[str, Facts] = {}
        while (facts := shard.facts(inside)) != known:
            known = facts
            shard.again({**outside, **facts})
        self.facts = known

    def _compared(self, shard: Shard) -> bool:
        """Hold what is known now against what is remembered; False where more notes are dirty
        that were not classified."""
        numbers = {self._keyed.note(note): note for note in self._memory.notes}
        more: set[str] = set()
        for path, note in shard.found.notes.items():
            new = rows.row_of(shard.found, note, self._keyed, self.facts.get(path))
            old = self._memory.row(path)
            self.rows[path] = new
            if new.uses != old.uses:
                raise Lost  # another attachment may go, or one may have to
            if new.seen != old.seen:
                self.dirty.add(path)
            refs = set(rows.in_threes(new.refs)) ^ set(rows.in_threes(old.refs))
            more |= {numbers[target] for _, target, _ in refs}
        self.dirty |= more
        return more <= shard.found.notes.keys()

    def learned(self) -> dict[str, tuple[Note, bytes]]:
        """What is to be remembered of every note that was classified, and its row."""
        found = {}
        for path, row in self.rows.items():
            packed, old = row.packed(), self._memory.notes[path]
            text = self._shard.found.notes[path].note.text
            flags = old.flags & ~rows.WANTED | rows.WANTED * (path in self.facts)
            note = Note(
                self._keyed.digest(text.encode()),
                self.reasons[path],
                flags,
                self._keyed.digest(packed),
            )
            found[path] = note, packed
        return found

    def projections(self, levels: Sequence[int]) -> Iterator[Made]:
        """The projections at `levels` of the notes that changed and of those that depend on what
        changed. Raises `Lost` where the gate has anything to say of them."""
        spoken = Spoken(self._shard.found, self._memory, self.dirty)
        if self._policy.mentions != "off":
            spoken.stand(self.rows)
        self._shard.watch(*spoken.heard())
        for made in self._shard.projections(levels, sorted(self.dirty)):
            yield from made
        if self._shard.mentions()[0]:
            raise Lost


def _sound(faults: Iterable[NoteFault]) -> None:
    if any(fault.severity == "error" for _, fault in faults):
        raise Lost
