"""`tierpub project`: write what the readers of one level or more get."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierpub.cli.identities import opener
from tierpub.cli.output import limit, print_json, warn
from tierpub.cli.workspace import (
    Workspace,
    errors_of,
    find_note,
    find_workspace,
    paths_of,
    workspace_options,
)
from tierpub.errors import Fault, Place, TierpubError

if TYPE_CHECKING:
    from tierpub.path import Run
    from tierpub.policy import Policy
    from tierpub.publish import Counts, Output, Scope, Sealed
    from tierpub.publish.planning import Unseal
    from tierpub.vault import Vault


@click.command(name="project")
@click.argument("notes", nargs=-1, metavar="[NOTE]...")
@click.option(
    "--level", "levels", multiple=True, metavar="TIER", help="Tier to write; may be repeated."
)
@click.option("--all", "every", is_flag=True, help="Write every tier of the policy.")
@workspace_options
@click.option("--out", type=click.Path(path_type=Path, file_okay=False),
              help="Folder to write below. Default: the vault root.")  # fmt: skip
@click.option(
    "--dry-run", is_flag=True, help="Say what would be written; exit 10 if anything would."
)
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the one note at the one level.")
@click.option(
    "--reseal", is_flag=True, help="Encrypt sealed tiers anew even where nothing changed."
)
@click.option(
    "-i",
    "--identity",
    "identities",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File with a key that opens sealed tiers, so that one that no record tells of is"
    " recognised and kept where nothing changed. Default: $TIERPUB_IDENTITY.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(  # noqa: PLR0913 - one for each option
    notes: tuple[str, ...],
    levels: tuple[str, ...],
    *,
    every: bool,
    vault: Path | None,
    policy: Path | None,
    out: Path | None,
    dry_run: bool,
    to_stdout: bool,
    reseal: bool,
    identities: tuple[Path, ...],
    form: str,
) -> int:
    """Write the projections of one level or more.

    Without NOTE, of all canonical notes. What is printed is safe at the lowest level that is
    made: run `tierpub check` to see every fault and warning.
    """
    if bool(levels) == every:
        raise click.UsageError("give --level TIER, or --all")
    from tierpub.path import Run, no_collection

    space = find_workspace(vault, policy)
    ranks = sorted(range(len(space.policy.ladder)) if every else {space.rank(n) for n in levels})
    warn(space.policy.warnings)
    recipients = _recipients(space.policy, ranks)
    limit(ranks[0])
    unseal = opener(identities)
    out = out or space.root
    _outside_source(out, space)
    with no_collection(), Run(_scanned(space, ranks[0]), space.policy) as run:
        if refusal := errors_of(run.faults):
            raise refusal
        projecting = _Projecting(space, run, ranks, notes, out, recipients)
        if to_stdout:
            return projecting.print_note()
        return projecting.write(unseal, dry_run=dry_run, reseal=reseal, form=form)


def _recipients(policy: Policy, ranks: list[int]) -> dict[int, tuple[str, ...]]:
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


def _outside_source(out: Path, space: Workspace) -> None:
    """Refuse to write where canonical notes are read from."""
    source = (space.root / space.policy.source).resolve()
    if out.resolve() == source or source in out.resolve().parents:
        raise TierpubError(
            Fault("out-in-source", "the projections would be written into the canonical tree",
                  Place(str(out)), "choose another --out", tier=0)
        )  # fmt: skip


def _scanned(space: Workspace, level: int) -> Vault:
    from tierpub.vault import scan

    try:
        return scan(space.root, space.policy)
    except TierpubError as error:
        raise TierpubError(
            *(replace(f, tier=level) if f.code in _OF_THE_LAYOUT else f for f in error.faults)
        ) from None


class _Projecting:
    def __init__(  # noqa: PLR0913, PLR0917 - what the options of the command line say
        self,
        space: Workspace,
        run: Run,
        ranks: list[int],
        notes: tuple[str, ...],
        out: Path,
        recipients: dict[int, tuple[str, ...]],
    ) -> None:
        self.space, self.run, self.ranks, self.out = space, run, ranks, out
        self.policy = space.policy
        self.vault: Vault = run.vault
        self.recipients = recipients
        self.notes: list[str] | None = None
        self.stale: set[str] = set()
        """Projections of earlier runs whose note was named and is not visible any more."""
        if notes:
            self._name(notes)
        self.counts: dict[int, int] = dict.fromkeys(ranks, 0)

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

    def print_note(self) -> int:
        if not self.notes or len(self.notes) != 1 or len(self.ranks) != 1:
            raise click.UsageError("--stdout takes one NOTE and one --level")
        made = list(self.run.projections(self.ranks, self.notes))
        warn(self.run.verdict())
        for _, _, data in made:
            sys.stdout.buffer.write(data)
        return 0

    def write(self, unseal: Unseal, *, dry_run: bool, reseal: bool, form: str) -> int:
        from tierpub import publish, seal

        with publish.open_state(self.space.root) as state:
            plan = publish.plan(
                self.out, self._outputs(), state, self._scope(), unseal=unseal, reseal=reseal
            )
            warn(plan.warnings)
            counts = plan.counts if dry_run else publish.apply(plan, seal.seal)
            warn(state.warnings)
        warn(self._empty_levels())
        self._tell(counts, dry_run=dry_run, form=form)
        return 10 if dry_run and plan.changes else 0

    def _outputs(self) -> Iterator[Output | Sealed]:
        from tierpub.publish import Output, Sealed
        from tierpub.seal import build

        bundles: dict[int, list[tuple[str, bytes]]] = {
            rank: [] for rank in self.ranks if self.policy.sealed(rank)
        }
        for ranks, notes in self._passes(list(bundles)):
            for rank, path, data in self.run.projections(ranks, notes):
                self.counts[rank] += 1
                if rank in bundles:
                    bundles[rank].append((path, data))
                else:
                    yield Output(path, data, rank)
        warn(self.run.verdict())  # here, for the plan is made of all outputs before any is written
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

    def _scope(self) -> Scope:
        from tierpub.publish import Scope

        names = self.policy.ladder.names
        only = None
        if self.notes is not None:
            paths = {
                self.vault.projection_path(n, names[r]) for n in self.notes for r in self.ranks
            }
            only = frozenset(paths | self.stale)
        inside = self.out.resolve() == self.space.root.resolve()
        source = self.vault.source if inside else ""
        return Scope(self.policy.ladder, frozenset(self.ranks), only, source, self._absent())

    def _absent(self) -> dict[str, int]:
        """Paths that projections of notes above a level would have, or of any note at a level that
        is sealed, and the level: what stands there was published once, whether or not the record
        of it was lost."""
        names = self.policy.ladder.names
        return {
            self.vault.projection_path(path, names[rank]): rank
            for path, tier in self.run.tiers.items()
            for rank in self.ranks
            if tier > rank or self.policy.sealed(rank)
        }

    def _empty_levels(self) -> list[Fault]:
        return [
            Fault("empty-level", f"nothing is visible at {self.policy.ladder.names[rank]}", None,
                  "is every note labelled or ruled above it?", "warning", rank)
            for rank, count in self.counts.items()
            if not count and self.notes is None and not self.policy.sealed(rank)
        ]  # fmt: skip

    def _tell(self, counts: Counts, *, dry_run: bool, form: str) -> None:
        names = self.policy.ladder.names
        files = {
            "created": counts.created,
            "replaced": counts.replaced,
            "unchanged": counts.unchanged,
            "removed": counts.removed,
        }
        if form == "json":
            tiers = [
                {"tier": names[r], "sealed": sealed, "notes": None if sealed else n}
                for r, n in self.counts.items()
                for sealed in [self.policy.sealed(r)]
            ]
            print_json({"dry_run": dry_run, "tiers": tiers, "files": files})
            return
        for rank, count in self.counts.items():
            tree = self.policy.tree(rank)
            notes = f"{count} note{'' if count == 1 else 's'} in {tree}/"
            # How many notes a bundle holds is for those who can open it.
            told = f"sealed in {tree}.tar.age" if self.policy.sealed(rank) else notes
            click.echo(f"{names[rank]}: {told}")
        changes = ", ".join(f"{count} {what}" for what, count in files.items() if count)
        click.echo(f"{'would be: ' if dry_run else ''}{changes or 'nothing to write'}")
