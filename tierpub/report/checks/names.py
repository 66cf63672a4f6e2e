"""Projections that cannot stand where they go, and names that links mistake for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tierpub.classify import Survey
from tierpub.errors import Fault, Place, TierpubError
from tierpub.policy import Policy
from tierpub.publish.outputs import Names
from tierpub.tiers import Tier, fold


def places(found: Survey) -> Iterator[Fault]:
    """What `project` would refuse for the names alone, each at the lowest level at which it does.
    Names that meet by case or normalisation are not told again: the walk has found them."""
    vault = found.context.vault
    told: set[tuple[str, str]] = set()
    for tier in found.context.policy.ladder:
        made = {
            vault.projection_path(name, tier.name): name
            for name, note in found.notes.items()
            if note.tiers[0] <= tier.rank
        }
        look = _sealed if found.context.policy.sealed(tier.rank) else _open
        twins = {path for path, count in Counter(map(fold, made)).items() if count > 1}
        for fault in look(list(made), tier, vault.source):
            path = fault.place.file if fault.place else ""
            known = (fault.code, made.get(path, path))
            if fold(path) not in twins and known not in told:
                told.add(known)
                yield fault


def _open(paths: list[str], tier: Tier, source: str) -> Iterator[Fault]:
    names = Names(source)
    for path in paths:
        if fault := names.check(path, tier.rank):
            yield fault
    yield from names.clashes()


def _sealed(paths: list[str], tier: Tier, source: str) -> Iterator[Fault]:
    del tier, source
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
        f"rename it: a link that names it without `{source}/` is taken for one into that tree",
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
