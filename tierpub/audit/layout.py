"""How a publication is laid out: the tiers in order, the tree of each, how files are called.

Taken from the policy where the auditor has it, and else worked out from the folders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tierpub.policy import Policy
from tierpub.tiers import Ladder, fold


def lowered(text: str) -> str:
    """A text case-folded; a plain one by the quicker way."""
    return text.lower() if text.isascii() else text.casefold()


USUAL = ("public", "internal", "protect", "private", "personal", "secret")
"""The ladder that is assumed where a publication comes without a policy."""
ODD_CASE = re.compile("[\u0130\u0131]")
"""Letters that an expression takes for an `i` in another case, and folding does not."""
_TREE = re.compile(r"_([^\W_][\w+-]*?)(?:\.tar\.age|\.manifest\.json)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """Tiers and places."""

    ladder: Ladder
    pattern: str = "_{tier}/{path}.{tier}.md"
    source: str = "_Standards"
    label_key: str = "confidential"
    ranked: bool = True
    """Whether the order of the tiers is known, not guessed from names that nobody ranked."""

    @property
    def head(self) -> str:
        """What stands before a note's path, without its last slash."""
        return self.pattern.partition("{path}")[0].rstrip("/")

    def tree(self, rank: int) -> str:
        """The folder of a tier."""
        return self.head.replace("{tier}", self.ladder.names[rank])

    def suffix(self, rank: int) -> str:
        """What stands between a note's path and `.md`: `.internal`."""
        tail = self.pattern.partition("{path}")[2]
        return tail.replace("{tier}", self.ladder.names[rank]).removesuffix(".md")

    def may_lead_higher(self, text: str, rank: int) -> bool:
        """Whether the name of a higher tier's tree or projections may stand in a text, in any case.
        What leads there for sure is for others to say: this is only quick."""
        low = lowered(text)
        return any(name in low for name in _higher(self, rank)) or ODD_CASE.search(text) is not None

    def projection(self, note: str, rank: int) -> str:
        """Where the projection of `note` (below the source, with `.md`) stands."""
        stem = note.removesuffix(".md")
        return f"{self.tree(rank)}/{stem}{self.suffix(rank)}.md"

    def note_of(self, path: str, rank: int) -> str | None:
        """The note whose projection stands at `path`; None where it is no projection."""
        head, tail = self.tree(rank) + "/", self.suffix(rank) + ".md"
        if path.startswith(head) and path.endswith(tail) and len(path) > len(head) + len(tail):
            return path[len(head) : -len(tail)] + ".md"
        return None


@lru_cache
def _higher(layout: Layout, rank: int) -> list[str]:
    ranks = range(rank + 1, len(layout.ladder))
    names = [name for each in ranks for name in (layout.tree(each), layout.suffix(each))]
    # Which letters of other alphabets an expression takes for one is known of plain ones alone.
    return [name.casefold() for name in names] if all(map(str.isascii, names)) else [""]


def of_policy(policy: Policy) -> Layout:
    """The layout that a policy states."""
    return Layout(policy.ladder, policy.projection, policy.source, policy.label_key)


def guessed(folder: Path) -> Layout:
    """The layout of the publication in `folder`, by the names of its trees."""
    names = {
        match[1]
        for level in (folder, *(sub for sub in _folders(folder) if not sub.name.startswith("_")))
        for entry in level.iterdir()
        if (match := _TREE.fullmatch(entry.name)) and not _is_source(entry)
    }
    if fold(folder.name[:1]) == "_":
        names.add(folder.name[1:])
    usual = {fold(name) for name in USUAL}
    if all(fold(name) in usual for name in names):
        return Layout(Ladder(USUAL))
    strange = sorted(name for name in names if fold(name) not in usual)
    return Layout(Ladder((*USUAL, *strange)), ranked=False)


def _is_source(entry: Path) -> bool:
    """Whether a folder holds no file that is called as projections are."""
    if not entry.is_dir():
        return False
    ending = f"{entry.name.replace('_', '.', 1)}.md"
    return not any(file.name.endswith(ending) for file in entry.rglob("*.md"))


def _folders(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink()]
