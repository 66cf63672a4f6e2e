"""What of the policy does nothing in this vault, or cannot be done."""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.classify import Survey
from tierpub.errors import Fault, Place, TierpubError
from tierpub.policy import Policy
from tierpub.report.watched import WatchedPolicy


def idle_rules(found: Survey) -> Iterator[Fault]:
    """Rules that decided nothing: a rule that misses by spelling is a leak."""
    policy = found.context.policy
    if not isinstance(policy, WatchedPolicy):
        return
    said = {f.place.line for f in policy.warnings if f.code == "idle-rule" and f.place}
    for rule in policy.rules:
        if rule.line not in policy.used | said:
            patterns = ", ".join(rule.patterns[:3]) + (", …" if len(rule.patterns) > 3 else "")  # noqa: PLR2004
            yield Fault(
                "idle-rule",
                f"a rule that decides nothing in this vault: {rule.kind}: {patterns}",
                Place(policy.file, rule.line),
                "is it spelt as the notes are? or does a later rule of its kind take all of it?",
                "warning",
            )


def recipients(policy: Policy) -> Iterator[Fault]:
    """Keys that cannot be used, and sealed tiers that nobody could open."""
    from tierpub.seal import load_recipients, recipients_for  # noqa: PLC0415 - slow to import

    if policy.seal_from is None:
        return
    keys = {}
    for rank, raw in policy.recipients.items():
        try:
            keys[rank] = load_recipients(raw, policy.folder, place=Place(policy.file))
        except TierpubError as error:
            yield from error.faults
            keys[rank] = ("unusable",)
    bare = []
    for rank in range(policy.seal_from, len(policy.ladder)):
        try:
            recipients_for(rank, keys, policy.seal_from)
        except TierpubError:
            bare.append(policy.ladder.names[rank])
    if bare:
        yield Fault(
            "tier-without-recipients",
            f"sealed tiers that have no recipient and cannot be written: {', '.join(bare)}",
            Place(policy.file),
            "`tierpub keygen` makes a key; name it as one of the tier's `recipients`",
            "warning",
        )
