"""What links into a note depend on: how its headings may be spelled, the tiers of its blocks."""

from __future__ import annotations

from tierpub.classify.classify import Classified
from tierpub.classify.context import Facts, Heading, anchor_key
from tierpub.classify.subjects import block_named
from tierpub.note import Kind, Note


def facts_of(classified: Classified) -> Facts:
    """What links into the note depend on."""
    headings: dict[str, Heading] = {}
    blocks: dict[str, int] = {}
    portions, tiers = classified.note.portions, classified.tiers
    for index, portion in enumerate(portions):
        if portion.kind == Kind.HEADING:
            _enter(headings, classified, index)
        elif portion.kind == Kind.BLOCK_ID:
            tier = tiers[block_named(portions, index)]
            name = portion.name.casefold()
            blocks[name] = max(tier, blocks.get(name, 0))
    return Facts(headings, blocks)


def _enter(headings: dict[str, Heading], classified: Classified, index: int) -> None:
    """Take in a heading; of several that read alike what shows most counts."""
    tier, steady = classified.tiers[index], _steady(classified, index)
    for key in _spellings(classified.note, index):
        if known := headings.get(key):
            headings[key] = Heading(min(tier, known.tier), min(steady, known.steady))
        elif key:
            headings[key] = Heading(tier, steady)


def _spellings(note: Note, heading: int) -> set[str]:
    """How an anchor may spell a heading: with its labels and tags or without, and each link by
    its words, by its name, by both, or as it is typed."""
    portion = note.portions[heading]
    texts = {portion.name, note.text[portion.inner_start : portion.inner_end]}
    for labels in (True, False):
        for name, words in ((True, False), (False, True), (True, True)):
            texts.add(_spelling(note, heading, labels=labels, name=name, words=words))
    return {anchor_key(text) for text in texts}


def _spelling(note: Note, heading: int, *, labels: bool, name: bool, words: bool) -> str:
    portion = note.portions[heading]
    pieces: list[str] = []
    at = portion.inner_start
    for index in range(heading + 1, len(note.portions)):
        part = note.portions[index]
        if part.start >= portion.inner_end:
            break
        if part.start < at:
            continue
        pieces.append(note.text[at : part.start])
        link = part.link
        if part.kind == Kind.COMMENT or (not labels and part.kind in (Kind.INLINE_FIELD, Kind.TAG)):
            at = part.end
        elif part.kind == Kind.LINK and link is not None:
            alias = note.text[link.alias_start : link.alias_end]
            pieces += [part.name if name or not alias else "", " ", alias if words else ""]
            at = part.end
        else:
            at = part.start
    pieces.append(note.text[at : portion.inner_end])
    return "".join(pieces)


def _steady(classified: Classified, heading: int) -> int:
    """The lowest level from which a heading's words are those of the canonical note; a link that
    is retargeted keeps its own."""
    steady = classified.tiers[heading]
    inside = {heading}
    portions = classified.note.portions
    for index in range(heading + 1, len(portions)):
        if portions[index].parent not in inside:
            break
        inside.add(index)
        steady = max(steady, classified.tiers[index])
    return steady
