"""The name, alias or title of a note above the level.

A link that should be gone, or the name in other text. A name that is also visible text at the
level is no finding.

Why it matters: that a note on a person or a project exists may be the secret.

To mend it: `tierpub check` names mentions; relabel the portion, or write an `allow` if it is fine.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules import leaks


def find(opened: Opened) -> Iterator[Finding]:
    """Links to hidden notes, and their names."""
    yield from leaks.differences(opened, "leaked-title", {"link", "title"})
    yield from leaks.needles(opened, "leaked-title", {"title"})


RULE = Rule("leaked-title", __doc__ or "", file=find)
