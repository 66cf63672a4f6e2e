"""From the painted vault to needles: every string of everything above the lowest tier."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tierpub.audit.layout import Layout
from tierpub.audit.needles import NeedleSet, pieces, runs
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.reading.levels import Reading
from tierpub.audit.reading.note import NoteText
from tierpub.policy import fold_field

_RUN = re.compile(rb"[^\x00]+")
_NAMES = {"aliases", "alias", "title"}
_MARKUP = re.compile(r"!?\[\[|\]\]|[*`~]{1,3}|(?<![^\W_])_{1,3}|_{1,3}(?![^\W_])|<[^<>]*>")
"""Not what stands within a word: `Ann_Falconer` is a name."""
_KINDS = {"comment": "comment", "anchor": "anchor", "heading": "anchor", "title": "title"}


def needles_of(reading: Reading, layout: Layout) -> NeedleSet:
    """The needles of a vault, each with the lowest tier that may read it."""
    found = NeedleSet()
    for path, note in reading.notes.items():
        canvas = reading.canvases[path]
        _names(found, note)
        _fields(found, note, canvas)
        _texts(found, note, canvas)
    _folders(found, reading)
    _attachments(found, reading)
    found.close()
    for path, note in reading.notes.items():
        found.seen(note.text, bytes(reading.canvases[path].tiers), note.tier)
        stem = path.removesuffix(".md")
        found.seen(stem, None, note.tier)
        for rank in range(note.tier, len(layout.ladder)):  # as links to it are written there
            found.seen(f"{layout.tree(rank)}/{stem}{layout.suffix(rank)}", None, rank)
    for file, tier in reading.shown.items():  # copies are called so, and links to them
        below = file.removeprefix(reading.listing.source + "/")
        own = max(tier, reading.targets.files.around(file))
        for rank in range(own, len(layout.ladder)):
            found.seen(f"{layout.tree(rank)}/{below}", None, rank)
    return found


def _names(found: NeedleSet, note: NoteText) -> None:
    """Of a note above the lowest tier: its name and path."""
    if note.tier:
        stem = note.path.removesuffix(".md")
        found.add(posixpath.basename(stem), "title", note.tier, note.path, -1)
        if "/" in stem:
            found.add(stem, "path", note.tier, note.path, -1)


def _fields(found: NeedleSet, note: NoteText, canvas: Canvas) -> None:
    for leaf in note.front.leaves:
        tier = canvas.lowest(leaf.start, leaf.end)
        if not tier or not leaf.value.strip():
            continue
        kind = "title" if fold_field(leaf.keys[0]) in _NAMES else "value"
        bare = _MARKUP.sub("", leaf.value.replace("|", "\n"))
        for piece in pieces(bare):
            found.add(piece, kind, tier, note.path, leaf.start)
        for run in runs(bare):
            found.add(run, kind, tier, note.path, leaf.start, encoded=False)


def _texts(found: NeedleSet, note: NoteText, canvas: Canvas) -> None:
    """Runs of hidden characters, line by line; links by target and words."""
    for match in _RUN.finditer(bytes(canvas.tiers), note.body):
        for start, end in _one_tier(canvas, *match.span()):
            text = note.text[start:end]
            kind = _KINDS.get(canvas.kind_at(start), "value")
            bare, tier = _MARKUP.sub("", text.replace("|", "\n")), canvas.tiers[start]
            for piece in pieces(bare):
                at = note.text.find(piece, start, end)
                found.add(piece, kind, tier, note.path, max(at, start))
            for run in runs(bare):
                found.add(run, kind, tier, note.path, start, encoded=False)
    for link in canvas.pieces:
        tier = canvas.lowest(link.start, link.end)
        if tier and link.words and link.kind in ("link", "reference", "html"):
            words = note.text[link.words[0] : link.words[1]]
            for part in pieces(_MARKUP.sub("", words)):
                found.add(part, "value", tier, note.path, link.words[0])
    for start, end in note.front.comments:
        tier = canvas.lowest(start, end)
        if tier:
            found.add(note.text[start + 1 : end], "comment", tier, note.path, start)


def _one_tier(canvas: Canvas, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run in parts of one tier each, none longer than a line."""
    while start < end:
        tier = canvas.tiers[start]
        line = canvas.text.find("\n", start, end) + 1 or end
        part = bytes(canvas.tiers[start:line])
        stop = start + len(part) - len(part.lstrip(bytes([tier])))
        yield start, stop
        start = stop


def _folders(found: NeedleSet, reading: Reading) -> None:
    """Names of folders that hold only hidden notes."""
    lowest: dict[str, int] = {}
    for path, note in reading.notes.items():
        above = posixpath.dirname(path)
        while above:
            lowest[above] = min(lowest.get(above, note.tier), note.tier)
            above = posixpath.dirname(above)
    for folder, tier in lowest.items():
        if tier:
            found.add(posixpath.basename(folder), "path", tier, folder, -1)


def _attachments(found: NeedleSet, reading: Reading) -> None:
    """Names of attachments that a rule raises."""
    inside = reading.listing.source + "/"
    for path in reading.listing.others:
        if path.startswith(inside) and not path.endswith(".md"):
            below = path.removeprefix(inside)
            rule = reading.policy.rules_for(below).attachment(below)
            if rule and rule.tier:
                found.add(posixpath.basename(path), "attachment", rule.tier, path, -1)
