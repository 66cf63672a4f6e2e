"""What a run would change. Reads, compares, refuses; writes nothing.

Steps, in this order: every output is held against what stands at its path; names are held
against each other; what earlier runs wrote in the scope and this one does not is marked for
removal. All faults are raised at once.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from tierpub.errors import Fault, Place, TierpubError
from tierpub.publish.bundles import Unseal, is_same, who_left
from tierpub.publish.folders import Blocked, Folders, read, reason
from tierpub.publish.outputs import (
    MODE,
    Names,
    Output,
    Scope,
    Sealed,
    folded,
    possible,
)
from tierpub.publish.state import Record, State
from tierpub.publish.steps import Plan, Remove, Write
from tierpub.seal import recipient_count, same_files

_ELSEWHERE = "move it away or delete it, then run again"
_NOTHING_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK})
_BY_KEY = "with --identity and a key that opens it it is recognised if nothing changed; else " + (
    _ELSEWHERE
)


def plan(  # noqa: PLR0913 - two of them are switches of the command line
    root: Path,
    outputs: Iterable[Output | Sealed],
    state: State,
    scope: Scope,
    *,
    unseal: Unseal | None = None,
    reseal: bool = False,
    standing: Iterable[tuple[str, int]] = (),
) -> Plan:
    """What has to be done below `root` so that `outputs` stand there.

    `outputs` is consumed once; the bytes of those that stand there already are let go.
    `unseal` lets a bundle be known as ours without a record; `reseal` seals all bundles anew.
    `standing` are the paths and tiers of further outputs that are known to be as they should.
    Raises `TierpubError` with every stranger, collision and blocked folder.
    """
    with Folders(root) as folders:
        return _Planner(root, folders, state, scope, unseal, reseal).run(outputs, standing)


class _Planner:
    def __init__(  # noqa: PLR0913, PLR0917 - the stages of one planning share all of it
        self,
        root: Path,
        folders: Folders,
        state: State,
        scope: Scope,
        unseal: Unseal | None,
        reseal: bool,  # noqa: FBT001
    ) -> None:
        self.root, self.folders, self.state, self.scope = root, folders, state, scope
        self.unseal, self.reseal = unseal, reseal
        self.records = state.records(root)
        self.names = Names(scope.source)
        self.faults: list[Fault] = []
        self.blocked: dict[Blocked, int | None] = {}
        """Folders in the way, each with the lowest tier that needs it."""
        self.writes: list[Write] = []
        self.modes: list[str] = []
        self.adopted: dict[str, Record] = {}
        self.warnings: list[Fault] = []
        self.paths: set[str] = set()
        self.spellings: dict[str, str] | None = None
        """Paths in the records, by folded path; made when first needed."""
        self.unchanged = 0

    def run(self, outputs: Iterable[Output | Sealed], standing: Iterable[tuple[str, int]]) -> Plan:
        for path, tier in standing:
            self.paths.add(path)
            self.unchanged += 1
            if fault := self.names.check(path, tier):
                self.faults.append(fault)
        for output in outputs:
            self.paths.add(output.path)
            fault = self.names.check(output.path, output.tier)
            if fault:
                self.faults.append(fault)
            else:
                self.place(output)
        self.faults.extend(self.names.clashes())
        removes = self.removes()
        self.unrecorded()
        self.faults.extend(
            Fault("blocked-folder", b.why, Place(b.folder), _ELSEWHERE, tier=tier)
            for b, tier in self.blocked.items()
        )
        if self.faults:
            raise TierpubError(*self.faults)
        writes, modes = tuple(self.writes), tuple(self.modes)
        left = tuple(path for path, record in self.records.items() if record.next)
        told = tuple(self.warnings)
        return Plan(
            self.root, self.state, writes, removes, modes, self.adopted, left, self.unchanged, told
        )

    def place(self, output: Output | Sealed) -> None:
        """Decide about one output by what stands at its path."""
        folder, _, name = output.path.rpartition("/")
        try:
            fd = self.folders.fd(folder)
            before = None if fd is None else os.stat(name, dir_fd=fd, follow_symlinks=False)
        except Blocked as blocked:
            self.block(blocked, output.tier)
            return
        except FileNotFoundError:
            before = None
        except OSError as error:
            self.stranger(output, f"what stands here cannot be looked at: {reason(error)}")
            return
        if fd is None or before is None:
            self.write(output, None, None)
        elif not stat.S_ISREG(before.st_mode):
            self.stranger(output, "no regular file stands here")
        else:
            self.compare(output, fd, name, before)

    def block(self, blocked: Blocked, tier: int | None) -> None:
        """Note a folder in the way, at the lowest tier that may know of it."""
        known = self.blocked.setdefault(blocked, tier)
        if tier is not None and (known is None or tier < known):
            self.blocked[blocked] = tier

    def compare(self, output: Output | Sealed, fd: int, name: str, before: os.stat_result) -> None:
        """Decide about an output where a file stands; most files are as they should be."""
        try:
            if isinstance(output, Sealed):
                self.compare_sealed(output, read(fd, name, before.st_size), before)
                return
            same = before.st_size == len(output.data)
            data = read(fd, name, before.st_size) if same else b""
            if same and data == output.data:
                self.keep(output, data, before)
                return
            self.replace(output, data if same else read(fd, name, before.st_size), before)
        except OSError as error:
            self.stranger(output, f"it cannot be read: {reason(error)}")

    def compare_sealed(self, output: Sealed, data: bytes, before: os.stat_result) -> None:
        """A bundle stays when plaintext and recipients are those it was made of."""
        record = self.records.get(output.path)
        digest = self.state.digest(data)
        made_of = self.state.sealed_digest(output.plain, output.recipients)
        if record and record.made_of(digest) == made_of and not self.reseal:
            self.keep(output, data, before, made_of)
        elif record and record.ours(digest):
            self.replace(output, data, before)
            before_it = record.made_of(digest)
            if self.state.someone_left(before_it, recipient_count(data), output.recipients):
                self.tell_who_left(output)
        else:
            self.recognise(output, data, before, made_of)

    def recognise(
        self, output: Sealed, data: bytes, before: os.stat_result, made_of: bytes
    ) -> None:
        """Decide about a bundle that no record tells of: it is ours if an identity at hand opens
        it and nothing in it would be lost."""
        plain = self.unseal(data) if self.unseal else None
        if is_same(data, plain, output) and not self.reseal:
            self.keep(output, data, before, made_of)
        elif plain is not None and (plain == output.plain or same_files(plain, output.plain)):
            self.write(output, before, self.state.digest(data))
            if plain != output.plain and recipient_count(data) >= len(output.recipients):
                self.tell_who_left(output)
        else:
            self.replace(output, data, before)

    def tell_who_left(self, output: Sealed) -> None:
        """Say that somebody could open the old bundle and cannot open the new one."""
        self.warnings.append(who_left(output.path))

    def keep(
        self,
        output: Output | Sealed,
        data: bytes,
        before: os.stat_result,
        sealed: bytes | None = None,
    ) -> None:
        """The file is as it should be; its record may not be."""
        if self.respelled(output.path, before):
            self.write(output, before, self.state.digest(data))
            return
        self.unchanged += 1
        if stat.S_IMODE(before.st_mode) != MODE:
            self.modes.append(output.path)
        record = self.records.get(output.path)
        tier = self.scope.ladder.names[output.tier]
        known = record and record.next is None and record.seen == before.st_mtime_ns
        if known and record and record.tier == tier and record.digest:
            return
        digest = self.state.digest(data)
        self.adopted[output.path] = Record(tier, digest, sealed, before.st_mtime_ns)

    def replace(self, output: Output | Sealed, data: bytes, before: os.stat_result) -> None:
        """Another file stands there: ours, as we left it, or a stranger."""
        record = self.records.get(output.path) or self.respelled(output.path, before)
        digest = self.state.digest(data)
        if record is None:
            hint = _BY_KEY if isinstance(output, Sealed) else _ELSEWHERE
            self.stranger(output, "a file stands here that tierpub did not write", hint)
        elif not record.ours(digest):
            self.stranger(output, "this file was changed since tierpub wrote it")
        else:
            self.write(output, before, digest)

    def respelled(self, path: str, before: os.stat_result) -> Record | None:
        """The record of this very file under another spelling, where case does not count."""
        if path in self.records:
            return None
        if self.spellings is None:
            self.spellings = {folded(known): known for known in self.records}
        other = self.spellings.get(folded(path))
        if other is None:
            return None
        folder, _, name = other.rpartition("/")
        try:
            fd = self.folders.fd(folder)
            there = None if fd is None else os.stat(name, dir_fd=fd, follow_symlinks=False)
        except (Blocked, OSError):
            return None
        return self.records[other] if there and os.path.samestat(there, before) else None

    def write(
        self, output: Output | Sealed, before: os.stat_result | None, digest: bytes | None
    ) -> None:
        tier = self.scope.ladder.names[output.tier]
        self.writes.append(Write(output, before, Record(tier, digest)))

    def stranger(self, output: Output | Sealed, message: str, hint: str = _ELSEWHERE) -> None:
        place = Place(output.path)
        self.faults.append(Fault("stranger", message, place, hint, tier=output.told))

    def removes(self) -> tuple[Remove, ...]:
        """What earlier runs wrote and this one does not."""
        found = []
        for path, record in self.records.items():
            if path in self.paths or not self.scope.stale(path, record.tier):
                continue
            if not self.names.reserved(path) and possible(path):
                found.append(self.stale(path, record))
        return tuple(found)

    def unrecorded(self) -> None:
        """Refuse files where a projection stood once, if no record tells whose they are: left
        alone they would go on showing a note that is above their tier now."""
        for path, tier in self.scope.absent.items():
            if path in self.records or path in self.paths:
                continue
            folder, _, name = path.rpartition("/")
            try:
                fd = self.folders.fd(folder)
                if fd is None:
                    continue
                os.stat(name, dir_fd=fd, follow_symlinks=False)
            except (Blocked, OSError) as error:
                if error.errno not in _NOTHING_THERE:
                    why = f"what stands here cannot be looked at: {os.strerror(error.errno or 0)}"
                    # Nothing may stand here: then the note's name is as hidden as the note.
                    self.faults.append(Fault("stranger", why.lower(), Place(path)))
                continue
            message = (
                "a file stands where no projection is any more, and no record says whose it is"
            )
            hint = "delete it if an earlier run wrote it, or move it away"
            self.faults.append(Fault("stranger", message, Place(path), hint, tier=tier))

    def stale(self, path: str, record: Record) -> Remove:
        """Decide about one file of an earlier run.

        Its name may have risen above the level it was written for, so its faults have no tier.
        """
        folder, _, name = path.rpartition("/")
        try:
            fd = self.folders.fd(folder)
            before = None if fd is None else os.stat(name, dir_fd=fd, follow_symlinks=False)
            if fd is None or before is None or not stat.S_ISREG(before.st_mode):
                return Remove(path, None)
            if record.ours(self.state.digest(read(fd, name, before.st_size))):
                return Remove(path, before, folded(path) in self.names.seen)
            message = "this file of an earlier run would be removed, but was changed since"
            self.faults.append(Fault("stranger", message, Place(path), _ELSEWHERE))
        except Blocked as blocked:
            self.block(blocked, None)
        except FileNotFoundError:
            pass
        except OSError as error:
            why = reason(error)
            self.faults.append(Fault("stranger", f"it cannot be read: {why}", Place(path)))
        return Remove(path, None)
