"""Attachments that notes refer to: which no reader gets, and what goes along with the rest."""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.classify import Classified, Survey
from tierpub.errors import Fault
from tierpub.report.places import place

_SAID = {
    "type": (
        "withheld-attachment",
        "an attachment that no projection gets, for its type is withheld",
        "an `attachment` rule lets it through, with all that it holds; or hand it out another way",
    ),
    "settings": (
        "withheld-attachment",
        "an attachment that no projection gets, for it lies in a folder of settings",
        "move it into a folder whose name has no leading dot",
    ),
    "unfit": (
        "unfit-image",
        "an image that no projection gets, for it is not exactly what its name says",
        "open it and save it anew",
    ),
    "raw": (
        "metadata-goes-along",
        "an attachment that goes out as it is, with its metadata and all else in it",
        "look into it: authors, comments, earlier versions, places; or withhold its type again",
    ),
}


def attachments(found: Survey) -> Iterator[Fault]:
    """Attachments that are withheld, and those that a rule lets through as they are; each once,
    where the lowest link to it stands."""
    known = found.context.attachments
    for path, use in known.uses(found.notes.values()).items():
        fate = known.fate(path)
        if fate.sort == "image":
            continue
        code, message, hint = _SAID[fate.sort]
        why = f" ({fate.why})" if fate.why else ""
        note = found.notes[use.note].note
        yield Fault(code, f"{message}: {path}{why}", place(note, use.portion), hint, "warning")


def data_uris(found: Survey, note: Classified) -> Iterator[Fault]:
    """Pictures that are written into a note itself: text like any other, metadata and all."""
    del found
    for index, target in note.targets.items():
        if target.sort == "external" and target.path[:5].casefold() == "data:":
            yield Fault(
                "data-uri",
                "a file that is written into the note goes out with it, metadata included",
                place(note.note, index),
                "make it an attachment: images are copied without their metadata",
                "warning",
            )
