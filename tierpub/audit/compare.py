"""A projection laid beside what the auditor expects of it.

Expected is the canonical text whose paint is at or below the level. What the projection has
besides is looked for in what was cut there: found, it is a leak; else the text was altered. What
it lacks is lost. Signs and blanks around a cut are free, words are not; where nothing was cut in
between, everything has to be as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from tierpub.audit.blanks import extra_blanks
from tierpub.audit.finding import Confidence
from tierpub.audit.marks import marked
from tierpub.audit.quick import quick_look
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.retyped import retyped
from tierpub.audit.tokens import Tokenizer, Tokens

Sort = Literal["leaked", "altered", "lost"]
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a projection is not as expected."""

    sort: Sort
    kind: str
    """What the canonical text is there: `field`, `comment`, `anchor` …"""
    at: int
    """Offset in the projection; of what is lost, where it should stand."""
    source: int | None
    """Offset in the canonical text."""
    words: str
    """For tests and scores; no finding quotes it."""
    confidence: Confidence = "high"


@dataclass(slots=True)
class _Sides:
    """Both texts with their tokens, while they are compared."""

    canvas: Canvas
    level: int
    projection: str
    marks: list[tuple[int, int]]
    have: Tokens
    whole: Tokens
    shown: list[int]
    """Indexes into `whole` of what is expected."""

    def missing(self, at: int) -> Confidence:
        """How sure it is that what is missing should be there: of a line that is visible as a
        whole, of one that something was cut from, of one whose rest would read otherwise."""
        text = self.canvas.text
        end = text.find("\n", at)
        start = text.rfind("\n", 0, at) + 1
        if self.canvas.highest(start, end if end >= 0 else len(text)) <= self.level:
            sure: Confidence = "high"
        else:
            sure = "medium"
        return "low" if retyped(self.canvas, at, self.level) else sure


def compare(  # noqa: PLR0913, PLR0917 - both sides and how to read them
    canvas: Canvas,
    projection: str,
    level: int,
    tokenizer: Tokenizer,
    own_name: str = "",
    mark: re.Pattern[str] | None = None,
) -> list[Difference]:
    """All differences, in the order of the projection. `mark` is what marks look like where the
    policy leaves any."""
    look = quick_look(canvas, projection, level, tokenizer)
    if look == "same":
        return []
    found = []
    if mark is None:
        blanks = extra_blanks(canvas, projection, level, tokenizer)
        found = [Difference("altered", "blank", at, None, "", "medium") for at in blanks]
    if look == "alike":
        return found
    whole, have = tokenizer.read(canvas.text), tokenizer.read(projection)
    tiers = canvas.tiers
    shown = [i for i, at in enumerate(whole.starts) if tiers[at] <= level]
    sides = _Sides(canvas, level, projection, marked(projection, mark), have, whole, shown)
    want = [whole.words[i] for i in shown]
    first = _common(want, have.words)
    last = _common(want[first:][::-1], have.words[first:][::-1])
    a, b = want[first : len(want) - last], have.words[first : len(have.words) - last]
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    pairs = [(i, i) for i in range(first)]
    for tag, i1, i2, j1, j2 in matcher.get_opcodes() if a or b else []:
        i1, i2, j1, j2 = i1 + first, i2 + first, j1 + first, j2 + first  # noqa: PLW2901
        if tag == "equal":
            pairs += zip(range(i1, i2), range(j1, j2), strict=True)
            continue
        found += _differ(sides, (i1, i2), (j1, j2), own_name)
    pairs += [(len(want) - k, len(have.words) - k) for k in range(last, 0, -1)]
    found += _gaps(sides, pairs)
    return sorted(found, key=lambda each: each.at)


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _differ(
    sides: _Sides, want: tuple[int, int], have: tuple[int, int], own_name: str
) -> list[Difference]:
    found: list[Difference] = []
    extra = list(range(*have))
    glued = "".join(sides.whole.words[sides.shown[i]] for i in range(*want))
    if glued and glued == "".join(sides.have.words[j] for j in extra):
        return []  # a cut between two words joined them
    if extra:
        found += _extra(sides, want, extra, own_name)
    at = sides.have.starts[have[0]] if have[0] < len(sides.have.starts) else len(sides.projection)
    for i in range(*want):
        index = sides.shown[i]
        source, word = sides.whole.starts[index], sides.whole.words[index]
        if _WORD.search(word) and not any(a <= source < b for a, b in sides.canvas.softs):
            kind = sides.canvas.kind_at(source)
            found.append(Difference("lost", kind, at, source, word, sides.missing(source)))
    return _joined(found)


