"""Runs that do only what has changed since the last one, and put down what the next one needs.

A run looks at the notes, at the attachments and at what stands where it would write, and holds
that against what is remembered. Then it projects the notes that changed, and those that depend on
them, and writes what differs. Whatever it cannot be sure of, it leaves to a run that does
everything: `again` then has nothing to say, and has changed nothing.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tierpub.errors import TierpubError
from tierpub.path import row as rows
from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost, Note
from tierpub.policy import Policy
from tierpub.publish.again import Again, Changes, Doing, Task
from tierpub.publish.glance import is_young, look
from tierpub.publish.notebook import Notebook
from tierpub.publish.origin import origin
from tierpub.publish.outlook import Outlook
from tierpub.publish.remembered import KnownTree, Remembered
from tierpub.publish.sights import (
    going_in,
    hash_of,
    readers_in,
    source_seen,
    states_in,
    tree_name,
)
from tierpub.publish.state import State
from tierpub.publish.stock import Names


class Recall:
    """One run and what is remembered. The steps: `start`, `see`, `again`, and when the plan is
    applied, `noted`. Where `again` has nothing to say, everything is done: see `Keeping`."""

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
        if parts.get("origin") != origin(self._root, state.folder, self._policy.digest):
            return
        trees = {rank: self._known_tree(parts, keyed, rank) for rank in self._ranks}
        known = {rank: tree for rank, tree in trees.items() if tree is not None}
        if len(known) == len(trees):
            self._parts = parts
            self._outlook = Outlook(self._out, self._policy, self._ranks, keyed)
            self._outlook.start(
                known, source_seen(self._root, self._policy, Remembered.since_in(parts))
            )

    def _known_tree(self, parts: Mapping[str, bytes], keyed: Keyed, rank: int) -> KnownTree | None:
        """What is remembered of the outputs of a level, if it is of what is remembered of notes."""
        data = parts.get(f"tree {tree_name(keyed, self._out, rank)}")
        tree = None if data is None else KnownTree.unpacked(data)
        if tree is None or tree.made_of != parts["made of"]:
            return None
        return tree if tree.readers == readers_in(keyed, self._all_readers.get(rank, ())) else None

    def close(self) -> None:
        """End what `start` has begun."""
        if self._outlook is not None:
            self._outlook.close()

    def see(self, task: Task) -> None:
        """Take in the task of this run, with the vault as it was walked."""
        self._task, self._vault = task, task.vault
        self._going = going_in(task.vault, self._policy)
        self._notes: dict[str, os.stat_result] = {}
        self._files: dict[str, os.stat_result] = {}

    def _look_closer(self, known: Remembered, outlook: Outlook) -> None:
        """Look at the notes and attachments in folders that are not as they were, or are young."""
        seen = outlook.numbered(outlook.source)
        other = {n for n in seen.keys() | known.source.keys() if seen.get(n) != known.source.get(n)}
        young, place = set(outlook.source.young), self._vault.place
        if not other and not young:
            return

        def is_seen(path: str) -> bool:
            where = place(path)
            return where in young or outlook.number(where.rpartition("/")[0]) in other

        self._notes = states_in(self._vault, [path for path in self._vault.notes if is_seen(path)])
        self._files = states_in(self._vault, [path for path in self._going if is_seen(path)])

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
            outlook.finish()
            self._look_closer(known, outlook)
            changes = self._changes(known, names)
            doing = self._doing = Doing(self._task, known, outlook)
            done = doing.plan(changes, state)
            outlook.hold(done.touched)
        except (Lost, TierpubError, OSError, sqlite3.Error):
            return None
        else:
            return done
        finally:
            book.close()

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
            waiting |= known.trees[tree_name(keyed, self._out, rank)].pending
        pending = {n for n in self._vault.notes if keyed.note(n) in waiting} if waiting else set()
        notes, files = self._other_notes(known), self._other_files(known)
        return Changes(notes, files, topics, pending, bool(waiting))

    def _other_notes(self, known: Remembered) -> set[str]:
        """The notes that are new, or whose text is another than it was."""
        digest = known.memory.keyed.digest
        found = {path for path in self._vault.notes if path not in known.looks}
        for path, state in self._notes.items():
            if known.looks.get(path) == look(state) and not is_young(state, known.since):
                continue
            note = known.memory.notes.get(path)
            if note is None or digest(self._vault.read(path).encode()) != note.content:
                found.add(path)
        return found

    def _other_files(self, known: Remembered) -> set[str]:
        """The attachments that are new, or whose bytes are others than they were."""
        keyed = known.memory.keyed
        found = {path for path in self._going if rows.file_of(keyed, path) not in known.seen}
        for path, state in self._files.items():
            seen, digest = known.seen.get(rows.file_of(keyed, path), (b"", b""))
            if seen == look(state) and not is_young(state, known.since):
                continue
            self._digests[path] = keyed.digest(hash_of(self._vault, path))
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
        self._note_all(known, doing, outlook, {path: note for path, (note, _) in learned.items()})
        self._note_trees(known, outlook, doing)
        known.record = state.look()
        keyed, after = known.memory.keyed, known.parts()
        if not gone and not learned and not _news(self._parts, after):
            return
        changed = [(keyed.note(path), row) for path, (_, row) in learned.items()]
        with contextlib.suppress(OSError, sqlite3.Error):  # it costs the next run its time
            Notebook(state.folder, keyed).change(after, changed, gone)

    def _note_all(
        self, known: Remembered, doing: Doing, outlook: Outlook, learned: dict[str, Note]
    ) -> None:
        """Take in what is known of notes, attachments and names now."""
        memory, keyed = known.memory, known.memory.keyed
        memory.notes = {path: learned.get(path) or memory.notes[path] for path in self._vault.notes}
        if doing.part is not None:
            memory.files, memory.folders = doing.part.copies.files, doing.part.folders
        seen = {rows.file_of(keyed, path): path for path in self._going}
        known.seen = {n: known.seen[n] for n in seen if n in known.seen}
        for path, state in self._files.items():
            number = rows.file_of(keyed, path)
            digest = self._digests[path] if path in self._digests else known.seen[number][1]
            known.seen[number] = look(state), digest
        known.looks |= {path: look(state) for path, state in self._notes.items()}
        known.since, known.source = outlook.since, outlook.numbered(outlook.source)
        names = Names(self._vault, keyed)
        if names.whole() != known.stock.whole:
            known.stock = names.stock()

    def _note_trees(self, known: Remembered, outlook: Outlook, doing: Doing) -> None:
        """Take in how the trees look now, and which notes the other levels wait for."""
        keyed, before, now = known.memory.keyed, known.made_of, known.now_made_of()
        trees = {tree_name(keyed, self._out, rank): rank for rank in self._ranks}
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
            readers = readers_in(keyed, self._all_readers.get(rank, ()))
            known.trees[name] = KnownTree(outlook.since, now, readers, folders)
        known.made_of = now


def _news(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bool:
    """Whether there is anything new but the time of a look."""

    def timeless(parts: Mapping[str, bytes]) -> dict[str, bytes]:
        kept = {name: data for name, data in parts.items() if name != "since"}
        return kept | {name: data[8:] for name, data in kept.items() if name.startswith("tree ")}

    return timeless(before) != timeless(after)
