"""All notes of a vault, classified: two passes, and rounds where links lead to headings."""

from __future__ import annotations

from tierpub.classify.context import Facts
from tierpub.classify.part import NoteFault, NoteReason, Part, Survey
from tierpub.crew import Alone, Crew
from tierpub.errors import Fault
from tierpub.policy import Policy
from tierpub.vault import Vault


def survey(vault: Vault, policy: Policy) -> Survey:
    """Read and classify every note. Faults are gathered, not raised."""
    part = Part(vault, policy, vault.notes)
    _, part.found.faults = classify_all(Alone(part), vault)
    return part.found


def classify_all(parts: Crew[Part], vault: Vault) -> tuple[list[NoteReason], list[Fault]]:
    """Have `parts`, which together hold the notes of `vault`, classify them all. Returns what
    gives each note its tier, and the faults of vault and notes.

    The order of the notes is that of the vault, whatever the number of parts.
    """
    place = {note: index for index, note in enumerate(vault.notes)}

    def ordered(found: list[list[NoteFault]]) -> list[Fault]:
        faults = [fault for each in found for fault in each]
        return [fault for _, fault in sorted(faults, key=lambda f: place[f[0]])]

    read = parts.each(Part.read)
    reasons = [reason for each, _ in read for reason in each]
    reasons.sort(key=lambda r: place[r[0]])
    classified = parts.each(Part.classify, reasons)
    faults = [
        *vault.faults,
        *ordered([unread for _, unread in read]),
        *ordered([wrong for _, wrong in classified]),
    ]
    _settle_anchors(parts, sorted(set().union(*(wanted for wanted, _ in classified))))
    refs: dict[tuple[str, str], int] = {}
    for each in parts.each(Part.block_refs):
        for key, tier in each.items():
            refs[key] = min(tier, refs.get(key, tier))
    return reasons, faults + ordered(parts.each(Part.settle, refs))


def _settle_anchors(parts: Crew[Part], wanted: list[str]) -> None:
    """Have notes whose links lead to headings or blocks classified again, until those stand
    still. Tiers only rise, so this ends, and the order makes no difference."""
    known: dict[str, Facts] = {}
    while wanted:
        facts = {
            name: fact for each in parts.each(Part.facts, wanted) for name, fact in each.items()
        }
        if facts == known:
            return
        known = facts
        parts.each(Part.again, facts)
