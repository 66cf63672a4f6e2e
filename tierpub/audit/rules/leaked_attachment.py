"""An attachment above the level, by its bytes or its name.

Found by comparing digests with all files of the vault, whatever they are called here, and by where
the file stands: what nothing visible refers to and no rule lets through is not to be published.

Why it matters: a picture or document says more than the note around it.

To mend it: check the `attachment` rules and `defaults.attachment`, and publish again.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules import leaks


def find(opened: Opened) -> Iterator[Finding]:
    """Files of the vault that the level should not have."""
    if not opened.is_note:
        yield from leaks.attachments(opened, "leaked-attachment")
    yield from leaks.needles(opened, "leaked-attachment", {"attachment"})


RULE = Rule("leaked-attachment", __doc__ or "", file=find)
