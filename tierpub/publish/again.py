"""What a run has to write when only a little has changed.

Short: where the same files stand for the same notes, only those of notes that changed are looked
at. Long: where notes, their tiers, attachments or the trees themselves are others, all is held
against the record as in a whole run, but that what is as it was is neither made nor read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierpub.path import row as rows
from tierpub.path.copies import Copies
from tierpub.path.memory import Lost, Note
from tierpub.path.partial import Partial
from tierpub.policy import Policy
from tierpub.publish.outlook import Outlook
from tierpub.publish.outputs import Output, Scope
from tierpub.publish.planning import plan
from tierpub.publish.remembered import Remembered
from tierpub.publish.state import State
from tierpub.publish.steps import Plan
from tierpub.vault import Vault

_FEW = 64
"""Changed notes up to which everything is never done again."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is to write: which levels of which vault, and where."""

    vault: Vault
    policy: Policy
    out: Path
    ranks: Sequence[int]
    readers: Mapping[int, tuple[str, ...]]
    """Who may read each of the levels that are sealed."""
    source: str
    """As `Scope` has it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is another than it was when the last run looked."""

    notes: set[str]
    """Notes that are new or have another text."""
    files: set[str]
    """Attachments that are new or have other bytes."""
    topics: set[int]
    """Of names that are new or gone."""
    pending: set[str]
    """Notes that changed before, but were not written to all of these levels since."""
    is_stale: bool
    """Whether anything changed before that was not written to all of these levels since."""


@dataclass(frozen=True, slots=True)
class Again:
    """A run that does only what has changed, ready to be applied."""

    plan: Plan
    notes: dict[int, int]
    """How many notes each level has."""
    attachments: dict[int, int]
    """How many copies of attachments."""

    @property
    def touched(self) -> set[str]:
        """The published files that are others when the plan is applied."""
        gone = {remove.path for remove in self.plan.removes}
        return {write.output.path for write in self.plan.writes} | gone | set(self.plan.modes)


