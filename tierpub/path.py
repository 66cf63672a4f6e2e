"""The path in one piece: a vault and a policy to the projections of each level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tierpub.classify import Survey, survey
from tierpub.cut import Cutter
from tierpub.errors import TierpubError
from tierpub.policy import Policy
from tierpub.vault import Vault, scan


def project(
    root: Path, policy: Policy, levels: Sequence[int] | None = None
) -> dict[int, dict[str, bytes]]:
    """For each level its projections, by path from the vault root.

    Reads the vault at `root`; writes nothing. All levels are made where `levels` is None. Raises
    a `TierpubError` that lists all faults where the vault cannot be understood.
    """
    vault = scan(root, policy)
    found = survey(vault, policy)
    errors = [fault for fault in found.faults if fault.severity == "error"]
    if errors:
        raise TierpubError(*errors)
    wanted = range(len(policy.ladder)) if levels is None else levels
    made: dict[int, dict[str, bytes]] = {level: {} for level in wanted}
    for level, path, data in projections(vault, found, list(made)):
        made[level][path] = data
    return made


def projections(
    vault: Vault, found: Survey, levels: Iterable[int], notes: Iterable[str] | None = None
) -> Iterator[tuple[int, str, bytes]]:
    """Level, path from the vault root and bytes of each projection, note by note."""
    names = found.context.policy.ladder.names
    wanted = list(levels)
    for note in found.notes if notes is None else notes:
        cutter = Cutter(found.context, found.notes[note])
        for level in wanted:
            projection = cutter.at(level)
            if projection is not None:
                path = vault.projection_path(note, names[level])
                yield level, path, projection.text.encode()
