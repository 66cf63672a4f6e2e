"""Something that a lower tier reads and a higher one does not.

Why it matters: whoever may read more may read all that is below; that a higher tier lacks it means
that two tiers were swapped, or that one is not of this run.

To mend it: publish all tiers in one run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tierpub.audit.case import Case, Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.marks import without_marks
from tierpub.audit.tokens import TOKENS


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
    lower = case.tokenizer(below.file.rank).even(without_marks(below.text, case.mark))
    higher = case.tokenizer(above.file.rank).even(without_marks(above.text, case.mark))
    missing = Counter(_words(lower)) - Counter(_words(higher))
    for rank in (below.file.rank, above.file.rank):  # endings that a link's anchor took along
        missing.pop(case.tier(rank), None)
    own = set(_words((below.note or "").replace("/", " ").removesuffix(".md")))
    known = set(_words(higher))
    glued = "".join(_words(higher))
    return any(
        word not in own and word not in glued and not _of_two(word, known) for word in missing
    )


def _of_two(word: str, known: set[str]) -> bool:
    """Whether a cut between two words made one of them."""
    return any(word[:at] in known and word[at:] in known for at in range(1, len(word)))


def _words(text: str) -> list[str]:
    return [word for word in TOKENS.findall(text) if word[0].isalnum()]


RULE = Rule("not-monotone", __doc__ or "", note=find)
