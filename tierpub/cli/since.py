"""`tierpub release --since`: what a release would newly show, to be read before it is published."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tierpub.cli.making import Projecting, scanned, surveyed
from tierpub.cli.output import EXIT_FINDINGS, limit, print_json, printable
from tierpub.cli.workspace import Workspace
from tierpub.errors import Fault, Place, TierpubError

if TYPE_CHECKING:
    from tierpub.manifest import Tier
    from tierpub.report.newly import Shown
    from tierpub.seal import Identity


@dataclass(frozen=True, slots=True)
class _Earlier:
    """One tier of the earlier release."""

    files: Mapping[str, bytes] | None
    """None where it cannot be compared."""
    why: str = ""


def newly_shown(
    space: Workspace, ranks: list[int], since: Path, identities: tuple[Identity, ...], form: str
) -> int:
    """Print what each level would read that the release in `since` did not give it.

    Returns the exit code: 10 where anything would be newly shown.
    """
    names = space.policy.ladder.names
    limit(ranks[0])
    earlier = _read(since, space, ranks, identities)
    made = _made(space, [rank for rank in ranks if earlier[rank].files is not None])
    found = {rank: _newly(earlier[rank], files) for rank, files in made.items()}
    highest = names[max(found)] if found else ""
    if highest:
        click.echo(f"note: what follows is for readers of {highest}", err=True)
    click.echo("note: nothing is written", err=True)
    if form == "json":
        print_json({"tiers": [_data(names[r], found.get(r), earlier[r]) for r in ranks]})
    else:
        for rank in ranks:
            _tell(names[rank], found.get(rank), earlier[rank])
    return EXIT_FINDINGS if any(found.values()) else 0


def _newly(earlier: _Earlier, files: Mapping[str, bytes]) -> list[Shown]:
    from tierpub.report.newly import newly

    return list(newly(earlier.files or {}, files))


def _made(space: Workspace, ranks: list[int]) -> dict[int, dict[str, bytes]]:
    """The files of each level as they would be released, sealed ones in plain text."""
    from tierpub.publish import Sealed
    from tierpub.seal import members

    if not ranks:
        return {}
    made: dict[int, dict[str, bytes]] = {rank: {} for rank in ranks}
    with surveyed(space, scanned(space, ranks[0])) as read:
        run = Projecting(space, read, ranks, (), space.root, dict.fromkeys(ranks, ()))
        for output in run.outputs():
            if isinstance(output, Sealed):
                made[output.tier] |= {member.name: member.data for member in members(output.plain)}
            else:
                made[output.tier][output.path] = output.data
    return made


def _read(
    since: Path, space: Workspace, ranks: list[int], identities: tuple[Identity, ...]
) -> dict[int, _Earlier]:
    """Each level of the earlier release, which has to be as its manifests state."""
    from tierpub.manifest import examine_publication, opened

    names = space.policy.ladder.names
    try:
        with opened(since) as fd:
            found = examine_publication(fd)
            if not found.tiers or found.problems or any(t.problems for t in found.tiers.values()):
                hint = f"`tierpub verify {since}` tells what is wrong"
                fault = Fault("not-a-release", "is not a release as its manifests state it",
                              Place(str(since)), hint, tier=0)  # fmt: skip
                raise TierpubError(fault)
            return {
                rank: _tier(fd, names[rank], found.tiers.get(names[rank]), identities,
                            sealed=space.policy.sealed(rank))
                for rank in ranks
            }  # fmt: skip
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        fault = Fault("not-a-release", f"cannot be read: {why}", Place(str(since)), tier=0)
        raise TierpubError(fault) from None


def _tier(
    top: int, name: str, tier: Tier | None, identities: tuple[Identity, ...], *, sealed: bool
) -> _Earlier:
    manifest = tier.manifest if tier else None
    if manifest is None or manifest.sealed != sealed:
        # What was sealed and is open now is all newly shown. The other way round its readers are
        # others than before, and it has no plain text to be read here.
        return _Earlier(None, "sealed, and not so in the earlier release") if sealed else (
            _Earlier({})
        )  # fmt: skip
    files = {path: _bytes(top, f"{name}/{path}", sha) for path, sha in manifest.subjects}
    if not sealed:
        return _Earlier(files)
    (data,) = files.values()
    return _opened(data, identities, name)


def _opened(data: bytes, identities: tuple[Identity, ...], name: str) -> _Earlier:
    """A sealed tier, opened in memory where an identity is at hand."""
    from tierpub.seal import members, unseal

    if not identities:
        return _Earlier(None, "sealed, and no identity is at hand")
    try:
        plain = unseal(data, identities, file=name)
    except TierpubError as error:
        return _Earlier(None, error.faults[0].message)
    return _Earlier({member.name: member.data for member in members(plain, file=name)})


def _bytes(top: int, path: str, digest: str) -> bytes:
    """A file of the earlier release, the very one that its manifest states."""
    from tierpub.manifest.places import below, open_file

    folder, _, name = path.rpartition("/")
    with below(top, folder) as fd, os.fdopen(open_file(name, fd), "rb") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != digest:
        fault = Fault("not-a-release", "it was changed while it was read", None, tier=0)
        raise TierpubError(fault)
    return data


def _tell(name: str, found: list[Shown] | None, earlier: _Earlier) -> None:
    if found is None:
        click.echo(f"{name}: not compared: {earlier.why}")
        return
    lines = sum(len(shown.lines) for shown in found)
    click.echo(f"{name}: {_count(len(found), 'file')}, {_count(lines, 'line')} newly shown")
    for shown in found:
        kind = "new " if shown.whole else "more"
        click.echo(printable(f"  {kind}  {shown.path} ({_extent(shown)})"))
    for shown in found:
        if shown.diff:
            click.echo(printable(f"--- {'/dev/null' if shown.whole else shown.path}"))
            click.echo(printable(f"+++ {shown.path}"))
            for line in shown.diff:
                click.echo(printable(line))


def _extent(shown: Shown) -> str:
    return _count(len(shown.lines), "line") if shown.diff or not shown.size else (
        f"no text, {shown.size} bytes"
    )  # fmt: skip


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _data(name: str, found: list[Shown] | None, earlier: _Earlier) -> dict[str, Any]:
    files = [
        {
            "path": shown.path,
            "new": shown.whole,
            "bytes": shown.size,
            "lines": [{"line": number, "text": text} for number, text in shown.lines],
            "diff": list(shown.diff),
        }
        for shown in found or ()
    ]
    compared = found is not None
    why = None if compared else earlier.why
    return {"tier": name, "compared": compared, "reason": why, "files": files}
