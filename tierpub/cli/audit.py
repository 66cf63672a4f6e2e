"""`tierpub audit`: look for what should not stand in a publication."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierpub.cli.identities import load
from tierpub.cli.output import EXIT_CLEAN, EXIT_FINDINGS
from tierpub.cli.paper import only_for_cleared_eyes, pen, put

if TYPE_CHECKING:
    from tierpub.policy import Policy
    from tierpub.report.audit_data import Audit

IDENTITY = "TIERPUB_IDENTITY"
_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(name="audit")
@click.argument("publication", type=click.Path(path_type=Path))
@click.option("--vault", type=_FOLDER, help="Canonical vault to hold the text against.")
@click.option("--policy", type=_FILE, help="Policy. Default: the tierpub.yaml of --vault.")
@click.option(
    "-i",
    "--identity",
    "identities",
    multiple=True,
    type=_FILE,
    help="File with a key that opens sealed tiers, in memory; may be repeated.",
)
@click.option("--ssh", is_flag=True, help="Admit ssh private keys as identities.")
@click.option("--key", type=_FILE, help="Public key that the manifests must be signed by.")
@click.option("--select", multiple=True, metavar="RULE", help="Ask these rules only; repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave this rule out; repeatable.")
@click.option(
    "--min-confidence",
    type=click.Choice(["low", "medium", "high"]),
    default="medium",
    help="Show findings of this confidence and above. Default: medium.",
)
@click.option(
    "--confidential",
    is_flag=True,
    help="Tell where in the canonical vault things stand. For cleared eyes.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every place, not the first few of each.")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text")
def command(  # noqa: PLR0913 - one for each option
    publication: Path, *, vault: Path | None, policy: Path | None, identities: tuple[Path, ...],
    ssh: bool, key: Path | None, select: tuple[str, ...], ignore: tuple[str, ...],
    min_confidence: str, confidential: bool, verbose: bool, form: str,
) -> int:  # fmt: skip
    """Look for what should not stand in a publication, trusting nobody.

    PUBLICATION is a release, one tier's folder of it, or a vault root that projections were
    written into. Alone it is looked at for structure, banners, comments, links into higher tiers,
    metadata, seals. With --vault every projection is held against its canonical note, read by a
    reader of its own, and all bytes are searched for what is above their level.

    Exits with 10 when something is found, with 0 when nothing is, with 1 when no audit was made.
    """
    from tierpub import manifest
    from tierpub.audit import at_least, audit
    from tierpub.report.audit_data import Audit

    if confidential:
        only_for_cleared_eyes()
    stated = _policy(vault, policy)
    keys = load(identities, ssh=ssh) if identities or IDENTITY in os.environ else ()
    found = audit(publication, vault=vault, policy=stated, identities=keys, key=key,
                  select=select or None, ignore=ignore, statements=manifest.check)  # fmt: skip
    shown = tuple(each for each in found if at_least(each, min_confidence))  # type: ignore[arg-type]
    had = {"vault": vault, "policy": stated, "identities": keys, "key": key}
    against = tuple(name for name, thing in had.items() if thing)
    result = Audit(str(publication), shown, len(found) - len(shown), against)
    _print(result, form, confidential=confidential, verbose=verbose)
    return EXIT_FINDINGS if shown else EXIT_CLEAN


def _policy(vault: Path | None, policy: Path | None) -> Policy | None:
    from tierpub.cli.workspace import find_workspace
    from tierpub.policy import load_policy

    if vault is not None:
        return find_workspace(vault, policy).policy
    return load_policy(policy) if policy is not None else None


def _print(result: Audit, form: str, *, confidential: bool, verbose: bool) -> None:
    import json

    if form == "sarif":
        from tierpub import __version__
        from tierpub.report.audit_sarif import audit_sarif

        data = audit_sarif(result, __version__, confidential=confidential)
    elif form == "json":
        from tierpub.report.audit_data import audit_data

        data = audit_data(result, confidential=confidential)
    else:
        from tierpub.report.audit_text import audit_text

        put(audit_text(result, pen(), verbose=verbose, confidential=confidential))
        return
    put(json.dumps(data, indent=2))