def _extra(
    sides: _Sides, want: tuple[int, int], extra: list[int], own_name: str
) -> list[Difference]:
    """What the projection has and should not: cut text that is there, or text from nowhere."""
    low = sides.shown[want[0] - 1] + 1 if want[0] else 0
    high = sides.shown[want[1]] if want[1] < len(sides.shown) else len(sides.whole.words)
    words = [sides.have.words[j] for j in extra]
    if own_name and _letters("".join(words)) == _letters(own_name):
        return []  # an anchor to the note itself that was dropped leaves the note's name
    found, at = [], low
    for j, word in zip(extra, words, strict=True):
        place = _index(sides.whole.words, word, at, high)
        if place is None:
            place = _index(sides.whole.words, word, low, high)
        start = sides.have.starts[j]
        if any(a <= start < b for a, b in sides.marks):
            continue
        if place is None:
            elsewhere = _index(sides.whole.words, word, 0, len(sides.whole.words))
            hidden = elsewhere is not None and _all_hidden(sides, word)
            if not hidden:
                if _WORD.search(word) or word not in "|[]()-–—,;:.>":
                    found.append(Difference("altered", "text", start, None, word))
                continue
            place = elsewhere
        else:
            at = place + 1
        source = sides.whole.starts[place]  # type: ignore[index]
        if _WORD.search(word) and sides.canvas.tiers[source] > sides.level:
            found.append(Difference("leaked", sides.canvas.kind_at(source), start, source, word))
    return found


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _all_hidden(sides: _Sides, word: str) -> bool:
    """Whether a word stands in the note, and nowhere where the level may read it."""
    return all(
        sides.canvas.tiers[at] > sides.level
        for other, at in zip(sides.whole.words, sides.whole.starts, strict=True) if other == word
    )  # fmt: skip


def _index(words: list[str], word: str, low: int, high: int) -> int | None:
    try:
        return words.index(word, low, high)
    except ValueError:
        return None


def _joined(found: list[Difference]) -> list[Difference]:
    """Neighbours of one sort as one difference."""
    out: list[Difference] = []
    for each in found:
        last = out[-1] if out else None
        if last and _alike(last) == _alike(each):
            out[-1] = Difference(last.sort, last.kind, last.at, last.source,
                                 f"{last.words} {each.words}", last.confidence)  # fmt: skip
        else:
            out.append(each)
    return out


def _alike(each: Difference) -> tuple[str, str, str]:
    return each.sort, each.kind, each.confidence


def _gaps(sides: _Sides, pairs: list[tuple[int, int]]) -> list[Difference]:
    """Between two tokens that are neighbours on both sides the blanks must be the same."""
    found = []
    starts, shown = sides.whole.starts, sides.shown
    words, have = sides.whole.words, sides.have.starts
    for (i, j), (i2, j2) in pairwise(pairs):
        if i2 != i + 1 or j2 != j + 1:
            continue
        gap, here = sides.whole.gaps[shown[i2]], sides.have.gaps[j2]
        if shown[i2] != shown[i] + 1:
            around = (gap, sides.whole.gaps[shown[i] + 1])
            if len(here) > max(map(len, around)) and "\n" not in "".join((here, *around)):
                found.append(
                    Difference("altered", "blank", have[j], starts[shown[i]], "", "medium")
                )
            continue
        if gap == here:
            continue
        signs = not (_WORD.match(words[shown[i]]) and _WORD.match(words[shown[i2]]))
        if signs and ("\n" in gap or "\n" in here):
            continue
        found.append(Difference("altered", "blank", have[j], starts[shown[i]], ""))
    return found


def line_column(text: str, at: int) -> tuple[int, int]:
    """Line and column of an offset, from 1."""
    start = text.rfind("\n", 0, at) + 1
    return text.count("\n", 0, at) + 1, at - start + 1
