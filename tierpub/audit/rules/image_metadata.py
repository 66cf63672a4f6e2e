"""A picture or document with data about itself.

Position, camera, author, comments, times, bytes behind its end.

Why it matters: a photograph tells where it was taken, a document who wrote it.

To mend it: let tierpub copy attachments (it keeps the essential chunks alone), or strip the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.media import metadata


def find(opened: Opened) -> Iterator[Finding]:
    """Metadata in files that are no notes."""
    if opened.is_note:
        return
    # A document that a rule lets through is published as it is: to be looked at, not refused.
    document = opened.data.startswith(b"%PDF-") or b"<svg" in opened.data[:1024]
    for what in metadata(opened.data):
        yield opened.finding(
            "image-metadata",
            f"the file holds {what}",
            severity="warning" if document else "error",
            confidence="medium" if document else "high",
        )


RULE = Rule("image-metadata", __doc__ or "", file=find)
