"""Labels in frontmatter: of the note as a whole, in its tags, and of fields by their names."""

from __future__ import annotations

from functools import cached_property

from tierpub.classify.keys import field_label_tier, key_sort, tag_words
from tierpub.classify.labels import LabelReader
from tierpub.note import Kind, Portion
from tierpub.policy import fold_field


class FrontLabels(LabelReader):
    """Reads the labels of the frontmatter."""

    def field(self, index: int, portion: Portion) -> None:
        """A field of the frontmatter."""
        sort = key_sort(portion.name, self.key)
        if not sort:
            return
        if self.portions[portion.parent].kind != Kind.FRONTMATTER:
            self._nested(index, portion, sort)
        elif sort == "tags":
            self._tag_list(index)
        elif sort == "label":
            self._note_field(index, portion)
        elif sort == "fields":
            self._field_label(index, portion)
        elif sort.startswith("fields-like "):
            self._nearly_field_label(portion, sort.partition(" ")[2])
        elif index in self.note.values:
            self.suspect(index, sort, self.note.values[index])

    def _nested(self, index: int, portion: Portion, sort: str) -> None:
        """A label that stands where it has no meaning."""
        hint = "put it at the top of the frontmatter"
        if sort == "fields" and self.is_tier(field_label_tier(portion.name, self.key)):
            message = "a label of fields within another field"
            self.fault("misplaced-label", portion.start, message, hint)
        elif sort == "label" and self.is_tier(self.note.values.get(index, "")):
            self.fault("misplaced-label", portion.start, "a label within another field", hint)

    def _nearly_field_label(self, portion: Portion, tier: str) -> None:
        if self.ladder.rank(tier) is not None:
            message = "a key that is nearly a label of fields"
            hint = f"did you mean `{self.key}_…`?"
            self.fault("misspelt-label", portion.start, message, hint)

    def _note_field(self, index: int, portion: Portion) -> None:
        self.labels.marks.add(index)
        if index not in self.note.values:
            hint = f"write `{self.key}: {self.ladder.names[-1]}`"
            at = portion.inner_start
            self.fault("unreadable-label", at, "a label that is not one tier", hint)
            return
        if portion.name != self.key:
            message = "a label's key in other spelling"
            hint = f"write `{self.key}:`"
            self.fault("label-spelling", portion.start, message, hint, warning=True)
        if any(self.portions[other].kind == Kind.FIELD for other in self.labels.banners):
            message = "a second label of the note"
            self.fault("duplicate-label", portion.start, message, "keep one of the two")
        rank = self.rank(self.note.values[index], portion.inner_start)
        if rank is not None:
            self.labels.note.append((rank, index))
            self.labels.banners.append(index)

    def _field_label(self, index: int, portion: Portion) -> None:
        """`confidential_private: [street_address, aliases]`."""
        rank = self.rank(field_label_tier(portion.name, self.key), portion.start)
        if rank is None:
            return
        self.labels.marks.add(index)
        leaves = [i for i in self._below(index) if i in self.note.values] or [index]
        for leaf in leaves:
            self._named_field(leaf, rank)

    def _named_field(self, leaf: int, rank: int) -> None:
        wanted = tuple(fold_field(part) for part in self.note.values.get(leaf, "").split("."))
        fields = self._fields_by_path
        hits = sorted({*fields.get(wanted, ()), *fields.get((".".join(wanted),), ())})
        if not hits:
            at = self.portions[leaf].inner_start
            hint = "name a field of this note, dotted where it is nested"
            self.fault("unknown-field", at, "a label names a field that is not there", hint)
            return
        self.labels.named[leaf] = hits[0]
        if (wanted, rank) not in self._done:
            self._done.add((wanted, rank))
            for hit in hits:
                self.mark(hit, rank, leaf)

    @cached_property
    def _done(self) -> set[tuple[tuple[str, ...], int]]:
        """The paths and tiers of the field labels so far."""
        return set()

    @cached_property
    def _fields_by_path(self) -> dict[tuple[str, ...], list[int]]:
        """The fields that each path of folded keys leads to."""
        fields: dict[tuple[str, ...], list[int]] = {}
        for index, path in self._paths().items():
            fields.setdefault(path, []).append(index)
        return fields

    def _paths(self) -> dict[int, tuple[str, ...]]:
        """Of each field the folded keys that lead to it from the top."""
        paths: dict[int, tuple[str, ...]] = {}
        for index, portion in enumerate(self.portions):
            if portion.kind == Kind.FIELD:
                parent = portion.parent
                while self.portions[parent].kind == Kind.ENTRY:
                    parent = self.portions[parent].parent
                paths[index] = (*paths.get(parent, ()), fold_field(portion.name))
            elif portion.kind > Kind.YAML_COMMENT and portion.kind not in _IN_VALUES:
                break
        return paths

    def _below(self, index: int) -> list[int]:
        """All that stands in a portion, at any depth."""
        found = []
        inside = {index}
        for below in range(index + 1, len(self.portions)):
            if self.portions[below].parent not in inside:
                break
            inside.add(below)
            found.append(below)
        return found

    def _tag_list(self, index: int) -> None:
        for leaf in [index, *self._below(index)]:
            for word in tag_words(self.note.values.get(leaf, "")):
                rank = self.tag_rank(word, self.portions[leaf].inner_start)
                if rank is not None:
                    self.labels.note.append((rank, leaf))
                    self.labels.marks.add(leaf)
                    self.labels.banners.append(leaf)


_IN_VALUES = (Kind.LINK, Kind.URL, Kind.TIER_PATH, Kind.TANGLE)
