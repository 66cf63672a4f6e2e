"""A projection that today's vault does not give.

Its note is no longer there, was raised above the level, or was changed after it was written.

Why it matters: what was taken back is still handed out.

To mend it: publish again; tierpub removes what it wrote and would not write today.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding


def find(opened: Opened) -> Iterator[Finding]:
    """Projections that today's vault does not give."""
    case, note = opened.case, opened.note
    if case.reading is None or note is None:
        return
    canvas = opened.canvas
    if canvas is None:
        yield opened.finding("stale-file", "the projection of a note that the vault does not have")
    elif canvas.ground > opened.file.rank:
        yield opened.finding(
            "stale-file", "the note is above this level today", canonical=case.canonical(note)
        )
    elif opened.differences and _older(opened, note):
        yield opened.finding(
            "stale-file", "the note was changed after this was written and reads otherwise",
            confidence="medium", canonical=case.canonical(note),
        )  # fmt: skip


def _older(opened: Opened, note: str) -> bool:
    """Whether the canonical note changed last. Times can lie, so this is never sure."""
    reading = opened.case.reading
    if reading is None or opened.file.sealed:
        return False
    published = opened.case.publication.folder / opened.file.place
    source = reading.listing.root / reading.listing.source / note
    try:
        return source.stat().st_mtime_ns > published.stat().st_mtime_ns
    except OSError:
        return False


RULE = Rule("stale-file", __doc__ or "", file=find)
