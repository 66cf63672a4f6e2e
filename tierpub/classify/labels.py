"""Labels: what an author wrote to mark a note or portion by hand, and what each marks.

A label that cannot be read is a fault: nothing is published because a word was misspelt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tierpub.classify.keys import field_label_tier, key_sort, plain
from tierpub.classify.subjects import subject_of
from tierpub.errors import Fault, Place
from tierpub.note import Kind, Note, Portion
from tierpub.note.grammar import Grammar, fold_key
from tierpub.policy import fold_field
from tierpub.tiers import Ladder

_MARKS = "*_~`"


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


def read_labels(note: Note, grammar: Grammar, ladder: Ladder) -> Labels:
    """Find the labels of `note`."""
    return _Reader(note, grammar, ladder).read()


class _Reader:
    def __init__(self, note: Note, grammar: Grammar, ladder: Ladder) -> None:
        self.note = note
        self.portions = note.portions
        self.grammar = grammar
        self.ladder = ladder
        self.labels = Labels()

    def read(self) -> Labels:
        handlers = {
            Kind.FIELD: self._field,
            Kind.INLINE_FIELD: self._inline_field,
            Kind.TAG: self._tag,
            Kind.CALLOUT: self._callout,
            Kind.REGION: self._region,
            Kind.COMMENT: self._comment,
        }
        for index, portion in enumerate(self.portions):
            handler = handlers.get(portion.kind)
            if handler:
                handler(index, portion)
        return self.labels

    # Frontmatter.

    def _field(self, index: int, portion: Portion) -> None:
        sort = key_sort(portion.name, self.grammar.label_key)
        if self.portions[portion.parent].kind != Kind.FRONTMATTER:
            if (
                sort == "fields"
                and self.ladder.rank(field_label_tier(portion.name, self.grammar.label_key))
                is not None
            ):
                self._fault("misplaced-label", portion.start, "a label of fields within another field",
                            "put it at the top of the frontmatter")  # fmt: skip
            if sort != "label":
                return
            value = self.note.values.get(index, "")
            if self.ladder.rank(value.strip()) is not None:
                self._fault("misplaced-label", portion.start, "a label within another field",
                            "put it at the top of the frontmatter")  # fmt: skip
            return
        if sort == "tags":
            self._tag_list(index)
        elif sort == "label":
            self._note_field(index, portion)
        elif sort == "fields":
            self._field_label(index, portion)
        elif sort.startswith("fields-like "):
            if self.ladder.rank(sort.partition(" ")[2]) is not None:
                self._fault("misspelt-label", portion.start, "a key that is nearly a label of fields",
                            f"did you mean `{self.grammar.label_key}_…`?")  # fmt: skip
        elif sort and index in self.note.values:
            self._suspect(index, sort, self.note.values[index])

    def _note_field(self, index: int, portion: Portion) -> None:
        self.labels.marks.add(index)
        if index not in self.note.values:
            self._fault("unreadable-label", portion.inner_start, "a label that is not one tier",
                        f"write `{self.grammar.label_key}: {self.ladder.names[-1]}`")  # fmt: skip
            return
        if portion.name != self.grammar.label_key:
            self._fault("label-spelling", portion.start, "a label's key in other spelling",
                        f"write `{self.grammar.label_key}:`", warning=True)  # fmt: skip
        if any(self.portions[other].kind == Kind.FIELD for other in self.labels.banners):
            self._fault("duplicate-label", portion.start, "a second label of the note",
                        "keep one of the two")  # fmt: skip
        rank = self._rank(self.note.values[index], portion.inner_start)
        if rank is not None:
            self.labels.note.append((rank, index))
            self.labels.banners.append(index)

    def _field_label(self, index: int, portion: Portion) -> None:
        """`confidential_private: [street_address, aliases]`."""
        rank = self._rank(field_label_tier(portion.name, self.grammar.label_key), portion.start)
        if rank is None:
            return
        self.labels.marks.add(index)
        leaves = [i for i in self._below(index) if i in self.note.values] or [index]
        for leaf in leaves:
            self._named_field(leaf, rank)

    def _named_field(self, leaf: int, rank: int) -> None:
        wanted = tuple(fold_field(part) for part in self.note.values.get(leaf, "").split("."))
        hits = [
            i for i, path in self._paths().items() if path == wanted or path == (".".join(wanted),)
        ]
        if not hits:
            at = self.portions[leaf].inner_start
            self._fault("unknown-field", at, "a label names a field that is not there",
                        "name a field of this note, dotted where it is nested")  # fmt: skip
            return
        for hit in hits:
            self._mark(hit, rank, leaf)
        self.labels.named[leaf] = hits[0]

    def _paths(self) -> dict[int, tuple[str, ...]]:
        paths: dict[int, tuple[str, ...]] = {}
        for index, portion in enumerate(self.portions):
            if portion.kind == Kind.FIELD:
                parent = portion.parent
                while self.portions[parent].kind == Kind.ENTRY:
                    parent = self.portions[parent].parent
                above = paths.get(parent, ())
                paths[index] = (*above, fold_field(portion.name))
            elif portion.kind > Kind.YAML_COMMENT:
                if portion.kind not in (Kind.LINK, Kind.URL, Kind.TIER_PATH, Kind.TANGLE):
                    break
        return paths

    def _below(self, index: int) -> list[int]:
        found = []
        inside = {index}
        for i in range(index + 1, len(self.portions)):
            if self.portions[i].parent not in inside:
                break
            inside.add(i)
            found.append(i)
        return found

    def _tag_list(self, index: int) -> None:
        for leaf in [index, *self._below(index)]:
            for word in re.split(r"[,\s]+", self.note.values.get(leaf, "")):
                rank = self._tag_rank(word.lstrip("#"), self.portions[leaf].inner_start)
                if rank is not None:
                    self.labels.note.append((rank, leaf))
                    self.labels.marks.add(leaf)
                    self.labels.banners.append(leaf)

    # Body.

    def _inline_field(self, index: int, portion: Portion) -> None:
        value = self.note.text[portion.inner_start : portion.inner_end].strip().strip(_MARKS + " ")
        sort = key_sort(portion.name, self.grammar.label_key)
        if sort != "label":
            self._suspect(index, sort, value)
            return
        self.labels.marks.add(index)
        rank = self._rank(value, portion.inner_start)
        if self.note.text[portion.start] not in "[(" and not self._begins_line(index):
            self._fault("unread-label", portion.start, "a label without brackets in the middle of a line",
                        "write `[key:: tier]`, or give it a line of its own")  # fmt: skip
        elif rank is not None:
            self._mark_subject(index, rank, alone=self._alone(index))

    def _tag(self, index: int, portion: Portion) -> None:
        rank = self._tag_rank(portion.name, portion.start)
        if rank is not None:
            self.labels.marks.add(index)
            self._mark_subject(index, rank, alone=False)

    def _callout(self, index: int, portion: Portion) -> None:
        rank = self.ladder.rank(portion.name)
        if rank is not None:
            self._mark(index, rank, index)
        elif self.ladder.rank(plain(portion.name)) is not None:
            self._rank(portion.name, portion.start)
        elif portion.name and (near := self.ladder.suggest(portion.name)) and len(near) > 4:  # noqa: PLR2004
            self._fault("callout-like-tier", portion.start, "a callout whose type is nearly a tier",
                        f"did you mean `{near}`?", warning=True)  # fmt: skip

    def _region(self, index: int, portion: Portion) -> None:
        rank = self._rank(portion.name, portion.start)
        if rank is not None:
            self._mark(index, rank, index)

    def _comment(self, index: int, portion: Portion) -> None:
        """A comment pair whose key is misspelt would publish what stands between."""
        match = re.fullmatch(r"/?\s*([^\s:]+)\s*:{1,2}\s*(\S+)", portion.name)
        if match and not portion.level:
            self._suspect(index, key_sort(match[1], self.grammar.label_key), match[2])

    def _begins_line(self, index: int) -> bool:
        portion = self.portions[index]
        holder = self.portions[portion.parent]
        start = holder.inner_start if holder.kind != Kind.CELL else holder.start
        return not self.note.text[start : portion.start].strip()

    def _alone(self, index: int) -> bool:
        """Whether the label is all of a line of the note's own body, or of a paragraph."""
        portion = self.portions[index]
        line = self.portions[portion.parent]
        text = self.note.text
        if (
            line.kind != Kind.LINE
            or (text[line.inner_start : portion.start] + text[portion.end : line.inner_end]).strip()
        ):
            return False
        bracketed = self.note.text[portion.start] in "[("
        paragraph = self.portions[line.parent]
        return not bracketed or (paragraph.inner_start, paragraph.inner_end) == (
            portion.start,
            portion.end,
        )

    def _mark_subject(self, index: int, rank: int, *, alone: bool) -> None:
        subject = subject_of(self.portions, index)
        if alone and self.portions[subject].kind == Kind.PARAGRAPH:
            self.labels.note.append((rank, index))
        else:
            self._mark(subject, rank, index)

    def _mark(self, subject: int, rank: int, label: int) -> None:
        known = self.labels.portions.get(subject)
        if known is None or known[0] < rank:
            self.labels.portions[subject] = (rank, label)

    # Names.

    def _tag_rank(self, name: str, at: int) -> int | None:
        head, _, tail = name.partition("/")
        if fold_key(head) != self.grammar.folded_key:
            sort = key_sort(head, self.grammar.label_key)
            if sort == "look-alike":
                self._look_alike(at)
            elif sort == "near" and self.ladder.rank(tail) is not None:
                self._fault("misspelt-label", at, "a tag that is nearly a label",
                            f"did you mean `#{self.grammar.label_key}/…`?")  # fmt: skip
            return None
        return self._rank(tail, at)

    def _rank(self, name: str, at: int) -> int | None:
        rank = self.ladder.rank(name.strip())
        if rank is None:
            near = self.ladder.suggest(plain(name)) if name.strip() else None
            hint = (
                f"did you mean `{near}`?"
                if near
                else f"the tiers are {', '.join(self.ladder.names)}"
            )
            self._fault("unknown-tier", at, "a label names no tier of the policy", hint)
        return rank

    def _suspect(self, index: int, sort: str, value: str) -> None:
        """A key that reads like the label's, over a value that is a tier: not to be ignored."""
        if sort == "look-alike":
            self._look_alike(self.portions[index].start)
        elif sort == "near" and self.ladder.rank(value.strip()) is not None:
            self._fault("misspelt-label", self.portions[index].start, "a key that is nearly the label's",
                        f"did you mean `{self.grammar.label_key}`?")  # fmt: skip

    def _look_alike(self, at: int) -> None:
        self._fault("look-alike-label", at, "a label's key with letters of another script",
                    f"type `{self.grammar.label_key}` anew")  # fmt: skip

    def _fault(self, code: str, at: int, message: str, hint: str, *, warning: bool = False) -> None:
        text = self.note.text
        line = text.count("\n", 0, at) + 1
        place = Place(self.note.file, line, at - text.rfind("\n", 0, at))
        self.labels.faults.append(
            Fault(code, message, place, hint, "warning" if warning else "error")
        )
