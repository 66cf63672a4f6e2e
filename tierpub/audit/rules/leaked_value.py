"""Text that is above the level: a field's value, a paragraph, an item, a row, a tag.

Found by laying the projection beside the canonical note, and by searching all bytes for strings
that no text at or below the level holds: as they are, URL- or HTML-escaped, in base64, in hex, in
any case and normalisation.

Why it matters: this is what tierpub exists to prevent.

To mend it: take the publication back, find out by `tierpub explain` why the text was let through,
label it or write a rule, and publish again. What was read stays read.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules import leaks


def find(opened: Opened) -> Iterator[Finding]:
    """Hidden text of any kind that has no rule of its own."""
    yield from leaks.differences(opened, "leaked-value", leaks.OTHERS)
    yield from leaks.needles(opened, "leaked-value", {"value"})


RULE = Rule("leaked-value", __doc__ or "", file=find)
