"""The tier that each portion has of its own: by a label, by rules, by what a link leads to, or
by a default where neither a label nor a rule speaks."""

from __future__ import annotations

from collections.abc import Callable

from tierpub.classify.draft import Draft
from tierpub.classify.links import LinkReasons
from tierpub.classify.reasons import Reason, by_rule, highest
from tierpub.classify.subjects import subject_of
from tierpub.note import Kind, Portion

_TEXT = (Kind.LINE, Kind.HEADING, Kind.CELL, Kind.CODE, Kind.HTML, Kind.RULE)


def give_own_tiers(draft: Draft) -> None:
    """Raise every portion to the tier that it has of its own."""
    _OwnTiers(draft).run()


class _OwnTiers:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.portions, self.text = draft.portions, draft.text
        self.rules, self.labels = draft.rules, draft.labels
        self.defaults = draft.ctx.policy.defaults
        self.silent = not self.rules.has_text or draft.note.silent or self.rules.silent(draft.text)
        """Whether no `text` rule speaks of what is written in the note."""
        self.links = LinkReasons(draft, silent=self.silent)
        self.paths: dict[int, tuple[str, ...]] = {}
        """Of each field and entry so far: the keys that lead to it from the top."""
        self.spoken: set[int] = set()
        """The portions of which a label or rule speaks."""

    def run(self) -> None:
        finders: dict[Kind, _Find] = {
            Kind.FIELD: self._field,
            Kind.ENTRY: self._field,
            Kind.YAML_COMMENT: self._comment,
            Kind.COMMENT: self._comment,
            Kind.SECTION: self._section,
            Kind.CODE: self._code,
            Kind.QUERY: self._query,
            Kind.CALLOUT: self._callout,
            Kind.INLINE_FIELD: self._inline_field,
            Kind.MATCH: self._match,
            Kind.LINK: self.links.of,
            Kind.URL: self.links.of,
            Kind.TIER_PATH: self.links.of,
        }
        by_kind, marks = self.draft.by_kind, self.labels.portions
        found = {index for kind in finders for index in by_kind.get(kind, ())}
        for index in sorted(found.union(marks)):
            portion = self.portions[index]
            find = finders.get(portion.kind)
            reason = find(index, portion) if find else None
            if index in marks:
                reason = highest(Reason("label", *marks[index]), reason)
            if reason is not None and index:
                self.draft.raise_to(index, reason)
                if reason.source in ("label", "rule"):
                    self.spoken.add(index)
        self._tags()
        self._body()

    def _body(self) -> None:
        """By a rule over the body all text in it; else the default of text that nothing speaks
        of, nor of what it stands in but the note."""
        ruled = by_rule(self.rules.body(self.draft.path))
        reason = ruled
        if reason is None and self.defaults.body is not None:
            reason = Reason("default", self.defaults.body, detail="body")
        if reason is None:
            return
        for kind in _TEXT:
            for index in self.draft.by_kind.get(kind, ()):
                if ruled or not self._is_spoken(index):
                    self.draft.raise_to(index, reason)

    def _tags(self) -> None:
        """A rule over a tag speaks of what the tag stands for."""
        for index in self.draft.by_kind.get(Kind.TAG, ()):
            if reason := by_rule(self.rules.tag(self.portions[index].name), index):
                subject = subject_of(self.portions, index)
                self.draft.raise_to(subject, reason)
                self.spoken.add(subject)

    def _is_spoken(self, index: int) -> bool:
        """Whether a label or rule speaks of a portion or of one that it stands in."""
        while index:
            if index in self.spoken:
                return True
            index = self.draft.parents[index]
        return False

    # One for each kind.

    def _field(self, index: int, portion: Portion) -> Reason | None:
        """A leaf of the frontmatter; a mapping or list has the tier of what it holds."""
        above = self.paths.get(portion.parent, ())
        path = (*above, portion.name) if portion.kind == Kind.FIELD else above
        self.paths[index] = path
        if index in self.draft.vessels:
            return None
        if self._is_in_label(index, portion.parent):
            return None
        reason = by_rule(self.rules.field(path))
        if self.rules.has_text:
            reason = highest(reason, self._text_rules(index, portion))
        if reason is not None or self.defaults.field is None or index in self.labels.portions:
            return reason
        if self._is_spoken(portion.parent):
            return None
        return Reason("default", self.defaults.field, detail="field")

    def _is_in_label(self, index: int, parent: int) -> bool:
        """Whether a leaf stands in a field at the top that is a label."""
        if not self.labels.marks:
            return False
        while parent in self.paths:
            index, parent = parent, self.draft.parents[parent]
        return index in self.labels.marks

    def _text_rules(self, index: int, portion: Portion) -> Reason | None:
        """What `text` rules say of a field's key and value."""
        value = self.draft.note.values.get(index, "")
        written = self.text[portion.inner_start : portion.inner_end]
        if self.silent and value in (written, written[1:-1]):
            return None
        return highest(self.links.by_text(value), self.links.by_text(portion.name))

    def _comment(self, index: int, portion: Portion) -> Reason | None:
        del index
        if portion.level:  # one of the pair around a region: it has the region's tier
            return None
        words = portion.name
        if portion.kind == Kind.YAML_COMMENT:
            words = self.text[portion.start : portion.end].strip().strip("%#").strip()
        default = Reason("default", self.defaults.comment, detail="comment")
        return by_rule(self.rules.comment(words)) or default

    def _section(self, index: int, portion: Portion) -> Reason | None:
        del index
        return by_rule(self.rules.section(portion.name))

    def _code(self, index: int, portion: Portion) -> Reason | None:
        del index
        return by_rule(self.rules.code(portion.name)) if portion.name else None

    def _query(self, index: int, portion: Portion) -> Reason | None:
        del index
        if self.text[portion.start : portion.end].lstrip("` \t").startswith("$="):
            return by_rule(self.rules.code("dataviewjs"))
        return None

    def _callout(self, index: int, portion: Portion) -> Reason | None:
        del index
        return by_rule(self.rules.callout(portion.name))

    def _inline_field(self, index: int, portion: Portion) -> Reason | None:
        """By the key as it is written, or by its last word."""
        if index in self.labels.marks:
            return None
        name = portion.name
        reason = by_rule(self.rules.inline_field(name)) if name else None
        words = name.split()
        if words and words[-1] != name:
            reason = highest(reason, by_rule(self.rules.inline_field(words[-1])))
        return reason

    def _match(self, index: int, portion: Portion) -> Reason | None:
        del index
        return by_rule(self.draft.ctx.policy.rules[int(portion.name)])


_Find = Callable[[int, Portion], Reason | None]
