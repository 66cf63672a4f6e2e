"""The path in one piece: a vault and a policy to the projections of each level."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tierpub.classify import Survey, survey
from tierpub.cut import Cutter
from tierpub.errors import TierpubError
from tierpub.mentions import Gate
from tierpub.policy import Policy
from tierpub.vault import Vault, scan


def project(
    root: Path, policy: Policy, levels: Sequence[int] | None = None
) -> dict[int, dict[str, bytes]]:
    """For each level its projections and the attachments that they refer to, by path from the
    vault root.

    Reads the vault at `root`; writes nothing. All levels are made where `levels` is None. Raises
    a `TierpubError` that lists all faults where the vault cannot be understood, or where what
    is visible mentions what is hidden and the policy does not let that pass.
    """
    with no_collection():
        return _project(root, policy, levels)


def _project(
    root: Path, policy: Policy, levels: Sequence[int] | None
) -> dict[int, dict[str, bytes]]:
    vault = scan(root, policy)
    found = survey(vault, policy)
    errors = [fault for fault in found.faults if fault.severity == "error"]
    if errors:
        raise TierpubError(*errors)
    wanted = range(len(policy.ladder)) if levels is None else levels
    made: dict[int, dict[str, bytes]] = {level: {} for level in wanted}
    gate = Gate(found)
    for level, path, data in copies(vault, found, list(made), gate=gate):
        made[level][path] = data
    for level, path, data in projections(vault, found, list(made), gate=gate):
        made[level][path] = data
    gate.verdict()
    return made


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Without looking for cycles: all that is read is kept to the end, and looked at in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def copies(
    vault: Vault,
    found: Survey,
    levels: Iterable[int],
    notes: Iterable[str] | None = None,
    *,
    gate: Gate,
) -> Iterator[tuple[int, str, bytes]]:
    """Level, path from the vault root and bytes of each attachment that something visible refers
    to; with `notes` of those only that one of them names. One is read and held at a time.

    Each passes by `gate`, as projections do. Where both are made this goes first: what links read
    as depends on which attachments are fit to be copied, and here each is looked at anyway.
    """
    attachments, names = found.context.attachments, found.context.policy.ladder.names
    named = None
    if notes is not None:
        named = {path for note in notes for _, path in attachments.named(found.notes[note])}
    wanted = sorted(levels)
    for path, use in attachments.uses(found.notes.values()).items():
        seeing = [level for level in wanted if level >= use.level]
        if not seeing or (named is not None and path not in named):
            continue
        data = attachments.copy(path)
        for level in seeing if data is not None else ():
            gate.look_at_file(use.note, level, path)
            yield level, vault.copy_path(path, names[level]), data or b""


def projections(
    vault: Vault,
    found: Survey,
    levels: Iterable[int],
    notes: Iterable[str] | None = None,
    *,
    gate: Gate,
) -> Iterator[tuple[int, str, bytes]]:
    """Level, path from the vault root and bytes of each projection, note by note.

    Each passes by `gate`: ask for its verdict before anything of them leaves the program.
    """
    names = found.context.policy.ladder.names
    wanted = sorted(levels)
    for note in found.notes if notes is None else notes:
        cutter = Cutter(found.context, found.notes[note])
        for level in wanted:
            projection = cutter.at(level)
            if projection is not None:
                gate.look(note, level, projection.text)
                path = vault.projection_path(note, names[level])
                yield level, path, projection.text.encode()
