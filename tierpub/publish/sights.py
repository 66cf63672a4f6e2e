"""What runs look at, and how what they saw is called in what is remembered."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from tierpub.classify.context import Context
from tierpub.path.keyed import Keyed
from tierpub.path.memory import Lost
from tierpub.policy import Policy
from tierpub.publish.glance import Seen, states
from tierpub.vault import Vault


def tree_name(keyed: Keyed, out: Path, rank: int) -> str:
    """How the outputs of a level below `out` are called."""
    return f"{keyed.number('place', os.path.realpath(out)):x} {rank}"


def readers_in(keyed: Keyed, readers: Iterable[str]) -> bytes:
    """A digest of who may read a level, in any order."""
    return keyed.digest(*(name.encode() for name in sorted(set(readers))))


def source_seen(root: Path, policy: Policy, since: int) -> Seen:
    """The source of the vault at `root`, which was looked at `since`."""
    parts = [part for part in policy.source.split("/") if part not in {"", "."}]
    return os.fspath(root), "/".join(parts), since


def going_in(vault: Vault, policy: Policy) -> list[str]:
    """The attachments whose bytes matter, for they may be copied."""
    attachments = Context.of(policy, vault).attachments
    return [path for path in vault.attachments if attachments.may_go(path)]


def states_in(vault: Vault, paths: Sequence[str]) -> dict[str, os.stat_result]:
    """What is seen of some notes or attachments. Raises `Lost` where one is not there."""
    root, found = os.fspath(vault.root), {}
    for path, state in zip(paths, states(root, map(vault.place, paths)), strict=True):
        if state is None:
            raise Lost
        found[path] = state
    return found


def hash_of(vault: Vault, attachment: str) -> bytes:
    """A digest, not yet keyed, of the bytes of an attachment. A `TierpubError` where it cannot be
    read."""
    return hashlib.sha256(vault.read_attachment(attachment)).digest()


def is_fit(vault: Vault, policy: Policy) -> bool:
    """Whether each level has a tree of its own, apart from the source: else a look at a tree does
    not tell what became of the level."""
    source = f"{vault.source}/"
    trees = [f"{policy.tree(tier.rank)}/" for tier in policy.ladder]
    if len(set(trees)) < len(trees) or "/" in {source, *trees}:
        return False
    places = [*trees, source]
    return not any(a != b and a.startswith(b) for a in places for b in places)
