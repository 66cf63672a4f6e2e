"""Painting what stands in lines: links, fields, tags, paths of tiers, and what `text` matches."""

from __future__ import annotations

import html
import re

from tierpub.audit.reading.easel import Easel, anchored, reach_of
from tierpub.audit.reading.inline import Piece, fields, links, tags
from tierpub.audit.reading.scan import FILLER, masked

_MARKUP = re.compile(r"[*_~`\\]+|&#?\w{2,20};|" + FILLER + "+")


_RELATION = re.compile(r"[*_]*[ \t]*::")


_LINKED_KEY = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+)?(\[\[[^\[\]\n]+\]\])[ \t]*::[^\n]*", re.MULTILINE
)


def inline(easel: Easel) -> None:
    """Links, URLs, HTML, inline fields, tags, paths of tiers."""
    note, canvas, rules = easel.note, easel.canvas, easel.rules
    for piece in links(note.prose):
        reach = reach_of(easel, piece)
        link, anchor = anchored(easel, piece, reach)
        tier = max(reach.tier, link)
        kind = "link" if reach.notes else "path" if reach.file else "url"
        _lay_link(easel, piece, tier, kind)
        if anchor:
            _lay_anchor(easel, piece, max(tier, anchor))
        easel.pieces.append(piece)
    for match in easel.targets.tree_in_text.finditer(note.prose):
        reach = easel.targets.reach(match[0], note.path, rules, markdown=True)
        link, anchor = anchored(easel, Piece("path", 0, 0, match[0], markdown=True), reach)
        canvas.lay(match.start(), match.end(), max(reach.tier, link, anchor), "path")
        easel.pieces.append(Piece("path", match.start(), match.end()))
    for piece in fields(note.prose):
        rule = rules.inline_field(piece.target)
        if rule:
            canvas.lay(piece.start, piece.end, rule.tier, "field")
        if piece.kind == "field":
            easel.pieces.append(piece)
    easel.pieces += [
        tag for tag in tags(note.prose) if not _RELATION.match(note.prose, tag.end)
    ]  # fmt: skip
    for match in _LINKED_KEY.finditer(note.prose):
        tier = max(reach_of(easel, piece).tier for piece in links(match[1]))
        canvas.lay(match.start(), match.end(), tier, "link")


def _lay_link(easel: Easel, piece: Piece, tier: int, kind: str) -> None:
    canvas = easel.canvas
    if easel.policy.redaction.inline == "alias" and piece.words and tier:
        canvas.lay(piece.start, piece.words[0], tier, kind)
        canvas.lay(piece.words[1], piece.end, tier, kind)
        canvas.softs.append(piece.words)
        return
    canvas.lay(piece.start, piece.end, tier, kind)


def _lay_anchor(easel: Easel, piece: Piece, tier: int) -> None:
    text = easel.note.text
    start = piece.anchor_at
    if start < 0:
        start = text.find("#", text.find("](", piece.start, piece.end), piece.end)
    if start < 0:
        return
    end = piece.words[0] - 1 if piece.words and piece.words[0] > start else piece.end - 1
    easel.canvas.lay(start, end, min(tier, easel.canvas.top), "anchor")
    easel.canvas.softs.append((start, end))


def text_rules(easel: Easel) -> None:
    """Expressions over text, raw and without its markup; what they touch in a line goes whole."""
    note, rules = easel.note, easel.rules
    if not rules.has_text:
        return
    base = masked(note.text, note.ranges, ("comment",))[note.body :]
    found = [(a + note.body, b + note.body, r.tier) for a, b, r in rules.text(base)]
    bare, places = _unmarked(base)
    if len(bare) != len(base):
        found += [
            (places[a] + note.body, places[b - 1] + 1 + note.body, r.tier)
            for a, b, r in rules.text(bare)
        ]
    for start, end, tier in found:
        easel.canvas.lay(start, end, tier, "field")
        easel.pieces.append(Piece("match", start, end))
        for piece in easel.pieces:
            if piece.start < end and start < piece.end and piece.kind != "match":
                easel.canvas.lay(piece.start, piece.end, tier, "field")


def _unmarked(text: str) -> tuple[str, list[int]]:
    places = list(range(len(text)))
    bare = text
    for match in reversed(list(_MARKUP.finditer(text))):
        new = html.unescape(match[0]) if match[0][0] == "&" else ""
        bare = bare[: match.start()] + new + bare[match.end() :]
        places[match.start() : match.end()] = [match.end() - 1] * len(new)
    return bare, places
