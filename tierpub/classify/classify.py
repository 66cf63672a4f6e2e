"""Portions, policy and vault to a tier and a reason for each portion.

Tiers settle in rounds over the flat list of portions, which has containers before what they
hold: downwards, what is in a container is at least as high; upwards, what holds nothing lower
than a tier is of that tier; then definitions take the lowest tier of what refers to them. Every
step only raises, so the result does not depend on the order, and the rounds end.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass, field

from tierpub.classify.context import NEVER, Context, Facts, Heading, anchor_key
from tierpub.classify.labels import Labels, read_labels, subject_of
from tierpub.classify.reasons import Reason
from tierpub.classify.targets import resolve, target_reason
from tierpub.errors import Fault, Place
from tierpub.note import Kind, Matcher, Note, Portion, Syntax, parse_note
from tierpub.policy import NoteRules, Rule, fold_field
from tierpub.vault import Target

_ROUNDS = 200


@dataclass(slots=True)
class Classified:
    """A note whose portions all have their tier."""

    path: str
    """Relative to the source."""
    note: Note
    tiers: list[int]
    """Rank of each portion."""
    reasons: dict[int, Reason]
    """Of the portions that have one of their own."""
    targets: dict[int, Target]
    """What each link of the canonical vault's own leads to."""
    weaker: dict[int, Reason]
    """Of the portions that have a reason of their own, but stand in something higher."""
    banners: list[int]
    """Frontmatter leaves that hold the note's own label."""
    anchored: bool = False
    """Whether a link leads to a heading or block: its tier depends on that of the target's."""
    faults: list[Fault] = field(default_factory=list)


def read_note(ctx: Context, path: str, text: str) -> tuple[Note, Labels]:
    """The portions and the labels of the note at `path`."""
    rules = ctx.policy.rules_for(path)
    index = {id(rule): n for n, rule in enumerate(ctx.policy.rules)}
    matcher = None
    if rules.has_text:
        matcher = Matcher(
            lambda s: [(a, b, str(index[id(r)])) for a, b, r in rules.text(s)], rules.silent(text)
        )
    note = parse_note(text, f"{ctx.vault.source}/{path}", ctx.grammar, matcher)
    return note, read_labels(note, ctx.grammar, ctx.policy.ladder)


def note_reason(ctx: Context, path: str, note: Note, labels: Labels) -> Reason:
    """What gives the note as a whole its tier: its labels and the last rule, the highest of
    them; the default where neither speaks. Tags in frontmatter speak of the note, too."""
    rules = ctx.policy.rules_for(path)
    found = [Reason("label", rank, portion) for rank, portion in labels.note]
    if rule := rules.note(path):
        found.append(Reason("rule", rule.tier, rule=rule))
    best = max(found, key=lambda r: r.tier, default=None)
    best = best or Reason("default", ctx.policy.defaults.note, detail="note")
    for index, tag in _frontmatter_tags(note):
        if (rule := rules.tag(tag)) and rule.tier > best.tier:
            best = Reason("rule", rule.tier, index, rule)
    return best


def _frontmatter_tags(note: Note) -> list[tuple[int, str]]:
    tags = []
    for index, value in note.values.items():
        at = index
        while note.portions[at].kind == Kind.ENTRY:
            at = note.portions[at].parent
        if note.portions[at].name.casefold() in ("tags", "tag"):
            tags += [(index, word.lstrip("#")) for word in re.split(r"[,\s]+", value) if word]
    return tags


def classify(ctx: Context, path: str, note: Note, labels: Labels) -> Classified:
    """Give every portion of the note at `path` its tier."""
    return _Classifier(ctx, path, note, labels).run()


# Kept or cut as one with what they hold.
_ATOMS = frozenset(
    (Kind.TANGLE, Kind.HTML, Kind.QUERY, Kind.TIER_PATH, Kind.URL, Kind.CODE_LINE, Kind.LINK,
     Kind.COMMENT, Kind.DEFINITION, Kind.TAG, Kind.BLOCK_ID, Kind.FOOTNOTE_REF)
)  # fmt: skip
_TEXT = frozenset((Kind.LINE, Kind.HEADING, Kind.CELL, Kind.CODE, Kind.HTML, Kind.RULE))
_QUIET = frozenset((Kind.BLOCK_ID, Kind.FOOTNOTE_REF, Kind.INLINE_FOOTNOTE))
_UNPLAIN = re.compile(r"[%&\\]")
_REFERRING = frozenset((Kind.FOOTNOTE, Kind.DEFINITION, Kind.QUERY))
_WORD = re.compile(r"\w")
_QUERY_KEY = re.compile(r"[\w#/~ \t.-]{1,80}=[ \t]*\Z")


