"""The words of a heading, or a block's id, that are above the level, in a link or elsewhere.

Why it matters: `[[Budget#Redundancies in May]]` tells of the section although it is cut.

To mend it: link to the note, or to a heading that its readers may see.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules import leaks


def find(opened: Opened) -> Iterator[Finding]:
    """Hidden headings and ids."""
    yield from leaks.differences(opened, "leaked-anchor", {"anchor", "heading"})
    yield from leaks.needles(opened, "leaked-anchor", {"anchor"})


RULE = Rule("leaked-anchor", __doc__ or "", file=find)
