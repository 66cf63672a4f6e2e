"""A whole publication: a folder that holds one folder for each tier, and nothing else."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from tierpub.errors import TierpubError
from tierpub.manifest.checking import Problem, Tier, examine, manifest_bytes
from tierpub.manifest.envelope import read
from tierpub.manifest.keys import PublicKey
from tierpub.manifest.places import Entry, listed, locate, manifest_path, opened


@dataclass(frozen=True, slots=True)
class Publication:
    """What was found in a publication's folder."""

    tiers: Mapping[str, Tier]
    """By the name of their folder, which is the tier's."""
    problems: tuple[Problem, ...]
    """Of what stands beside the tiers; paths are relative to the publication."""


def is_tier(fd: int) -> bool:
    """Whether the open folder is one tier's, and not that of a publication."""
    found = locate(fd)
    if any("/" not in path for path in found):
        return True
    # A tree may lie deeper than that: then its manifest says where.
    with contextlib.suppress(TierpubError, OSError):
        return any(manifest_path(read(manifest_bytes(fd, path)).tree) == path for path in found)
    return False


def examine_publication(fd: int, key: PublicKey | None = None) -> Publication:
    """Check each tier of the publication whose folder is open as `fd`."""
    tiers: dict[str, Tier] = {}
    problems: list[Problem] = []
    for name, state in listed(fd):
        if not Entry(name, state).is_folder:
            message = "stands beside the tiers and belongs to none"
            problems.append(Problem("unexpected-file", name, message))
            continue
        try:
            with opened(name, dir_fd=fd) as folder:
                tiers[name] = examine(folder, key, level=name)
        except OSError as error:
            why = f"this folder cannot be opened: {os.strerror(error.errno or 0).lower()}"
            problems.append(Problem("unexpected-file", name, why))
    return Publication(tiers, tuple(problems))