class _Classifier:
    def __init__(self, ctx: Context, path: str, note: Note, labels: Labels) -> None:
        self.ctx = ctx
        self.path = path
        self.note = note
        self.text = note.text
        self.portions = note.portions
        self.labels = labels
        self.rules: NoteRules = ctx.policy.rules_for(path)
        self.tiers = [0] * len(note.portions)
        self.reasons: dict[int, Reason] = {}
        self.weaker: dict[int, Reason] = {}
        self.targets: dict[int, Target] = {}
        self.anchored = False
        self.faults: list[Fault] = []
        self.silent = not self.rules.has_text or self.rules.silent(note.text)
        self.children: list[list[int]] = [[] for _ in note.portions]
        self.keys: dict[int, tuple[str, ...]] = {}
        """Of each field and entry: the keys that lead to it from the top."""
        self.vessels: set[int] = set()
        """The mappings and lists among them."""
        for index, portion in enumerate(note.portions):
            parent = portion.parent
            if parent >= 0:
                self.children[parent].append(index)
            if portion.kind == Kind.FIELD:
                self.keys[index] = (*self.keys.get(parent, ()), portion.name)
                self.vessels.add(parent)
            elif portion.kind == Kind.ENTRY:
                self.keys[index] = self.keys.get(parent, ())
                self.vessels.add(parent)
        self.marked = [False] * len(note.portions)
        """Whether a portion or one that it stands in, the note apart, has a label or rule."""

    def run(self) -> Classified:
        self.tiers[0] = self.ctx.tiers[self.path]
        self.reasons[0] = self.ctx.reasons[self.path]
        self._own_tiers()
        self._settle()
        return Classified(
            self.path, self.note, self.tiers, self.reasons, self.targets, self.weaker,
            self.labels.banners, self.anchored, self.faults,
        )  # fmt: skip

    # Own tiers.

    def _own_tiers(self) -> None:
        marks = self.labels.portions
        own = _OWN
        for index, portion in enumerate(self.portions):
            if index == 0:
                continue
            reason: Reason | None = None
            if index in marks:
                reason = Reason("label", *marks[index])
            find = own.get(portion.kind)
            if find is not None:
                found = find(self, index, portion)
                if found is not None and (reason is None or found.tier > reason.tier):
                    reason = found
            spoken = reason is not None and reason.source in ("label", "rule")
            self.marked[index] = spoken or self.marked[portion.parent]
            if reason is None and portion.kind in _TEXT and not self.marked[index]:
                reason = self._body_default()
            if reason is not None:
                self.raise_to(index, reason)
        for index, portion in enumerate(self.portions):
            if portion.kind == Kind.TAG and (rule := self.rules.tag(portion.name)):
                subject = subject_of(self.portions, index)
                self.raise_to(subject, Reason("rule", rule.tier, index, rule))

    def raise_to(self, index: int, reason: Reason) -> bool:
        """Raise a portion to the tier of `reason`, if that is above what it has."""
        if reason.tier <= self.tiers[index]:
            if index not in self.reasons and reason.tier >= self.tiers[index] and reason.tier:
                self.reasons[index] = reason
            return False
        self.tiers[index] = reason.tier
        self.reasons[index] = reason
        return True

    def _body_default(self) -> Reason | None:
        if rule := self.rules.body(self.path):
            return Reason("rule", rule.tier, rule=rule)
        body = self.ctx.policy.defaults.body
        return None if body is None else Reason("default", body, detail="body")

    def _field(self, index: int, portion: Portion) -> Reason | None:
        """A leaf of the frontmatter; a mapping or list has the tier of what it holds."""
        if index in self.vessels:
            return None
        if self.labels.marks and self._top_field(index) in self.labels.marks:
            return None
        rule = self.rules.field(self.keys[index])
        best = None if rule is None else Reason("rule", rule.tier, rule=rule)
        if self.rules.has_text:
            found = self._text_rules(index, portion)
            best = max([best, *found] if best else found, key=lambda r: r.tier, default=None)
        if best is None and not self.marked[portion.parent] and index not in self.labels.portions:
            default = self.ctx.policy.defaults.field
            best = None if default is None else Reason("default", default, detail="field")
        return best

    def _text_rules(self, index: int, portion: Portion) -> list[Reason]:
        """What `text` rules say of a field's key and value."""
        value = self.note.values.get(index, "")
        written = self.text[portion.inner_start : portion.inner_end]
        if self.silent and (written == value or written[1:-1] == value):
            return []
        rules = [rule for text in (value, portion.name) for _, _, rule in self.rules.text(text)]
        return [Reason("rule", rule.tier, rule=rule) for rule in rules]

    def _top_field(self, index: int) -> int:
        while self.portions[self.portions[index].parent].kind in (Kind.FIELD, Kind.ENTRY):
            index = self.portions[index].parent
        return index

    def _comment(self, index: int, portion: Portion) -> Reason | None:
        if portion.level:  # one of the pair around a region: it has the region's tier
            return None
        words = self.text[portion.start : portion.end].strip().strip("%#").strip()
        if portion.kind == Kind.COMMENT:
            words = portion.name
        if rule := self.rules.comment(words):
            return Reason("rule", rule.tier, rule=rule)
        return Reason("default", self.ctx.policy.defaults.comment, detail="comment")

    def _section(self, index: int, portion: Portion) -> Reason | None:
        return self._by_rule(self.rules.section(portion.name))

    def _code(self, index: int, portion: Portion) -> Reason | None:
        return self._by_rule(self.rules.code(portion.name)) if portion.name else None

    def _query(self, index: int, portion: Portion) -> Reason | None:
        if self.text[portion.start : portion.end].lstrip("` \t").startswith("$="):
            return self._by_rule(self.rules.code("dataviewjs"))
        return None

    def _callout(self, index: int, portion: Portion) -> Reason | None:
        return self._by_rule(self.rules.callout(portion.name))

    def _inline_field(self, index: int, portion: Portion) -> Reason | None:
        if index in self.labels.marks:
            return None
        keys = {portion.name, portion.name.split()[-1] if portion.name.split() else ""}
        rules = [rule for key in keys if key and (rule := self.rules.inline_field(key))]
        return self._by_rule(max(rules, key=lambda r: r.tier, default=None))

    def _match(self, index: int, portion: Portion) -> Reason | None:
        return self._by_rule(self.ctx.policy.rules[int(portion.name)])

    def _link(self, index: int, portion: Portion) -> Reason | None:
        link = portion.link
        if link is None or link.syntax == Syntax.REFERENCE:
            return None
        target = resolve(self.ctx, portion.name, link.syntax, self.path)
        self.targets[index] = target
        if target.anchor:
            self.anchored = self.anchored or bool(target.notes)
            reason = target_reason(self.ctx, self.rules, target, portion.name)
            if link.syntax == Syntax.DECODED:  # it cannot be pointed at to take the anchor off
                steady = max((self.ctx.steady(n, target.anchor) for n in target.notes), default=0)
                if steady and (reason is None or steady > reason.tier):
                    reason = Reason("target", min(steady, self.ctx.top), detail=target.path)
        else:
            known = self.ctx.known.setdefault(id(self.rules), {})
            key = (id(target), portion.name)
            if key not in known:
                found = target_reason(self.ctx, self.rules, target, portion.name)
                known[key] = (target, found)  # the target is kept so that its id stays its own
            reason = known[key][1]
        if self.rules.has_text and not (self.silent and not _UNPLAIN.search(portion.name)):
            for _, _, rule in [*self.rules.text(target.path), *self.rules.text(target.anchor)]:
                if reason is None or rule.tier > reason.tier:
                    reason = Reason("rule", rule.tier, rule=rule)
        return reason

    @staticmethod
    def _by_rule(rule: Rule | None) -> Reason | None:
        return None if rule is None else Reason("rule", rule.tier, rule=rule)

    # Rounds.

    def _settle(self) -> None:
        self._references = self._find_references()
        for _ in range(_ROUNDS):
            self._down()
            changed = self._up()
            changed |= self._refer()
            if not changed:
                self._down()
                return
        place = Place(self.note.file, 1)
        message = "references that lead through too many others"
        hint = "shorten the chain of footnotes or inline queries"
        self.faults.append(Fault("tangled-references", message, place, hint))

    def _down(self) -> None:
        tiers = self.tiers
        for index, portion in enumerate(self.portions):
            if index and tiers[index] < tiers[portion.parent]:
                tiers[index] = tiers[portion.parent]
                if index in self.reasons:
                    self.weaker[index] = self.reasons.pop(index)

    def _up(self) -> bool:
        changed = False
        for index in range(len(self.portions) - 1, -1, -1):
            if not self.children[index]:
                continue
            portion = self.portions[index]
            find = _UP.get(portion.kind)
            if find is None:
                continue
            tier, source = find(self, index, portion)
            if tier > self.tiers[index]:
                self.raise_to(index, Reason(source, tier))
                changed = True
        return changed

    def _part(self, index: int, portion: Portion) -> tuple[int, str]:
        """What is kept or cut as one has the highest tier of what it holds; a comment among the
        words of a link can be cut from them."""
        parts = [
            self.tiers[c]
            for c in self.children[index]
            if portion.kind != Kind.LINK or not self._in_alias(c, portion)
        ]
        return max(parts, default=0), "part"

    def _in_alias(self, comment: int, link: Portion) -> bool:
        part = self.portions[comment]
        if part.kind != Kind.COMMENT or link.link is None:
            return False
        return link.link.alias_start <= part.start and part.end <= link.link.alias_end

    def _leaf_or_vessel(self, index: int, portion: Portion) -> tuple[int, str]:
        """A scalar goes whole; a mapping or list is visible when something in it is."""
        content = part = 0
        tiers, portions = self.tiers, self.portions
        inner = index in self.vessels
        if inner:
            content = NEVER
        for child in self.children[index]:
            kind = portions[child].kind
            if kind in (Kind.FIELD, Kind.ENTRY):
                content = min(content, tiers[child])
            elif kind != Kind.YAML_COMMENT:  # a link in the value, or in the key
                part = max(part, tiers[child])
        return (content, "content") if content > part else (part, "part")

    def _vessel(self, index: int, portion: Portion) -> tuple[int, str]:
        return min(self.tiers[c] for c in self.children[index]), "content"

    def _first(self, index: int, portion: Portion) -> tuple[int, str]:
        """An item or footnote has the tier of what stands on its first line."""
        child = self.children[index][0]
        if "\n" in self.text[portion.start : self.portions[child].start]:
            return min(self.tiers[c] for c in self.children[index]), "content"
        return self.tiers[child], "content"

    def _callout_up(self, index: int, portion: Portion) -> tuple[int, str]:
        """A callout has the tier of its title, or without one that of what it holds."""
        first, *rest = self.children[index]
        if self.portions[first].kind != Kind.PARAGRAPH:
            return 0, "content"
        title, *lines = self.children[first]
        words = self.text[self.portions[title].inner_start : self.portions[title].inner_end]
        content = [*lines, *rest]
        marker = self.portions[title].inner_start + len(words.partition("]")[0])
        kind = [self.tiers[c] for c in self.children[title] if self.portions[c].start < marker]
        if kind and max(kind) > self.tiers[title]:
            return max(kind), "part"
        if content and not words.partition("]")[2].strip(" \t+-"):
            return min(self.tiers[c] for c in content), "content"
        return self.tiers[title], "content"

    def _table(self, index: int, portion: Portion) -> tuple[int, str]:
        return self.tiers[self.children[index][0]], "content"

    def _row(self, index: int, portion: Portion) -> tuple[int, str]:
        filled = [
            self.tiers[c]
            for c in self.children[index]
            if self.text[self.portions[c].start : self.portions[c].end].strip()
        ]
        return min(filled, default=0), "content"

    def _section_up(self, index: int, portion: Portion) -> tuple[int, str]:
        """A section has at least the tier of its heading, and of its content, if it has any."""
        heading, *rest = self.children[index]
        reason = self.reasons.get(heading)
        by_default = reason is not None and reason.source == "default"
        tier = 0 if by_default else self.tiers[heading]
        if rest:
            tier = max(tier, min(self.tiers[c] for c in rest))
        return tier, "content"

    def _shell(self, index: int, portion: Portion) -> tuple[int, str]:
        """A text of nothing but markers, punctuation and portions has the lowest tier of them."""
        start, end = portion.inner_start, portion.inner_end
        inside = [c for c in self.children[index] if self.portions[c].start >= start]
        if not inside:
            return 0, "content"
        at = start
        for child in inside:
            part = self.portions[child]
            gap = self.text[at : part.start]
            if _WORD.search(gap) and not (part.kind == Kind.QUERY and _QUERY_KEY.fullmatch(gap)):
                return 0, "content"
            at = part.end
        if _WORD.search(self.text[at:end]):
            return 0, "content"
        telling = [c for c in inside if not self._is_quiet(c)] or inside
        return min(self.tiers[c] for c in telling), "content"

    def _is_quiet(self, index: int) -> bool:
        return self.portions[index].kind in _QUIET or index in self.labels.marks

    def _inline_field_up(self, index: int, portion: Portion) -> tuple[int, str]:
        """As a shell; and a match of a rule in it, or a link in its key, raises all of it."""
        matches = [
            self.tiers[c]
            for c in self.children[index]
            if self.portions[c].kind == Kind.MATCH
            or (self.portions[c].start < portion.inner_start and self.portions[c].kind != Kind.TAG)
        ]
        tier, source = self._shell(index, portion)
        if matches and max(matches) > tier:
            return max(matches), "part"
        return tier, source

    def _code_up(self, index: int, portion: Portion) -> tuple[int, str]:
        """A block of code goes whole when its info string does, or when no line of it is left."""
        lines = [c for c in self.children[index] if self.portions[c].kind == Kind.CODE_LINE]
        others = [self.tiers[c] for c in self.children[index] if c not in lines]
        tier = max(others, default=0)
        if lines:
            at, words = portion.start, False
            body = self.text[portion.start : portion.end]
            first = portion.start + body.find("\n") + 1 if portion.level else portion.start
            at = first
            for line in lines:
                words = words or bool(self.text[at : self.portions[line].start].strip(" \t\r\n>"))
                at = self.portions[line].end
            tail = self.text[at : portion.end].strip(" \t\r\n>")
            if not words and not tail.strip("`~"):
                tier = max(tier, min(self.tiers[c] for c in lines))
        return tier, "part"

    # References.

    def _find_references(self) -> dict[int, list[int]]:
        """For each footnote and definition, and each query: what its tier is taken from."""
        self._queries: dict[int, list[int]] = {}
        self._uses: list[tuple[int, int]] = []
        kinds = {portion.kind for portion in self.portions}
        self._beside = self._comments_above() if Kind.YAML_COMMENT in kinds else []
        if not kinds & _REFERRING:
            return {}
        by_label: dict[tuple[Kind, str], list[int]] = {}
        fields: dict[str, list[int]] = {}
        for index, portion in enumerate(self.portions):
            if portion.kind == Kind.FOOTNOTE:
                by_label.setdefault((Kind.FOOTNOTE, portion.name.casefold()), []).append(index)
            elif portion.kind == Kind.DEFINITION:
                by_label.setdefault((Kind.DEFINITION, portion.name), []).append(index)
            elif portion.kind in (Kind.FIELD, Kind.INLINE_FIELD):
                fields.setdefault(fold_field(portion.name), []).append(index)
        self._definitions = by_label
        refs: dict[int, list[int]] = {i: [] for found in by_label.values() for i in found}
        for index, portion in enumerate(self.portions):
            if portion.kind == Kind.FOOTNOTE_REF:
                for found in by_label.get((Kind.FOOTNOTE, portion.name.casefold()), ()):
                    refs[found].append(index)
                    self._uses.append((index, found))
            elif (
                portion.kind == Kind.LINK
                and portion.link
                and portion.link.syntax == Syntax.REFERENCE
            ):
                for found in by_label.get((Kind.DEFINITION, portion.name), ()):
                    refs[found].append(index)
                    self._uses.append((index, found))
            elif portion.kind == Kind.QUERY and portion.name:
                names = [fold_field(name) for name in portion.name.split("\n")]
                self._queries[index] = [f for name in names for f in fields.get(name, ())]
        return refs

    def _comments_above(self) -> list[tuple[int, int]]:
        """Each YAML comment on a line of its own, with the field or item that it stands above; a
        blank line sets it apart."""
        found: list[tuple[int, int]] = []
        for siblings in self.children:
            above: list[int] = []
            for child in siblings:
                kind = self.portions[child].kind
                if kind == Kind.YAML_COMMENT:
                    portion = self.portions[child]
                    apart = self.text.count("\n", portion.start, portion.end) > 1
                    above = [] if apart else [*above, child]
                elif kind in (Kind.FIELD, Kind.ENTRY):
                    found += [(comment, child) for comment in above]
                    above = []
        return found

    def _refer(self) -> bool:
        changed = False
        for index, found in self._queries.items():
            tier = max((self.tiers[f] for f in found), default=0)
            if tier > self.tiers[index]:
                changed |= self.raise_to(index, Reason("reference", tier, found[0]))
        for use, definition in self._uses:
            tier = self.tiers[definition]
            if self.portions[definition].kind == Kind.DEFINITION:
                tier = max((self.tiers[c] for c in self.children[definition]), default=0)
            if tier > self.tiers[use]:
                changed |= self.raise_to(use, Reason("target", tier, definition))
        for leaf, named in self.labels.named.items():
            if self.tiers[named] > self.tiers[leaf]:
                changed |= self.raise_to(leaf, Reason("reference", self.tiers[named], named))
        for comment, beside in self._beside:
            if self.tiers[beside] > self.tiers[comment]:
                changed |= self.raise_to(comment, Reason("reference", self.tiers[beside], beside))
        for index, tier in self._reach().items():
            if tier > self.tiers[index]:
                changed |= self.raise_to(index, Reason("reference", tier))
        return changed

    def _reach(self) -> dict[int, int]:
        """The lowest tier from which each definition is referred to by visible text: a reference
        inside another definition is as high as that one. What nothing refers to is a comment."""
        unused = self.ctx.policy.defaults.comment
        reach = dict.fromkeys(self._references, NEVER)
        within: dict[int, list[tuple[int, int]]] = {}
        heap: list[tuple[int, int]] = []
        for index, refs in self._references.items():
            for ref in refs:
                around = self._definition_around(ref)
                if around < 0:
                    heap.append((self.tiers[ref], index))
                elif around != index:
                    within.setdefault(around, []).append((ref, index))
        heapq.heapify(heap)
        while heap:
            tier, index = heapq.heappop(heap)
            if tier >= reach[index]:
                continue
            reach[index] = tier
            for ref, other in within.get(index, ()):
                heapq.heappush(heap, (max(tier, self.tiers[ref]), other))
        return {index: unused if tier == NEVER else tier for index, tier in reach.items()}

    def _definition_around(self, index: int) -> int:
        """The definition that a portion stands in, or -1."""
        while index > 0:
            if index in self._references:
                return index
            index = self.portions[index].parent
        return -1


