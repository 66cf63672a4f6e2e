"""One note, portion by portion: tier, reason, and what each stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tierpub.classify import Classified, Survey
from tierpub.errors import Place, refuse
from tierpub.note import Kind
from tierpub.report.because import Because, reason_data
from tierpub.report.places import WORDS, beginning, excerpt

_VESSELS = frozenset(
    (Kind.FRONTMATTER, Kind.SECTION, Kind.PARAGRAPH, Kind.LIST, Kind.ITEM, Kind.QUOTE, Kind.TABLE,
     Kind.ROW, Kind.REGION, Kind.FOOTNOTE)
)  # fmt: skip
"""What is shown only where it has a reason of its own: it has no words but those in it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One portion and why it has its tier."""

    index: int
    kind: str
    line: int
    column: int
    excerpt: str
    tier: int
    depth: int
    """How many portions that are shown it stands in; the note itself is at 0."""
    quiet: bool
    """Whether it is a part of a text or value, and no higher than that."""
    own: bool
    """Whether it has a reason of its own, or a tier that its container does not give it."""
    why: str
    """A clause without its subject."""
    brief: str
    """The same beside the reasons of what is in it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A note and its portions, in the order of the text."""

    note: Classified
    because: Because
    portions: tuple[Explained, ...]
    """The note itself first."""
    line: int | None = None
    """The line that was asked about."""

    def chain(self, portion: Explained) -> list[Explained]:
        """What a portion stands in, innermost first, the note last."""
        chain = []
        at = self.note.note.portions[portion.index].parent
        while at >= 0:
            chain.append(_explained(self.because, self.note, at, 0))
            at = self.note.note.portions[at].parent
        return chain


def explain(found: Survey, path: str, line: int | None = None) -> Explanation:
    """The portions of the note at `path`; with `line` those alone that stand in that line.

    Shown is what has a reason of its own, and what has words of its own. Raises `TierpubError`
    where the note has no such line, or could not be read.
    """
    note = _note(found, path)
    because = Because(found)
    shown = [i for i in range(len(note.note.portions)) if _is_shown(note, because, i)]
    if line is not None:
        shown = _in_line(note, line, [i for i in shown if i])
    depths: dict[int, int] = {}
    portions = [_explained(because, note, i, _depth(note, i, depths)) for i in shown]
    return Explanation(note, because, tuple(portions), line)


def _note(found: Survey, path: str) -> Classified:
    note = found.notes.get(path)
    if note is None:
        raise refuse("unreadable-note", "this note could not be read", Place(path),
                     "run `tierpub check`")  # fmt: skip
    return note


def _is_shown(note: Classified, because: Because, index: int) -> bool:
    portions = note.note.portions
    portion = portions[index]
    if portion.kind == Kind.TIER_PATH and portions[portion.parent].kind == Kind.LINK:
        return False  # the link says it already
    if portion.kind in (Kind.HEADING, Kind.PARAGRAPH) and _says_the_same(note, index):
        return False
    if index in note.reasons:
        return True
    if portion.kind == Kind.TAG and portions[portion.parent].kind == Kind.INLINE_FIELD:
        return False
    if portion.kind == Kind.CELL and not note.note.text[portion.start : portion.end].strip():
        return False
    return portion.kind not in _VESSELS or not because.children(note, index)


def _says_the_same(note: Classified, index: int) -> bool:
    """Whether a heading or paragraph has its tier from what is in it, as has what it stands in."""
    portion = note.note.portions[index]
    reason, above = note.reasons.get(index), note.reasons.get(portion.parent)
    if reason is None or reason.source != "content":
        return False
    if portion.kind == Kind.PARAGRAPH:
        return True  # its lines say why
    return above is not None and above[:2] == reason[:2]


def _in_line(note: Classified, line: int, shown: list[int]) -> list[int]:
    """Of what is shown, what begins in the line, and what holds the line and nothing smaller."""
    start, end = _line(note, line)
    text, portions = note.note.text, note.note.portions
    here = []
    for index in shown:
        first, last = max(start, portions[index].start), min(end, portions[index].end)
        if text[first:last].strip(" \t\r\n>"):
            here.append(index)
    begun = [i for i in here if beginning(note.note, i) >= start]
    # Cells that say no more than their row does are one row.
    return list(dict.fromkeys(sorted(_row(note, i) for i in begun or here[-1:])))


def _line(note: Classified, line: int) -> tuple[int, int]:
    """Where a line of a note begins and ends."""
    lines = note.note.text.split("\n")
    count = len(lines) - (lines[-1] == "")
    if not 0 < line <= count:
        raise refuse("no-such-line", f"the note has {count} lines", Place(note.note.file))
    start = sum(len(text) + 1 for text in lines[: line - 1])
    return start, start + len(lines[line - 1])


def _row(note: Classified, index: int) -> int:
    portion = note.note.portions[index]
    return portion.parent if portion.kind == Kind.CELL and index not in note.reasons else index


def _depth(note: Classified, index: int, depths: dict[int, int]) -> int:
    at = note.note.portions[index].parent
    while at >= 0 and at not in depths:
        at = note.note.portions[at].parent
    depths[index] = depths[at] + 1 if at >= 0 else 0
    return depths[index]


def _explained(because: Because, note: Classified, index: int, depth: int) -> Explained:
    parent = note.note.portions[index].parent
    raised = parent < 0 or note.tiers[index] > note.tiers[parent]
    line, column = because.at(note, index)
    return Explained(
        index,
        WORDS[note.note.portions[index].kind],
        line,
        column,
        excerpt(note.note, index),
        note.tiers[index],
        depth,
        note.note.portions[index].kind >= Kind.COMMENT and not raised,
        raised or index in note.reasons,
        because.clause(note, index),
        because.brief(note, index),
    )


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """As JSON data."""
    note, because = explanation.note, explanation.because
    return {
        "note": note.path,
        "file": note.note.file,
        "line": explanation.line,
        "tier": because.names[note.tiers[0]],
        "reason": reason_data(because, note, 0),
        "portions": list(_portions_data(explanation)),
    }


def _portions_data(explanation: Explanation) -> Iterator[dict[str, Any]]:
    note, because = explanation.note, explanation.because
    for each in explanation.portions:
        if each.index:
            container = explanation.chain(each)[0]
            yield {
                "kind": each.kind,
                "line": each.line,
                "column": each.column,
                "excerpt": each.excerpt,
                "tier": because.names[each.tier],
                "reason": reason_data(because, note, each.index),
                "words": each.why,
                "container": {
                    "kind": container.kind,
                    "line": container.line,
                    "column": container.column,
                    "tier": because.names[container.tier],
                },
            }
