"""A file that no canonical note and no manifest accounts for.

Also a link or a device in a tree, and whatever stands beside the trees of a release.

Why it matters: what tierpub did not write was cut by nobody.

To mend it: find out who put it there, and remove it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Case, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.publication import File
from tierpub.audit.rules.shape import attachment_expected, manifest_problems


def find(case: Case) -> Iterator[Finding]:
    """Strangers in and beside the trees."""
    for place in case.publication.strangers:
        message = "nothing of this name belongs to a publication"
        yield Finding("unexpected-file", "error", "high", place, None, None, message)
    for file in case.publication.every():
        if not _expected(case, file):
            message = "no canonical note accounts for this file"
            yield Finding("unexpected-file", "error", "high", file.place, None, None, message)
    yield from manifest_problems(case, "unexpected-file", "unexpected-file")


def _expected(case: Case, file: File) -> bool:
    note = case.layout.note_of(file.path, file.rank)
    if case.reading is None:
        return note is not None or not file.path.endswith(".md")
    # A projection without its note is stale: that has a rule of its own.
    return note is not None or attachment_expected(case, file)


RULE = Rule("unexpected-file", __doc__ or "", whole=find)
