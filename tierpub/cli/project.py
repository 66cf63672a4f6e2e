"""`tierpub project`: write what the readers of one level or more get."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierpub.cli.identities import opener
from tierpub.cli.incremental import Incremental
from tierpub.cli.making import (
    Projecting,
    Tally,
    outside_source,
    recipients_of,
    scanned,
    surveyed,
)
from tierpub.cli.output import limit, print_json, warn
from tierpub.cli.workspace import Workspace, find_workspace, workspace_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tierpub.publish import Counts, Keeping, Scope
    from tierpub.publish.bundles import Unseal
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
    from tierpub.path import no_collection
    from tierpub.publish import Keeping, Task

    space = find_workspace(vault, policy)
    ranks = sorted(range(len(space.policy.ladder)) if every else {space.rank(n) for n in levels})
    warn(space.policy.warnings)
    recipients = recipients_of(space.policy, ranks)
    limit(ranks[0])
    unseal = opener(identities)
    out = out or space.root
    outside_source(out, space)
    wholly = not (notes or to_stdout)
    with no_collection(), contextlib.ExitStack() as stack:
        again = None
        if wholly and not reseal:
            again = Incremental(stack, space, ranks, out, recipients)
        found = scanned(space, ranks[0])
        task = Task(found, space.policy, out, ranks, recipients, _source(space, found, out))
        if again is not None and again.is_certain(task):
            counts, changes = again.write(dry_run=dry_run)
            _tell(again, counts, dry_run=dry_run, form=form)
            return 10 if dry_run and changes else 0
        stack.close()
        keeping = Keeping(task) if wholly and not dry_run else None
        with surveyed(space, found) as run:
            projecting = _Project(space, run, ranks, notes, out, recipients)
            if to_stdout:
                return projecting.print_note()
            return projecting.write(unseal, keeping, dry_run=dry_run, reseal=reseal, form=form)


def _source(space: Workspace, vault: Vault, out: Path) -> str:
    """The canonical tree relative to the out folder; empty where it lies elsewhere."""
    return vault.source if out.resolve() == space.root.resolve() else ""


class _Project(Projecting):
    def print_note(self) -> int:
        if not self.notes or len(self.notes) != 1 or len(self.ranks) != 1:
            raise click.UsageError("--stdout takes one NOTE and one --level")
        made = list(self.run.projections(self.ranks, self.notes))
        warn(self.run.verdict())
        for _, _, data in made:
            sys.stdout.buffer.write(data)
        return 0

    def write(
        self, unseal: Unseal, keeping: Keeping | None, *, dry_run: bool, reseal: bool, form: str
    ) -> int:
        from tierpub import publish, seal

        with publish.open_state(self.space.root) as state:
            plan = publish.plan(
                self.out, self.outputs(), state, self._scope(), unseal=unseal, reseal=reseal
            )
            warn(plan.warnings)
            counts = plan.counts if dry_run else publish.apply(plan, seal.seal)
            if keeping is not None and not self.mentioned:
                keeping.keep(state, self.run)
            warn(state.warnings)
        warn(self.empty_levels())
        _tell(self, counts, dry_run=dry_run, form=form)
        return 10 if dry_run and plan.changes else 0

    def _scope(self) -> Scope:
        from tierpub.publish import Scope

        names = self.policy.ladder.names
        only = None
        if self.notes is not None:
            paths = {
                self.vault.projection_path(n, names[r]) for n in self.notes for r in self.ranks
            }
            named = set(self._copies())
            only = frozenset(paths | named | self.stale)
        source = _source(self.space, self.vault, self.out)
        return Scope(self.policy.ladder, frozenset(self.ranks), only, source, self._absent())

    def _copies(self) -> Iterator[str]:
        """Where copies of the attachments that the named notes refer to stand, or would."""
        names = self.policy.ladder.names
        for path in self.run.named(self.notes or ()):
            for rank in self.ranks:
                yield self.vault.copy_path(path, names[rank])

    def _absent(self) -> dict[str, int]:
        """Paths that projections of notes above a level would have, and copies of what only such
        notes or links refer to, or any of them at a level that is sealed, and the level: what
        stands there was published once, whether or not the record of it was lost."""
        names = self.policy.ladder.names
        copies = {
            self.vault.copy_path(path, names[rank]): rank
            for path, use in self.run.uses().items()
            for rank in self.ranks
            if (use.level > rank or self.policy.sealed(rank)) and self.run.may_go(path)
        }
        return copies | {
            self.vault.projection_path(path, names[rank]): rank
            for path, tier in self.run.tiers.items()
            for rank in self.ranks
            if tier > rank or self.policy.sealed(rank)
        }


def _tell(tally: Tally, counts: Counts, *, dry_run: bool, form: str) -> None:
    policy = tally.policy
    names = policy.ladder.names
    changed = {
        "created": counts.created,
        "replaced": counts.replaced,
        "unchanged": counts.unchanged,
        "removed": counts.removed,
    }
    if form == "json":
        tiers = [
            {"tier": names[r], "sealed": sealed, "notes": None if sealed else n,
             "attachments": None if sealed else tally.copied[r]}
            for r, n in tally.counts.items()
            for sealed in [policy.sealed(r)]
        ]  # fmt: skip
        print_json({"dry_run": dry_run, "tiers": tiers, "files": changed})
        return
    for rank in tally.counts:
        tree = policy.tree(rank)
        made = f"{tally.made(rank)} in {tree}/"
        # How many notes a bundle holds is for those who can open it.
        told = f"sealed in {tree}.tar.age" if policy.sealed(rank) else made
        click.echo(f"{names[rank]}: {told}")
    changes = ", ".join(f"{count} {what}" for what, count in changed.items() if count)
    click.echo(f"{'would be: ' if dry_run else ''}{changes or 'nothing to write'}")
