"""The rules, one file each. `tierpub rule NAME` prints a rule's docstring."""

from __future__ import annotations

from tierpub.audit.case import Rule
from tierpub.audit.rules import (
    altered_text,
    bad_signature,
    dangling_link,
    image_metadata,
    leaked_anchor,
    leaked_attachment,
    leaked_comment,
    leaked_path,
    leaked_title,
    leaked_value,
    lost_text,
    mislabelled_banner,
    missing_file,
    not_monotone,
    orphan_definition,
    readers_differ,
    stale_file,
    unexpected_file,
    unsealed_tier,
    wrong_recipients,
)

RULES: tuple[Rule, ...] = (
    leaked_value.RULE,
    leaked_title.RULE,
    leaked_path.RULE,
    leaked_anchor.RULE,
    leaked_comment.RULE,
    leaked_attachment.RULE,
    image_metadata.RULE,
    altered_text.RULE,
    lost_text.RULE,
    dangling_link.RULE,
    orphan_definition.RULE,
    mislabelled_banner.RULE,
    unexpected_file.RULE,
    missing_file.RULE,
    stale_file.RULE,
    not_monotone.RULE,
    unsealed_tier.RULE,
    wrong_recipients.RULE,
    bad_signature.RULE,
    readers_differ.RULE,
)
"""In the order of the documentation: leaks, text, shape, seals."""


def rule_called(name: str) -> Rule | None:
    """The rule of a name; None where there is none."""
    return next((rule for rule in RULES if rule.name == name), None)
