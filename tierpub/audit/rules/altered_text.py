"""Text in a projection that does not stand in the canonical note.

A projection is the canonical text with pieces taken out: every word, and every blank between two
words that stayed neighbours, is the author's. Where lines were cut no more blank ones follow one
another than do there in the canonical note. Link targets, marks and the banner may change.

Why it matters: somebody edited what was published, or the splitter wrote what nobody wrote.

To mend it: publish again; if the finding stays, it is a bug: please report it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding


def find(opened: Opened) -> Iterator[Finding]:
    """Words, signs and blanks from nowhere; invalid UTF-8."""
    for each in opened.differences:
        if each.sort == "altered":
            what = "blanks that are not the canonical ones" if each.kind == "blank" else \
                "text that the canonical note does not have"  # fmt: skip
            canonical = opened.case.canonical(opened.note or "", each.source)
            yield opened.finding(
                "altered-text", what, at=each.at, confidence=each.confidence, canonical=canonical
            )
    if opened.is_note and "\ufffd" in opened.text and "\ufffd".encode() not in opened.data:
        at = opened.text.index("\ufffd")
        yield opened.finding("altered-text", "bytes that are no UTF-8", at=at)


RULE = Rule("altered-text", __doc__ or "", file=find)
