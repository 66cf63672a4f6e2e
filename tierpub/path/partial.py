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

from tierpub.classify import Classified, Reason
from tierpub.classify.context import Facts
from tierpub.classify.part import NoteFault, NoteReason
from tierpub.path import packed as packing
from tierpub.path import row as rows
from tierpub.path.copies import Copies
from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost, Memory, Note, PackedReason, differing, folders_of
from tierpub.path.row import Row
from tierpub.path.shard import Made, Shard
from tierpub.path.speech import Spoken
from tierpub.policy import Policy
from tierpub.vault import Vault

_ROUNDS = 100

Topic = Callable[[Keyed, str], int]


class Partial:
    """The changed notes of a vault, and those that depend on them."""

    def __init__(  # noqa: PLR0913, PLR0917 - one for each thing that can have changed
        self,
        vault: Vault,
        policy: Policy,
        memory: Memory,
        changed: Iterable[str],
        topics: Iterable[int],
        files: Iterable[str],
        most: int,
    ) -> None:
        """Classifies what has to be: the notes that `changed`, those that depend on `topics`, and
        on whether any of the attachments `files`, whose bytes changed, is copied.

        Raises `Lost` where that are more than `most` notes, or something is wrong in any of them:
        faults are told as they are where everything is done.
        """
        self._vault, self._policy, self._memory, self._most = vault, policy, memory, most
        self._keyed = memory.keyed
        self._rules = packing.rule_numbers(policy)
        self._asked: dict[int, set[str]] = {}
        """By topic, the notes that depend on it."""
        self.copies = Copies(vault, policy, memory, files)
        self.dirty = set(changed) | self._dependents({*topics, *self.copies.topics})
        """Notes that are projected again."""
        self._near = memory.speakers()
        """Notes that are classified with them: what is known of them may change, or is needed."""
        self.rows: dict[str, Row] = {}
        """What is to be remembered of the notes that were classified."""
        self.facts: dict[str, Facts] = {}
        """Of those of them that anchors lead into."""
        self.reasons: dict[str, PackedReason] = {}
        """What gives each of them its tier."""
        self.folders = memory.folders
        """What is to be remembered of folders."""
        self._shard = self._classified()
        self.copies.settle(self.rows)

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
        changed = self._raised(given)
        wanted, faults = shard.classify(self._all_reasons(dict(given)))
        _sound(faults)
        if not (self._is_followed(shard, changed) and self._is_closed()):
            return False
        if unknown := {n for n in wanted - shard.found.notes.keys() if not self._memory.wanted(n)}:
            self._near |= unknown
            return False
        self._settle_anchors(shard, wanted)
        _sound(shard.settle(shard.block_refs()))
        return self._compared(shard)

    def _raised(self, given: list[NoteReason]) -> set[str]:
        """The notes whose tier, or what gives it, is another than it was."""
        changed = set()
        for path, reason in given:
            packed = packing.packed_reason(reason, self._rules)
            if packed is None:
                raise Lost
            self.reasons[path] = packed
            known = self._memory.notes.get(path)
            if known is None or packed != known.reason:
                changed.add(path)
        return changed

    def _is_followed(self, shard: Shard, changed: set[str]) -> bool:
        """Whether all notes with links to one whose tier is another are here, and those that
        depend on the tier of a folder that is; else they are now."""
        topics = {rows.tier_of(self._keyed, note) for note in changed}
        if changed or self._memory.gone or self.copies.new:
            self.folders = folders_of(self._keyed, shard.found.context)
            moved = differing(self._memory.folders, self.folders)
            if moved and self._memory.speech.raised:
                raise Lost  # the name of a folder may be a needle, or excuse one
            topics |= moved
        linked = self._dependents(topics) - self.dirty
        self.dirty |= linked
        return not linked

    def _is_closed(self) -> bool:
        """Whether all notes that lead into one of these by anchors are here; else they are now."""
        more = set()
        entered = {n for n in self.dirty | self._near if self._memory.wanted(n)}
        while entered:
            topics = {rows.anchors_into(self._keyed, note) for note in entered}
            entered = self._dependents(topics) - self.dirty - self._near
            self._near |= entered
            more |= entered
            entered = {n for n in entered if self._memory.wanted(n)}
        return not more

    def _dependents(self, topics: set[int]) -> set[str]:
        """The notes that depend on any of `topics`."""
        if new := topics - self._asked.keys():
            self._asked.update((number, set()) for number in new)
            for note, known in self._memory.topics():
                for number in new.intersection(known):
                    self._asked[number].add(note)
        return set().union(*(self._asked[number] for number in topics))

    def _all_reasons(self, given: dict[str, Reason]) -> list[NoteReason]:
        """What gives every note of the vault its tier: as read, or as remembered."""
        known: dict[PackedReason, Reason] = {}
        found = []
        for path in self._vault.notes:
            reason = given.get(path)
            if reason is None:
                packed = self._memory.notes[path].reason
                reason = known.get(packed)
                if reason is None:
                    reason = known[packed] = packing.unpacked_reason(packed, self._policy)
            found.append((path, reason))
        return found

    def _settle_anchors(self, shard: Shard, wanted: set[str]) -> None:
        """As in a whole run, but that what is not classified here stands still already."""
        here = shard.found.notes.keys()
        outside = {name: self._memory.facts(name) for name in sorted(wanted - here)}
        inside = sorted(n for n in here if n in wanted or self._memory.wanted(n))
        shard.again(outside)
        known: dict[str, Facts] = {}
        while (facts := shard.facts(inside)) != known:
            known = facts
            shard.again({**outside, **facts})
        self.facts = known

    def _compared(self, shard: Shard) -> bool:
        """Hold what is known now against what is remembered; False where more notes are dirty
        that were not classified."""
        refs = {ref for row in self._memory.gone_rows() for ref in rows.in_threes(row.refs)}
        for path, note in shard.found.notes.items():
            new = rows.row_of(shard.found, note, self._keyed, self.facts.get(path))
            old = self._memory.row(path)
            self.rows[path] = new
            if path not in self.dirty and self._is_edited(path, note):
                raise Lost  # since it was looked at
            if new.seen != old.seen:
                self.dirty.add(path)
            refs |= set(rows.in_threes(new.refs)) ^ set(rows.in_threes(old.refs))
        targets = {target for _, target, _ in refs}
        more = {n for n in self._vault.notes if self._keyed.note(n) in targets} if refs else set()
        self.dirty |= more
        return more <= shard.found.notes.keys()

    def _is_edited(self, path: str, note: Classified) -> bool:
        text = note.note.text.encode()
        return self._keyed.digest(text) != self._memory.notes[path].content

    def tier(self, note: str) -> int:
        """The tier of a note now."""
        packed = self.reasons.get(note) or self._memory.notes[note].reason
        return packed[1]

    def learned(self) -> dict[str, tuple[Note, bytes]]:
        """What is to be remembered of every note that was classified, and its row."""
        found = {}
        for path, row in self.rows.items():
            packed, old = row.packed(), self._memory.notes.get(path)
            text = self._shard.found.notes[path].note.text
            flags = old.flags & ~rows.WANTED if old else 0
            flags |= rows.WANTED * (path in self.facts)
            digest = self._keyed.digest
            note = Note(digest(text.encode()), self.reasons[path], flags, digest(packed))
            found[path] = note, packed
        return found

    def projections(self, levels: Sequence[int]) -> Iterator[Made]:
        """The projections at `levels` of the notes that changed and of those that depend on what
        changed. Raises `Lost` where the gate has anything to say of them."""
        spoken = Spoken(self._shard.found, self._memory, self.dirty)
        if self._policy.mentions != "off":
            spoken.stand(self.rows, self.copies)
        self._shard.watch(*spoken.heard())
        for made in self._shard.projections(levels, sorted(self.dirty)):
            yield from made
        if self._shard.mentions()[0]:
            raise Lost


def _sound(faults: Iterable[NoteFault]) -> None:
    if any(fault.severity == "error" for _, fault in faults):
        raise Lost
