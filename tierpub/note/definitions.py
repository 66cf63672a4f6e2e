"""Link reference definitions, which the Markdown parser gives no events for."""

from __future__ import annotations

import pyromark

from tierpub.note.blocks import Blocks
from tierpub.note.inline import nest
from tierpub.note.inline.links import urls
from tierpub.note.inline.markdown import definition
from tierpub.note.matches import in_title
from tierpub.note.portions import Kind
from tierpub.note.said import ODD_DEFINITION
from tierpub.note.source import Source
from tierpub.note.view import OPTIONS


def find_definitions(source: Source) -> list[tuple[int, int]]:
    """The ranges of all definitions, the first one last."""
    masked, base = source.view.text, source.base
    if "]:" not in masked:
        return []
    found = pyromark.reference_definitions(masked, options=OPTIONS).values()
    spans = [(d["span"]["start"] + base, d["span"]["end"] + base) for d in found]
    return sorted(spans, reverse=True)


def add_definition(source: Source, blocks: Blocks, start: int, end: int) -> None:
    """Add a definition as a block, with its destination and what else may have its own tier."""
    name, destination = definition(source.text, start, end)
    index = blocks.add(Kind.DEFINITION, start, name, (start, end))
    if destination is None:
        source.fault(ODD_DEFINITION, start)
        return
    title = destination.end
    found = [destination, *source.comment_candidates(title, end)]
    found += urls(source.text, title, end)
    found += source.tier_paths(title, end)
    found += in_title(source, title, end)
    nest(found, index, source.portions)
