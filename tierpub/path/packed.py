"""What gives a note its tier, in four numbers."""

from __future__ import annotations

from collections.abc import Mapping

from tierpub.classify import Reason
from tierpub.policy import Policy, Rule

SOURCES = ("label", "rule", "default")
"""What may give a note its tier, by number."""


def packed_reason(reason: Reason, rules: Mapping[Rule, int]) -> tuple[int, int, int, int] | None:
    """What gives a note its tier, in numbers: source, tier, rule (one above its place in the
    policy, by `rules`) and portion. None where that does not tell all of it."""
    rule = 0 if reason.rule is None else rules.get(reason.rule, -1) + 1
    if reason.source not in SOURCES or (rule == 0 and reason.rule is not None):
        return None
    packed = SOURCES.index(reason.source), reason.tier, rule, reason.portion
    return packed if reason.detail in _details(reason.source) else None


def _details(source: str) -> tuple[str, ...]:
    return ("note",) if source == "default" else ("",)


def unpacked_reason(packed: tuple[int, int, int, int], policy: Policy) -> Reason:
    """The reason that `packed_reason` made numbers of."""
    source, tier, rule, portion = packed
    given = policy.rules[rule - 1] if rule else None
    name = SOURCES[source]
    return Reason(name, tier, portion, given, _details(name)[0])


def rule_numbers(policy: Policy) -> dict[Rule, int]:
    """The place of each rule in the policy; by what it says, for rules cross processes."""
    return {rule: index for index, rule in enumerate(policy.rules)}
