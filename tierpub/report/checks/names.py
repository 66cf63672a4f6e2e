"""Projections that cannot stand where they go, and names that links mistake for others."""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.classify import Survey
from tierpub.errors import Fault, Place, TierpubError
from tierpub.policy import Policy
from tierpub.publish.outputs import Names
from tierpub.tiers import Tier, fold


def places(found: Survey) -> Iterator[Fault]:
    """What `project` would refuse at each level for the names alone."""
    for tier in found.context.policy.ladder:
        paths = [
            found.context.vault.projection_path(name, tier.name)
            for name, note in found.notes.items()
            if note.tiers[0] <= tier.rank
        ]
        if found.context.policy.sealed(tier.rank):
            yield from _sealed(paths)
        else:
            yield from _open(paths, tier, found.context.vault.source)


def _open(paths: list[str], tier: Tier, source: str) -> Iterator[Fault]:
    names = Names(source)
    for path in paths:
        if fault := names.check(path, tier.rank):
            yield fault
    yield from names.clashes()


def _sealed(paths: list[str]) -> Iterator[Fault]:
    from tierpub.seal.names import check_names  # noqa: PLC0415 - slow to import

    try:
        check_names(paths)
    except TierpubError as refused:
        yield from refused.faults


def tiers_trees(found: Survey) -> Iterator[Fault]:
    """Folders of the source that are called like a tier's tree: a path that begins with one is
    taken for the tier's, which hides more than it should."""
    trees = {
        fold(found.context.policy.tree(tier.rank)): tier for tier in found.context.policy.ladder
    }
    told = set()
    for name in found.notes:
        parts = name.split("/")[:-1]
        for at in range(len(parts)):
            tree = "/".join(parts[: at + 1])
            for part in {fold(tree), fold(parts[at])} & trees.keys():
                if tree not in told:
                    told.add(tree)
                    yield _like_a_tree(found, tree, trees[part])


def _like_a_tree(found: Survey, folder: str, tier: Tier) -> Fault:
    source = found.context.vault.source
    return Fault(
        "folder-like-a-tree",
        f"a folder of the source is called like the tree of `{tier.name}`",
        Place(f"{source}/{folder}" if source else folder),
        f"rename it: a link that names it without `{source}/` is only seen from {tier.name} up",
        "warning",
    )


def plain_trees(policy: Policy) -> Iterator[Fault]:
    """Trees whose names are words: prose such as `secret/hidden` reads as a path into one."""
    plain = [policy.tree(t.rank) for t in policy.ladder if policy.tree(t.rank).isalnum()]
    if plain:
        yield Fault(
            "tree-like-a-word",
            f"trees that are called like words: {', '.join(plain)}",
            Place(policy.file),
            f"text such as `{plain[-1]}/…` is taken for a path into that tier's tree; begin"
            " `vault.projection` with a sign, as in `_{tier}/…`",
            "warning",
        )
