"""From the painted vault to needles: every string of everything above the lowest tier."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import compress

from tierpub.audit.layout import Layout
from tierpub.audit.needles import NeedleSet
from tierpub.audit.pieces import pieces, runs
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.reading.levels import Reading
from tierpub.audit.reading.note import NoteText
from tierpub.policy import fold_field

_RUN = re.compile(rb"[^\x00]+")
_LETTER = re.compile(r"[^\W_]")
_TIERS = re.compile(rb"(?s:(.)\1*)")
_AT_MOST = [bytes(tier <= level for tier in range(256)) for level in range(256)]
_APART = "\n\0\n"
"""Stands between texts that are no neighbours; no needle holds it."""
_NAMES = {"aliases", "alias", "title"}
_MARKUP = re.compile(r"!?\[\[|\]\]|[*`~]{1,3}|(?<![^\W_])_{1,3}|_{1,3}(?![^\W_])|<[^<>]*>")
"""Not what stands within a word: `Ann_Falconer` is a name."""
_TAGS = re.compile(r"<([^<>]*[^<>\w/][^<>]*)>")
"""Tags with attributes, and comments: what they hold is text of its own."""
_KINDS = {"comment": "comment", "anchor": "anchor", "heading": "anchor", "title": "title"}


def needles_of(reading: Reading, layout: Layout) -> NeedleSet:
    """The needles of a vault, each with the lowest tier that may read it."""
    found = NeedleSet()
    for path, note in reading.notes.items():
        canvas = reading.canvases[path]
        _names(found, note)
        _fields(found, note, canvas)
        _keys(found, note, canvas)
        _texts(found, note, canvas)
        _links(found, note, canvas)
        _comments(found, note, canvas)
    _folders(found, reading)
    _attachments(found, reading)
    found.close()
    for path, note in reading.notes.items():
        found.seen(note.text, bytes(reading.canvases[path].tiers), note.tier)
    for tier, said in _others(reading, layout).items():
        found.seen(_APART.join(said), None, tier)
    found.settle()
    return found


def _others(reading: Reading, layout: Layout) -> dict[int, list[str]]:
    """What is read at each tier besides the notes as they are."""
    said: dict[int, list[str]] = {rank: [] for rank in range(len(layout.ladder))}
    for path, note in reading.notes.items():
        for level, line in _cut_lines(reading.canvases[path]):
            said[level].append(line)
        stem = path.removesuffix(".md")
        said[note.tier].append(stem)
        for rank in range(note.tier, len(layout.ladder)):  # as links to it are written there
            said[rank].append(f"{layout.tree(rank)}/{stem}{layout.suffix(rank)}.md")
    for file, tier in reading.shown.items():  # copies are called so, and links to them
        below = file.removeprefix(reading.listing.source + "/")
        for rank in range(max(tier, reading.targets.files.around(file)), len(layout.ladder)):
            said[rank].append(f"{layout.tree(rank)}/{below}")
    return said


def _cut_lines(canvas: Canvas) -> Iterator[tuple[int, str]]:
    """What each level reads of the lines that something is cut from: words may be neighbours there
    that are none in the note, as when a link leaves its words."""
    text, done = canvas.text, 0
    for match in _TIERS.finditer(bytes(canvas.tiers)):
        at = match.end()
        if at <= done or text[at - 1 : at] in ("\n", ""):
            continue
        start, done = text.rfind("\n", 0, at) + 1, text.find("\n", at) + 1 or len(text)
        tiers = bytes(canvas.tiers[start:done])
        for level in sorted(set(tiers))[:-1]:
            shown = compress(text[start:done], tiers.translate(_AT_MOST[level]))
            yield level, "".join(shown)


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
        if not found.took(leaf.value, kind, tier):
            for part in (part for parts in _strings(leaf.value) for part in parts):
                found.add(part, kind, tier, note.path, leaf.start)


def _keys(found: NeedleSet, note: NoteText, canvas: Canvas) -> None:
    """Names of fields: that somebody has one may be the secret."""
    for keys, start, end in note.front.keys:
        tier = canvas.lowest(start, end)
        if tier and not found.took(keys[-1], "value", tier):
            for part in (part for parts in _strings(keys[-1]) for part in parts):
                found.add(part, "value", tier, note.path, start)


def _texts(found: NeedleSet, note: NoteText, canvas: Canvas) -> None:
    """Runs of hidden characters, line by line."""
    for match in _RUN.finditer(bytes(canvas.tiers), note.body):
        for start, end in _one_tier(canvas, *match.span()):
            text = note.text[start:end]
            if not _LETTER.search(text):
                continue
            kind, tier = _KINDS.get(canvas.kind_at(start), "value"), canvas.tiers[start]
            if found.took(text, kind, tier):
                continue
            own, within = _strings(text)
            for piece in own:
                at = note.text.find(piece, start, end)
                found.add(piece, kind, tier, note.path, max(at, start))
            for run in within:
                found.add(run, kind, tier, note.path, start)


def _links(found: NeedleSet, note: NoteText, canvas: Canvas) -> None:
    """The words of links that are hidden, whole."""
    for link in canvas.pieces:
        tier = canvas.lowest(link.start, link.end)
        if tier and link.words and link.kind in ("link", "reference", "html"):
            words = note.text[link.words[0] : link.words[1]]
            if not found.took(words, "value", tier):
                for part in pieces(_MARKUP.sub("", words)):
                    found.add(part, "value", tier, note.path, link.words[0])


def _comments(found: NeedleSet, note: NoteText, canvas: Canvas) -> None:
    """`# …` in frontmatter."""
    for start, end in note.front.comments:
        tier = canvas.lowest(start, end)
        if tier:
            for each in (each for parts in _strings(note.text[start + 1 : end]) for each in parts):
                found.add(each, "comment", tier, note.path, start)


def _strings(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is looked for of a text: its pieces, and the runs of words in it."""
    lines = text.replace("|", "\n")
    bare = "\n".join((_MARKUP.sub("", lines), *_TAGS.findall(lines)))
    return tuple(pieces(bare)), tuple(runs(bare))


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
