"""A path that is above the level: of a hidden note, folder or file, or into a higher tier's tree.

Also a file that is called after a hidden note, and, with the publication alone, any link into the
tree of a higher tier or to a projection for one.

Why it matters: paths name what they lead to, and the folders above it.

To mend it: find the link by the line given, and the reason it stayed by `tierpub explain`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules import leaks


def find(opened: Opened) -> Iterator[Finding]:
    """Hidden paths in text and names, links into higher tiers."""
    yield from leaks.differences(opened, "leaked-path", {"path"})
    yield from leaks.needles(opened, "leaked-path", {"path"})
    yield from leaks.names(opened, "leaked-path")
    yield from leaks.higher_trees(opened, "leaked-path")


RULE = Rule("leaked-path", __doc__ or "", file=find)
