"""What was generated, counted: a search tells how wide it was."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from twin_slots import SORTS
from twin_vault import ALONE, Twins

_LINK = re.compile(rb"!?\[\[|\]\(|\]\[|href=|src=|srcset=|obsidian://|file:///|https://")
_OTHER = ("namesake", "picture")
"""What a side hides that stands in no slot."""


@dataclass(slots=True)
class Tally:
    """Counts over the pairs of one search."""

    pairs: int = 0
    differing: int = 0
    """Pairs whose canonical vaults are not the same."""
    hidden: Counter[str] = field(default_factory=Counter)
    """Fillings by slot and sort."""
    files: Counter[str] = field(default_factory=Counter)
    """Files of both sides by extension."""
    links: int = 0

    def add(self, pair: Twins) -> None:
        """Count a pair in."""
        self.pairs += 1
        self.differing += pair.a.tree != pair.b.tree
        self.hidden.update(told.partition("@")[0] for told in pair.fillings)
        for side in (pair.a, pair.b):
            self.files.update(path.rpartition(".")[2] for path in side.tree)
            notes = (data for path, data in side.tree.items() if path.endswith(".md"))
            self.links += sum(len(_LINK.findall(data)) for data in notes)

    @staticmethod
    def possible() -> set[str]:
        """Every sort in every slot that random vaults may have."""
        return {f"{kind}:{s}" for kind, sorts in SORTS.items() for s in sorts if s not in ALONE}

    def __str__(self) -> str:
        everything = self.possible()
        tried = everything & self.hidden.keys()
        others = {
            name: sum(n for told, n in self.hidden.items() if told.startswith(f"{name}:"))
            for name in _OTHER
        }
        return (
            f"{self.differing} of {self.pairs} pairs differ; {sum(self.hidden.values())} hidden"
            f" things, {len(tried)} of {len(everything)} sorts in their slots,"
            f" {others['namesake']} namesakes, {others['picture']} visible pictures with metadata;"
            f" {self.links} links; files: {dict(self.files.most_common())}"
        )
