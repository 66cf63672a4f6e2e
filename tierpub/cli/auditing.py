"""The audit of a release that was built and is not in place yet.

Nothing that it finds is printed where not everybody may see everything: that a release is refused
is one bit, in a fixed sentence. Who is cleared makes projections and audits those.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tierpub.errors import Fault, Place, TierpubError

if TYPE_CHECKING:
    from tierpub.audit import Finding
    from tierpub.cli.workspace import Workspace

_HINT = (
    "nothing was released; `tierpub project --all --out DIR` and `tierpub audit DIR --vault VAULT`"
    " show it to who may see the whole vault; please report it"
)


def hold_against_vault(
    staging: Path, space: Workspace, sealed: Mapping[int, bytes], lowest: int, since: int
) -> None:
    """Audit a release in `staging` with the canonical vault, sealed tiers by what is in them.

    Raises `TierpubError` where an error is found with medium or high confidence, and where a note
    was changed after the time `since`: then what was released is no more what the vault says.
    """
    from tierpub.audit import at_least, audit

    found = [
        each
        for each in audit(staging, vault=space.root, policy=space.policy, sealed=sealed)
        if each.severity == "error" and at_least(each, "medium")
    ]
    if not found:
        return
    if _changed(space.root / space.policy.source, since):
        message = "the vault was changed while it was released"
        raise TierpubError(Fault("vault-changed", message, None, "run it again", tier=0))
    message = "the audit found what must not get out as it is"
    top = space.policy.ladder.top
    faults = [_fault(each, top) for each in found] if lowest == top else []
    raise TierpubError(Fault("audit-failed", message, None, _HINT, tier=0), *faults)


def _fault(finding: Finding, tier: int) -> Fault:
    place = Place(finding.file, finding.line, finding.column)
    return Fault(finding.rule, finding.message, place, f"`tierpub rule {finding.rule}`", tier=tier)


def _changed(source: Path, since: int) -> bool:
    """Whether anything below the source was written, added, moved or removed since."""
    return any(
        os.lstat(os.path.join(folder, name)).st_ctime_ns >= since  # noqa: PTH118
        for folder, _, files in os.walk(source)
        for name in (".", *files)
    )
