"""What painting one note must know of the others: tiers of headings, block ids and fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tierpub.audit.reading.targets import Reach
from tierpub.tiers import fold

_NUMBER = re.compile(r"-\d+$")
"""What tells headings of one name apart, as other readers link to them."""
_SIGNS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1 << 14)
def fold_anchor(text: str) -> str:
    """A heading or anchor as Obsidian compares them: letters and digits in any case."""
    return _SIGNS.sub("", fold(text))


def parts_of_anchor(anchor: str) -> list[str]:
    """What an anchor consists of: `Hall` and `^id` of `Hall#^id`, also where the `#` is missing."""
    return [part.strip() for part in anchor.replace("^", "#^").split("#")]


@dataclass(slots=True)
class Known:
    """Grows from round to round until nothing changes."""

    headings: dict[tuple[str, str], list[tuple[int, int, bool]]] = field(default_factory=dict)
    """Of a note and folded heading: lowest and highest tier in it, whether it holds a link."""
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    """The tier of the block with an id."""
    id_marks: dict[tuple[str, str], int] = field(default_factory=dict)
    """The lowest tier of what refers to a block id."""
    field_tiers: dict[tuple[str, str], int] = field(default_factory=dict)
    anchors: set[str] = field(default_factory=set)
    """The notes of which headings were asked for: of others none is taken down."""
    fields: set[tuple[str, str]] = field(default_factory=set)
    """The fields that were asked for, each with its note."""

    def want(self, question: str, args: tuple[Any, ...]) -> None:
        """Take down what a question asks for."""
        if question == "anchor":
            self.anchors.update(args[0].notes)
        elif question == "field":
            self.fields.add(args)

    def mark(self, note: str, name: str, default: int) -> int:
        """The lowest tier of what refers to a block id; `default` where nothing does."""
        return self.id_marks.get((note, name), default)

    def field(self, note: str, name: str) -> int:
        """The tier of a field of the frontmatter."""
        return self.field_tiers.get((note, name), 0)

    def anchor(self, reach: Reach) -> tuple[int, int]:
        """The tier that an anchor gives to its link, and the tier of the anchor's own words."""
        link, words = 0, 0
        for note in reach.notes:
            for part in parts_of_anchor(reach.anchor):
                if part.startswith("^"):
                    link = max(link, self.ids.get((note, fold(part[1:])), 0))
                    continue
                found = self.headings.get((note, fold_anchor(part))) or self.headings.get(
                    (note, fold_anchor(_NUMBER.sub("", part)))
                )
                if found:
                    link = max(link, min(low for low, _, _ in found))
                    words = max(words, min(high for _, high, _ in found))
                    if all(linked for _, _, linked in found):
                        words = max(words, 1)
        return link, words
