"""A footnote or reference definition that nothing refers to.

Why it matters: its reference was cut and its text left behind, or the other way round.

To mend it: a canonical note whose footnote nothing refers to should lose it; else it is a bug.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.reading.blocks import footnotes, read_blocks, walk
from tierpub.audit.reading.inline import definitions, label, links
from tierpub.audit.reading.parts import footnote_marks
from tierpub.audit.reading.scan import masked, scan


def find(opened: Opened) -> Iterator[Finding]:
    """Definitions without a reference, below the tier of comments."""
    policy = opened.case.policy
    limit = policy.defaults.comment if policy else opened.case.layout.ladder.top
    if not opened.is_note or "]:" not in opened.text or opened.file.rank >= limit:
        return
    text = opened.text
    indented = [(b.start, b.end) for b in walk(read_blocks(text)) if b.kind == "indented"]
    text = masked(text, scan(text, indented), ("fence", "span", "indented", "comment"))
    marks = {mark.target.casefold() for mark in footnote_marks(text)}
    for name, start, _ in footnotes(text):
        if name.casefold() not in marks:
            yield opened.finding("orphan-definition", "a footnote that nothing refers to",
                                 at=start, confidence="medium")  # fmt: skip
    known = definitions(text)
    used = {piece.target for piece in links(text) if piece.kind == "reference"}
    for piece in known:
        if piece.target not in used and piece.words and label(text[slice(*piece.words)]):
            yield opened.finding("orphan-definition", "a definition that nothing refers to",
                                 at=piece.start, confidence="medium")  # fmt: skip


RULE = Rule("orphan-definition", __doc__ or "", file=find)
