"""Twins: two canonical vaults with one visible skeleton and two fillings of its slots.

`twins()` draws a vault of two to four notes, a level, and for each side what its slots hide.
A slot draws one number that shrinks to nothing, so a failing pair shrinks to the one slot that
betrays itself. Sides `a` and `b` hide different words of different lengths, notes and folders.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from twin_front import FIELDS
from twin_policy import TIERS, TOP
from twin_seen import Place
from twin_side import OWED, Besides, Side, Tree, emptied, side, slots, write
from twin_skeleton import BLOCK, UNITS, Piece, Pieces, Skeleton
from twin_slots import ALWAYS, SORTS, Filling, Slot


@dataclass(frozen=True, repr=False)
class Twins:
    """A pair that looks the same at `level`."""

    level: int
    default: str
    words: dict[str, int]
    """The skeleton's words with their tiers."""
    a: Side
    b: Side
    skeleton: Tree
    """The same vault with every slot empty (those that are always filled, filled as in `a`)."""
    fillings: list[str] = field(default_factory=list)
    """What was hidden where, for messages: `block:label`."""

    def __repr__(self) -> str:
        return f"twins at level {self.level}, hiding {', '.join(self.fillings) or 'nothing'}"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Keep Hypothesis from printing all fields: a failing test shows the vaults itself."""
        printer.text(repr(self))


ALONE = (
    "wiki-own-heading", "wiki-own-block",  # may swallow what other slots hide
    "wiki-backslash", "html-escaped", "markdown-escaped", "markdown-file",
    "file-url",  # these are not undone by twin_undo
)  # fmt: skip
"""Sorts that are tried each by itself, and not in random vaults."""


@functools.cache
def _fillings(kind: str, level: int) -> st.SearchStrategy[Filling]:
    """Nothing, or any sort that slots of `kind` know, at a tier above `level`, in any style.

    One draw a slot, and strategies are kept: a vault has hundreds of slots.
    """
    sorts = [sort for sort in SORTS[kind] if sort not in ALONE]
    ways = itertools.product(sorts, range(level + 1, TOP + 1), range(3))
    some = [Filling(*way) for way in ways]
    return st.sampled_from(([] if kind in ALWAYS else [Filling()] * (len(some) // 2 + 1)) + some)


def _pair(draw: st.DrawFn, slot: Slot, level: int) -> tuple[Filling, Filling]:
    """What the two sides have in one slot."""
    either = _fillings(slot.kind, level)
    return draw(either), draw(either)


def _heading(s: Skeleton, level: int, text: str) -> Pieces:
    forms: tuple[Pieces, ...] = (
        ["#" * level + f" {text}\n\n"],
        ["#" * level + f" {text}", Slot("inline"), " words\n"],
        ["#" * level + f" {text} " + "#" * level + "\n\n"],
        [f"{text}\n{('-' if level > 1 else '=') * 3}\n\n"],
    )
    return forms[s.pick(4)]


def _setext(pieces: Pieces) -> bool:
    return isinstance(pieces[0], str) and not pieces[0].startswith("#")


def _unit(s: Skeleton) -> Pieces:
    return UNITS[s.pick(len(UNITS))](s)


def _units(s: Skeleton) -> Pieces:
    """Some units with block slots between them; a section keeps a visible paragraph."""
    pieces: Pieces = [BLOCK, f"{s.word()} words\n\n"]
    for _ in range(s.pick(4)):
        pieces += [BLOCK, *_unit(s)]
    return pieces


def _front(s: Skeleton, label: str) -> Pieces:
    """Frontmatter that keeps a visible field, or none and a slot for a hidden one."""
    some = [FIELDS[s.pick(len(FIELDS))] for _ in range(s.pick(4))]
    if not some and not label:
        return [Slot("frontmatter")]
    pieces: Pieces = ["---\n", Slot("top-field")]
    for unit in some:
        pieces += [*unit(s), Slot("top-field")]
    return [*pieces, label, Slot("top-field"), "---\n", "\n" * s.pick(2)]


def _body(s: Skeleton, label: str) -> Pieces:
    parts: list[tuple[int, Pieces]] = [(1, [*_heading(s, 1, s.here.heading), label, *_units(s)])]
    for _ in range(s.pick(3)):
        level = 2 + s.pick(2)
        parts.append((level, _heading(s, level, s.word()) + _units(s)))
    parts[0][1].extend([*s.tail, OWED])
    pieces: Pieces = [BLOCK] if not _setext(parts[0][1]) else []
    for i, (level, part) in enumerate(parts):
        pieces += part
        following = parts[i + 1] if i + 1 < len(parts) else (level, ["#"])
        pieces += _ends(following[0], following[1], last=i + 1 == len(parts))
    return pieces


def _ends(level: int, following: Pieces, *, last: bool) -> Pieces:
    after = "end" if last else "setext" if _setext(following) else "heading"
    return [Slot("block", after=after), Slot("section", after=after, level=max(level, 2))]


def _note(s: Skeleton, default: str) -> Pieces:
    """A visible note, its tier given by a field, by a line of its own or by the default."""
    tier = TIERS[s.here.tier]
    how = s.pick(3 if tier == default else 2)
    front = f"confidential: {tier}\n" if how == 0 else ""
    return _front(s, front) + _body(s, f"confidential:: {tier}\n\n" if how == 1 else "")


def _places(draw: st.DrawFn, level: int, words: dict[str, int]) -> tuple[Place, ...]:
    """Where the visible notes stand. The first is of the lowest tier that others link to."""
    places = []
    for i in range(draw(st.integers(1, 4))):
        tier = draw(st.integers(0, level))
        name, heading = f"v{i}0000q", f"v{i}1000q"
        words |= {name: tier, heading: tier}
        folder = ("Open", "Open", "Open/Deep")[i % 3]
        shared = draw(st.booleans())
        places.append(Place(f"{folder}/{name}", name, tier, heading, shared))
    return tuple(places)


def _besides(draw: st.DrawFn, level: int, shared: list[str], skeletons: list[Skeleton]) -> Besides:
    """What one side has besides: some of the namesakes that there may be, and so on."""
    above = st.integers(level + 1, TOP)
    kept = [(name, draw(above)) for name in shared if draw(st.booleans())]
    more = draw(st.lists(above, max_size=2))
    shown = [(path, draw(st.booleans())) for s in skeletons for path in s.pictures]
    aliases = [alias for s in skeletons for alias in s.aliases]
    return Besides(tuple(more), tuple(kept), tuple(shown), tuple(aliases))


def _shared(places: tuple[Place, ...], skeletons: list[Skeleton]) -> list[str]:
    """What hidden notes and pictures may be called, too: names of notes and pictures."""
    names = [place.name for place in places if place.shared]
    pictures_ = {p: shared for skeleton in skeletons for p, shared in skeleton.pictures.items()}
    return names + [path.rpartition("/")[2] for path, shared in pictures_.items() if shared]


@st.composite
def twins(draw: st.DrawFn, *, level: int | None = None) -> Twins:
    """Two vaults that look the same at a level."""
    at = draw(st.integers(0, TOP - 1)) if level is None else level
    default = draw(st.sampled_from(TIERS[:2]))
    words: dict[str, int] = {}
    places = _places(draw, at, words)
    skeletons = [Skeleton(draw, at, p, places, words) for p in places]
    notes = {s.here.path: _note(s, default) for s in skeletons}
    drawn = [[_pair(draw, slot, at) for slot in slots(pieces)] for pieces in notes.values()]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    shared = _shared(places, skeletons)
    besides = [_besides(draw, at, shared, skeletons) for _ in "ab"]
    sides = [[[pair[i] for pair in note] for note in drawn] for i in (0, 1)]
    empty = [emptied(note, fills) for note, fills in zip(notes.values(), sides[0], strict=True)]
    bare = Besides(pictures=tuple((path, False) for path, _ in besides[0].pictures))
    a, b, plain = (
        side(name, notes, fills, newline, more)
        for name, fills, more in zip("abc", (*sides, empty), (*besides, bare), strict=True)
    )
    told = [f"namesake:{name}@{tier}" for some in besides for name, tier in some.namesakes]
    told += [f"picture:{path}@{TOP}" for some in besides for path, dirty in some.pictures if dirty]
    return Twins(at, default, words, a, b, plain.tree, _names(notes, drawn) + told)


def _names(notes: dict[str, Pieces], drawn: list[list[tuple[Filling, Filling]]]) -> list[str]:
    pairs = [
        (slot, pair)
        for pieces, fills in zip(notes.values(), drawn, strict=True)
        for slot, pair in zip(slots(pieces), fills, strict=True)
    ]
    return [f"{s.kind}:{f.sort}@{f.tier}" for s, pair in pairs for f in pair if f.sort]


__all__ = ["OWED", "Besides", "Piece", "Side", "Tree", "Twins", "side", "slots", "twins", "write"]
