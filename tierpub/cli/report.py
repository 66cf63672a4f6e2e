"""`tierpub report`: a site that shows what each level reads, and why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from tierpub.cli.output import EXIT_CLEAN, EXIT_FINDINGS, print_json, warn
from tierpub.cli.paper import only_for_cleared_eyes, put
from tierpub.cli.workspace import Workspace, find_workspace, workspace_options
from tierpub.errors import Place, refuse

if TYPE_CHECKING:
    from tierpub.report.site import AuditDocument, Held, Remark, Written


@click.command(name="report")
@click.argument("out", type=click.Path(path_type=Path))
@workspace_options
@click.option("--max-level", metavar="TIER", help="Highest tier it holds. Default: the highest"
              " that is not sealed.")  # fmt: skip
@click.option("--audit", type=click.File("rb"), metavar="FILE", help="What `tierpub audit --format"
              " json --confidential` printed, to be shown at its notes; - for stdin.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing; exit 10 if it would change.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(  # noqa: PLR0913 - one for each option
    out: Path,
    *,
    vault: Path | None,
    policy: Path | None,
    max_level: str | None,
    audit: BinaryIO | None,
    dry_run: bool,
    form: str,
) -> int:
    """Write a site to the folder OUT that shows what each level reads, and why.

    It opens from the disk: OUT/index.html lists the notes, and has a page for each with a slider
    for the level. It holds all text up to its highest tier, and says so on every page: it is for
    readers who may see that. Sealed tiers never stand in a report.

    With --audit it shows, at their notes, also what an audit of a publication of this vault found;
    never a finding that tells of something above its highest tier.

    A report that stands in OUT already is replaced, as a whole; OUT may hold nothing else.
    """
    from tierpub.report.site import bounded, hold, remarks_of, site, write
    from tierpub.vault import scan

    space = find_workspace(vault, policy)
    level = _level(space, max_level)
    _outside(out, space)
    only_for_cleared_eyes()
    document = _read(audit) if audit is not None else None
    places = document.places if document is not None else []
    held = hold(scan(space.root, space.policy), space.policy, level, places)
    warn(held.warnings)
    audited = _audited(held, document, audit)
    shown = bounded(held, audited)
    written = write(out, site(held, [*remarks_of(held), *shown]), dry_run=dry_run)
    told = _told(written, held, out)
    if audit is not None:
        told |= {"findings": len(shown), "withheld": len(audited) - len(shown)}
    if form == "json":
        print_json({"dry_run": dry_run, **told})
    else:
        put(_text(told, dry_run=dry_run))
    return EXIT_FINDINGS if dry_run and written.change != "unchanged" else EXIT_CLEAN


def _read(audit: BinaryIO) -> AuditDocument:
    from tierpub.report.site import read_audit

    try:
        return read_audit(audit.read(), audit.name)
    except OSError as error:
        why = (os.strerror(error.errno) if error.errno else "an error").lower()
        raise refuse("unreadable", f"the audit cannot be read: {why}",
                     Place(audit.name)) from None  # fmt: skip


def _audited(held: Held, document: AuditDocument | None, audit: BinaryIO | None) -> list[Remark]:
    from tierpub.report.site import audit_remarks

    if document is None or audit is None:
        return []
    return audit_remarks(held, document, audit.name)


def _level(space: Workspace, name: str | None) -> int:
    """The highest tier that the site holds: never a sealed one, for it is plain text."""
    policy = space.policy
    highest = policy.ladder.top if policy.seal_from is None else policy.seal_from - 1
    if highest < 0:
        message = "every tier is sealed, and a report is plain text on the disk"
        raise refuse("sealed-tier", message, None, "`tierpub explain` shows notes on the terminal")
    if name is None:
        return highest
    rank = space.rank(name)
    if rank > highest:
        names = policy.ladder.names
        message = f"{names[rank]} is sealed, and a report is plain text on the disk"
        hint = f"the highest that it may hold is `--max-level {names[highest]}`"
        raise refuse("sealed-tier", message, None, hint)
    return rank


def _outside(out: Path, space: Workspace) -> None:
    """Refuse to write where notes are read from or projections are written."""
    policy, root = space.policy, space.root.resolve()
    taken = [policy.source, ".tierpub", ".git", *(policy.tree(t.rank) for t in policy.ladder)]
    where = out.resolve()
    for folder in taken:
        tree = (root / folder).resolve()
        if where in tree.parents or any(_same(tree, path) for path in (where, *where.parents)):
            message = "the report would stand in the way of notes or projections"
            hint = "choose a folder beside the vault"
            raise refuse("out-in-vault", message, Place(str(out)), hint)


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one folder, though a file system may not care how names are spelt."""
    return one == other or (one.exists() and other.exists() and one.samefile(other))


def _told(written: Written, held: Held, out: Path) -> dict[str, Any]:
    """What was done, as JSON data."""
    return {
        "index": str(out / "index.html"),
        "tier": held.tiers[-1],
        "notes": len(held.notes),
        "change": written.change,
        "files": written.files,
    }


def _text(told: dict[str, Any], *, dry_run: bool) -> str:
    count = f"{told['notes']:,} note{'' if told['notes'] == 1 else 's'}"
    would = "would be " if dry_run else ""
    made = f"{count} up to {told['tier']}: {told['index']}, {would}{told['change']}"
    if "findings" not in told:
        return made
    number, withheld = told["findings"], told["withheld"]
    shown = f"{number:,} finding{'' if number == 1 else 's'} of the audit shown"
    above = f", {withheld:,} above {told['tier']} left out" if withheld else ""
    return f"{made}\n{shown}{above}"
