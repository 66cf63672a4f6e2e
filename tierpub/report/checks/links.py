"""Links that lead nowhere, out of the source, or to what is not published."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from tierpub.classify import Classified, Survey
from tierpub.classify.context import blocks_named, matching
from tierpub.errors import Fault
from tierpub.note import Kind
from tierpub.report.places import place
from tierpub.tiers import fold
from tierpub.vault import Target

_SHADOWED = "a link to a note whose name a file out of the source has, too"
_SAY = "say in a `link` rule who may see it"


def missing_anchors(found: Survey, note: Classified) -> Iterator[Fault]:
    """Links to a heading or block that none of the notes they may mean holds."""
    for index, target in note.targets.items() if note.anchored else ():
        if target.anchor and target.notes and not _leads(found, target):
            yield _missing(found, note, index, target)


def _leads(found: Survey, target: Target) -> bool:
    anchor = target.anchor
    if not any(character.isalnum() for character in anchor):
        return True  # a name without letters cannot be looked up: nothing is known against it
    for name in target.notes:
        facts = found.context.facts.get(name)
        if facts is None:
            return True
        if blocks := blocks_named(anchor):
            if blocks[-1] in facts.blocks:
                return True
        elif matching(facts.headings, anchor):
            return True
    return False


def _missing(found: Survey, note: Classified, index: int, target: Target) -> Fault:
    what = "block" if blocks_named(target.anchor) else "heading"
    where = "this note" if target.note == note.path else (target.note or target.notes[0])
    return Fault(
        "missing-anchor",
        f"a link to a {what} that is not there: #{target.anchor} in {where}",
        place(note.note, index),
        _meant(found, target),
        "warning",
    )


def _meant(found: Survey, target: Target) -> str:
    led_to = found.notes.get(target.note or target.notes[0])
    if led_to is None:
        return ""
    blocks = blocks_named(target.anchor)
    kind = Kind.BLOCK_ID if blocks else Kind.SECTION
    names = [p.name for p in led_to.note.portions if p.kind == kind and p.name]
    wanted = blocks[-1] if blocks else target.anchor.rpartition("#")[2]
    near = [name for name in names if fold(name).startswith(fold(wanted) + " ")]
    near = near or difflib.get_close_matches(wanted, names, n=1, cutoff=0.7)
    return f"did you mean `#{'^' if kind == Kind.BLOCK_ID else ''}{near[0]}`?" if near else ""


def unparsed(found: Survey, note: Classified) -> Iterator[Fault]:
    """What looks like a link into a tier's tree and is none to a reader of Markdown; it is cut
    as a link above the tier's level, and otherwise stays as it is typed."""
    del found
    for index, portion in enumerate(note.note.portions):
        if portion.kind != Kind.TIER_PATH or portion.start >= portion.inner_start:
            continue
        if note.note.text[portion.start - 1 : portion.start] != "`":
            yield Fault(
                "unparsed-link",
                "what looks like a link into a tier's tree and is none",
                place(note.note, index),
                "write blanks in the destination as %20, or put it in angle brackets",
                "warning",
            )


def outside(found: Survey, note: Classified) -> Iterator[Fault]:
    """Links to files of the vault that are not published, which only the top tier keeps, and links
    to notes whose name such a file has as well."""
    top = found.context.policy.ladder.names[-1]
    for index, reason in note.reasons.items():
        if reason.source == "outside":
            target = note.targets.get(index)
            shadow = target is not None and bool(target.notes)
            what = _SHADOWED if shadow else "a link out of the source"
            yield Fault(
                "shadowed-link" if shadow else "outside-link",
                f"{what}, which only `{top}` keeps: {reason.detail}",
                place(note.note, index),
                f"write the note's path, rename the file, or {_SAY}" if shadow else _SAY,
                "warning",
            )
