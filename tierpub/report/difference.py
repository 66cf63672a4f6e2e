"""What the readers of one level see of a note and those of another do not.

Compared is the text that each keeps. Link targets and the banner read otherwise at every level
and are left as they stand in the canonical note, so that they make no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from tierpub.classify import Classified, Survey
from tierpub.cut import Cutter
from tierpub.errors import Place, refuse
from tierpub.report.because import Because
from tierpub.report.places import WORDS, excerpt

_CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Cut:
    """One portion that makes a difference: the lower of the levels does not see it."""

    kind: str
    line: int
    column: int
    excerpt: str
    tier: int
    why: str
    """A clause without its subject."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One stretch of a unified diff, and what made it."""

    header: str
    lines: tuple[str, ...]
    """Each begins with a blank, `-` or `+`; without line ends."""
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between two levels of a note."""

    note: str
    before: int
    after: int
    seen: tuple[bool, bool]
    """Whether the two levels get the note at all."""
    hunks: tuple[Hunk, ...]


def difference(found: Survey, path: str, before: int, after: int) -> Difference:
    """How the note at `path` differs from level `before` to level `after`."""
    note = found.notes.get(path)
    if note is None:
        raise refuse("unreadable-note", "this note could not be read", Place(path),
                     "run `tierpub check`")  # fmt: skip
    texts = [_kept(found, note, level) for level in (before, after)]
    old, new = (_lines(text or "") for text in texts)
    groups = list(SequenceMatcher(None, old, new).get_grouped_opcodes(_CONTEXT))
    cuts = _assigned(found, note, (before, after), groups, old if before > after else new)
    hunks = [_hunk(group, old, new, cut) for group, cut in zip(groups, cuts, strict=True)]
    return Difference(
        path, before, after, (texts[0] is not None, texts[1] is not None), tuple(hunks)
    )


def _kept(found: Survey, note: Classified, level: int) -> str | None:
    """What the level keeps of the text, or None where it does not get the note."""
    policy = replace(found.context.policy, retarget=False, banner="keep")
    made = Cutter(replace(found.context, policy=policy), note).at(level)
    return None if made is None else made.text


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


Group = list[tuple[str, int, int, int, int]]


def _hunk(group: Group, old: Sequence[str], new: Sequence[str], cuts: Sequence[Cut]) -> Hunk:
    lines: list[str] = []
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            lines += [f" {line}" for line in old[i1:i2]]
        else:
            lines += [f"-{line}" for line in old[i1:i2]]
            lines += [f"+{line}" for line in new[j1:j2]]
    first, last = group[0], group[-1]
    header = f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@"
    return Hunk(header, tuple(lines), tuple(cuts))


def _range(start: int, stop: int) -> str:
    length = stop - start
    return f"{start + 1 if length else start},{length}" if length != 1 else f"{start + 1}"


# Which cut made which hunk.


def _assigned(
    found: Survey, note: Classified, levels: tuple[int, int], groups: list[Group], high: list[str]
) -> list[list[Cut]]:
    """The cuts of each hunk: by the lines of the canonical note that it covers."""
    assigned: list[list[Cut]] = [[] for _ in groups]
    if not groups:
        return assigned
    lines = _canonical(_lines(note.note.text), high)
    if levels[0] > levels[1]:
        spans = [(lines[group[0][1]], lines[group[-1][2]]) for group in groups]
    else:
        spans = [(lines[group[0][3]], lines[group[-1][4]]) for group in groups]
    because = Because(found)
    for index in _hidden(note, min(levels), max(levels)):
        cut = _cut(because, note, index)
        distances = [max(start + 1 - cut.line, cut.line - stop, 0) for start, stop in spans]
        assigned[distances.index(min(distances))].append(cut)
    return assigned


def _canonical(source: list[str], high: list[str]) -> list[int]:
    """For each line of a projection, and for its end, the line of the note it stands in."""
    lines = [-1] * len(high) + [len(source)]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, source, high).get_opcodes():
        for at in range(j1, j2):
            lines[at] = i1 + at - j1 if tag == "equal" else min(i1 + at - j1, max(i2 - 1, i1))
    return lines


def _hidden(note: Classified, low: int, high: int) -> list[int]:
    """The largest portions that the higher level sees and the lower does not."""
    portions, tiers = note.note.portions, note.tiers
    if tiers[0] > low:
        return [0]
    return [
        index
        for index, tier in enumerate(tiers)
        if index and low < tier <= high and tiers[portions[index].parent] <= low
    ]


def _cut(because: Because, note: Classified, index: int) -> Cut:
    line, column = because.at(note, index)
    kind = WORDS[note.note.portions[index].kind]
    words = "" if index == 0 else excerpt(note.note, index)
    return Cut(kind, line, column, words, note.tiers[index], because.clause(note, index))


def difference_data(difference: Difference, names: Sequence[str]) -> dict[str, Any]:
    """As JSON data."""
    return {
        "note": difference.note,
        "from": names[difference.before],
        "to": names[difference.after],
        "from_sees_note": difference.seen[0],
        "to_sees_note": difference.seen[1],
        "hunks": [
            {
                "header": hunk.header,
                "lines": list(hunk.lines),
                "because": [
                    {
                        "kind": cut.kind,
                        "line": cut.line,
                        "column": cut.column,
                        "excerpt": cut.excerpt,
                        "tier": names[cut.tier],
                        "words": cut.why,
                    }
                    for cut in hunk.cuts
                ],
            }
            for hunk in difference.hunks
        ],
    }
