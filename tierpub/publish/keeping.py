"""A run that does everything, and what it puts down so that the next one need not."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time

from tierpub.errors import TierpubError
from tierpub.path import Run
from tierpub.path import row as rows
from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost, Memory
from tierpub.publish.again import Task
from tierpub.publish.glance import Looker, Tree, look
from tierpub.publish.notebook import Notebook
from tierpub.publish.origin import origin
from tierpub.publish.outlook import Outlook
from tierpub.publish.remembered import KnownTree, Remembered
from tierpub.publish.sights import (
    going_in,
    hash_of,
    is_fit,
    readers_in,
    source_seen,
    states_in,
    tree_name,
)
from tierpub.publish.state import State
from tierpub.publish.stock import Names
from tierpub.vault.akin import kin_of_path


class Keeping:
    """One run that does everything. Made before any note of it is read."""

    def __init__(self, task: Task) -> None:
        """Looks at notes and attachments, and reads these: what changes from here on is another
        than what is put down."""
        self._task, self._vault, self._policy = task, task.vault, task.policy
        self._since = time.time_ns()
        self._source = Tree()
        self._notes: dict[str, os.stat_result] = {}
        self._files: dict[str, os.stat_result] = {}
        self._hashes: dict[str, bytes] = {}
        self._is_ready = False
        if is_fit(self._vault, self._policy):
            with contextlib.suppress(TierpubError, OSError, Lost):
                self._look()
                self._is_ready = True

    def _look(self) -> None:
        source = source_seen(self._vault.root, self._policy, self._since)
        self._source = Looker(bytes, ()).look(*source)
        going = going_in(self._vault, self._policy)
        self._notes = states_in(self._vault, self._vault.notes)
        self._files = states_in(self._vault, going)
        self._hashes = {path: hash_of(self._vault, path) for path in going}

    def keep(self, state: State, run: Run) -> None:
        """Put down what the run knows, now that all is written. What cannot be put down costs the
        next run its time, and nothing else."""
        if not self._is_ready:
            return
        with contextlib.suppress(OSError, sqlite3.Error, TierpubError):
            memory = run.memory(state.key)
            known = None if memory is None else self._known(state, memory)
            if memory is not None and known is not None:
                Notebook(state.folder, memory.keyed).start(known.parts(), memory.fetch_all())

    def _known(self, state: State, memory: Memory) -> Remembered | None:
        record, keyed = state.look(), memory.keyed
        made_by = origin(self._vault.root, state.folder, self._policy.digest)
        if made_by is None or not record:
            return None
        names = Names(self._vault, keyed)
        self._add_bundles(names, memory)
        looks = {path: look(state) for path, state in self._notes.items()}
        seen = {
            rows.file_of(keyed, path): (look(state), keyed.digest(self._hashes[path]))
            for path, state in self._files.items()
        }
        known = Remembered(made_by, record, names.stock(), self._since, looks, seen, memory)
        known.made_of = known.now_made_of()
        outlook = Outlook(self._task.out, self._policy, self._task.ranks, keyed)
        known.source = {
            outlook.number(folder): keyed.digest(seen)
            for folder, seen in self._source.folders.items()
        }
        known.trees = self._trees(outlook, state, known.made_of, keyed)
        return known

    def _trees(
        self, outlook: Outlook, state: State, made_of: bytes, keyed: Keyed
    ) -> dict[str, KnownTree]:
        """How the outputs look, of the levels that nobody has changed since they were written."""
        found = {}
        outlook.start({}, None)
        outlook.finish()
        for rank in self._task.ranks:
            if self._is_written(state, rank):
                readers = readers_in(keyed, self._task.readers.get(rank, ()))
                folders = outlook.numbered(outlook.trees[rank])
                tree = KnownTree(outlook.since, made_of, readers, folders)
                found[tree_name(keyed, self._task.out, rank)] = tree
        return found

    def _is_written(self, state: State, rank: int) -> bool:
        tier = self._policy.ladder.names[rank]
        for path, record in state.records(self._task.out).items():
            if record.tier == tier:
                now = (self._task.out / path).lstat()
                if record.next is not None or record.seen != now.st_mtime_ns:
                    return False
        return True

    def _add_bundles(self, names: Names, memory: Memory) -> None:
        """Take in the bundles that this run has made, where no note depends on their names."""
        policy, out = self._policy, self._task.out
        if out.resolve() != self._vault.root:
            return
        made = [f"{policy.tree(rank)}.tar.age" for rank in self._task.ranks if policy.sealed(rank)]
        topics = {rows.name_of(memory.keyed, kin_of_path(bundle)) for bundle in made}
        if any(not topics.isdisjoint(known) for _, known in memory.topics()):
            return
        for bundle in made:
            names.add(bundle)
