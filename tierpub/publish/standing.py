"""What stands in the folder of a release before a run: ours wholly, or refused.

A release is known by its manifests: every tier's folder has one, and nothing may stand there that
none of them names. So a release that went through git, or was moved, is still ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tierpub.errors import Fault, Place, TierpubError
from tierpub.manifest import Publication, Tier, examine_publication, opened
from tierpub.manifest.places import Entry, walk
from tierpub.publish.folders import reason
from tierpub.tiers import Ladder

_HINT = "name a new or empty folder, or one that an earlier release wrote"
_ELSEWHERE = "move it away or delete it, then run again"


@dataclass(frozen=True, slots=True)
class Standing:
    """A release as an earlier run left it, or the place for the first one."""

    state: os.stat_result | None = None
    """Of the folder; None where it does not exist."""
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    """By the name of their folder."""

    def entries(self) -> dict[str, Entry]:
        """All that stands below the tiers' folders, by path relative to the release."""
        return {
            f"{name}/{path}": entry
            for name, tier in self.tiers.items()
            for path, entry in tier.entries.items()
        }

    def files(self, tier: str) -> dict[str, str]:
        """SHA-256 of each published file of a tier that is there, by path in its folder."""
        found = self.tiers.get(tier)
        if found is None or found.manifest is None:
            return {}
        return {p: digest for p, digest in found.manifest.subjects if p in found.entries}


def inspect(out: Path, ladder: Ladder) -> Standing:
    """What stands at `out`, which is not written to.

    Raises `TierpubError` when it is no folder of ours: with every file that a manifest does not
    name or that was changed since. Files that are gone are not missed: they are written anew.
    """
    try:
        with opened(out) as fd:
            found = examine_publication(fd)
            state = os.fstat(fd)
    except FileNotFoundError:
        return Standing()
    except OSError as error:
        why = "a symlink stands here" if out.is_symlink() else reason(error)
        message = f"this is no folder that a release can take: {why}"
        raise TierpubError(Fault("stranger", message, Place(str(out)), _HINT, tier=0)) from None
    faults = tuple(_strangers(found, ladder, out))
    if faults:
        raise TierpubError(*faults)
    return Standing(state, found.tiers)


def still(fd: int, standing: Standing) -> bool:
    """Whether the open folder `fd` is as `standing` has it: the same files, none written since."""
    now = {entry.path: entry for entry, _ in walk(fd) if "/" in entry.path}
    before = standing.entries()
    return now.keys() == before.keys() and all(same(now[path], before[path]) for path in now)


def same(now: Entry, before: Entry) -> bool:
    """Whether two looks at one path saw the same file in the same state, or both a folder."""
    if now.is_folder or before.is_folder:
        return now.is_folder and before.is_folder
    a, b = now.state, before.state
    return (a.st_ino, a.st_size, a.st_mtime_ns) == (b.st_ino, b.st_size, b.st_mtime_ns)


def _strangers(found: Publication, ladder: Ladder, out: Path) -> Iterator[Fault]:
    """Why the folder is not ours wholly. Names beside the tiers come from no vault."""
    for problem in found.problems:
        message = "stands in the folder of a release, and tierpub did not write it"
        yield Fault("stranger", message, Place(str(out / problem.path)), _HINT, tier=0)
    for name, tier in found.tiers.items():
        for problem in tier.problems:
            if problem.code in {"no-manifest", "bad-manifest"}:
                message = "is no folder that a release wrote: it has no manifest that fits it"
                yield Fault("stranger", message, Place(str(out / name)), _HINT, tier=0)
            elif problem.code != "missing-file":
                place = Place(f"{name}/{problem.path}")
                yield Fault("stranger", _why(problem.code), place, _ELSEWHERE,
                            tier=ladder.rank(name))  # fmt: skip


def _why(code: str) -> str:
    if code == "unexpected-file":
        return "a file stands here that tierpub did not write"
    return "this file was changed since tierpub wrote it"
