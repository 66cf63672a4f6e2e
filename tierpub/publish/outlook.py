"""What stands where a run would write, by a glance, held against what the last run left there."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tierpub.path.keyed import Keyed
from tierpub.policy import Policy
from tierpub.publish import digests
from tierpub.publish.glance import Tree, entries, is_young, look, look_into, look_through
from tierpub.publish.outputs import MODE, parents
from tierpub.publish.remembered import KnownTree
from tierpub.publish.store import Record

_UNSURE = b"?"
"""What a glance sees of no folder."""


class Outlook:
    """The trees of some levels below one folder."""

    def __init__(self, out: Path, policy: Policy, ranks: Iterable[int], keyed: Keyed) -> None:
        self.out, self._policy, self._keyed = out, policy, keyed
        self._root = os.fspath(out)
        self._ranks = tuple(ranks)
        self.since = time.time_ns()
        """When the trees were looked at."""
        self.trees: dict[int, Tree] = {}
        self.doubtful: set[int] = set()
        """The numbers of folders in which something is another than the last run left it."""
        self.young: set[str] = set()
        """Files that a glance is not enough for."""

    def look(self, known: Mapping[int, KnownTree]) -> None:
        """Look at all trees. OSError where one cannot be looked at."""
        self.since = time.time_ns()
        for rank in self._ranks:
            before = known.get(rank)
            tree = self.trees[rank] = self._tree(rank, before.since if before else 0)
            self.young.update(tree.young)
            if before:
                now = self.numbered(tree)
                numbers = now.keys() | before.folders.keys()
                self.doubtful |= {n for n in numbers if now.get(n) != before.folders.get(n)}

    def _tree(self, rank: int, since: int) -> Tree:
        folder = self._policy.tree(rank)
        found = look_through(self._root, folder, since)
        if self._policy.sealed(rank):
            bundle = self.bundle(rank)
            state = Path(f"{self._root}/{bundle}").lstat()
            found.folders[bundle] = look(state)
            if is_young(state, since):
                found.young.append(bundle)
        return found

    def bundle(self, rank: int) -> str:
        """Where a level that is sealed stands."""
        return f"{self._policy.tree(rank)}.tar.age"

    def numbered(self, tree: Tree) -> dict[int, bytes]:
        """What of a tree is remembered."""
        keyed = self._keyed
        return {self._number(folder): keyed.digest(seen) for folder, seen in tree.folders.items()}

    def _number(self, folder: str) -> int:
        return self._keyed.of_note("out", folder)

    def is_doubtful(self, path: str) -> bool:
        """Whether an output may be another than the last run left it."""
        folder = path.rpartition("/")[0]
        return path in self.young or self._number(folder) in self.doubtful

    def is_other(self, bundle: str) -> bool:
        """Whether a bundle may be another than the last run left it."""
        return bundle in self.young or self._number(bundle) in self.doubtful

    def is_ours(self, path: str, record: Record | None, key: bytes) -> bool:
        """Whether a file is to the byte what its record says, and as it should be otherwise."""
        file = self.out / path
        try:
            state = file.lstat()
            if record is None or record.next is not None or not stat.S_ISREG(state.st_mode):
                return False
            if record.seen != state.st_mtime_ns or stat.S_IMODE(state.st_mode) != MODE:
                return False
            return digests.of_file(key, file.read_bytes()) == record.digest
        except OSError:
            return False

    # After a run has written.

    def take_in(self, touched: set[str], records: Mapping[str, Record]) -> None:
        """Look again at the folders in which the run changed the files `touched`. What else
        changed meanwhile makes a folder one that the next run has to look into."""
        folders = {folder for path in touched for folder in parents(path)}
        for rank, tree in self.trees.items():
            place = self._policy.tree(rank)
            for folder in folders:
                if f"{folder}/".startswith(f"{place}/"):
                    self._take_in(tree, folder, touched, records)

    def _take_in(
        self, tree: Tree, folder: str, touched: set[str], records: Mapping[str, Record]
    ) -> None:
        before = tree.folders.pop(folder, b"")
        try:
            now, _ = look_into(self._root, folder, self.since, [])
        except FileNotFoundError:
            return
        except OSError:
            now = _UNSURE
        mine = {p for p in touched if p.rpartition("/")[0] == folder}
        names = {os.fsencode(path.rpartition("/")[2]) for path in mine}
        fine = now != _UNSURE and _others(before, names) == _others(now, names)
        fine = fine and all(self._is_recorded(path, records) for path in mine)
        tree.folders[folder] = now if fine else _UNSURE

    def _is_recorded(self, path: str, records: Mapping[str, Record]) -> bool:
        record = records.get(path)
        try:
            return record is not None and record.seen == (self.out / path).lstat().st_mtime_ns
        except FileNotFoundError:
            return record is None


def _others(seen: bytes, names: set[bytes]) -> list[tuple[bytes, bytes]]:
    """What a glance sees of the files in a folder, but for those called so."""
    return [entry for entry in entries(seen) if entry[0] not in names and any(entry[1])]