_OWN = {
    Kind.FIELD: _Classifier._field,  # noqa: SLF001
    Kind.ENTRY: _Classifier._field,  # noqa: SLF001
    Kind.YAML_COMMENT: _Classifier._comment,  # noqa: SLF001
    Kind.COMMENT: _Classifier._comment,  # noqa: SLF001
    Kind.SECTION: _Classifier._section,  # noqa: SLF001
    Kind.CODE: _Classifier._code,  # noqa: SLF001
    Kind.QUERY: _Classifier._query,  # noqa: SLF001
    Kind.CALLOUT: _Classifier._callout,  # noqa: SLF001
    Kind.INLINE_FIELD: _Classifier._inline_field,  # noqa: SLF001
    Kind.MATCH: _Classifier._match,  # noqa: SLF001
    Kind.LINK: _Classifier._link,  # noqa: SLF001
    Kind.URL: _Classifier._link,  # noqa: SLF001
    Kind.TIER_PATH: _Classifier._link,  # noqa: SLF001
}
_UP = {
    **dict.fromkeys(_ATOMS, _Classifier._part),  # noqa: SLF001
    Kind.FIELD: _Classifier._leaf_or_vessel,  # noqa: SLF001
    Kind.ENTRY: _Classifier._leaf_or_vessel,  # noqa: SLF001
    Kind.FRONTMATTER: _Classifier._vessel,  # noqa: SLF001
    Kind.LIST: _Classifier._vessel,  # noqa: SLF001
    Kind.QUOTE: _Classifier._vessel,  # noqa: SLF001
    Kind.PARAGRAPH: _Classifier._vessel,  # noqa: SLF001
    Kind.ITEM: _Classifier._first,  # noqa: SLF001
    Kind.FOOTNOTE: _Classifier._first,  # noqa: SLF001
    Kind.CALLOUT: _Classifier._callout_up,  # noqa: SLF001
    Kind.TABLE: _Classifier._table,  # noqa: SLF001
    Kind.ROW: _Classifier._row,  # noqa: SLF001
    Kind.SECTION: _Classifier._section_up,  # noqa: SLF001
    Kind.LINE: _Classifier._shell,  # noqa: SLF001
    Kind.HEADING: _Classifier._shell,  # noqa: SLF001
    Kind.CELL: _Classifier._shell,  # noqa: SLF001
    Kind.INLINE_FOOTNOTE: _Classifier._shell,  # noqa: SLF001
    Kind.INLINE_FIELD: _Classifier._inline_field_up,  # noqa: SLF001
    Kind.CODE: _Classifier._code_up,  # noqa: SLF001
}


