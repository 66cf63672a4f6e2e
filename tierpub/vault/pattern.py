"""Where projections stand: the policy's pattern, filled in for each tier, and its inverse.

A pattern is a tree, `{path}` and a tail: `_{tier}/{path}.{tier}.md`. Both ways are needed: to
name a projection, and to tell of any path in a link whose projection it would be.
"""

from __future__ import annotations

from typing import NamedTuple

from tierpub.errors import TierpubError, refuse
from tierpub.tiers import Ladder
from tierpub.vault.extensions import has_md, is_attachment
from tierpub.vault.names import folded


class Named(NamedTuple):
    """What a name says of its tier by its ending: `X.secret.md` is the projection of X."""

    rank: int
    bases: tuple[str, ...]
    """The name without one ending, without two, …; each without `.md`."""


class Pattern:
    """The projection pattern of a policy, for every tier of its ladder."""

    __slots__ = (
        "_by_tail",
        "_heads",
        "_shared",
        "_suffixes",
        "_tails",
        "_tree",
        "depth",
        "ladder",
        "tail",
    )

    def __init__(self, pattern: str, ladder: Ladder) -> None:
        """Take `pattern` apart. Refused where no path could be read back from it."""
        head, found, tail = pattern.partition("{path}")
        if not found or "{tier}" not in head + tail or (head and head[-1] != "/"):
            raise _bad(pattern)
        if not has_md(tail) or "/" in tail or ".." in head.split("/"):
            raise _bad(pattern)
        self.ladder = ladder
        self._tree, self.tail = head.strip("/"), tail[:-3]
        self._shared = "{tier}" not in head
        self.depth = len([p for p in self._tree.split("/") if p])
        names = ladder.names
        self._heads = {folded(self.tree(n)): i for i, n in enumerate(names)}
        self._tails = tuple((folded(self.suffix(n)), i) for i, n in enumerate(names) if "{" in tail)
        self._suffixes = [folded(self.suffix(n)) for n in names]
        self._by_tail = tuple(t for t, _ in self._tails)

    def tree(self, tier: str) -> str:
        """The folder that holds every projection of `tier`, without a slash at the end."""
        return self._tree.replace("{tier}", tier)

    def suffix(self, tier: str) -> str:
        """What the name of a projection at `tier` ends in, before `.md`: `.secret`."""
        return self.tail.replace("{tier}", tier)

    def path(self, note: str, tier: str) -> str:
        """Where the projection of `note` at `tier` stands, from the vault root."""
        tree = self.tree(tier)
        return f"{tree}{'/' if tree else ''}{note[:-3]}{self.suffix(tier)}.md"

    def is_tree(self, path: str) -> bool:
        """Whether everything below the folder `path` is one tier's."""
        return (
            not self._shared and path.count("/") + 1 == self.depth and folded(path) in self._heads
        )

    def of(self, path: str) -> tuple[int, str] | None:
        """The tier whose projection `path` is or would be, and the canonical path behind it.

        The canonical path is "" for the tree itself, and that of an attachment where the name
        ends in its extension. None where `path` lies in no tree.
        """
        top, rest = self._part(path)
        rank = self._heads.get(top)
        if rank is None and (rank := self._heads.get(folded(top))) is None:
            return None
        if self._shared:
            named = self.named(rest)
            return None if named is None else (named.rank, named.bases[0] + ".md")
        return rank, self._canonical(rest, rank)

    def _part(self, path: str) -> tuple[str, str]:
        if self.depth == 1:
            top, _, rest = path.partition("/")
            return top, rest
        parts = path.split("/")
        return "/".join(parts[: self.depth]), "/".join(parts[self.depth :])

    def inside(self, path: str) -> tuple[int, str] | None:
        """As `of`, for a tree that lies anywhere in `path`; the highest where there are several."""
        if self._shared or not self._may_hold_tree(folded(path)):
            return None
        parts = path.split("/")
        starts = [
            i
            for i in range(len(parts))
            if folded("/".join(parts[i : i + self.depth])) in self._heads
        ]
        return max(filter(None, (self.of("/".join(parts[i:])) for i in starts)), default=None)

    def _may_hold_tree(self, low: str) -> bool:
        for head in self._heads:  # noqa: SIM110 -- hot: `any` would make a generator
            if head in low:
                return True
        return False

    def named(self, name: str) -> Named | None:
        """What the ending of `name` says, or None where it is no tier's."""
        base = name[:-3] if has_md(name) else name
        rank, bases = -1, []
        while (hit := self._strip(base)) is not None:
            base, found = hit
            rank = max(rank, found)
            bases.append(base)
        return Named(rank, tuple(bases)) if bases else None

    def _strip(self, name: str) -> tuple[str, int] | None:
        low = folded(name)
        if not low.endswith(self._by_tail):
            return None
        for tail, rank in self._tails:
            if low.endswith(tail) and len(low) > len(tail):
                return name[: _cut(name, tail)], rank
        return None

    def _canonical(self, rest: str, rank: int) -> str:
        base = rest[:-3] if has_md(rest) else rest
        tail = self._suffixes[rank]
        if tail and base.endswith(tail) and len(base) > len(tail):
            return base[: -len(tail)] + ".md"
        if tail and folded(base).endswith(tail) and len(base) > len(tail):
            return base[: _cut(base, tail)] + ".md"
        return rest if not rest or has_md(rest) or is_attachment(rest) else rest + ".md"


def _cut(name: str, tail: str) -> int:
    """Where in `name` the ending begins that folds to `tail`; folding may change its length."""
    at = len(name) - len(tail)
    if folded(name[at:]) == tail:
        return at
    at = len(name)
    while at and len(folded(name[at:])) < len(tail):
        at -= 1
    return at


def _bad(pattern: str) -> TierpubError:
    return refuse(
        "bad-projection",
        f"the projection pattern {pattern!r} cannot be read back",
        hint="write a folder, {path} and an ending with .md, and {tier} in one of the two",
    )
