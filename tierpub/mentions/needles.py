"""What may not be mentioned below its tier: names, aliases, titles and paths of notes that a
label or rule raised, names of folders that hold only hidden notes, and values that a label, a
`text` rule or a `guard` rule raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tierpub.classify import Classified, Reason, Survey
from tierpub.classify.context import NEVER
from tierpub.mentions.plain import plain, unspaced
from tierpub.note import Kind
from tierpub.tiers import fold
from tierpub.vault import Target

_SPOKEN = ("label", "rule")
_RULED = frozenset(("missing", "tier", "external"))
_WORDS_OF_YAML = frozenset(("true", "false", "yes", "null", "none", "off"))
_WIKI = re.compile(r"!?\[\[([^\[\]|]*)(?:\\?\|([^\[\]]*))?\]\]")
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
        makers.links()
    return needles, Names(_lowest(makers.names, makers.leads), makers.aliases)


def _lowest(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    joined = dict(first)
    for words, tier in second.items():
        joined[words] = min(tier, joined.get(words, NEVER))
    return joined


def aliases_of(note: Classified) -> Iterator[tuple[int, str]]:
    """The aliases and titles of a note, each with the portion that holds it."""
    for index, value in note.note.values.items():
        key = _top_key(note, index)
        if key in ("alias", "aliases"):
            for alias in _aliases(note, index, value):
                yield index, alias
        elif key == "title":
            yield index, value
    yield from _titles(note)


def is_needle(text: str) -> bool:
    """Whether `text` is distinct enough to be searched for: three letters or digits, two in a
    script without blanks, four digits that are no year."""
    signs = [c for c in text if c.isalnum()]
    if any(unspaced(c) for c in signs):
        return len(signs) >= _LEAST_UNSPACED
    if all(c.isdigit() for c in signs):
        return len(signs) >= _LEAST_DIGITS and not _YEAR.fullmatch(text)
    return len(signs) >= _LEAST


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
        reasons = _own_reasons(note)
        for index, value in note.note.values.items():
            tier = note.tiers[index]
            for words in _readings(value):
                is_raised = _guards(_nearest(note, reasons, index), words)
                self._enter(words, tier, "value", path, index, raised=is_raised)
            self._matches(path, note, index, value)
        for index, portion in enumerate(note.note.portions):
            if portion.kind in (Kind.INLINE_FIELD, Kind.MATCH):
                value = note.note.text[portion.inner_start : portion.inner_end]
                if portion.kind == Kind.MATCH:
                    value = note.note.text[portion.start : portion.end]
                for words in _readings(value):
                    is_raised = portion.kind == Kind.MATCH or _guards(reasons.get(index), words)
                    self._enter(words, note.tiers[index], "value", path, index, raised=is_raised)

    def _matches(self, path: str, note: Classified, index: int, value: str) -> None:
        """What a `text` rule finds in a value is searched for by itself, not only the whole."""
        reason = note.reasons.get(index) or note.weaker.get(index)
        rules = self.ctx.policy.rules_for(path)
        if reason is None or reason.source != "rule" or not rules.has_text:
            return
        for start, end, rule in rules.text(value):
            if rule.tier:
                words = value[start:end]
                self._enter(words, note.tiers[index], "value", path, index, raised=True)

    # Links.

    def links(self) -> None:
        """Take in what visible links lead to where a rule speaks of it: a path below the source
        that nothing stands at, a URL. That such a path holds a name is no mention."""
        done: set[tuple[int, str]] = set()
        for note in self.notes.values():
            for index, target in note.targets.items():
                if target.sort not in _RULED:
                    continue
                tier, name = note.tiers[index], note.note.portions[index].name
                if (tier, name) in done:
                    continue
                done.add((tier, name))
                reason = note.reasons.get(index) or note.weaker.get(index)
                if reason is None or reason.source == "rule":
                    self._lead(target, name, tier)

    def _lead(self, target: Target, name: str, tier: int) -> None:
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


def _own_reasons(note: Classified) -> dict[int, Reason]:
    """Reasons of portions, also where their container is higher."""
    return {**note.weaker, **note.reasons}


def _nearest(note: Classified, reasons: dict[int, Reason], index: int) -> Reason | None:
    """The reason of a leaf or of the nearest field that it is an item of."""
    portions = note.note.portions
    while index > 0 and portions[index].kind in (Kind.FIELD, Kind.ENTRY):
        if index in reasons:
            return reasons[index]
        index = portions[index].parent
    return None


def _guards(reason: Reason | None, words: str) -> bool:
    """Whether a value joins the gate. Of what only a label raises, a single word in small
    letters (`active`) does not: it would be found everywhere."""
    if reason is None or fold(words) in _WORDS_OF_YAML:
        return False
    if reason.source == "label":
        return not (words.isalpha() and words.islower())
    return reason.rule is not None and reason.source == "rule" and reason.rule.guard


def _top_key(note: Classified, index: int) -> str:
    portions = note.note.portions
    while portions[index].kind == Kind.ENTRY:
        index = portions[index].parent
    top = portions[portions[index].parent].kind == Kind.FRONTMATTER
    return fold(portions[index].name) if top else ""


def _aliases(note: Classified, index: int, value: str) -> Iterable[str]:
    """One alias an item; a plain value may list several between commas."""
    listed = note.note.portions[index].kind == Kind.ENTRY
    return _readings(value) if listed else [value, *value.split(",")]


def _readings(value: str) -> list[str]:
    """What a reader sees of a value: of a link its words, or the end of its path."""
    match = _WIKI.fullmatch(value.strip())
    if not match:
        return [value]
    name = match[2] or match[1].partition("#")[0].rpartition("/")[2].removesuffix(".md")
    return [name]


def _titles(note: Classified) -> Iterator[tuple[int, str]]:
    """The first heading, where it is one of the first level."""
    for index, portion in enumerate(note.note.portions):
        if portion.kind == Kind.HEADING:
            if portion.level == 1:
                yield index, portion.name
            return
