"""The path in one piece: a vault and a policy to the projections of each level."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Sequence
from pathlib import Path

from tierpub.errors import TierpubError
from tierpub.path.run import Run
from tierpub.path.shard import Made
from tierpub.policy import Policy
from tierpub.vault import scan

__all__ = ["Made", "Run", "no_collection", "project"]


def project(
    root: Path,
    policy: Policy,
    levels: Sequence[int] | None = None,
    *,
    processes: int | None = None,
) -> dict[int, dict[str, bytes]]:
    """For each level its projections, by path from the vault root.

    Reads the vault at `root`; writes nothing. All levels are made where `levels` is None, in as
    many `processes` as help where that is None. Raises a `TierpubError` that lists all faults
    where the vault cannot be understood, or where what is visible mentions what is hidden and
    the policy does not let that pass.
    """
    wanted = range(len(policy.ladder)) if levels is None else levels
    made: dict[int, dict[str, bytes]] = {level: {} for level in wanted}
    with no_collection(), Run(scan(root, policy), policy, processes) as run:
        errors = [fault for fault in run.faults if fault.severity == "error"]
        if errors:
            raise TierpubError(*errors)
        for level, path, data in run.projections(list(made)):
            made[level][path] = data
        run.verdict()
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
