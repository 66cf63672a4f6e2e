"""The tiers of block ids, which depend on all links to them."""

from __future__ import annotations

from collections.abc import Collection

from tierpub.classify.classify import Classified
from tierpub.classify.context import Context
from tierpub.classify.reasons import Reason
from tierpub.note import Kind


def settle_block_ids(ctx: Context, notes: Collection[Classified]) -> None:
    """Raise each block id to the lowest tier of the links to it, once all notes are classified;
    one that nothing refers to is a comment."""
    for note in notes:
        if note.anchored:
            _gather(ctx, note)
    for note in notes:
        for index, portion in enumerate(note.note.portions):
            if portion.kind == Kind.BLOCK_ID:
                _raise_id(ctx, note, index)


def _gather(ctx: Context, note: Classified) -> None:
    """Take in the links to block ids that stand in a note."""
    for index, target in note.targets.items():
        if target.anchor.startswith("^"):
            for name in target.notes:
                key = (name, target.anchor[1:].casefold())
                ctx.block_refs[key] = min(ctx.block_refs.get(key, ctx.top), note.tiers[index])


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
