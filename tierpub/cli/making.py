"""What `project` and `release` have in common: from a vault to the outputs of some levels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tierpub.cli.output import warn
from tierpub.cli.workspace import Workspace, errors_of, find_note, paths_of
from tierpub.errors import Fault, Place, TierpubError

if TYPE_CHECKING:
    from tierpub.path import Run
    from tierpub.policy import Policy
    from tierpub.publish import Output, Sealed
    from tierpub.vault import Vault


def recipients_of(policy: Policy, ranks: list[int]) -> dict[int, tuple[str, ...]]:
    """Who may read each sealed tier of `ranks`: known, or refused, before a note is read."""
    from tierpub.seal import load_recipients, recipients_for

    if policy.seal_from is None or ranks[-1] < policy.seal_from:
        return {}
    by_tier = {rank: load_recipients(raw, policy.folder) for rank, raw in policy.recipients.items()}
    return {
        rank: recipients_for(rank, by_tier, policy.seal_from)
        for rank in ranks
        if policy.sealed(rank)
    }


_OF_THE_LAYOUT = frozenset({"no-vault", "no-source", "symlink-source", "no-notes"})
"""Faults that tell of no note: whoever runs a level may see them."""


def outside_source(out: Path, space: Workspace) -> None:
    """Refuse to write where canonical notes are read from."""
    source = (space.root / space.policy.source).resolve()
    if out.resolve() == source or source in out.resolve().parents:
        raise TierpubError(
            Fault("out-in-source", "the projections would be written into the canonical tree",
                  Place(str(out)), "choose another --out", tier=0)
        )  # fmt: skip


def scanned(space: Workspace, level: int) -> Vault:
    """The vault, walked. Faults of its layout may be seen at `level`."""
    from tierpub.vault import scan

    try:
        return scan(space.root, space.policy)
    except TierpubError as error:
        raise TierpubError(
            *(replace(f, tier=level) if f.code in _OF_THE_LAYOUT else f for f in error.faults)
        ) from None


@contextlib.contextmanager
def surveyed(space: Workspace, vault: Vault) -> Iterator[Run]:
    """The vault, read and classified, for as long as the block lasts.

    Raises `TierpubError` with every fault of it.
    """
    from tierpub.path import Run

    with Run(vault, space.policy) as run:
        if refusal := errors_of(run.faults):
            raise refusal
        yield run


class Tally:
    """How many notes and attachments were made for each level."""

    def __init__(self, policy: Policy, ranks: list[int]) -> None:
        self.policy = policy
        self.counts: dict[int, int] = dict.fromkeys(ranks, 0)
        """Of notes, by rank."""
        self.copied: dict[int, int] = dict.fromkeys(ranks, 0)
        """Of attachments."""

    def made(self, rank: int) -> str:
        """How many notes and attachments were made for a level, in words."""
        copied = self.copied[rank]
        files = f" and {_counted(copied, 'attachment')}" if copied else ""
        return _counted(self.counts[rank], "note") + files

    def empty_levels(self) -> list[Fault]:
        """Warnings of levels at which nothing is visible."""
        return [
            Fault("empty-level", f"nothing is visible at {self.policy.ladder.names[rank]}", None,
                  "is every note labelled or ruled above it?", "warning", rank)
            for rank, count in self.counts.items()
            if not count and not self.policy.sealed(rank)
        ]  # fmt: skip


class Projecting(Tally):
    """The outputs of some levels, made of a vault that was surveyed."""

    def __init__(  # noqa: PLR0913, PLR0917 - what the options of the command line say
        self,
        space: Workspace,
        run: Run,
        ranks: list[int],
        notes: tuple[str, ...],
        out: Path,
        recipients: dict[int, tuple[str, ...]],
    ) -> None:
        super().__init__(space.policy, ranks)
        self.space, self.run, self.ranks, self.out = space, run, ranks, out
        self.vault: Vault = run.vault
        self.recipients = recipients
        self.notes: list[str] | None = None
        self.stale: set[str] = set()
        """Projections of earlier runs whose note was named and is not visible any more."""
        self.mentioned = False
        """Whether something visible mentions what is hidden, and the policy lets that pass."""
        if notes:
            self._name(notes)

    def _name(self, names: tuple[str, ...]) -> None:
        """Find the notes that the arguments name.

        A note above every level of this run is treated as one that is not there, for what is
        printed must not tell the two apart. Of either the projections that an earlier run wrote
        are removed.
        """
        self.notes = []
        visible = [note for note, tier in self.run.tiers.items() if tier <= self.ranks[-1]]
        missing = []
        for name in names:
            note = find_note(self.space.root, self.vault.source, visible, name)
            stale = set() if note else self._stale(name)
            if note:
                self.notes.append(note)
            elif stale:
                self.stale |= stale
            else:
                missing.append(self._missing(name))
        if missing:
            raise TierpubError(*missing)

    def _missing(self, name: str) -> Fault:
        message = f"no note called `{name}` is visible at this level"
        hint = f"name it by its path below {self.vault.source}"
        return Fault("no-such-note", message, None, hint, tier=self.ranks[0])

    def _stale(self, name: str) -> set[str]:
        from tierpub.publish import State

        records = State(self.space.root).records(self.out)
        tiers = [self.policy.ladder.names[rank] for rank in self.ranks]
        paths = paths_of(self.space.root, self.vault.source, name)
        made = (
            self.vault.projection_path(path, tier)
            for path in paths
            for tier in tiers
            if path.endswith(".md")
        )
        return {path for path in made if path in records}

    def outputs(self) -> Iterator[Output | Sealed]:
        """Every output, in no order; refuses at the end what the mention gate holds back."""
        from tierpub.publish import Output, Sealed
        from tierpub.seal import build

        bundles: dict[int, list[tuple[str, bytes]]] = {
            rank: [] for rank in self.ranks if self.policy.sealed(rank)
        }
        for ranks, notes in self._passes(list(bundles)):
            for make, count in (
                (self.run.copies, self.copied),
                (self.run.projections, self.counts),
            ):
                for rank, path, data in make(ranks, notes):
                    count[rank] += 1
                    if rank in bundles:
                        bundles[rank].append((path, data))
                    else:
                        yield Output(path, data, rank)
        told = self.run.verdict()
        self.mentioned = bool(told)
        warn(told)  # here, for the plan is made of all outputs before any is written
        for rank in list(bundles):
            bundle = self.policy.tree(rank) + ".tar.age"
            readers = self.recipients[rank]
            yield Sealed(bundle, rank, build(bundles.pop(rank), readers), readers, bound=True)

    def _passes(self, sealed: list[int]) -> list[tuple[list[int], list[str] | None]]:
        """Which notes (all: None) are made at which ranks: a bundle is the whole tier, whatever
        notes were named."""
        if self.notes is None:
            return [(self.ranks, None)]
        open_ = [rank for rank in self.ranks if rank not in sealed]
        return [(open_, self.notes), *([(sealed, None)] if sealed else [])]

    def empty_levels(self) -> list[Fault]:
        """As of a tally; of some notes there is nothing to say."""
        return [] if self.notes is not None else super().empty_levels()


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
