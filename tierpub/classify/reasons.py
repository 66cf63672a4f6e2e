"""Why a portion has its tier."""

from __future__ import annotations

from typing import NamedTuple

from tierpub.policy import Rule


class Reason(NamedTuple):
    """What gave a portion its tier. What inherits from its container has none of its own."""

    source: str
    """`label`, `rule`, `default`, `target` (of a link), `content` (it holds nothing lower),
    `part` (it is kept or cut as one with what it holds), `reference` (nothing lower refers to
    it) or `outside` (a file of the vault that is not published)."""
    tier: int
    portion: int = -1
    """The portion that holds the label, or that raised this one."""
    rule: Rule | None = None
    detail: str = ""
    """What else a cleared reader needs: the note a link leads to, the rule's own reason."""


def by_rule(rule: Rule | None, portion: int = -1) -> Reason | None:
    """The reason that a rule gives, if one spoke."""
    return None if rule is None else Reason("rule", rule.tier, portion, rule)


def highest(*reasons: Reason | None) -> Reason | None:
    """The reason with the highest tier; the first of several that are alike."""
    best: Reason | None = None
    for reason in reasons:
        if reason is not None and (best is None or reason.tier > best.tier):
            best = reason
    return best
