"""A link to a projection that is not in the publication although the canonical vault has the note.

A link that leads nowhere in the canonical vault, too, is no finding. With the publication alone
every link to a projection that is not there has low confidence.

Why it matters: the link was to be cut, or its target was to be published.

To mend it: publish the whole tier again.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.reading.destinations import plain_targets
from tierpub.audit.reading.inline import links
from tierpub.tiers import fold


def find(opened: Opened) -> Iterator[Finding]:
    """Links to projections of this tier that are not there."""
    if not opened.is_note:
        return
    layout, rank = opened.case.layout, opened.file.rank
    suffix, tree = layout.suffix(rank), layout.tree(rank)
    if not suffix:
        return
    named = _names(opened)
    if opened.canvas is not None and not opened.differences and _complete(opened, named):
        return
    ending = fold(suffix)
    targets = plain_targets(opened.text)
    if targets is not None and not any(_lacking(each, ending, named) for each in targets):
        return
    for piece in links(opened.text):
        name = _lacking(piece.target, ending, named)
        if not name:
            continue
        canonical = _canonical(opened, name.removesuffix(ending))
        if opened.case.reading is None or canonical:
            yield opened.finding(
                "dangling-link", f"a link to a projection that is not in `{tree}`",
                at=piece.start, severity="error" if canonical else "warning",
                confidence="high" if canonical else "low",
            )  # fmt: skip


def _lacking(target: str, ending: str, named: frozenset[str]) -> str:
    """The folded name of the projection that a target leads to, if there is none of that name."""
    name = _projection(target, ending)
    return "" if name in named else name


@lru_cache(maxsize=1 << 16)
def _projection(target: str, ending: str) -> str:
    """The folded name of the projection that a target leads to; empty where it is none."""
    path = re.split("[#?]", unquote(target))[0].strip().replace("\\", "/")
    stem = path.removesuffix(".md")
    return "" if ":" in path or not fold(stem).endswith(ending) else fold(posixpath.basename(stem))


def _complete(opened: Opened, named: frozenset[str]) -> bool:
    """Whether all notes at or below the level are there, so that what is as expected leads to
    nothing that is not."""
    case, rank = opened.case, opened.file.rank
    if rank not in case.complete:
        notes = case.reading.notes if case.reading else {}
        should = (path for path, note in notes.items() if note.tier <= rank)
        names = (posixpath.basename(case.layout.projection(path, rank)) for path in should)
        case.complete[rank] = all(fold(name).removesuffix(".md") in named for name in names)
    return case.complete[rank]


def _names(opened: Opened) -> frozenset[str]:
    """Folded names of the tier's files, without `.md`; worked out once for each tier."""
    known = opened.case.names
    if opened.file.rank not in known:
        files = opened.case.publication.files[opened.file.rank]
        known[opened.file.rank] = frozenset(
            fold(posixpath.basename(path)).removesuffix(".md") for path in files
        )
    return known[opened.file.rank]


def _canonical(opened: Opened, name: str) -> bool:
    reading = opened.case.reading
    if reading is None:
        return False
    inside = reading.listing.source + "/"
    return any(path.startswith(inside) for path in reading.listing.by_name.get(name, ()))


RULE = Rule("dangling-link", __doc__ or "", file=find)
