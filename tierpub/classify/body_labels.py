"""Labels in a note's body: inline fields, tags, callouts and pairs of comments."""

from __future__ import annotations

import re

from tierpub.classify.keys import key_sort, plain
from tierpub.classify.labels import LabelReader
from tierpub.classify.subjects import subject_of
from tierpub.note import Kind, Portion

_MARKS = "*_~` "
_LONG = 5
"""A tier's name shorter than this is near to too many words."""


class BodyLabels(LabelReader):
    """Reads the labels of the body."""

    def inline_field(self, index: int, portion: Portion) -> None:
        """`[confidential:: private]`, or without brackets at the start of a line."""
        text = self.note.text
        value = text[portion.inner_start : portion.inner_end].strip().strip(_MARKS)
        sort = key_sort(portion.name, self.key)
        if sort != "label":
            self.suspect(index, sort, value)
            return
        self.labels.marks.add(index)
        rank = self.rank(value, portion.inner_start)
        if text[portion.start] not in "[(" and not self._begins_line(portion):
            message = "a label without brackets in the middle of a line"
            hint = "write `[key:: tier]`, or give it a line of its own"
            self.fault("unread-label", portion.start, message, hint)
        elif rank is not None:
            self._mark_subject(index, rank, alone=self._is_alone(portion))

    def tag(self, index: int, portion: Portion) -> None:
        """`#confidential/private`."""
        rank = self.tag_rank(portion.name, portion.start)
        if rank is not None:
            self.labels.marks.add(index)
            self._mark_subject(index, rank, alone=False)

    def callout(self, index: int, portion: Portion) -> None:
        """`> [!private]`."""
        rank = self.ladder.rank(portion.name)
        if rank is not None:
            self.mark(index, rank, index)
        elif self.ladder.rank(plain(portion.name)) is not None:
            self.rank(portion.name, portion.start)
        elif portion.name:
            near = self.ladder.suggest(portion.name)
            if near and len(near) >= _LONG:
                message = "a callout whose type is nearly a tier"
                hint = f"did you mean `{near}`?"
                self.fault("callout-like-tier", portion.start, message, hint, warning=True)

    def region(self, index: int, portion: Portion) -> None:
        """All between a pair of comments."""
        rank = self.rank(portion.name, portion.start)
        if rank is not None:
            self.mark(index, rank, index)

    def comment(self, index: int, portion: Portion) -> None:
        """A comment pair whose key is misspelt would publish what stands between."""
        match = re.fullmatch(r"/?\s*([^\s:]+)\s*:{1,2}\s*(\S+)", portion.name)
        if match and not portion.level:
            self.suspect(index, key_sort(match[1], self.key), match[2])

    def _begins_line(self, portion: Portion) -> bool:
        holder = self.portions[portion.parent]
        start = holder.start if holder.kind == Kind.CELL else holder.inner_start
        return not self.note.text[start : portion.start].strip()

    def _is_alone(self, portion: Portion) -> bool:
        """Whether the label is all of a line of the note's own body, or of a paragraph."""
        text, line = self.note.text, self.portions[portion.parent]
        beside = text[line.inner_start : portion.start] + text[portion.end : line.inner_end]
        if line.kind != Kind.LINE or beside.strip():
            return False
        paragraph = self.portions[line.parent]
        whole = (paragraph.inner_start, paragraph.inner_end) == (portion.start, portion.end)
        return whole or text[portion.start] not in "[("

    def _mark_subject(self, index: int, rank: int, *, alone: bool) -> None:
        subject = subject_of(self.portions, index)
        if alone and self.portions[subject].kind == Kind.PARAGRAPH:
            self.labels.note.append((rank, index))
        else:
            self.mark(subject, rank, index)
