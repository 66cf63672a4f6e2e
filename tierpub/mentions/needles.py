"""What may not be mentioned below its tier: names, aliases, titles and paths of notes that a
label or rule raised, names of folders that hold only hidden notes, and values that a label, a
`text` rule or a `guard` rule raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tierpub.classify.context import NEVER, Context
from tierpub.mentions.plain import plain, unspaced
from tierpub.tiers import fold

SPOKEN = ("label", "rule")
"""The sources of reasons that raise a note: a default alone makes no needle."""
NAMES = ("name", "path", "folder")
"""The needles that are names of notes and folders; no alias or value excuses them."""
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


@dataclass(slots=True)
class Called:
    """What notes and folders are called, and the values that notes hold: all as `plain` makes
    it, each with the lowest tier at which something is called so."""

    names: dict[str, int] = field(default_factory=dict)
    """Of notes and folders."""
    others: dict[str, int] = field(default_factory=dict)
    """Aliases, titles and values."""
    aliases: dict[str, int] = field(default_factory=dict)
    """Aliases and titles alone."""
    raised: list[Needle] = field(default_factory=list)
    """What may be a needle: above the lowest tier by a label or rule."""

    @staticmethod
    def see(table: dict[str, int], words: str, tier: int) -> None:
        """Take into one of the tables that something at `tier` is called so."""
        known = table.get(words)
        if known is None or tier < known:
            table[words] = tier

    def add(self, other: Called) -> None:
        """Take in all of another part of the vault."""
        for mine, theirs in ((self.names, other.names), (self.others, other.others),
                             (self.aliases, other.aliases)):  # fmt: skip
            for words, tier in theirs.items():
                self.see(mine, words, tier)
        self.raised += other.raised


@dataclass(frozen=True, slots=True)
class Names:
    """What visible things are called, as `plain` makes it; each with their lowest tier."""

    own: dict[str, int]
    """Names of notes and folders, and what links lead to where a rule speaks of that."""
    aliases: dict[str, int]
    """Aliases and titles."""


def join(parts: Iterable[Called], ctx: Context) -> Called:
    """What is called how in the whole vault, folders included."""
    whole = Called()
    for part in parts:
        whole.add(part)
    place = {note: index for index, note in enumerate(ctx.vault.notes)}
    whole.raised.sort(key=lambda needle: place[needle.note])
    _add_folders(whole, ctx)
    return whole


def names_of(called: Called, leads: Iterable[dict[str, int]]) -> Names:
    """The names that may hold a needle as a part; `leads` is what links of each part lead to."""
    names = Called(dict(called.names))
    for each in leads:
        names.add(Called(each))
    return Names(names.names, called.aliases)


def choose(called: Called, ctx: Context) -> list[Needle]:
    """The needles that are visible nowhere below their own tier, each once."""
    policy = ctx.policy
    if policy.mentions == "off":
        return []
    common = {plain(n) for n in (*policy.ladder.names, policy.label_key, policy.source)}
    kept: dict[str, Needle] = {}
    for needle in called.raised:
        if needle.text in common or not is_needle(needle.text):
            continue
        floor = _floor(called, needle)
        known = kept.get(needle.text)
        if floor and (known is None or floor > known.floor):
            kept[needle.text] = replace(needle, floor=floor)
    return list(kept.values())


def _floor(called: Called, needle: Needle) -> int:
    """What is called so in plain sight is no secret. A name is not made public by an alias or
    value that repeats it: that is a mention."""
    floor = called.names.get(needle.text, NEVER)
    if needle.what not in NAMES:
        floor = min(floor, called.others.get(needle.text, NEVER))
    return min(needle.floor, floor)


def _add_folders(called: Called, ctx: Context) -> None:
    """Take in the names of folders: those that hold a visible note are visible."""
    source = ctx.vault.source + "/"
    raised = _below_raised(ctx)
    for folder, tier in ctx.folders.items():
        path = folder.removeprefix(source)
        if path == folder:
            continue
        note = raised.get(folder)
        words = plain(path.rpartition("/")[2])
        if words:
            called.see(called.names, words, tier)
            if note is not None and tier:
                called.raised.append(Needle(words, tier, "folder", note, 0))
        if "/" in path and (whole := plain(path)):
            called.see(called.names, whole, tier)


def _below_raised(ctx: Context) -> dict[str, str]:
    """For each folder with a note that a label or rule raised, one such note."""
    found: dict[str, str] = {}
    for path, reason in ctx.reasons.items():
        if reason.source not in SPOKEN or not reason.tier:
            continue
        folder = f"{ctx.vault.source}/{path}".rpartition("/")[0]
        while folder and folder not in found:
            found[folder] = path
            folder = folder.rpartition("/")[0]
    return found


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
