"""Candidates, which the scanners yield, and how they become portions below a block.

A candidate never reads text back: it holds offsets into the note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from tierpub.note.portions import Kind, Link, Portion, new_portion


class Candidate(NamedTuple):
    """A portion that is not yet nested."""

    start: int
    end: int
    kind: Kind
    name: str = ""
    inner_start: int = 0
    inner_end: int = 0
    link: Link | None = None


new_candidate: Callable[[tuple[Any, ...]], Candidate] = partial(tuple.__new__, Candidate)
"""A candidate of all its parts in order, sooner than the class makes it."""


def outermost_first(candidate: Candidate) -> tuple[int, int]:
    """The sort key that puts candidates in the order of portions."""
    return candidate.start, -candidate.end


def nest(candidates: list[Candidate], parent: int, portions: list[Portion]) -> None:
    """Append `candidates` to `portions` below `parent`, in order, each within its container.

    Where two cross, one TANGLE covers all that they touch: what hides one hides the whole, so
    that nothing is cut through the middle of a construct.
    """
    if len(candidates) > 1:
        candidates.sort(key=outermost_first)
        for cluster in _clusters(candidates):
            top = parent
            if len(cluster) > 1 and _crosses(cluster):
                start, end = cluster[0].start, max(c.end for c in cluster)
                portions.append(Portion(Kind.TANGLE, start, end, parent, "", start, end))
                top = len(portions) - 1
            _append(cluster, top, portions)
    elif candidates:  # as in nearly all values and lines that hold anything
        start, end, kind, name, first, last, link = candidates[0]
        portions.append(new_portion((kind, start, end, parent, name, first, last, link, 0)))


def _clusters(candidates: list[Candidate]) -> Iterator[list[Candidate]]:
    """Runs of candidates that touch one another, of a sorted list."""
    cluster: list[Candidate] = []
    end = -1
    for candidate in candidates:
        if cluster and candidate.start >= end:
            yield cluster
            cluster = []
        cluster.append(candidate)
        end = max(end, candidate.end)
    yield cluster


def _crosses(cluster: list[Candidate]) -> bool:
    ends: list[int] = []
    for candidate in cluster:
        while ends and ends[-1] <= candidate.start:
            ends.pop()
        if ends and candidate.end > ends[-1]:
            return True
        ends.append(candidate.end)
    return False


def _append(cluster: list[Candidate], top: int, portions: list[Portion]) -> None:
    """Nest one cluster; in a tangle the part that sticks out of its container is clipped."""
    open_ = [(top, -1)]  # portions that may hold the next one, and their ends
    last: Candidate | None = None
    for candidate in cluster:
        if last and last[:4] == candidate[:4]:
            continue  # one construct, found by two scanners
        last = candidate
        start, end, kind, name, first, inner_end, link = candidate
        while len(open_) > 1 and open_[-1][1] <= start:
            open_.pop()
        parent, limit = open_[-1]
        if len(open_) > 1 and end > limit:
            end = limit
        open_.append((len(portions), end))
        portions.append(new_portion((kind, start, end, parent, name, first, inner_end, link, 0)))
