"""What stands where a run would write, by a glance, held against what the last run left there."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from tierpub.crew import Alone, Crew, Forks, helpful
from tierpub.path.keyed import Keyed
from tierpub.policy import Policy
from tierpub.publish import digests
from tierpub.publish.glance import Looker, Seen, Tree, entries, is_young, look, look_into
from tierpub.publish.outputs import MODE, parents
from tierpub.publish.remembered import KnownTree
from tierpub.publish.store import Record

_UNSURE = b"unsure"
"""The digest of what a glance sees of no folder."""
_SHARE = 200
"""Fewer folders than this are not worth a process of their own."""


class Outlook:
    """The trees of some levels below one folder. Use `close` when they are not needed."""

    def __init__(self, out: Path, policy: Policy, ranks: Iterable[int], keyed: Keyed) -> None:
        self.out, self._policy, self._keyed = out, policy, keyed
        self.source = Tree()
        """What stands in the source."""
        self._root = os.fspath(out)
        self._ranks = tuple(ranks)
        self._places: tuple[int | None, ...] = ()
        """What is looked at: levels, and None for the source."""
        self._known: Mapping[int, KnownTree] = {}
        self._forks: Forks[Looker] | None = None
        self._crew: Crew[Looker] | None = None
        self.since = time.time_ns()
        """When the trees were looked at, or before."""
        self.trees: dict[int, Tree] = {}
        self.doubtful: set[int] = set()
        """The numbers of folders in which something is another than the last run left it."""
        self.young: set[str] = set()
        """Files that a glance is not enough for."""
        self._held: dict[str, bytes] = {}
        """What a glance saw of folders that are to be changed."""

    def start(self, known: Mapping[int, KnownTree], source: Seen | None) -> None:
        """Begin to look at the trees and at the `source`, in other processes where that helps."""
        self._known = known
        self.since = time.time_ns()
        sinces = {rank: known[rank].since if rank in known else 0 for rank in self._ranks}
        trees = [source] if source else []
        self._places = (*((None,) if source else ()), *self._ranks)
        trees += [(self._root, self._policy.tree(rank), sinces[rank]) for rank in self._ranks]
        folders = sum(len(tree.folders) for tree in known.values())
        count = min(helpful(folders, _SHARE), len(trees))
        if count == 1:
            self._crew = Alone(Looker(self._digest, trees))
            return
        shares = [trees[start::count] for start in range(count)]
        self._forks = Forks([partial(Looker, self._digest, share) for share in shares])
        self._crew = self._forks

    def _digest(self, seen: bytes) -> bytes:
        return self._keyed.digest(seen)

    def finish(self) -> None:
        """Have looked at all trees. OSError where one cannot be looked at."""
        if self._crew is None:
            raise RuntimeError("what was not started cannot be finished")
        found, places = self._crew.each(Looker.looks), self._places
        for start, share in enumerate(found):
            for rank, tree in zip(places[start :: len(found)], share, strict=True):
                if rank is None:
                    self.source = tree
                else:
                    self.trees[rank] = tree
        self.close()
        for rank, tree in self.trees.items():
            if self._policy.sealed(rank):
                self._look_at_bundle(rank, tree)
            self.young.update(tree.young)
            if before := self._known.get(rank):
                now = self.numbered(tree)
                numbers = now.keys() | before.folders.keys()
                self.doubtful |= {n for n in numbers if now.get(n) != before.folders.get(n)}

    def close(self) -> None:
        """End other processes."""
        if self._forks is not None:
            self._forks.close()
            self._forks = None

    def _look_at_bundle(self, rank: int, tree: Tree) -> None:
        bundle = self.bundle(rank)
        state = Path(f"{self._root}/{bundle}").lstat()
        tree.folders[bundle] = self._digest(look(state))
        before = self._known.get(rank)
        if is_young(state, before.since if before else 0):
            tree.young.append(bundle)

    def bundle(self, rank: int) -> str:
        """Where a level that is sealed stands."""
        return f"{self._policy.tree(rank)}.tar.age"

    def numbered(self, tree: Tree) -> dict[int, bytes]:
        """What of a tree is remembered."""
        return {self.number(folder): digest for folder, digest in tree.folders.items()}

    def number(self, folder: str) -> int:
        """The number of a folder, or of a bundle."""
        return self._keyed.of_note("out", folder)

    def is_doubtful(self, path: str) -> bool:
        """Whether an output may be another than the last run left it."""
        folder = path.rpartition("/")[0]
        return path in self.young or self.number(folder) in self.doubtful

    def is_other(self, bundle: str) -> bool:
        """Whether a bundle may be another than the last run left it."""
        return bundle in self.young or self.number(bundle) in self.doubtful

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

    # Around a run that writes.

    def hold(self, touched: set[str]) -> None:
        """Look closer at the folders in which the run is to change the files `touched`."""
        for tree, folder in self._around(touched):
            if folder not in tree.folders:
                self._held[folder] = b""
                continue
            try:
                seen, _ = look_into(self._root, folder, self.since, [])
            except OSError:
                continue
            if self._digest(seen) == tree.folders[folder]:
                self._held[folder] = seen

    def _around(self, touched: set[str]) -> list[tuple[Tree, str]]:
        """The folders around files, each with the tree that it is of."""
        folders = {folder for path in touched for folder in parents(path)}
        tops = [(tree, f"{self._policy.tree(rank)}/") for rank, tree in self.trees.items()]
        return [(t, f) for t, top in tops for f in folders if f"{f}/".startswith(top)]

    def take_in(self, touched: set[str], records: Mapping[str, Record]) -> None:
        """Look again at those folders. What else changed in one meanwhile makes it one that the
        next run has to look into."""
        for tree, folder in self._around(touched):
            tree.folders.pop(folder, None)
            try:
                now, _ = look_into(self._root, folder, self.since, [])
            except FileNotFoundError:
                continue
            except OSError:
                tree.folders[folder] = _UNSURE
                continue
            mine = {p for p in touched if p.rpartition("/")[0] == folder}
            fine = folder in self._held and self._is_mine(folder, now, mine, records)
            tree.folders[folder] = self._digest(now) if fine else _UNSURE

    def _is_mine(
        self, folder: str, now: bytes, mine: set[str], records: Mapping[str, Record]
    ) -> bool:
        names = {os.fsencode(path.rpartition("/")[2]) for path in mine}
        same = _others(self._held[folder], names) == _others(now, names)
        return same and all(self._is_recorded(path, records) for path in mine)

    def _is_recorded(self, path: str, records: Mapping[str, Record]) -> bool:
        record = records.get(path)
        try:
            return record is not None and record.seen == (self.out / path).lstat().st_mtime_ns
        except FileNotFoundError:
            return record is None


def _others(seen: bytes, names: set[bytes]) -> list[tuple[bytes, bytes]]:
    """What a glance sees of the files in a folder, but for those called so."""
    return [entry for entry in entries(seen) if entry[0] not in names and any(entry[1])]