def facts_of(classified: Classified) -> Facts:
    """What links into the note depend on."""
    headings: list[Heading] = []
    blocks: dict[str, int] = {}
    portions, tiers = classified.note.portions, classified.tiers
    for index, portion in enumerate(portions):
        if portion.kind == Kind.HEADING:
            keys = _spellings(classified.note, index)
            headings.append(Heading(keys, tiers[index], _steady(classified, index)))
        elif portion.kind == Kind.BLOCK_ID:
            tier = tiers[_named_block(classified.note, index)]
            name = portion.name.casefold()
            blocks[name] = max(tier, blocks.get(name, 0))
    return Facts(tuple(headings), blocks)


def _spellings(note: Note, heading: int) -> tuple[str, ...]:
    """How an anchor may spell a heading: with its labels and tags or without, and each link by
    its words, by its name, by both, or as it is typed."""
    texts = {note.portions[heading].name}
    for labels in (True, False):
        for name, words in ((True, False), (False, True), (True, True)):
            texts.add(_spelling(note, heading, labels=labels, name=name, words=words))
    return tuple(sorted({anchor_key(text) for text in texts}))


def _spelling(note: Note, heading: int, *, labels: bool, name: bool, words: bool) -> str:
    portion = note.portions[heading]
    pieces: list[str] = []
    at = portion.inner_start
    for index in range(heading + 1, len(note.portions)):
        part = note.portions[index]
        if part.start >= portion.inner_end:
            break
        if part.start < at:
            continue
        pieces.append(note.text[at : part.start])
        link = part.link
        if part.kind == Kind.COMMENT or (not labels and part.kind in (Kind.INLINE_FIELD, Kind.TAG)):
            at = part.end
        elif part.kind == Kind.LINK and link is not None:
            alias = note.text[link.alias_start : link.alias_end]
            pieces += [part.name if name or not alias else "", " ", alias if words else ""]
            at = part.end
        else:
            at = part.start
    pieces.append(note.text[at : portion.inner_end])
    return "".join(pieces)


