"""A note that the auditor reads otherwise than its projection shows, or cannot read at all.

Frontmatter that YAML refuses, bytes that are no UTF-8, notes whose links and anchors do not settle.
The splitter refuses such notes, so a projection of one should not be there.

Why it matters: where two readers differ, one of them may show what the other takes for hidden.

To mend it: `tierpub check` says what is wrong with the note; if it finds nothing, report a bug.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding


def find(opened: Opened) -> Iterator[Finding]:
    """Projections of notes that the auditor's reader gives up on."""
    case = opened.case
    note = case.reading.notes.get(opened.note or "") if case.reading else None
    if case.reading is None or note is None:
        return
    if note.fault:
        yield opened.finding(
            "readers-differ", f"the auditor cannot read the canonical note: {note.fault}",
            canonical=case.canonical(note.path),
        )  # fmt: skip
    elif not case.reading.settled:
        yield opened.finding(
            "readers-differ", "what links between notes say does not settle", confidence="low",
            severity="warning",
        )  # fmt: skip
    if opened.differences and len(opened.differences) > _MANY:
        yield opened.finding(
            "readers-differ", "the projection differs from the auditor's reading in many places",
            confidence="medium", canonical=case.canonical(note.path),
        )  # fmt: skip


_MANY = 20


RULE = Rule("readers-differ", __doc__ or "", file=find)
