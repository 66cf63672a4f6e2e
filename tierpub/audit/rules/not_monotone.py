"""Something that a lower tier reads and a higher one does not.

Why it matters: whoever may read more may read all that is below; that a higher tier lacks it means
that two tiers were swapped, or that one is not of this run.

To mend it: publish all tiers in one run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from tierpub.audit.case import Case, Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.tokens import TOKENS

_WORDS = re.compile(r"\w+")


def find(case: Case, group: list[Opened]) -> Iterator[Finding]:
    """Files and words of a note that are lost upwards."""
    if not group or group[0].note is None or not case.layout.ranked:
        return
    by_rank = {opened.file.rank: opened for opened in group}
    below: Opened | None = None
    for rank in case.publication.ranks:
        here = by_rank.get(rank)
        if below is not None and here is None:
            yield below.finding(
                "not-monotone", f"tier {case.tier(rank)} has no projection of this note"
            )
        elif below is not None and here is not None and not _settled(below, here) \
                and _more(case, below, here):  # fmt: skip
            yield below.finding("not-monotone", f"words that tier {case.tier(rank)} does not have")
        below = here or below


def _settled(below: Opened, above: Opened) -> bool:
    """Whether both are what the auditor expects, one part of the other; or the same."""
    if below.data == above.data:
        return True
    return below.canvas is not None and not below.differences and not above.differences


def _more(case: Case, below: Opened, above: Opened) -> bool:
    """Whether the lower text has words that the higher one lacks. Lines that both have cancel out
    before words are looked at."""
    lower, higher = below.lines, above.lines
    left = _words(_without(lower, higher))
    if not left:
        return False
    missing = _without(left, _words(_without(higher, lower)))
    if not missing:
        return False
    for rank in (below.file.rank, above.file.rank):  # endings that a link's anchor took along
        missing.pop(case.tier(rank), None)
    own = set(TOKENS.findall((below.note or "").replace("/", " ").removesuffix(".md")))
    known = _words(higher)
    glued = "".join(TOKENS.findall(above.evened))
    return any(
        word not in own and word not in glued and not _of_two(word, set(known)) for word in missing
    )


def _of_two(word: str, known: set[str]) -> bool:
    """Whether a cut between two words made one of them."""
    return any(word[:at] in known and word[at:] in known for at in range(1, len(word)))


def _without(ones: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    """What is counted more often in `ones`, and how often more."""
    more = ones.items() - others.items()
    return {key: left for key, count in more if (left := count - others.get(key, 0)) > 0}


def _words(lines: Mapping[str, int]) -> dict[str, int]:
    found = Counter(_WORDS.findall("\n".join(lines)))
    for line, count in lines.items():
        for word in _WORDS.findall(line) if count > 1 else ():
            found[word] += count - 1
    return {word: count for word, count in found.items() if word[0].isalnum()}


RULE = Rule("not-monotone", __doc__ or "", note=find)
