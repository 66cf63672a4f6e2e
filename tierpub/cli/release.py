"""`tierpub release`: every tier, sealed, stated and signed, put in place in one swap."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierpub.cli.auditing import hold_against_vault
from tierpub.cli.identities import load, opener
from tierpub.cli.making import Projecting, outside_source, recipients_of, scanned, surveyed
from tierpub.cli.output import EXIT_FINDINGS, limit, print_json, warn
from tierpub.cli.workspace import Workspace, find_workspace, workspace_options
from tierpub.errors import Fault, Place, TierpubError, refuse

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

    from tierpub.publish import Output, Release, Sealed, Terms
    from tierpub.publish.bundles import Unseal


@click.command(name="release")
@click.option("--out", type=click.Path(path_type=Path),
              help="Folder of the release, which tierpub owns whole.")  # fmt: skip
@click.option("--level", "levels", multiple=True, metavar="TIER",
              help="Tier to release; may be repeated. Default: all.")  # fmt: skip
@workspace_options
@click.option("--sign-key", type=click.Path(path_type=Path, dir_okay=False),
              help="OpenSSH Ed25519 private key to sign the manifests with.")  # fmt: skip
@click.option("-i", "--identity", "identities", multiple=True, type=click.Path(path_type=Path),
              help="Key that opens sealed tiers of an earlier release. Default: "
              "$TIERPUB_IDENTITY.")  # fmt: skip
@click.option("--reseal", is_flag=True, help="Encrypt sealed tiers anew even if nothing changed.")
@click.option("--dry-run", is_flag=True,
              help="Say what would change; exit 10 if anything would.")  # fmt: skip
@click.option("--since", type=click.Path(path_type=Path),
              help="Print what a release would newly show against this earlier one; write nothing.")  # fmt: skip  # noqa: E501
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(  # noqa: PLR0913 - one for each option
    out: Path | None,
    levels: tuple[str, ...],
    *,
    vault: Path | None,
    policy: Path | None,
    sign_key: Path | None,
    identities: tuple[Path, ...],
    reseal: bool,
    dry_run: bool,
    since: Path | None,
    form: str,
) -> int:
    """Put every tier in place in one swap, each complete for its audience.

    The release is built beside DIR, checked, and put in DIR's place in one swap. Where nothing
    changed nothing is written. What is printed is safe at the lowest level that is released,
    but for --since, whose text is for the readers of each level it names.
    """
    from tierpub.path import no_collection

    space = find_workspace(vault, policy)
    ranks = sorted({space.rank(n) for n in levels} if levels else range(len(space.policy.ladder)))
    warn(space.policy.warnings)
    with no_collection():
        if since is not None:
            from tierpub.cli.since import newly_shown

            return newly_shown(space, ranks, since, load(identities), form)
        if out is None:
            raise click.UsageError("give --out DIR, or --since DIR to look at what would be new")
        terms = _terms(space, ranks, sign_key, opener(identities), reseal=reseal)
        recipients = recipients_of(space.policy, ranks)
        limit(ranks[0])
        run = _Release(space, ranks, _place(out, space), terms)
        return run.write(recipients, dry_run=dry_run, form=form)


def audited(staging: Path, terms: Terms) -> None:
    """Hold a release that was built against its manifests, before anybody else can see it; raises
    where it must not get out. `staging` is the whole release as it will stand, on disk and synced.
    """
    from tierpub.manifest import examine_publication, opened

    key = terms.signer.public_key if terms.signer else None
    with opened(staging) as fd:
        found = examine_publication(fd, key)
    faults = [
        Fault(p.code, p.message, Place(f"{name}/{p.path}"), tier=terms.ladder.rank(name))
        for name, tier in found.tiers.items()
        for p in tier.problems
    ]
    if faults or found.problems:
        hint = "nothing was released; please report it"
        message = "the release that was built is not what its manifests state"
        raise TierpubError(Fault("audit-failed", message, None, hint, tier=0), *faults)


def _terms(
    space: Workspace,
    ranks: list[int],
    sign_key: Path | None,
    unseal: Unseal,
    *,
    reseal: bool,
) -> Terms:
    from tierpub import __version__, seal
    from tierpub.publish import Terms

    policy = space.policy
    return Terms(
        policy.ladder,
        {rank: policy.tree(rank) for rank in ranks},
        frozenset(rank for rank in ranks if policy.sealed(rank)),
        __version__,
        seal.seal,
        unseal,
        reseal,
        _signer(sign_key),
        _epoch(),
    )


def _signer(path: Path | None) -> CryptoSigner | None:
    if path is None:
        return None
    from tierpub.cli.identities import ask
    from tierpub.manifest import load_signer

    return load_signer(path, ask)


def _epoch() -> int | None:
    """The time that `SOURCE_DATE_EPOCH` gives the manifests, if it does."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        message = "SOURCE_DATE_EPOCH is no number of seconds since 1970"
        raise refuse("bad-epoch", message, None, "unset it, or set it to `git log -1 --format=%ct`")
    return int(text)


