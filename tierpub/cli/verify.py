"""`tierpub verify`: whether a release is what was published."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierpub.cli.output import EXIT_FINDINGS, print_json, printable, say
from tierpub.errors import Place, refuse

if TYPE_CHECKING:
    from tierpub.manifest import Problem, Publication, PublicKey, Tier


@click.command(name="verify")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False),
              help="Public key that must have signed: ssh-keygen's `.pub`, or PEM.")  # fmt: skip
@click.option("--level", metavar="TIER",
              help="Tier that DIR must hold. Default: the folder's own name.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(folder: Path, *, key: Path | None, level: str | None, form: str) -> int:
    """Hold a release, or one of its tiers, against its manifests.

    Every file must be the one that was published, none may be missing and none may be there
    besides; sealed tiers must be sealed. Needs no identity. Exits with 10 when anything is wrong.
    """
    from tierpub.manifest import load_public_key

    public = None if key is None else load_public_key(key)
    found = _examined(folder, public, level)
    if not found.tiers:
        hint = "name a folder that `tierpub release --out` wrote, or one of its tiers"
        raise refuse("no-tiers", "holds no tier of a release", Place(str(folder)), hint)
    if public is None:
        say("warning", "no signature was checked: whoever can write here can have written all of"
            " it", "name the public key with --key")  # fmt: skip
    wrong = _tell_json(found, public) if form == "json" else _tell(found, public)
    return EXIT_FINDINGS if wrong else 0


def _examined(folder: Path, key: PublicKey | None, level: str | None) -> Publication:
    from tierpub.manifest import Publication, examine, examine_publication, is_tier, opened

    try:
        with opened(folder) as fd:
            if is_tier(fd) or level is not None:
                name = level or folder.resolve().name
                return Publication({name: examine(fd, key, level=name)}, ())
            return examine_publication(fd, key)
    except OSError as error:
        why = "it is a symlink" if folder.is_symlink() else os.strerror(error.errno or 0).lower()
        message = f"cannot be opened as a folder: {why}"
        raise refuse("verify-failed", message, Place(str(folder))) from None


def _tell(found: Publication, key: PublicKey | None) -> int:
    """Print what was found; returns how much is wrong."""
    count = 0
    for problem, where in _all(found):
        count += 1
        click.echo(printable(f"{problem.code}: {where}: {problem.message}"))
    for name, tier in found.tiers.items():
        click.echo(printable(f"{name}: {_verdict(tier, key)}"))
    return count


def _verdict(tier: Tier, key: PublicKey | None) -> str:
    if tier.problems:
        count = len(tier.problems)
        return f"not as published, {count} problem{'' if count == 1 else 's'}"
    count = len(tier.manifest.subjects) if tier.manifest else 0
    signed = "signed by this key" if key else "signature not checked" if tier.signed else "unsigned"
    what = (
        "sealed" if tier.manifest and tier.manifest.sealed else f"{count} file{'s'[: count != 1]}"
    )
    return f"{what}, as published, {signed}"


def _all(found: Publication) -> list[tuple[Problem, str]]:
    """Every problem, with where it stands as seen from what was named."""
    pairs = [(problem, problem.path) for problem in found.problems]
    for name, tier in found.tiers.items():
        pairs += [(p, f"{name}/{p.path}" if p.path else name) for p in tier.problems]
    return pairs


def _tell_json(found: Publication, key: PublicKey | None) -> int:
    pairs = _all(found)
    tiers = [
        {
            "tier": name,
            "sealed": tier.manifest.sealed if tier.manifest else None,
            "files": len(tier.manifest.subjects) if tier.manifest else None,
            "signed": tier.signed,
            "problems": len(tier.problems),
        }
        for name, tier in found.tiers.items()
    ]
    problems = [{"code": p.code, "path": where, "message": p.message} for p, where in pairs]
    print_json({"signature_checked": key is not None, "tiers": tiers, "problems": problems})
    return len(pairs)
