"""A note that the tier should have and has not, or a file that a manifest names and that is gone.

Why it matters: readers miss what they have a right to, and links to it lead nowhere.

To mend it: publish the whole tier again.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Case, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules.shape import manifest_problems


def find(case: Case) -> Iterator[Finding]:
    """Projections that are not there, tiers that are not there."""
    yield from manifest_problems(case, "missing-file", "missing-file")
    if case.reading is None:
        return
    for rank in case.publication.ranks:
        files = case.publication.files[rank]
        for note, canvas in case.reading.canvases.items():
            path = case.layout.projection(note, rank)
            if canvas.ground <= rank and path not in files:
                yield Finding(
                    "missing-file", "error", "high", path, None, None,
                    "a note at or below the level has no projection", case.canonical(note),
                )  # fmt: skip


RULE = Rule("missing-file", __doc__ or "", whole=find)
