"""The tiers of block ids, which depend on all links to them."""

from __future__ import annotations

from collections.abc import Iterable

from tierpub.classify.classify import Classified
from tierpub.classify.context import Context, blocks_named
from tierpub.classify.reasons import Reason
from tierpub.note import Kind

BlockRefs = dict[tuple[str, str], int]
"""Note and block id, folded, to the lowest tier of the links to it."""


def links_to_blocks(ctx: Context, notes: Iterable[Classified]) -> BlockRefs:
    """The links to block ids that stand in `notes`."""
    refs: BlockRefs = {}
    for note in notes:
        for index, target in note.targets.items():
            for block in blocks_named(target.anchor) if "^" in target.anchor else ():
                for name in target.notes:
                    refs[name, block] = min(refs.get((name, block), ctx.top), note.tiers[index])
    return refs


def settle_block_ids(ctx: Context, notes: Iterable[Classified], refs: BlockRefs) -> None:
    """Raise each block id to the lowest tier of the links to it, once all notes are classified;
    one that nothing refers to is a comment."""
    ctx.block_refs = refs
    for note in notes:
        for index, portion in enumerate(note.note.portions):
            if portion.kind == Kind.BLOCK_ID:
                _raise_id(ctx, note, index)


def _raise_id(ctx: Context, note: Classified, index: int) -> None:
    portions, tiers = note.note.portions, note.tiers
    portion = portions[index]
    key = (note.path, portion.name.casefold())
    tier = ctx.block_refs.get(key, ctx.policy.defaults.comment)
    if tier <= tiers[index]:
        return
    tiers[index] = tier
    note.reasons[index] = Reason("reference", tier)
    line = portions[portion.parent]
    if line.kind == Kind.LINE and line.inner_start == portion.start:  # alone on its line
        tiers[portion.parent] = max(tiers[portion.parent], tier)
        if portions[line.parent].inner_start == portion.start:
            tiers[line.parent] = max(tiers[line.parent], tier)