class Doing:
    """One run that does only what has changed."""

    def __init__(self, task: Task, known: Remembered, outlook: Outlook) -> None:
        self._task, self._known, self._outlook = task, known, outlook
        self._vault, self._policy = task.vault, task.policy
        self._open = [rank for rank in task.ranks if not task.policy.sealed(rank)]
        self.part: Partial | None = None
        """What was classified; None where nothing had to be."""
        self._other_files = False

    def plan(self, changes: Changes, state: State) -> Again:
        """What is to be done. Raises `Lost` where that is not certain."""
        memory = self._known.memory
        self._other_files = bool(changes.files)
        whole = self._is_whole(state)
        broken_notes: set[str] = set()
        broken_files: set[str] = set()
        if not whole:
            self._load(state)
            broken_notes, broken_files = self._broken(state)
        notes = changes.notes | changes.pending | broken_notes
        most = max(_FEW, len(self._vault.notes) // 4)
        if notes or changes.topics or changes.files:
            self.part = Partial(
                self._vault, self._policy, memory, notes, changes.topics, changes.files, most
            )
        self._leave_sealed(state, bool(changes.files or broken_files))
        others = changes.topics or changes.files or broken_files or changes.is_stale
        if whole and not others and self._same_tiers():
            return self._short(state)
        self._load(state)
        return self._long(state, changes.files | broken_files)

    def _load(self, state: State) -> None:
        if not state.loaded and not state.load():
            raise Lost

    def _is_whole(self, state: State) -> bool:
        """Whether all that stands in the trees is as the last run left it."""
        if self._outlook.doubtful:
            return False
        young = state.load_some(self._task.out, self._outlook.young)
        return all(self._outlook.is_ours(p, record, state.key) for p, record in young.items())

    def _leave_sealed(self, state: State, files: bool) -> None:  # noqa: FBT001
        """Raise `Lost` where a bundle would have to be made anew: nothing that it is made of is
        remembered."""
        sealed = [rank for rank in self._task.ranks if self._policy.sealed(rank)]
        part = self.part
        files = files or bool(self._known.memory.gone)
        if sealed and (files or (part and (part.dirty or part.copies.moved))):
            raise Lost
        for bundle in map(self._outlook.bundle, sealed):
            if self._outlook.is_other(bundle):
                record = state.records(self._task.out).get(bundle)
                if not self._outlook.is_ours(bundle, record, state.key):
                    raise Lost

    def _same_tiers(self) -> bool:
        known = self._known.memory.notes
        part = self.part
        if part is None:
            return True
        if part.copies.moved:
            return False
        return all(n in known and part.tier(n) == known[n].reason[1] for n in part.dirty)

    # What stands there.

    def _broken(self, state: State) -> tuple[set[str], set[str]]:
        """The notes and the attachments that have an output which is not as it was left."""
        records = state.records(self._task.out)
        notes: set[str] = set()
        files: set[str] = set()
        memory, keyed = self._known.memory, self._known.memory.keyed

        def fine(path: str) -> bool:
            if not self._outlook.is_doubtful(path):
                return True
            return self._outlook.is_ours(path, records.get(path), state.key)

        for rank in self._open:
            name = self._policy.ladder.names[rank]
            for note, known in memory.notes.items():
                if known.reason[1] <= rank and not fine(self._vault.projection_path(note, name)):
                    notes.add(note)
            for path in self._vault.attachments:
                file = memory.files.get(rows.file_of(keyed, path))
                goes = file is not None and file.copied and 0 <= file.level <= rank
                if goes and not fine(self._vault.copy_path(path, name)):
                    files.add(path)
        return notes, files

    def _tier(self, note: str) -> int:
        if self.part is not None:
            return self.part.tier(note)
        return self._known.memory.notes[note].reason[1]

    def _copies(self) -> Copies:
        if self.part is not None:
            return self.part.copies
        return Copies(self._vault, self._policy, self._known.memory, ())

    # What is to be done.

    def _short(self, state: State) -> Again:
        """Only the outputs of notes that changed are looked at: the others stand."""
        outputs = list(self._projections())
        paths = frozenset(output.path for output in outputs)
        if len(state.load_some(self._task.out, paths)) != len(outputs):
            raise Lost
        scope = Scope(self._policy.ladder, frozenset(self._task.ranks), paths, self._task.source)
        made = plan(self._task.out, outputs, state, scope)
        done = self._counted(made)
        total = sum(
            1 if self._policy.sealed(rank) else done.notes[rank] + done.attachments[rank]
            for rank in self._task.ranks
        )
        return replace(done, plan=replace(made, unchanged=total - len(made.writes)))

    def _long(self, state: State, files: set[str]) -> Again:
        """All outputs and all that is on record are looked at, as in a whole run."""
        copies = self._copies()
        remade = self.part.dirty if self.part is not None else set()
        files = files | copies.moved
        outputs = [*self._projections(), *self._copied(copies, files)]
        standing = list(self._standing(copies, remade, files))
        ranks = frozenset(self._task.ranks)
        scope = Scope(self._policy.ladder, ranks, None, self._task.source, self._absent(copies))
        return self._counted(plan(self._task.out, outputs, state, scope, standing=standing))

    def _projections(self) -> Iterator[Output]:
        if self.part is not None:
            for level, path, data in self.part.projections(self._open):
                yield Output(path, data, level)

    def _copied(self, copies: Copies, files: set[str]) -> Iterator[Output]:
        for path in sorted(files):
            for rank in self._open:
                if copies.goes(path, rank):
                    place = self._vault.copy_path(path, self._policy.ladder.names[rank])
                    yield Output(place, copies.data(path), rank)

    def _standing(
        self, copies: Copies, remade: set[str], files: set[str]
    ) -> Iterator[tuple[str, int]]:
        """The outputs that stand as they should, and their tiers."""
        names = self._policy.ladder.names
        for rank in self._task.ranks:
            if self._policy.sealed(rank):
                yield self._outlook.bundle(rank), rank
                continue
            for note in self._vault.notes:
                if note not in remade and self._tier(note) <= rank:
                    yield self._vault.projection_path(note, names[rank]), rank
            for path in self._vault.attachments:
                if path not in files and copies.goes(path, rank):
                    yield self._vault.copy_path(path, names[rank]), rank

    def _absent(self, copies: Copies) -> dict[str, int]:
        """As a whole run has it: what an output would have for a path and has not."""
        names, ranks = self._policy.ladder.names, self._task.ranks
        found = {}
        for path in self._vault.attachments:
            file = copies.file(path)
            looked_at = any(rank >= file.level for rank in ranks)
            if file.level < 0 or not (file.copied if looked_at else copies.may_go(path)):
                continue
            for rank in ranks:
                if file.level > rank or self._policy.sealed(rank):
                    found[self._vault.copy_path(path, names[rank])] = rank
        for note in self._vault.notes:
            for rank in ranks:
                if self._tier(note) > rank or self._policy.sealed(rank):
                    found[self._vault.projection_path(note, names[rank])] = rank
        return found

    def _counted(self, made: Plan) -> Again:
        tiers, copies = [self._tier(note) for note in self._vault.notes], self._copies()
        ranks = self._task.ranks
        return Again(
            made,
            {rank: sum(tier <= rank for tier in tiers) for rank in ranks},
            {rank: copies.going(rank) for rank in ranks},
        )

    @property
    def has_other_files(self) -> bool:
        """Whether attachments are others than they were, or go elsewhere."""
        return self._other_files or (self.part is not None and bool(self.part.copies.moved))

    def learned(self) -> dict[str, tuple[Note, bytes]]:
        """What is to be remembered of the notes that were classified."""
        return {} if self.part is None else self.part.learned()
