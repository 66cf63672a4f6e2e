"""Painting what stands in lines: links, fields, tags, paths of tiers, and what `text` matches."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from urllib.parse import unquote

from tierpub.audit.reading.easel import Easel, anchored, reach_of
from tierpub.audit.reading.inline import Piece, links
from tierpub.audit.reading.scan import FILLER, masked

_MARKUP = re.compile(
    r"[*~`]+|(?<![^\W_])_+|_+(?![^\W_])|\\(?=[!-/:-@\[-`{-~])|&#?\w{2,20};|" + FILLER + "+"
)


_ANCHOR = re.compile(r"#(?!\d+;|x[0-9a-f]+;)|%23|&(?:amp;)?(?:heading|block)=", re.IGNORECASE)
_ANCHOR_END = re.compile(r"[\s)>\"']")
_RELATION = re.compile(r"[*_]*[ \t]*::")


_LINKED_KEY = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+)?(\[\[[^\[\]\n]+\]\])[ \t]*::[^\n]*", re.MULTILINE
)


def inline(easel: Easel) -> None:
    """Links, URLs, HTML, inline fields, tags, paths of tiers."""
    note, canvas, rules = easel.note, easel.canvas, easel.rules
    found = list(_links(easel))
    found += _paths(easel, [piece for piece, *_ in found])
    for piece, tier, kind, anchor in _together(found):
        lay_link(easel, piece, tier, kind)
        if anchor:
            _lay_anchor(easel, piece, max(tier, anchor))
        easel.pieces.append(piece)
    for piece in note.fields:
        rule = rules.inline_field(piece.target)
        if rule:
            canvas.lay(piece.start, piece.end, rule.tier, "field")
        if piece.kind == "field":
            easel.pieces.append(piece)
    easel.pieces += [
        tag for tag in note.tags if not _RELATION.match(note.prose, tag.end)
    ]  # fmt: skip
    for match in _LINKED_KEY.finditer(note.prose) if "::" in note.prose else ():
        tier = max(reach_of(easel, piece).tier for piece in links(match[1]))
        canvas.lay(match.start(), match.end(), tier, "link")


_Found = tuple[Piece, int, str, int]
"""A piece, its tier, what it is, and the tier of its anchor's words."""


def _links(easel: Easel) -> Iterator[_Found]:
    for piece in links(easel.note.prose):
        reach = reach_of(easel, piece)
        link, anchor = anchored(easel, piece, reach)
        easel.show(reach, piece.start, piece.end)
        kind = "link" if reach.notes else "path" if reach.files else "url"
        yield piece, max(reach.tier, link, _by_words(easel, piece)), kind, anchor


def _by_words(easel: Easel, piece: Piece) -> int:
    """What rules over text find in a link's target as it is decoded."""
    forms = {piece.target, unquote(piece.target)} if easel.rules.has_text else ()
    return max((rule.tier for form in forms for _, _, rule in easel.rules.text(form)), default=0)


def _paths(easel: Easel, known: list[Piece]) -> Iterator[_Found]:
    """Paths of tiers that are not the target of a link."""
    note, rules = easel.note, easel.rules
    for start, end, path in easel.targets.trees(note.prose):
        if any(p.start <= start and end <= p.end and unquote(path) in p.target for p in known):
            continue
        reach = easel.targets.reach(path, note.path, rules, markdown=True)
        piece = Piece("path", start, end, path, markdown=True)
        link, anchor = anchored(easel, piece, reach)
        easel.show(reach, start, end)
        yield Piece("path", start, end), max(reach.tier, link, anchor), "path", 0


def _together(found: list[_Found]) -> Iterator[_Found]:
    """A link is as high as those that stand in it or reach into it: readers disagree on which of
    them is the link."""
    found = sorted(found, key=lambda each: (each[0].start, -each[0].end))
    for index, (piece, tier, kind, anchor) in enumerate(found):
        high = tier
        for other, its, _, _ in found[index + 1 :]:
            if other.start >= piece.end:
                break
            high = max(high, its)
        yield piece, high, kind, anchor


def lay_link(easel: Easel, piece: Piece, tier: int, kind: str) -> None:
    """Paint a link; where the policy keeps the words of links, not those."""
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
        sign = _ANCHOR.search(text, max(text.find("](", piece.start, piece.end), piece.start),
                              piece.end)  # fmt: skip
        if sign is None:
            return
        start = sign.start()
    end = piece.words[0] - 1 if piece.words and piece.words[0] > start else piece.end
    stop = _ANCHOR_END.search(text, start, end)
    end = stop.start() if stop and piece.anchor_at < 0 else end
    easel.canvas.lay(start, end, min(tier, easel.canvas.top), "anchor")
    easel.canvas.softs.append((start, end))


def text_rules(easel: Easel) -> None:
    """Expressions over text, raw and without its markup; what they touch in a line goes whole."""
    note, rules = easel.note, easel.rules
    if not rules.has_text:
        return
    base = masked(note.text, note.ranges, ("comment",))[note.body :]
    found = [(a + note.body, b + note.body, r.tier) for a, b, r in rules.text(base)]
    bare, spots = _unmarked(base)
    spans = rules.text(bare) if len(bare) != len(base) else []
    found += [
        (_place(spots, a) + note.body, _place(spots, b - 1) + 1 + note.body, r.tier)
        for a, b, r in spans
    ]
    touched = [(p.start, p.end) for p in easel.pieces] + _callouts(easel) if found else []
    for start, end, tier in found:
        easel.canvas.lay(start, end, tier, "field")
        easel.pieces.append(Piece("match", start, end))
        for a, b in touched:
            if a < end and start < b:
                easel.canvas.lay(a, _callout_end(easel, a, b), tier, "field")


def _callouts(easel: Easel) -> list[tuple[int, int]]:
    """Where the types of callouts stand."""
    blocks = [block for block in easel.note.blocks if block.callout]
    return [(b.start, easel.note.text.index("]", b.start) + 1) for b in blocks]


def _callout_end(easel: Easel, start: int, end: int) -> int:
    """What hides the type of a callout hides all of it."""
    ends = [b.end for b in easel.note.blocks if b.callout and b.start == start]
    return max([end, *ends])


def _unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its markup, character references read; and where its runs begin: in it, and
    in the text as it is."""
    parts: list[str] = []
    spots: list[tuple[int, int]] = []
    at = size = 0
    for match in _MARKUP.finditer(text):
        start, end = match.span()
        if start > at:
            parts.append(text[at:start])
            spots.append((size, at))
            size += start - at
        at = end
        if text[start] == "&":
            new = html.unescape(match[0])
            parts.append(new)
            spots += [(size + index, end - 1) for index in range(len(new))]
            size += len(new)
    spots.append((size, at))
    return "".join([*parts, text[at:]]), spots


def _place(spots: list[tuple[int, int]], at: int) -> int:
    """Where a character of the text without its markup stands in that with it."""
    bare, place = spots[bisect_right(spots, at, key=lambda spot: spot[0]) - 1]
    return place + at - bare
