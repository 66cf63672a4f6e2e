"""Labels: what an author wrote to mark a note or portion by hand, and what each marks.

A label that cannot be read is a fault: nothing is published because a word was misspelt.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tierpub.classify.keys import key_sort, plain
from tierpub.errors import Fault, Severity, place_at
from tierpub.note import Note
from tierpub.note.grammar import Grammar, fold_key
from tierpub.tiers import Ladder


@dataclass(slots=True)
class Labels:
    """What the labels of one note say."""

    note: list[tuple[int, int]] = field(default_factory=list)
    """Rank and portion of each label of the note as a whole."""
    portions: dict[int, tuple[int, int]] = field(default_factory=dict)
    """For each portion marked: the highest rank, and the label's portion."""
    marks: set[int] = field(default_factory=set)
    """The portions that are labels."""
    banners: list[int] = field(default_factory=list)
    """Frontmatter leaves whose value is a tier's name, or a tag of one: the banner goes there."""
    named: dict[int, int] = field(default_factory=dict)
    """Entry of a field label, to the field it names."""
    faults: list[Fault] = field(default_factory=list)


class LabelReader:
    """What readers of labels share: the names of tiers, and what is wrong with one."""

    def __init__(self, note: Note, grammar: Grammar, ladder: Ladder, labels: Labels) -> None:
        """Into `labels` goes what is found."""
        self.note, self.portions = note, note.portions
        self.grammar, self.ladder = grammar, ladder
        self.key = grammar.label_key
        self.labels = labels

    def mark(self, subject: int, rank: int, label: int) -> None:
        """Take in that `label` gives `subject` a tier."""
        known = self.labels.portions.get(subject)
        if known is None or known[0] < rank:
            self.labels.portions[subject] = (rank, label)

    def is_tier(self, name: str) -> bool:
        """Whether `name` is a tier's."""
        return self.ladder.rank(name.strip()) is not None

    def rank(self, name: str, at: int) -> int | None:
        """The tier that a label names; a fault where there is none."""
        rank = self.ladder.rank(name.strip())
        if rank is None:
            near = self.ladder.suggest(plain(name)) if name.strip() else None
            hint = f"did you mean `{near}`?" if near else ""
            hint = hint or f"the tiers are {', '.join(self.ladder.names)}"
            self.fault("unknown-tier", at, "a label names no tier of the policy", hint)
        return rank

    def tag_rank(self, name: str, at: int) -> int | None:
        """The tier that a tag names; None for one that is no label."""
        head, _, tail = name.partition("/")
        if fold_key(head) == self.grammar.folded_key:
            return self.rank(tail, at)
        sort = key_sort(head, self.key)
        if sort == "look-alike":
            self._look_alike(at)
        elif sort == "near" and self.is_tier(tail):
            hint = f"did you mean `#{self.key}/…`?"
            self.fault("misspelt-label", at, "a tag that is nearly a label", hint)
        return None

    def suspect(self, index: int, sort: str, value: str) -> None:
        """A key that reads like the label's, over a value that is a tier: not to be ignored."""
        at = self.portions[index].start
        if sort == "look-alike":
            self._look_alike(at)
        elif sort == "near" and self.is_tier(value):
            hint = f"did you mean `{self.key}`?"
            self.fault("misspelt-label", at, "a key that is nearly the label's", hint)

    def _look_alike(self, at: int) -> None:
        message = "a label's key with letters of another script"
        self.fault("look-alike-label", at, message, f"type `{self.key}` anew")

    def fault(self, code: str, at: int, message: str, hint: str, *, warning: bool = False) -> None:
        """Note a fault at an offset."""
        place = place_at(self.note.file, self.note.text, at)
        severity: Severity = "warning" if warning else "error"
        self.labels.faults.append(Fault(code, message, place, hint, severity))
