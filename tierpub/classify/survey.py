"""All notes of a vault, classified: two passes, and rounds where links lead to headings."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace

from tierpub.classify.block_ids import settle_block_ids
from tierpub.classify.classify import Classified, classify
from tierpub.classify.context import Context
from tierpub.classify.facts import facts_of
from tierpub.classify.labels import Labels
from tierpub.classify.read import note_reason, read_note
from tierpub.errors import Fault, TierpubError, offset_of
from tierpub.note import Grammar, Note
from tierpub.policy import Policy
from tierpub.vault import Vault


@dataclass(slots=True)
class Survey:
    """A vault whose every portion has its tier."""

    context: Context
    notes: dict[str, Classified] = field(default_factory=dict)
    """By path relative to the source, in the order of the vault."""
    faults: list[Fault] = field(default_factory=list)
    """Warnings and errors of vault and notes; with an error nothing may be published."""


def survey(vault: Vault, policy: Policy) -> Survey:
    """Read and classify every note. Faults are gathered, not raised."""
    trees = tuple(policy.tree(tier.rank) + "/" for tier in policy.ladder)
    grammar = Grammar(policy.label_key, trees, policy.ladder.names)
    ctx = Context(policy, vault, grammar)
    result = Survey(ctx, faults=list(vault.faults))
    read = _read_all(ctx, result.faults)
    ctx.set_tiers(
        (path, reason.tier, reason)
        for path, (note, labels) in read.items()
        for reason in [note_reason(ctx, path, note, labels)]
    )
    for path, (note, labels) in read.items():
        faults = [*note.faults, *labels.faults]
        if not any(f.severity == "error" for f in note.faults):
            result.notes[path] = classify(ctx, path, note, labels)
        if faults:
            result.faults += _with_tiers(result.notes.get(path), faults)
    _settle_anchors(ctx, result.notes, read)
    result.faults += [fault for note in result.notes.values() for fault in note.faults]
    settle_block_ids(ctx, result.notes.values())
    return result


def _read_all(ctx: Context, faults: list[Fault]) -> dict[str, tuple[Note, Labels]]:
    read = {}
    for path in ctx.vault.notes:
        try:
            read[path] = read_note(ctx, path, ctx.vault.read(path))
        except TierpubError as error:
            faults += error.faults
    return read


def _with_tiers(classified: Classified | None, faults: list[Fault]) -> list[Fault]:
    """Each fault with the tier of the portion that it stands in; without one where the note
    could not be read."""
    if classified is None:
        return [replace(fault, tier=None) for fault in faults]
    starts = [portion.start for portion in classified.note.portions]
    return [replace(fault, tier=_tier_at(classified, starts, fault)) for fault in faults]


def _tier_at(classified: Classified, starts: list[int], fault: Fault) -> int | None:
    if fault.place is None or fault.place.line is None:
        return None
    at = offset_of(classified.note.text, fault.place)
    tier, portions = classified.tiers[0], classified.note.portions
    index = bisect_right(starts, at) - 1  # what holds `at` is this portion or around it
    while index > 0:
        if portions[index].start <= at < portions[index].end:
            tier = max(tier, classified.tiers[index])
        index = portions[index].parent
    return tier


def _settle_anchors(
    ctx: Context, notes: dict[str, Classified], read: dict[str, tuple[Note, Labels]]
) -> None:
    """Classify again the notes whose links lead to headings or blocks, until those stand still.
    Tiers only rise, so this ends, and the order makes no difference."""
    anchored = [path for path, note in notes.items() if note.anchored]
    wanted = {
        name
        for path in anchored
        for target in notes[path].targets.values()
        if target.anchor
        for name in target.notes
    }
    if not wanted:
        return
    while True:
        facts = {name: facts_of(notes[name]) for name in sorted(wanted) if name in notes}
        if facts == ctx.facts:
            return
        ctx.facts = facts
        for path in anchored:
            notes[path] = classify(ctx, path, *read[path])
