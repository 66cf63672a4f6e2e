"""Visible text of the canonical note that a projection lacks.

What is lost from a line or block of which something else was cut has medium confidence: a block
that would read as another without what was cut goes whole.

Why it matters: readers miss what they have a right to; over-redaction is a defect like a leak.

To mend it: `tierpub explain NOTE:LINE` says what raised the portion.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding


def find(opened: Opened) -> Iterator[Finding]:
    """Words that should be there."""
    for each in opened.differences:
        if each.sort == "lost" and opened.note:
            canonical = opened.case.canonical(opened.note, each.source)
            yield opened.finding(
                "lost-text", "visible text of the canonical note is missing here", at=each.at,
                confidence=each.confidence, canonical=canonical,
            )  # fmt: skip


RULE = Rule("lost-text", __doc__ or "", file=find)
