"""What a release would consist of, held against the one that stands: reads, compares, refuses.

`plan_release` consumes the outputs and seals what has to be sealed; nothing is written before all
of them are known, so that a refusal leaves no trace. `put_in_place` (staging) does the rest.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tierpub.errors import Fault, Place, TierpubError
from tierpub.manifest import Manifest, Tier, envelope, manifest_path, signed_by
from tierpub.manifest.places import MAX_DEPTH, MAX_TREE, below, opened
from tierpub.publish.bundles import is_same, who_left
from tierpub.publish.folders import read
from tierpub.publish.outputs import MODE, Counts, Names, Output, Sealed
from tierpub.publish.standing import Standing
from tierpub.publish.state import Record, State
from tierpub.seal import recipient_count

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

    from tierpub.publish.bundles import Unseal
    from tierpub.tiers import Ladder

Seal = Callable[[bytes, tuple[str, ...]], bytes]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a release is made by, beside the outputs."""

    ladder: Ladder
    trees: dict[int, str]
    """The tree of each tier that is made, by rank."""
    sealed: frozenset[int]
    """Those of them that are sealed."""
    tool: str
    """The version of tierpub."""
    seal: Seal
    unseal: Unseal | None = None
    """Opens bundles with the identities at hand."""
    reseal: bool = False
    signer: CryptoSigner | None = None
    time: int | None = None


class File(NamedTuple):
    """A file of a release."""

    digest: str
    data: bytes | None
    """None where the file that stands there stays."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release that can be put in place, and how it differs from what stands there."""

    out: Path
    standing: Standing
    tiers: dict[str, dict[str, File]]
    """Files by path, by tier."""
    records: dict[str, Record] = field(default_factory=dict)
    """Of new bundles, by path in the release, to be remembered before they are in place."""
    adopted: dict[str, Record] = field(default_factory=dict)
    """Of bundles that stay and were not remembered."""
    warnings: list[Fault] = field(default_factory=list)
    unsigned: tuple[str, ...] = ()
    """Tiers that were signed and would not be any more."""

    @property
    def changes(self) -> bool:
        """Whether anything that is published would be another."""
        counts = self.counts
        return bool(counts.created or counts.replaced or counts.removed or self.dropped) or (
            self.tiers.keys() != self.standing.tiers.keys()
        )

    @property
    def dropped(self) -> tuple[str, ...]:
        """Tiers that stand there and are not released any more."""
        return tuple(name for name in self.standing.tiers if name not in self.tiers)

    @property
    def counts(self) -> Counts:
        """What becomes of the files of the tiers that are made."""
        created = replaced = unchanged = removed = 0
        for name, files in self.tiers.items():
            tier = self.standing.tiers.get(name)
            before = {p for p, e in tier.entries.items() if e.is_file} if tier else set()
            kept = {path for path, file in files.items() if file.data is None}
            unchanged += len(kept)
            replaced += len((files.keys() - kept) & before)
            created += len(files.keys() - kept - before)
            removed += len(before - files.keys())
        return Counts(created, replaced, unchanged, removed)

    @property
    def modes(self) -> tuple[str, ...]:
        """Files that stay, and have other permissions than published files have."""
        entries = self.standing.entries()
        paths = (f"{n}/{p}" for n, files in self.tiers.items() for p, f in files.items()
                 if f.data is None)  # fmt: skip
        return tuple(p for p in paths if entries[p].state.st_mode & 0o7777 != MODE)


def plan_release(
    out: Path, outputs: Iterable[Output | Sealed], standing: Standing, state: State, terms: Terms
) -> Release:
    """The release that `outputs` make, beside what stands at `out`.

    Raises `TierpubError` with every collision of names, and whatever `outputs` raises.
    """
    return _Planner(out, standing, state, terms).run(outputs)


