"""What may not be mentioned below its tier: names, aliases, titles and paths of notes that a
label or rule raised, names of folders that hold only hidden notes, and values that a label, a
`text` rule or a `guard` rule raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tierpub.classify import Classified, Reason, Survey
from tierpub.classify.context import NEVER
from tierpub.mentions.called import aliases_of, is_below, keys_of, readings
from tierpub.mentions.plain import plain, unspaced
from tierpub.note import Kind
from tierpub.policy import Rule
from tierpub.tiers import fold
from tierpub.vault import Target

_SPOKEN = ("label", "rule")
_RULED = frozenset(("missing", "tier", "external"))
_WORDS_OF_YAML = frozenset(("true", "false", "yes", "null", "none", "off"))
_LEAST, _LEAST_UNSPACED, _LEAST_DIGITS = 3, 2, 4
_YEAR = re.compile(r"(?:1[0-9]|20)\d\d")


@dataclass(frozen=True, slots=True)
class Needle:
    """Something that may not be mentioned at the levels below `floor`."""

    text: str
    """As `plain` makes it."""
    floor: int
    """The lowest level at which something visible is called so, or has that value."""
    what: str
    """`name`, `path`, `folder`, `alias` (also a title) or `value`."""
    note: str
    """The canonical note that it is of, or one below the folder."""
    portion: int
    """The portion of that note that holds it; 0 for the note itself."""


@dataclass(frozen=True, slots=True)
class Names:
    """What visible things are called, as `plain` makes it; each with their lowest tier."""

    own: dict[str, int]
    """Names of notes and folders, and what links lead to where a rule speaks of that."""
    aliases: dict[str, int]
    """Aliases and titles."""


def needles_of(found: Survey) -> tuple[list[Needle], Names]:
    """All needles, and the names that may hold one as a part."""
    makers = _Found(found)
    for path, note in found.notes.items():
        makers.note(path, note)
    makers.folders()
    needles = makers.needles()
    if needles:
        makers.links(needles)
    return needles, Names(_lowest(makers.names, makers.leads), makers.aliases)


def _lowest(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    joined = dict(first)
    for words, tier in second.items():
        joined[words] = min(tier, joined.get(words, NEVER))
    return joined


def is_needle(text: str) -> bool:
    """Whether `text` is distinct enough to be searched for: three letters or digits, two in a
    script without blanks, four digits that are no year."""
    signs = [c for c in text if c.isalnum()]
    if any(unspaced(c) for c in signs):
        return len(signs) >= _LEAST_UNSPACED
    if all(c.isdigit() for c in signs):
        return len(signs) >= _LEAST_DIGITS and not _YEAR.fullmatch(text)
    return len(signs) >= _LEAST


def is_distinct(words: str) -> bool:
    """Whether a value that a label raised is searched for: a single word in small letters
    (`active`) is not, for it would be found everywhere."""
    return not (words.isalpha() and words.islower()) and fold(words) not in _WORDS_OF_YAML


def _guards(rule: Rule | None) -> bool:
    return rule is not None and rule.guard


class _Found:
    def __init__(self, found: Survey) -> None:
        self.ctx = found.context
        self.notes = found.notes
        self.names: dict[str, int] = {}
        """Of notes and folders."""
        self.others: dict[str, int] = {}
        """Aliases, titles and values."""
        self.aliases: dict[str, int] = {}
        self.leads: dict[str, int] = {}
        self.raised: list[Needle] = []
        self._plain: dict[str, str] = {}
        policy = self.ctx.policy
        self._guard = dict.fromkeys(("field", "inline_field"), False)
        self._guard |= {rule.kind: True for rule in policy.rules if rule.guard}
        self.common = {plain(n) for n in (*policy.ladder.names, policy.label_key, policy.source)}

    def needles(self) -> list[Needle]:
        """The needles that are visible nowhere below their own tier, each once."""
        kept: dict[str, Needle] = {}
        for needle in self.raised:
            if needle.text in self.common or not is_needle(needle.text):
                continue
            floor = self._floor(needle)
            known = kept.get(needle.text)
            if floor and (known is None or floor > known.floor):
                kept[needle.text] = Needle(
                    needle.text, floor, needle.what, needle.note, needle.portion
                )
        return list(kept.values())

    def _floor(self, needle: Needle) -> int:
        """What is called so in plain sight is no secret. A name is not made public by an alias
        or value that repeats it: that is a mention."""
        floor = self.names.get(needle.text, NEVER)
        if needle.what not in ("name", "path", "folder"):
            floor = min(floor, self.others.get(needle.text, NEVER))
        return min(needle.floor, floor)

    # Notes.

    def note(self, path: str, note: Classified) -> None:
        """Take in what a note and its portions are called, and what they hold."""
        tier = note.tiers[0]
        raised = self.ctx.reasons[path].source in _SPOKEN
        whole = path.removesuffix(".md")
        for name in self._stems(whole):
            self._enter(name, tier, "name", path, raised=raised)
        if "/" in whole:
            self._enter(whole, tier, "path", path, raised=raised)
        for index, text in aliases_of(note):
            self._enter(text, note.tiers[index], "alias", path, index, raised=raised)
            words = plain(text)
            self.aliases[words] = min(note.tiers[index], self.aliases.get(words, NEVER))
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
        table = self.names if what in ("name", "folder", "path") else self.others
        table[words] = min(tier, table.get(words, NEVER))
        if raised and tier:
            self.raised.append(Needle(words, tier, what, path, index))

    def _values(self, path: str, note: Classified) -> None:
        rules = self.ctx.policy.rules_for(path)
        reasons = {**note.weaker, **note.reasons} if note.weaker else note.reasons
        labelled = {i for i, reason in reasons.items() if i and reason.source == "label"}
        for index, value in note.note.values.items():
            guarded = labels = False
            if note.tiers[index]:
                guarded = self._guard["field"] and _guards(rules.field(keys_of(note, index)))
                labels = bool(labelled) and is_below(note, index, labelled)
                self._matches(path, note, index, value, reasons.get(index))
            for words in readings(value):
                raised = guarded or (labels and is_distinct(words))
                self._enter(words, note.tiers[index], "value", path, index, raised=raised)
        for index, portion in enumerate(note.note.portions):
            if portion.kind == Kind.MATCH:
                words = note.note.text[portion.start : portion.end]
                self._enter(words, note.tiers[index], "value", path, index, raised=True)
            elif portion.kind == Kind.INLINE_FIELD:
                guarded = self._guard["inline_field"] and any(
                    _guards(rules.inline_field(key))
                    for key in {portion.name, *portion.name.split()[-1:]} - {""}
                )
                for words in readings(note.note.text[portion.inner_start : portion.inner_end]):
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

    # Links.

    def links(self, needles: list[Needle]) -> None:
        """Take in what visible links lead to where a rule speaks of it: a path below the source
        that nothing stands at, a URL. That such a path holds a name is no mention."""
        from ahocorasick_rs import AhoCorasick  # noqa: PLC0415 - only where it is needed

        finder = AhoCorasick([needle.text for needle in needles])
        done: set[tuple[int, str]] = set()
        for path, note in self.notes.items():
            for index, target in note.targets.items():
                key = note.tiers[index], note.note.portions[index].name
                if target.sort not in _RULED or key in done:
                    continue
                done.add(key)
                if finder.find_matches_as_indexes(plain(key[1])) and self._is_ruled(path, target):
                    self._lead(target, *key)

    def _is_ruled(self, path: str, target: Target) -> bool:
        rules = self.ctx.policy.rules_for
        named = any(rules(source).note(source) for source in target.sources)
        return named or rules(path).link(target.path) is not None

    def _lead(self, target: Target, tier: int, name: str) -> None:
        texts = [name]
        for source in target.sources:
            whole = source.removesuffix(".md")
            texts += [whole, whole.rpartition("/")[2]]
        for text in texts:
            words = plain(text)
            self.leads[words] = min(tier, self.leads.get(words, NEVER))

    # Folders.

    def folders(self) -> None:
        """Take in the names of folders: those that hold a visible note are visible."""
        source = self.ctx.vault.source + "/"
        raised = self._below_raised()
        for folder, tier in self.ctx.folders.items():
            path = folder.removeprefix(source)
            if path == folder:
                continue
            note = raised.get(folder)
            held = note is not None
            self._enter(path.rpartition("/")[2], tier, "folder", note or "", raised=held)
            if "/" in path:
                self._enter(path, tier, "path", note or "", raised=False)

    def _below_raised(self) -> dict[str, str]:
        """For each folder with a note that a label or rule raised, one such note."""
        found: dict[str, str] = {}
        for path in self.notes:
            if self.ctx.reasons[path].source not in _SPOKEN or not self.ctx.tiers[path]:
                continue
            folder = f"{self.ctx.vault.source}/{path}".rpartition("/")[0]
            while folder and folder not in found:
                found[folder] = path
                folder = folder.rpartition("/")[0]
        return found