def _steady(classified: Classified, heading: int) -> int:
    """The lowest level from which a heading's words are those of the canonical note; a link that
    is retargeted keeps its own."""
    steady = classified.tiers[heading]
    inside = {heading}
    portions = classified.note.portions
    for index in range(heading + 1, len(portions)):
        if portions[index].parent not in inside:
            break
        inside.add(index)
        steady = max(steady, classified.tiers[index])
    return steady


def _named_block(note: Note, index: int) -> int:
    """The block that a block id names: that which it ends, or, alone on its line, the one before."""
    portions = note.portions
    line = portions[index].parent
    block = subject_of(portions, index)
    if portions[line].kind == Kind.LINE and portions[line].inner_start == portions[index].start:
        paragraph = portions[line].parent
        before = [i for i in range(paragraph) if portions[i].parent == portions[paragraph].parent]
        if before and portions[paragraph].inner_start == portions[index].start:
            return before[-1]
    return block


def settle_block_ids(ctx: Context, classified: Classified) -> None:
    """Raise each block id to the lowest tier of the links to it, once all notes are classified;
    one that nothing refers to is a comment."""
    portions, tiers = classified.note.portions, classified.tiers
    for index, portion in enumerate(portions):
        if portion.kind != Kind.BLOCK_ID:
            continue
        key = (classified.path, portion.name.casefold())
        tier = ctx.block_refs.get(key, ctx.policy.defaults.comment)
        if tier > tiers[index]:
            tiers[index] = tier
            classified.reasons[index] = Reason("reference", tier)
            line = portions[portion.parent]
            if line.kind == Kind.LINE and line.inner_start == portion.start:
                tiers[portion.parent] = max(tiers[portion.parent], tier)
                paragraph = portions[line.parent]
                if paragraph.inner_start == portion.start:
                    tiers[line.parent] = max(tiers[line.parent], tier)
