"""Portions, policy and vault to a tier and a reason for each portion.

Each portion first has a tier of its own. Then tiers settle in rounds: downwards, what is in a
container is at least as high; upwards, what holds nothing lower than a tier is of that tier;
then definitions take the lowest tier of what refers to them. Every step only raises, so the
result does not depend on the order, and the rounds end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tierpub.classify.context import Context
from tierpub.classify.draft import Draft
from tierpub.classify.labels import Labels
from tierpub.classify.own import give_own_tiers
from tierpub.classify.reasons import Reason
from tierpub.classify.references import References
from tierpub.classify.upwards import settle_up
from tierpub.errors import Fault, Place
from tierpub.note import Note
from tierpub.vault import Target

_ROUNDS = 200


@dataclass(slots=True)
class Classified:
    """A note whose portions all have their tier."""

    path: str
    """Relative to the source."""
    note: Note
    tiers: list[int]
    """Rank of each portion."""
    reasons: dict[int, Reason]
    """Of the portions that have one of their own."""
    targets: dict[int, Target]
    """What each link of the canonical vault's own leads to."""
    weaker: dict[int, Reason]
    """Of the portions that have a reason of their own, but stand in something higher."""
    banners: list[int]
    """Frontmatter leaves that hold the note's own label."""
    anchored: bool = False
    """Whether a link leads to a heading or block: its tier depends on that of the target's."""
    faults: list[Fault] = field(default_factory=list)


def classify(ctx: Context, path: str, note: Note, labels: Labels) -> Classified:
    """Give every portion of the note at `path` its tier."""
    draft = Draft(ctx, path, note, labels)
    give_own_tiers(draft)
    _settle(draft)
    return Classified(
        path, note, draft.tiers, draft.reasons, draft.targets, draft.weaker, labels.banners,
        draft.anchored, draft.faults,
    )  # fmt: skip


def _settle(draft: Draft) -> None:
    references = References(draft)
    draft.settle_down()
    for _ in range(_ROUNDS):
        settle_up(draft)
        referred = references.settle()
        if not draft.settle_down() and not referred:
            return  # nothing rose since all that is above and all that refers was looked at
    place = Place(draft.note.file, 1)
    message = "references that lead through too many others"
    hint = "shorten the chain of footnotes or inline queries"
    draft.faults.append(Fault("tangled-references", message, place, hint))
