"""Painting blocks: the body, pairs of comments, comments, sections, whatever a label marks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from tierpub.audit.reading.blocks import Block
from tierpub.audit.reading.easel import Easel
from tierpub.audit.reading.inline import Piece
from tierpub.audit.reading.known import fold_anchor
from tierpub.audit.reading.note import NoteText

_FIELD = re.compile(r"[\[(][^\[\]()]*::[^\[\]()]*[\])]")


def body(easel: Easel) -> None:
    """The body as a whole, pairs of comments, and the note's own labels' places."""
    note, canvas = easel.note, easel.canvas
    rule = easel.rules.body(note.path)
    canvas.lay(note.body, len(note.text), rule.tier if rule else 0, "text")
    for region in note.regions:
        canvas.lay(region.start, region.end, region.tier, "text")


def comments(easel: Easel) -> None:
    """Comments, by rule or default."""
    pairs = {edge for r in easel.note.regions for edge in (r.start, r.end)}
    for piece in easel.note.ranges:
        if piece.sort == "comment" and not {piece.start, piece.end} & pairs:
            rule = easel.rules.comment(" ".join(piece.inner.split()))
            tier = rule.tier if rule else easel.policy.defaults.comment
            easel.canvas.lay(piece.start, piece.end, tier, "comment")
            easel.pieces.append(Piece("comment", piece.start, piece.end))


def sections_and_containers(easel: Easel) -> None:
    """Labels, tags, rules over sections and callouts: whatever takes a block."""
    ruled = [(region.start, region.end) for region in easel.note.regions]
    if easel.rules.body(easel.note.path):
        ruled.append((easel.note.body, len(easel.note.text)))
    ruled += _ruled_sections(easel)
    ruled += _callouts(easel)
    ruled += _marked(easel)
    _ground(easel, ruled)


def _ruled_sections(easel: Easel) -> Iterator[tuple[int, int]]:
    for head, end in easel.note.sections if easel.rules.has("section") else ():
        rule = easel.rules.section(heading_words(easel.note, head))
        if rule:
            easel.canvas.lay(head.start, head.end, rule.tier, "heading")
            easel.canvas.lay(head.end, end, rule.tier, "text")
            yield head.start, end


def _callouts(easel: Easel) -> Iterator[tuple[int, int]]:
    for block in easel.note.blocks:
        if block.callout:
            rank = easel.policy.ladder.rank(block.callout)
            rule = easel.rules.callout(block.callout)
            for tier in (rank, rule.tier if rule else None):
                if tier is not None:
                    easel.canvas.lay(block.start, block.end, tier, "text")
                    yield block.start, block.end


def _marked(easel: Easel) -> Iterator[tuple[int, int]]:
    """What labels and tags take: the block, item, quote, row or section they stand in."""
    note, canvas = easel.note, easel.canvas
    reach = {id(head): end for head, end in note.sections}
    marks = [
        (label.start, label.tier)
        for label in note.labels
        if not _of_note(easel, label.start, line=label.line)
    ]
    found = [(tag.start, easel.rules.tag(tag.target)) for tag in note.tags]
    marks += [(at, rule.tier) for at, rule in found if rule]
    for at, tier in marks:
        block = easel.block_at(at).holder()
        start, end = block.start, reach.get(id(block), block.end)
        if block.kind == "root":
            start, stop = note.text.rfind("\n", 0, at) + 1, note.text.find("\n", at)
            end = stop if stop >= 0 else len(note.text)
        canvas.lay(start, end, tier, "text")
        yield start, end


def _ground(easel: Easel, ruled: list[tuple[int, int]]) -> None:
    """The default of text, where it stands in nothing that a label or rule speaks of."""
    default = easel.policy.defaults.body
    at, end = easel.note.body, len(easel.note.text)
    for start, stop in sorted(ruled) if default else ():
        easel.canvas.lay(at, min(start, end), default or 0, "text")
        at = max(at, stop)
    easel.canvas.lay(at, end, default or 0, "text")


def _of_note(easel: Easel, at: int, *, line: bool) -> bool:
    up = easel.block_at(at)
    while up is not None and line:
        if up.kind in ("item", "quote", "table"):
            return False
        if up.parent is None:
            return True
        up = up.parent
    return False


def heading_names(note: NoteText, head: Block) -> set[str]:
    """Every name by which an anchor may call a heading, folded."""
    line = note.text[head.start : head.end]
    forms = {line, re.sub(r"(?<![\w/])#[\w/]+", "", line), re.sub(r"\[\[|\]\]|\|", " ", line)}
    forms.add(re.sub(r"\|[^\[\]]*\]\]", " ", line))
    forms.add(_FIELD.sub("", line) if "::" in line else line)
    bare = {re.sub(r"\]\([^)]*\)", "]", form) if "](" in form else form for form in forms}
    return {fold_anchor(form) for form in bare} | {fold_anchor(heading_words(note, head))}


def heading_words(note: NoteText, head: Block) -> str:
    """A heading as a reader reads it."""
    if head.words is None:
        head.words = _read(note.text[head.start : head.end].strip())
    return head.words


def _read(line: str) -> str:
    line = re.sub(r"^[ \t>]*#{1,6}[ \t]*|[ \t]+#+[ \t]*$|\n[ \t>]*(?:=+|-+)[ \t]*$", "", line)
    line = re.sub(r"%%.*?%%|<!--.*?-->", "", line)
    if "[" in line or "(" in line:
        line = re.sub(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]", r"\1", line)
        line = _FIELD.sub("", line)
        line = re.sub(r"!?\[([^\[\]]*)\]\([^)]*\)", r"\1", line)
    return " ".join(
        html.unescape(re.sub(r"[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}", "", line)).split()
    )
