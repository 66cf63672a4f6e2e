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
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tierpub.classify.context import Context
from tierpub.errors import TierpubError
from tierpub.path import Run
from tierpub.path import row as rows
from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost, Memory, Note
from tierpub.policy import Policy
from tierpub.publish.again import Again, Changes, Doing, Task
from tierpub.publish.glance import LOOK, is_young, look, states
from tierpub.publish.notebook import Notebook
from tierpub.publish.origin import origin
from tierpub.publish.outlook import Outlook
from tierpub.publish.remembered import KnownTree, Remembered
from tierpub.publish.state import State
from tierpub.publish.stock import Names
from tierpub.vault import Vault
from tierpub.vault.akin import kin_of_path


class Recall:
    """One run and what is remembered. The steps: `start`, `see`, then `again`; where that has
    nothing to say, `before` and `keep`, around a run that does everything."""

    def __init__(
        self,
        root: Path,
        policy: Policy,
        out: Path,
        ranks: Sequence[int],
        readers: Mapping[int, tuple[str, ...]],
    ) -> None:
        """A run that writes the levels `ranks` of the vault at `root` below `out`; `readers` are
        those of the levels that are sealed."""
        self._root, self._policy, self._out, self._ranks = root, policy, out, ranks
        self._all_readers = readers
        self._parts: dict[str, bytes] = {}
        self._outlook: Outlook | None = None
        self._known: Remembered | None = None
        self._doing: Doing | None = None
        self._digests: dict[str, bytes] = {}
        """Of attachments that were read to see whether they changed."""
        self._hashes: dict[str, bytes] = {}

    def start(self, state: State) -> None:
        """Read what is remembered, and begin to look at what stands where it would write. `state`
        was opened without its records."""
        keyed = Keyed(state.key)
        book = Notebook(state.folder, keyed)
        try:
            parts, record = book.parts(), state.look()
        except Lost:
            return
        finally:
            book.close()
        if not record or parts.get("record") != record:
            return
        if parts.get("origin") != self._origin(state):
            return
        trees = {rank: self._known_tree(parts, keyed, rank) for rank in self._ranks}
        known = {rank: tree for rank, tree in trees.items() if tree is not None}
        if len(known) == len(trees):
            self._parts = parts
            self._outlook = Outlook(self._out, self._policy, self._ranks, keyed)
            self._outlook.start(known)

    def _known_tree(self, parts: Mapping[str, bytes], keyed: Keyed, rank: int) -> KnownTree | None:
        """What is remembered of the outputs of a level, if it is of what is remembered of notes."""
        data = parts.get(f"tree {self._tree_name(keyed, rank)}")
        tree = None if data is None else KnownTree.unpacked(data)
        if tree is None or tree.made_of != parts["made of"]:
            return None
        return tree if tree.readers == self._readers(keyed, rank) else None

    def close(self) -> None:
        """End what `start` has begun."""
        if self._outlook is not None:
            self._outlook.close()

    def see(self, vault: Vault, source: str) -> None:
        """Look at all notes and attachments, before one is read; `source` as `Scope` has it."""
        self._vault = vault
        self._task = Task(vault, self._policy, self._out, self._ranks, self._all_readers, source)
        self._since = time.time_ns()
        going = Context.of(self._policy, vault).attachments
        self._going = [path for path in vault.attachments if going.may_go(path)]
        """The attachments whose bytes matter."""
        self._notes, self._files = self._states(vault.notes), self._states(self._going)

    def _states(self, paths: Sequence[str]) -> dict[str, os.stat_result | None]:
        root, place = os.fspath(self._vault.root), self._vault.place
        return dict(zip(paths, states(root, map(place, paths)), strict=True))

    def _is_fit(self) -> bool:
        """Whether each level has a tree of its own, apart from the source."""
        policy, source = self._policy, f"{self._vault.source}/"
        trees = [f"{policy.tree(tier.rank)}/" for tier in policy.ladder]
        apart = len(set(trees)) == len(trees) and source != "/" and "/" not in trees
        return apart and not any(
            a != b and a.startswith(b) for a in [*trees, source] for b in [*trees, source]
        )

    # What has changed.

    def again(self, state: State) -> Again | None:
        """What is to be done, if that can be told from what is remembered. Nothing is changed but
        by applying the plan."""
        outlook, keyed = self._outlook, Keyed(state.key)
        faults = self._vault.faults
        if outlook is None or any(fault.severity == "error" for fault in faults):
            return None
        book = Notebook(state.folder, keyed)
        try:
            names = Names(self._vault, keyed)
            known = self._known = Remembered.of(
                self._parts, book, keyed, self._vault.notes, names.whole()
            )
            changes = self._changes(known, names)
            outlook.finish()
            doing = self._doing = Doing(self._task, known, outlook)
            done = doing.plan(changes, state)
            outlook.hold(done.touched)
        except (Lost, TierpubError, OSError, sqlite3.Error):
            return None
        else:
            return done
        finally:
            book.close()

    def _origin(self, state: State) -> bytes | None:
        return origin(self._root, state.folder, self._policy.digest)

    def _tree_name(self, keyed: Keyed, rank: int) -> str:
        return f"{keyed.number('place', os.path.realpath(self._out)):x} {rank}"

    def _readers(self, keyed: Keyed, rank: int) -> bytes:
        names = sorted(set(self._all_readers.get(rank, ())))
        return keyed.digest(*(name.encode() for name in names))

    def _changes(self, known: Remembered, names: Names) -> Changes:
        topics: set[int] = set()
        if names.whole() != known.stock.whole:
            moved = names.moved(known.stock)
            if moved is None:
                raise Lost
            topics = moved
        keyed = known.memory.keyed
        waiting: set[int] = set()
        for rank in self._ranks:
            waiting |= known.trees[self._tree_name(keyed, rank)].pending
        pending = {n for n in self._vault.notes if keyed.note(n) in waiting} if waiting else set()
        notes, files = self._other_notes(known), self._other_files(known)
        return Changes(notes, files, topics, pending, bool(waiting))

    def _other_notes(self, known: Remembered) -> set[str]:
        """The notes that are new, or whose text is another than it was."""
        found, digest = set(), known.memory.keyed.digest
        for path, state in self._notes.items():
            if state is None:
                raise Lost
            if known.looks.get(path) == look(state) and not is_young(state, known.since):
                continue
            note = known.memory.notes.get(path)
            if note is None or digest(self._vault.read(path).encode()) != note.content:
                found.add(path)
        return found

    def _other_files(self, known: Remembered) -> set[str]:
        """The attachments that are new, or whose bytes are others than they were."""
        found, keyed = set(), known.memory.keyed
        for path, state in self._files.items():
            if state is None:
                raise Lost
            seen, digest = known.seen.get(rows.file_of(keyed, path), (b"", b""))
            if seen == look(state) and not is_young(state, known.since):
                continue
            self._digests[path] = keyed.digest(self._hash(path))
            if self._digests[path] != digest:
                found.add(path)
        return found

    # What is put down.

    def noted(self, state: State, done: Again) -> None:
        """Put down what a run that did what has changed knows now."""
        known, doing, outlook = self._known, self._doing, self._outlook
        if known is None or doing is None or outlook is None:
            return
        outlook.take_in(done.touched, state.records(self._out))
        learned = doing.learned()
        gone = list(known.memory.gone)
        self._note_all(known, doing, {path: note for path, (note, _) in learned.items()})
        self._note_trees(known, outlook, doing)
        known.record = state.look()
        keyed, after = known.memory.keyed, known.parts()
        if not gone and not learned and not _news(self._parts, after):
            return
        changed = [(keyed.note(path), row) for path, (_, row) in learned.items()]
        with contextlib.suppress(OSError, sqlite3.Error):  # it costs the next run its time
            Notebook(state.folder, keyed).change(after, changed, gone)

    def _note_all(self, known: Remembered, doing: Doing, learned: dict[str, Note]) -> None:
        """Take in what is known of notes, attachments and names now."""
        memory, keyed = known.memory, known.memory.keyed
        memory.notes = {path: learned.get(path) or memory.notes[path] for path in self._vault.notes}
        if doing.part is not None:
            memory.files, memory.folders = doing.part.copies.files, doing.part.folders
        known.seen = {
            rows.file_of(keyed, path): (
                _look(state), self._digests.get(path) or known.seen[rows.file_of(keyed, path)][1]
            )
            for path, state in self._files.items()
        }  # fmt: skip
        known.since, known.looks = self._since, {p: _look(s) for p, s in self._notes.items()}
        names = Names(self._vault, keyed)
        if names.whole() != known.stock.whole:
            known.stock = names.stock()

    def _note_trees(self, known: Remembered, outlook: Outlook, doing: Doing) -> None:
        """Take in how the trees look now, and which notes the other levels wait for."""
        keyed, before, now = known.memory.keyed, known.made_of, known.now_made_of()
        trees = {self._tree_name(keyed, rank): rank for rank in self._ranks}
        changed = set(known.memory.gone)
        if doing.part is not None:
            changed |= {keyed.note(path) for path in doing.part.dirty}
        for name, tree in list(known.trees.items()):
            if name in trees or now == before:
                continue
            if tree.made_of != before or doing.has_other_files:
                del known.trees[name]
            else:
                known.trees[name] = replace(tree, made_of=now, pending=tree.pending | changed)
        for name, rank in trees.items():
            folders = outlook.numbered(outlook.trees[rank])
            readers = self._readers(keyed, rank)
            known.trees[name] = KnownTree(outlook.since, now, readers, folders)
        known.made_of = now

    def before(self) -> None:
        """Take in the attachments before a run that does everything reads them: if one changes
        meanwhile, it is another than the one put down."""
        with contextlib.suppress(TierpubError):
            self._hashes = {path: self._hash(path) for path in self._going}

    def _hash(self, path: str) -> bytes:
        return hashlib.sha256(self._vault.read_attachment(path)).digest()

    def keep(self, state: State, run: Run) -> None:
        """Put down what a run that did everything knows."""
        keyed = Keyed(state.key)
        made_by, record = self._origin(state), state.look()
        if (
            made_by is None
            or not record
            or not self._is_fit()
            or len(self._hashes) < len(self._going)
        ):
            return
        try:
            memory = run.memory(state.key)
            if memory is None:
                return
            known = self._all(made_by, record, keyed, memory)
            known.made_of = known.now_made_of()
            outlook = Outlook(self._out, self._policy, self._ranks, keyed)
            outlook.start({})
            outlook.finish()
            for rank in self._ranks:
                if self._is_written(state, rank):
                    folders, readers = (
                        outlook.numbered(outlook.trees[rank]),
                        self._readers(keyed, rank),
                    )
                    known.trees[self._tree_name(keyed, rank)] = KnownTree(
                        outlook.since, known.made_of, readers, folders
                    )
            Notebook(state.folder, keyed).start(known.parts(), memory.fetch_all())
        except (OSError, sqlite3.Error, TierpubError):
            return  # it costs the next run its time

    def _all(self, made_by: bytes, record: bytes, keyed: Keyed, memory: Memory) -> Remembered:
        names = Names(self._vault, keyed)
        self._add_bundles(names, memory)
        looks = {path: _look(state) for path, state in self._notes.items()}
        seen = {
            rows.file_of(keyed, path): (_look(state), keyed.digest(self._hashes[path]))
            for path, state in self._files.items()
        }
        return Remembered(made_by, record, names.stock(), self._since, looks, seen, memory)

    def _add_bundles(self, names: Names, memory: Memory) -> None:
        """Take in the bundles that this run has made, where no note depends on their names."""
        policy, out = self._policy, self._out
        if out.resolve() != self._vault.root:
            return
        made = [f"{policy.tree(rank)}.tar.age" for rank in self._ranks if policy.sealed(rank)]
        topics = {rows.name_of(memory.keyed, kin_of_path(bundle)) for bundle in made}
        if any(not topics.isdisjoint(known) for _, known in memory.topics()):
            return
        for bundle in made:
            names.add(bundle)

    def _is_written(self, state: State, rank: int) -> bool:
        """Whether the outputs of a level are as this run left them."""
        tier = self._policy.ladder.names[rank]
        for path, record in state.records(self._out).items():
            if record.tier == tier:
                now = (self._out / path).lstat()
                if record.next is not None or record.seen != now.st_mtime_ns:
                    return False
        return True


def _look(state: os.stat_result | None) -> bytes:
    return bytes(LOOK) if state is None else look(state)


def _news(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bool:
    """Whether there is anything new but the time of a look."""

    def timeless(parts: Mapping[str, bytes]) -> dict[str, bytes]:
        kept = {name: data for name, data in parts.items() if name != "since"}
        return kept | {name: data[8:] for name, data in kept.items() if name.startswith("tree ")}

    return timeless(before) != timeless(after)
