"""What takes its tier from what stands in it or refers to it."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from tierpub.audit.reading import blocks as md
from tierpub.audit.reading.inline import Piece, label
from tierpub.audit.reading.inline import definitions as read_definitions
from tierpub.audit.reading.paint_inline import lay_link
from tierpub.audit.reading.parts import BLOCK_ID, LINE_FIELD, footnote_marks
from tierpub.tiers import fold

if TYPE_CHECKING:
    from tierpub.audit.reading.blocks import Block
    from tierpub.audit.reading.easel import Easel

_LEAD = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)]|\[[ xX]\]|#{1,6}|\[\^[^\]]+\]:|\|)[ \t]*)*")
_TYPE = re.compile(r"[ \t>]*\[![^\]\n]+\][+-]?")
_QUERIED = re.compile(r"[\w./ -]+=(?P<value>[ \t]*\0.*)", re.DOTALL)
_WORD = re.compile(r"[^\W_]")


class _Portions:
    """Pieces in order."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = sorted(pieces, key=lambda piece: (piece.start, -piece.end))
        self._starts = [piece.start for piece in self.pieces]

    def within(self, start: int, end: int) -> list[Piece]:
        """Those that begin in a range."""
        return self.pieces[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


def footnotes(easel: Easel) -> None:
    """A footnote has the lowest tier of what refers to it; what nothing refers to is a comment."""
    prose, canvas = easel.note.prose, easel.canvas
    defined = md.footnotes(prose)
    if not defined:
        return
    marks = [p for p in footnote_marks(prose) if p.kind == "footnote"]
    own = {fold(name): _own(easel, start, end) for name, start, end in defined}
    inside = {
        mark.start: fold(name)
        for name, start, end in defined for mark in marks if start <= mark.start < end
    }  # fmt: skip
    tiers = {name: max(easel.policy.defaults.comment, tier) for name, tier in own.items()}
    for _ in range(len(defined) + 1):
        for name, tier in own.items():
            refs = [
                max(canvas.tiers[m.start], tiers.get(inside.get(m.start, ""), 0))
                for m in marks if fold(m.target) == name
            ]  # fmt: skip
            tiers[name] = max(tier, min(refs, default=easel.policy.defaults.comment))
    for name, start, end in defined:
        canvas.lay(start, end, tiers[fold(name)], "text")
    for mark in marks:
        canvas.lay(mark.start, mark.end, own.get(fold(mark.target), 0), "text")


def _own(easel: Easel, start: int, end: int) -> int:
    """What a footnote's own label or only link gives it."""
    colon = easel.note.prose.index("]:", start) + 2
    return easel.canvas.lowest(*_trimmed(easel.note.text, colon, end)) if colon < end else 0


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def definitions(easel: Easel) -> None:
    """A reference definition has its target's tier, and the lowest of what refers to it."""
    prose, canvas = easel.note.prose, easel.canvas
    for piece in read_definitions(prose):
        if piece.words is None:
            continue
        name = label(prose[piece.words[0] : piece.words[1]])
        reach = easel.targets.reach(piece.target, easel.note.path, easel.rules, markdown=True)
        refs = [
            canvas.tiers[p.start] for p in easel.pieces
            if p.kind == "reference" and _name_of(prose, p.start, p.end) == name
        ]  # fmt: skip
        own = max(reach.tier, canvas.highest(piece.start, piece.end))
        tier = max(own, min(refs, default=easel.policy.defaults.comment))
        canvas.lay(piece.start, piece.end, tier, "link")
        for ref in easel.pieces:
            if ref.kind == "reference" and _name_of(prose, ref.start, ref.end) == name:
                lay_link(easel, ref, own, "link")


def _name_of(prose: str, start: int, end: int) -> str:
    inner = prose[start:end].lstrip("!")
    match = re.search(r"\][ ]?\[([^\[\]\n]*)\]$", inner)
    return label(match[1] if match and match[1] else inner.partition("][")[0].strip("[]"))


def block_ids(easel: Easel) -> None:
    """A block id has the lowest tier of what refers to it."""
    note, canvas = easel.note, easel.canvas
    for match in BLOCK_ID.finditer(note.prose, note.body) if "^" in note.prose else ():
        name, default = fold(match["id"]), easel.policy.defaults.comment
        tier = easel.ask(easel.known.mark, note.path, name, default)
        canvas.lay(match.start(), match.end(), tier, "anchor")


def lines(easel: Easel) -> None:
    """A line of markers, relations and portions takes the lowest tier of its portions. An item
    or heading that is only links gives that to what hangs on it."""
    note, canvas = easel.note, easel.canvas
    reach = {id(head): end for head, end in note.sections}
    portions = _Portions([p for p in easel.pieces if p.kind != "match"])
    for block in note.blocks:
        if block.kind not in ("paragraph", "heading", "row", "html"):
            continue
        firsts = True
        for start, end in _lines(note.text, block):
            tier = _line(easel, start, end, portions)
            if tier is not None and tier > canvas.ground:
                canvas.lay(start, end, tier, "text")
                if firsts and _only_link(easel, start, end, portions):
                    _hand_down(easel, block, tier, reach)
            elif firsts and block.parent is not None and block.parent.callout:
                _title(easel, block, start, end, portions)
            firsts = False


def _title(easel: Easel, block: Block, start: int, end: int, portions: _Portions) -> None:
    """A callout whose title is only links has the lowest tier of them."""
    up = block.parent
    kind = _TYPE.match(easel.note.text, start, end)
    if up is None or up.children[0] is not block or kind is None:
        return
    shown = _Portions([p for p in portions.pieces if p.kind != "comment"])
    tier = _line(easel, kind.end(), end, shown)
    if tier is not None and tier > easel.canvas.ground:
        easel.canvas.lay(up.start, up.end, tier, "text")


def values(easel: Easel) -> None:
    """An inline field or footnote of which only portions are the value has the lowest of them."""
    portions = _Portions([p for p in easel.pieces if p.kind not in ("match", "field")])
    held = [p for p in easel.pieces if p.kind == "field"]
    held += [p for p in footnote_marks(easel.note.prose) if p.kind == "inline-footnote"]
    for piece in held:
        if piece.words:
            rest, tiers = _rest(easel, *piece.words, portions)
            if tiers and not _WORD.search(rest):
                easel.canvas.lay(piece.start, piece.end, min(tiers), "field")
    easel.pieces += held[len([p for p in easel.pieces if p.kind == "field"]) :]


def emptied(easel: Easel) -> None:
    """Code or a callout with nothing left goes with its fences or its type."""
    note, canvas = easel.note, easel.canvas
    places = [(r.start, r.end) for r in note.ranges if r.sort == "fence"]
    for block in note.blocks:
        if block.kind == "html":  # nothing can be cut from within it
            canvas.lay(block.start, block.end, canvas.highest(block.start, block.end), "text")
    places += [(b.start, b.end) for b in note.blocks if b.callout]
    for start, end in places:
        first = note.text.find("\n", start, end)
        head = note.text[start : max(first, start)]
        titled = "[!" in head and _WORD.search(head.partition("]")[2])
        if first > 0 and _WORD.search(note.text, first, end) and not titled:
            canvas.lay(start, end, canvas.lowest_word(first, end), "text")


def _hand_down(easel: Easel, block: Block, tier: int, reach: dict[int, int]) -> None:
    up = block.parent
    if block.kind == "heading":
        easel.canvas.lay(block.start, reach[id(block)], tier, "text")
    elif block.kind == "paragraph" and up is not None and up.kind == "item" \
            and up.children[0] is block and "\n" not in \
            easel.note.text[up.start : block.end].strip():  # fmt: skip
        easel.canvas.lay(up.start, up.end, tier, "text")


def _lines(text: str, block: Block) -> list[tuple[int, int]]:
    found, at = [], block.start
    while at < block.end:
        end = text.find("\n", at, block.end)
        end = block.end if end < 0 else end
        found.append((at, end))
        at = end + 1
    return found


def _rest(easel: Easel, start: int, end: int, portions: _Portions) -> tuple[str, list[int]]:
    """What stands in a line beside its portions, and the tiers of these."""
    prose, canvas = easel.note.prose, easel.canvas
    rest, tiers, at = [], [], start
    for piece in portions.within(start, end):
        if piece.end <= at:
            continue
        rest.append(prose[at : max(piece.start, at)])
        first = max(piece.start, at)
        low = canvas.lowest(first, min(piece.end, end))
        # Where the words of a link stay, its brackets tell the tier that it has.
        kept = easel.policy.redaction.inline == "alias" and piece.words and first == piece.start
        tiers.append(max(low, canvas.tiers[first]) if kept else low)
        at = max(at, piece.end)
    rest.append(prose[at:end])
    return "\0".join(rest), tiers


def _line(easel: Easel, start: int, end: int, portions: _Portions) -> int | None:
    rest, tiers = _rest(easel, start, end, portions)
    if not tiers:
        return None
    rest = rest[_LEAD.match(rest).end() :]  # type: ignore[union-attr]
    match = LINE_FIELD.match(rest) or _QUERIED.match(rest)
    if match:
        rest = match["value"]
    return None if _WORD.search(rest) else min(tiers)


def _only_link(easel: Easel, start: int, end: int, portions: _Portions) -> bool:
    return bool(_rest(easel, start, end, portions)[1])


def headings(easel: Easel) -> None:
    """A section whose whole content is above its heading takes the lowest tier in it."""
    note, canvas = easel.note, easel.canvas
    for head, end in reversed(note.sections):
        if _WORD.search(note.text, head.end, end):
            low = canvas.lowest_word(head.end, end)
            canvas.lay(head.start, head.end, low, "heading")