class _Planner:
    def __init__(self, out: Path, standing: Standing, state: State, terms: Terms) -> None:
        self.out, self.standing, self.state, self.terms = out, standing, state, terms
        self.known = state.records(out)
        self.names = Names("")
        names = terms.ladder.names
        self.tiers: dict[str, dict[str, File]] = {names[rank]: {} for rank in terms.trees}
        self.before = {name: standing.files(name) for name in self.tiers}
        self.release = Release(out, standing, self.tiers)

    def run(self, outputs: Iterable[Output | Sealed]) -> Release:
        faults = []
        waiting: list[Sealed] = []
        for output in outputs:
            if fault := self.names.check(output.path, output.tier) or _too_deep(output):
                faults.append(fault)
            elif isinstance(output, Sealed):
                waiting.append(output)
            else:
                self.add(output.path, output.data, output.tier)
        faults += [
            fault
            for rank, tree in self.terms.trees.items()
            if (fault := self.names.check(manifest_path(tree), rank))
        ]
        faults += [_deep_tree(tree) for tree in self.terms.trees.values()
                   if tree.count("/") >= MAX_TREE]  # fmt: skip
        if faults := [*faults, *self.names.clashes()]:
            raise TierpubError(*faults)
        for bundle in waiting:
            self.bundle(bundle)
        unsigned = [self.name(rank) for rank in self.terms.trees if self.manifest(rank)]
        return replace(self.release, unsigned=tuple(unsigned))

    def name(self, rank: int) -> str:
        return self.terms.ladder.names[rank]

    def add(self, path: str, data: bytes, rank: int) -> None:
        """A file of a tier; its bytes are let go where they stand there already."""
        name = self.name(rank)
        digest = hashlib.sha256(data).hexdigest()
        stays = self.before[name].get(path) == digest
        self.tiers[name][path] = File(digest, None if stays else data)

    def bundle(self, output: Sealed) -> None:
        """The bundle of a sealed tier: the one that stands there if it may stay, or a new one."""
        name = self.name(output.tier)
        place = f"{name}/{output.path}"
        made_of = self.state.sealed_digest(output.plain, output.recipients)
        before = self.before[name].get(output.path)
        record = self.known.get(place)
        data = None if before is None else self.read(place)
        if data is not None and before is not None and not self.terms.reseal:
            digest = self.state.digest(data)
            known = record is not None and record.made_of(digest) == made_of
            if known or is_same(data, self.opened(data, record, digest), output):
                self.tiers[name][output.path] = File(before, None)
                if not known:
                    self.release.adopted[place] = Record(name, digest, made_of)
                return
            was = record.made_of(digest) if record else None
            if self.state.someone_left(was, recipient_count(data), output.recipients):
                self.release.warnings.append(who_left(place))
        new = self.terms.seal(output.plain, output.recipients)
        self.tiers[name][output.path] = File(hashlib.sha256(new).hexdigest(), new)
        old = (record.digest, record.sealed) if record else (None, None)
        kept = Record(name, *old, None, self.state.digest(new), made_of)
        self.release.records[place] = kept

    def opened(self, data: bytes, record: Record | None, digest: bytes) -> bytes | None:
        """What a bundle opens to of which no record tells."""
        if self.terms.unseal is None or (record is not None and record.ours(digest)):
            return None
        return self.terms.unseal(data)

    def read(self, place: str) -> bytes | None:
        """The bundle that stands at `place`; None where it cannot be read any more."""
        folder, _, name = place.rpartition("/")
        try:
            with opened(self.out) as fd, below(fd, folder) as here:
                return read(here, name, os.stat(name, dir_fd=here, follow_symlinks=False).st_size)
        except OSError:
            return None

    def manifest(self, rank: int) -> bool:
        """Add the manifest of a tier; whether it loses a signature by that."""
        name, tree, terms = self.name(rank), self.terms.trees[rank], self.terms
        files = self.tiers[name]
        subjects = tuple(sorted((path, file.digest) for path, file in files.items()))
        sealed = rank in terms.sealed
        manifest = Manifest(name, sealed, terms.tool, subjects, tree, terms.time)
        before = self.standing.tiers.get(name)
        if before is not None and _states(before, manifest, terms.signer):
            files[before.where] = File(hashlib.sha256(before.data).hexdigest(), None)
            return False
        data = envelope(manifest, terms.signer)
        files[manifest_path(tree)] = File(hashlib.sha256(data).hexdigest(), data)
        return terms.signer is None and before is not None and before.signed


def _too_deep(output: Output | Sealed) -> Fault | None:
    if output.path.count("/") < MAX_DEPTH:
        return None
    message = f"this lies in more than {MAX_DEPTH - 1} folders, which no manifest can name"
    return Fault("bad-output-path", message, Place(output.path), tier=output.tier)


def _deep_tree(tree: str) -> Fault:
    message = f"a tree in more than {MAX_TREE - 1} folders, where no manifest is looked for"
    return Fault("bad-output-path", message, Place(tree), "see `vault.projection`", tier=0)


def _states(tier: Tier, manifest: Manifest, signer: CryptoSigner | None) -> bool:
    """Whether the manifest that stands there can stay: it says the same but for the time, which is
    that of the run that last changed something, and is signed by the key that would sign it."""
    if tier.manifest is None or replace(tier.manifest, time=manifest.time) != manifest:
        return False
    return signer is None or signed_by(tier.data, signer.public_key)
