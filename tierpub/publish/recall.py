"""Runs that do only what has changed since the last one, and put down what the next one needs.

A run looks at the notes, at the attachments and at what stands where it would write, and holds
that against what is remembered. Then it projects the notes that changed, and those that depend on
them, and writes what differs. Whatever it cannot be sure of, it leaves to a run that does
everything: `again` then has nothing to say, and has changed nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierpub.classify.context import Context
from tierpub.errors import TierpubError
from tierpub.path import Run
from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost
from tierpub.path.partial import Partial
from tierpub.policy import Policy
from tierpub.publish import digests
from tierpub.publish.glance import (
    LOOK,
    Tree,
    entries,
    is_young,
    look,
    look_at,
    look_into,
    look_through,
)
from tierpub.publish.notebook import Notebook
from tierpub.publish.origin import origin
from tierpub.publish.outputs import MODE, Output, Scope
from tierpub.publish.planning import plan
from tierpub.publish.remembered import KnownTree, Remembered, changed_looks
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
class Again:
    """A run that does only what has changed, ready to be applied."""

    plan: Plan
    notes: dict[int, int]
    """How many notes each level has."""
    attachments: dict[int, int]
    """How many copies of attachments."""


class Recall:
    """One run and what is remembered. Made before any note is read."""

    def __init__(self, task: Task) -> None:
        """Looks at all notes and attachments."""
        self._task, self._vault = task, task.vault
        self._since = time.time_ns()
        self._root = os.fspath(task.vault.root)
        attachments = Context.of(task.policy, task.vault).attachments
        self._going = [path for path in task.vault.attachments if attachments.may_go(path)]
        """The attachments whose bytes matter."""
        self._digests: list[bytes] | None = None
        paths = [*task.vault.notes, *self._going]
        self._states = [state for _, state in look_at(self._root, map(task.vault.place, paths))]
        self._paths = paths
        self._looks = b"".join(look(s) if s else bytes(LOOK) for s in self._states)
        self._known: Remembered | None = None
        self._partial: Partial | None = None
        self._trees: dict[int, Tree] = {}

    # What has changed.

    def again(self, state: State) -> Again | None:
        """What is to be done, if that can be told from what is remembered. `state` was opened
        without its records. Nothing is changed but by applying the plan."""
        book = Notebook(state.folder, Keyed(state.key))
        try:
            self._known = self._remembered(book, state)
            self._look_at_trees(state)
            changed = self._changed()
            return self._planned(state, changed)
        except (Lost, TierpubError, OSError, sqlite3.Error):
            return None
        finally:
            book.close()

    def _remembered(self, book: Notebook, state: State) -> Remembered:
        """What is remembered, if it is of this vault as it is. Raises `Lost` where it is not."""
        parts, keyed = book.parts(), Keyed(state.key)
        if parts.get("origin") != self._origin(state) or parts.get("record") != state.look():
            raise Lost
        if parts.get("inventory") != self._inventory(keyed) or not state.look():
            raise Lost
        known = Remembered.of(parts, book, keyed, self._vault.notes)
        if len(known.looks) != len(self._looks):
            raise Lost
        return known

    def _origin(self, state: State) -> bytes | None:
        return origin(self._vault.root, state.folder, self._task.policy.digest)

    def _inventory(self, keyed: Keyed) -> bytes:
        pieces = []
        for sort, names in self._vault.inventory():
            joined = "\0".join(names).encode("utf-8", "surrogatepass")
            pieces += [sort.encode(), joined]
        return keyed.digest(*pieces)

    def _changed(self) -> list[str]:
        """The notes whose text is another than it was. An attachment that is raises `Lost`."""
        known, count = self._remember, len(self._vault.notes)
        spots = set(changed_looks(known.looks, self._looks))
        spots |= {index for index, s in enumerate(self._states) if s and is_young(s, known.since)}
        digest, found = known.memory.keyed.digest, []
        for index in sorted(spots):
            path = self._paths[index]
            if index < count:
                text = self._vault.read(path).encode()
                if digest(text) != known.memory.notes[path].content:
                    found.append(path)
            elif digest(_hashed(self._vault, path)) != known.attachment(index - count):
                raise Lost
        return found

    @property
    def _remember(self) -> Remembered:
        if self._known is None:
            raise Lost
        return self._known

    # What stands where it would write.

    def _look_at_trees(self, state: State) -> None:
        """Raise `Lost` unless all outputs of these levels are as the last run left them."""
        known = self._remember
        made_of = known.made_of
        young: list[str] = []
        for rank in self._task.ranks:
            tree = known.trees.get(self._tree_name(known.memory.keyed, rank))
            if tree is None or tree.made_of != made_of:
                raise Lost
            if tree.readers != self._readers(known.memory.keyed, rank):
                raise Lost
            now = self._trees[rank] = self._look_at_tree(rank, tree.since)
            if _numbered(known.memory.keyed, now) != tree.folders:
                raise Lost
            young += now.young
        self._are_ours(state, young)

    def _look_at_tree(self, rank: int, since: int) -> Tree:
        """What stands in the tree of a level, and of a sealed one also its bundle."""
        out, folder = os.fspath(self._task.out), self._task.policy.tree(rank)
        found = look_through(out, folder, since)
        if self._task.policy.sealed(rank):
            bundle = f"{folder}.tar.age"
            state = os.lstat(f"{out}/{bundle}")
            found.folders[bundle] = look(state)
            if is_young(state, since):
                found.young.append(bundle)
        return found

    def _are_ours(self, state: State, paths: list[str]) -> None:
        """Raise `Lost` unless the files at `paths` are what the record says, or are not in it."""
        records = state.load_some(self._task.out, paths) if paths else {}
        for path, record in records.items():
            file = self._task.out / path
            before = file.lstat()
            data = file.read_bytes()
            if record.next is not None or digests.of_file(state.key, data) != record.digest:
                raise Lost
            if record.seen != before.st_mtime_ns or before.st_mode & 0o7777 != MODE:
                raise Lost

    def _tree_name(self, keyed: Keyed, rank: int) -> str:
        return f"{keyed.number('out', os.path.realpath(self._task.out)):x} {rank}"

    def _readers(self, keyed: Keyed, rank: int) -> bytes:
        names = sorted(set(self._task.readers.get(rank, ())))
        return keyed.digest(*(name.encode() for name in names))

    # What is to be done.

    def _planned(self, state: State, changed: list[str]) -> Again:
        known, policy = self._remember, self._task.policy
        outputs: list[Output] = []
        if changed:
            if any(map(policy.sealed, self._task.ranks)):
                raise Lost
            outputs = list(self._outputs(changed))
        notes, attachments = self._counts(known)
        paths = frozenset(output.path for output in outputs)
        if len(state.load_some(self._task.out, paths)) != len(outputs):
            raise Lost
        scope = Scope(policy.ladder, frozenset(self._task.ranks), paths, self._task.source)
        made = plan(self._task.out, outputs, state, scope)
        total = sum(
            1 if policy.sealed(rank) else notes[rank] + attachments[rank]
            for rank in self._task.ranks
        )
        made = replace(made, unchanged=total - len(made.writes))
        return Again(made, notes, attachments)

    def _outputs(self, changed: list[str]) -> Iterator[Output]:
        known, count = self._remember, len(self._vault.notes)
        most = max(_FEW, count // 4)
        part = Partial(self._vault, self._task.policy, known.memory, changed, most)
        for note in part.dirty:
            if part.reasons[note][1] != known.memory.notes[note].reason[1]:
                raise Lost
        for level, path, data in part.projections(self._task.ranks):
            yield Output(path, data, level)
        self._partial = part

    def _counts(self, known: Remembered) -> tuple[dict[int, int], dict[int, int]]:
        tiers = [note.reason[1] for note in known.memory.notes.values()]
        levels = [level for level in known.memory.levels if level >= 0]
        ranks = self._task.ranks
        return (
            {rank: sum(tier <= rank for tier in tiers) for rank in ranks},
            {rank: sum(level <= rank for level in levels) for rank in ranks},
        )

    # What is put down.

    def noted(self, state: State, done: Again) -> None:
        """Put down what a run that did what has changed knows now."""
        known = self._remember
        rows: dict[int, bytes] = {}
        if self._partial is not None:
            for path, (note, row) in self._partial.learned().items():
                known.memory.notes[path] = note
                rows[known.memory.keyed.note(path)] = row
        written = [write.output.path for write in done.plan.writes]
        before = known.looks, known.record
        if not rows and not written and before == (self._looks, state.look()):
            return
        known.looks, known.since, known.record = self._looks, self._since, state.look()
        self._note_trees(known, state, written)
        book = Notebook(state.folder, known.memory.keyed)
        try:
            book.change(known.parts(), rows.items(), ())
        except (OSError, sqlite3.Error):
            return  # it costs the next run its time

    def _note_trees(self, known: Remembered, state: State, written: list[str]) -> None:
        """Take in how the folders look that were written to."""
        made_of, keyed = known.made_of, known.memory.keyed
        for rank in self._task.ranks:
            name = self._tree_name(keyed, rank)
            tree = self._trees[rank]
            for folder in {path.rpartition("/")[0] for path in written} & tree.folders.keys():
                mine = {p for p in written if p.rpartition("/")[0] == folder}
                tree.folders[folder] = self._now(state, folder, mine, tree.folders[folder])
            known.trees[name] = KnownTree(
                self._since, made_of, self._readers(keyed, rank), _numbered(keyed, tree)
            )

    def _now(self, state: State, folder: str, written: set[str], before: bytes) -> bytes:
        """What a glance sees in a folder after files in it were written; nothing where anything
        else is another than before."""
        try:
            now, _ = look_into(os.fspath(self._task.out), folder, self._since, [])
        except OSError:
            return b""
        records = state.records(self._task.out)
        for path in written:
            seen = (self._task.out / path).lstat()
            if records[path].seen != seen.st_mtime_ns:
                return b""
        names = {os.fsencode(path.rpartition("/")[2]) for path in written}
        return now if _without(now, names) == _without(before, names) else b""

    def before(self) -> None:
        """Take in the attachments before a run that does everything reads them: if one changes
        meanwhile, it is another than the one put down."""
        with contextlib.suppress(TierpubError):
            self._digests = [_hashed(self._vault, path) for path in self._going]

    def keep(self, state: State, run: Run) -> None:
        """Put down what a run that did everything knows."""
        keyed = Keyed(state.key)
        made_by, record = self._origin(state), state.look()
        if made_by is None or not record or self._digests is None:
            return
        try:
            memory = run.memory(state.key)
            if memory is None:
                return
            attachments = b"".join(map(keyed.digest, self._digests))
            known = Remembered(
                made_by, record, self._inventory(keyed), self._since, self._looks, attachments,
                memory,
            )  # fmt: skip
            since = time.time_ns()
            for rank in self._task.ranks:
                tree = self._kept_tree(state, rank, since)
                if tree is not None:
                    known.trees[self._tree_name(keyed, rank)] = KnownTree(
                        since, known.made_of, self._readers(keyed, rank), _numbered(keyed, tree)
                    )
            Notebook(state.folder, keyed).start(known.parts(), memory.fetch_all())
        except (OSError, sqlite3.Error, TierpubError):
            return  # it costs the next run its time

    def _kept_tree(self, state: State, rank: int, since: int) -> Tree | None:
        """How the outputs of a level look; None where one of them was changed since."""
        tier = self._task.policy.ladder.names[rank]
        seen = {
            path: record.seen
            for path, record in state.records(self._task.out).items()
            if record.tier == tier and record.next is None
        }
        tree = self._look_at_tree(rank, since)
        for path, time_seen in seen.items():
            if (self._task.out / path).lstat().st_mtime_ns != time_seen:
                return None
        return tree


def _numbered(keyed: Keyed, tree: Tree) -> dict[int, bytes]:
    return {
        keyed.number("folder", folder): keyed.digest(seen) for folder, seen in tree.folders.items()
    }


def _hashed(vault: Vault, path: str) -> bytes:
    return hashlib.sha256(vault.read_attachment(path)).digest()


def _without(seen: bytes, names: set[bytes]) -> list[tuple[bytes, bytes]]:
    """What a glance sees of a folder, but for the files called so."""
    return [entry for entry in entries(seen) if entry[0] not in names]