_DIGITS = 12
"""Of a number of seconds: thirty thousand years."""


def _place(out: Path, space: Workspace) -> Path:
    """Where the release is to stand, by a path that no symlink above it changes."""
    whole = out if out.name not in {"", ".."} else out.resolve()
    place = whole.absolute().parent.resolve() / whole.name
    outside_source(place, space)
    if not whole.name or place.is_relative_to(space.root.resolve()):
        message = "a release cannot stand in the vault, where it would be read as part of it"
        hint = "choose an --out outside the vault"
        raise TierpubError(Fault("out-in-vault", message, Place(str(out)), hint, tier=0))
    return place


class _Release:
    """One run of the verb."""

    def __init__(self, space: Workspace, ranks: list[int], out: Path, terms: Terms) -> None:
        self.space, self.ranks, self.out, self.terms = space, ranks, out, terms

    def write(self, recipients: dict[int, tuple[str, ...]], *, dry_run: bool, form: str) -> int:
        """Plan, build and put in place; returns the exit code."""
        from tierpub import publish

        since = time.time_ns()
        sealed: dict[int, bytes] = {}
        with publish.open_state(self.space.root) as state:
            if not dry_run:
                publish.recover(self.out)
            standing = publish.inspect(self.out, self.terms.ladder)
            with surveyed(self.space, scanned(self.space, self.ranks[0])) as read:
                run = Projecting(self.space, read, self.ranks, (), self.out, recipients)
                outputs = _keeping(run.outputs(), sealed)
                plan = publish.plan_release(self.out, outputs, standing, state, self.terms)
            warn(run.empty_levels())
            warn([*plan.warnings, *_unsigned(plan)])
            if not dry_run:

                def look(new: Path) -> None:
                    audited(new, self.terms)
                    hold_against_vault(new, self.space, sealed, self.ranks[0], since)

                warn(publish.put_in_place(plan, state, look))
            warn(state.warnings)
        tell = self._tell_json if form == "json" else self._tell
        tell(plan, run, dry_run=dry_run)
        return EXIT_FINDINGS if dry_run and plan.changes else 0

    def _tell(self, plan: Release, run: Projecting, *, dry_run: bool) -> None:
        for rank in self.ranks:
            name, tree = self.terms.ladder.names[rank], self.terms.trees[rank]
            notes = f"{run.made(rank)} in {name}/{tree}/"
            # How many notes a bundle holds is for those who can open it.
            told = f"sealed in {name}/{tree}.tar.age" if rank in self.terms.sealed else notes
            click.echo(f"{name}: {told}")
        for name in plan.dropped:
            click.echo(f"{name}: {'would be ' if dry_run else ''}removed")
        changes = ", ".join(f"{count} {what}" for what, count in _files(plan).items() if count)
        click.echo(f"{'would be: ' if dry_run else ''}{changes or 'nothing to write'}")
        if not plan.changes:
            click.echo("nothing has changed")

    def _tell_json(self, plan: Release, run: Projecting, *, dry_run: bool) -> None:
        tiers = [
            {
                "tier": self.terms.ladder.names[rank],
                "sealed": rank in self.terms.sealed,
                "notes": None if rank in self.terms.sealed else run.counts[rank],
                "attachments": None if rank in self.terms.sealed else run.copied[rank],
            }
            for rank in self.ranks
        ]
        print_json({
            "dry_run": dry_run,
            "changed": plan.changes,
            "tiers": tiers,
            "removed_tiers": list(plan.dropped),
            "files": _files(plan),
            "signed": self.terms.signer is not None,
        })  # fmt: skip


def _keeping(
    outputs: Iterator[Output | Sealed], sealed: dict[int, bytes]
) -> Iterator[Output | Sealed]:
    """The outputs; what is in bundles is kept for the audit, in memory."""
    from tierpub import publish

    for output in outputs:
        if isinstance(output, publish.Sealed):
            sealed[output.tier] = output.plain
        yield output


def _files(plan: Release) -> dict[str, int]:
    counts = plan.counts
    return {
        "created": counts.created,
        "replaced": counts.replaced,
        "unchanged": counts.unchanged,
        "removed": counts.removed,
    }


def _unsigned(plan: Release) -> list[Fault]:
    hint = "give the key with --sign-key"
    return [
        Fault("unsigned", "the manifest was signed, and is not any more", Place(name), hint,
              "warning", tier=0)
        for name in plan.unsigned
    ]  # fmt: skip
