"""A banner that does not say the highest tier that is visible in the file.

The value of the label in the frontmatter of a projection. One above the file's own tier is wrong
whatever the file holds; the exact value is checked with the canonical vault.

Why it matters: readers handle a file by what its banner says.

To mend it: publish again; banners are rolled up, never copied.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.tokens import label_places


def find(opened: Opened) -> Iterator[Finding]:
    """Banners that are above the tier, name none, or are not what is visible."""
    case = opened.case
    if not opened.is_note or (case.policy and case.policy.banner != "rollup"):
        return
    for start, end in label_places(opened.text, case.layout.label_key):
        rank = case.layout.ladder.rank(opened.text[start:end].strip("\"' "))
        if rank is None:
            message = "the banner names no tier"
        elif rank > opened.file.rank and case.layout.ranked:
            message = "the banner names a tier above the file's own"
        elif opened.canvas is not None and rank != _rolled_up(opened):
            message = "the banner is not the highest tier that is visible in the file"
        else:
            continue
        yield opened.finding("mislabelled-banner", message, at=start)


def _rolled_up(opened: Opened) -> int:
    """The highest tier of what the level may read."""
    canvas = opened.canvas
    if canvas is None:
        return opened.file.rank
    shown = [tier for tier in set(canvas.words()) if tier <= opened.file.rank]
    return max(shown, default=canvas.ground)


RULE = Rule("mislabelled-banner", __doc__ or "", file=find)
