"""What the notes of one part of a vault are called and what values they hold: what needles are
made of, and what is no needle because it is visible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tierpub.classify import Classified, Reason, Survey
from tierpub.mentions.called import aliases_of, is_below, keys_of, reading
from tierpub.mentions.needles import (
    NAMES,
    SPOKEN,
    Called,
    Names,
    Needle,
    choose,
    is_distinct,
    join,
    names_of,
)
from tierpub.mentions.plain import plain
from tierpub.note import Kind
from tierpub.policy import Rule
from tierpub.vault import Target

_HELD = frozenset((Kind.MATCH, Kind.INLINE_FIELD))
_RULED = frozenset(("missing", "tier", "external"))


def needles_of(found: Survey) -> tuple[list[Needle], Names]:
    """All needles of a vault that is in one part, and the names that may hold one as a part."""
    ctx = found.context
    called = join([gather(found)], ctx)
    needles = choose(called, ctx)
    return needles, names_of(called, [leads_of(found, needles)] if needles else [])


def gather(found: Survey) -> Called:
    """What the notes of `found` and their portions are called, and what they hold."""
    gatherer = _Gatherer(found)
    for path, note in found.notes.items():
        gatherer.note(path, note)
    return gatherer.called


def leads_of(found: Survey, needles: Iterable[Needle]) -> dict[str, int]:
    """What visible links of `found` lead to where a rule speaks of it: a path below the source
    that nothing stands at, a URL; each with its lowest tier. That such a path holds a name is no
    mention."""
    from ahocorasick_rs import AhoCorasick  # noqa: PLC0415 - only where it is needed

    finder = AhoCorasick([needle.text for needle in needles])
    leads = Called()
    done: set[tuple[int, str]] = set()
    for path, note in found.notes.items():
        for index, target in note.targets.items():
            key = note.tiers[index], note.note.portions[index].name
            if target.sort not in _RULED or key in done:
                continue
            done.add(key)
            if finder.find_matches_as_indexes(plain(key[1])) and _is_ruled(found, path, target):
                for words in _leads(target, key[1]):
                    leads.see(leads.names, words, key[0])
    return leads.names


def _is_ruled(found: Survey, path: str, target: Target) -> bool:
    rules = found.context.policy.rules_for
    named = any(rules(source).note(source) for source in target.sources)
    return named or rules(path).link(target.path) is not None


def _leads(target: Target, name: str) -> Iterator[str]:
    yield plain(name)
    for source in target.sources:
        whole = source.removesuffix(".md")
        yield plain(whole)
        yield plain(whole.rpartition("/")[2])


def _guards(rule: Rule | None) -> bool:
    return rule is not None and rule.guard


class _Gatherer:
    def __init__(self, found: Survey) -> None:
        self.called = Called()
        self.ctx = found.context
        self._plain: dict[str, str] = {}
        self._values_plain: dict[str, str] = {}
        self._guard = dict.fromkeys(("field", "inline_field"), False)
        self._guard |= {rule.kind: True for rule in self.ctx.policy.rules if rule.guard}

    def note(self, path: str, note: Classified) -> None:
        """Take in what a note and its portions are called, and what they hold."""
        tier = note.tiers[0]
        raised = self.ctx.reasons[path].source in SPOKEN
        whole = path.removesuffix(".md")
        for name in self._stems(whole):
            self._enter(name, tier, "name", path, raised=raised)
        if "/" in whole:
            self._enter(whole, tier, "path", path, raised=raised)
        for index, text in aliases_of(note):
            self._enter(text, note.tiers[index], "alias", path, index, raised=raised)
            self.called.see(self.called.aliases, plain(text), note.tiers[index])
        self._values(path, note)

    def _stems(self, whole: str) -> Iterator[str]:
        stem = whole.rpartition("/")[2]
        yield stem
        head, _, tail = stem.rpartition(".")
        if head and self.ctx.policy.ladder.rank(tail) is not None:
            yield head

    def _enter(  # noqa: PLR0913 - one for each attribute of a needle
        self, text: str, tier: int, what: str, path: str, index: int = 0, *, raised: bool
    ) -> None:
        words = self._plain.get(text)
        if words is None:
            words = self._plain[text] = plain(text)
        if not words:
            return
        called = self.called
        called.see(called.names if what in NAMES else called.others, words, tier)
        if raised and tier:
            called.raised.append(Needle(words, tier, what, path, index))

    def _see(self, value: str, tier: int) -> None:
        """Take in a value that is no needle, as nearly all."""
        words = self._values_plain.get(value)
        if words is None:
            words = self._values_plain[value] = plain(reading(value))
        if words:
            self.called.see(self.called.others, words, tier)

    def _values(self, path: str, note: Classified) -> None:
        rules = self.ctx.policy.rules_for(path)
        reasons = {**note.weaker, **note.reasons} if note.weaker else note.reasons
        labelled = {i for i, reason in reasons.items() if i and reason.source == "label"}
        tiers = note.tiers
        for index, value in note.note.values.items():
            guarded = labels = False
            if tiers[index]:
                guarded = self._guard["field"] and _guards(rules.field(keys_of(note, index)))
                labels = bool(labelled) and is_below(note, index, labelled)
                self._matches(path, note, index, value, reasons.get(index))
            if not (guarded or labels):
                self._see(value, tiers[index])
                continue
            words = reading(value)
            raised = guarded or (labels and is_distinct(words))
            self._enter(words, tiers[index], "value", path, index, raised=raised)
        for index, portion in enumerate(note.note.portions):
            if portion.kind not in _HELD:
                continue
            if portion.kind == Kind.MATCH:
                words = note.note.text[portion.start : portion.end]
                self._enter(words, note.tiers[index], "value", path, index, raised=True)
            else:
                guarded = self._guard["inline_field"] and any(
                    _guards(rules.inline_field(key))
                    for key in {portion.name, *portion.name.split()[-1:]} - {""}
                )
                words = reading(note.note.text[portion.inner_start : portion.inner_end])
                raised = guarded or (index in labelled and is_distinct(words))
                self._enter(words, note.tiers[index], "value", path, index, raised=raised)

    def _matches(
        self, path: str, note: Classified, index: int, value: str, reason: Reason | None
    ) -> None:
        """What a `text` rule finds in a value is searched for by itself, not only the whole."""
        rules = self.ctx.policy.rules_for(path)
        if reason is None or reason.source != "rule" or not rules.has_text:
            return
        for start, end, rule in rules.text(value):
            if rule.tier:
                words = value[start:end]
                self._enter(words, note.tiers[index], "value", path, index, raised=True)
