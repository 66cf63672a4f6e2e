"""A manifest that is not signed as it should be, cannot be read, or is missing.

It is missing where a key was given to check it by.

Also a file whose bytes are not those that the manifest names.

Why it matters: anybody who can write to the folder can change what is handed out.

To mend it: ask the publisher for the release again, and for the key by another way.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Case, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules.shape import manifest_problems


def find(case: Case) -> Iterator[Finding]:
    """What the manifests hold against their folders, but for files that are missing or extra."""
    for code in ("bad-signature", "bad-manifest", "no-manifest", "changed-file"):
        yield from manifest_problems(case, code, "bad-signature")


RULE = Rule("bad-signature", __doc__ or "", whole=find)
