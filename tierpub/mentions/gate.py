"""The gate: every projection is searched before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tierpub.classify import Classified, Survey
from tierpub.errors import Fault, Place, TierpubError
from tierpub.mentions.called import aliases_of
from tierpub.mentions.gather import needles_of
from tierpub.mentions.needles import Needle
from tierpub.mentions.places import offsets_of, place_at
from tierpub.mentions.plain import plain
from tierpub.mentions.search import Search
from tierpub.policy import Allow, Policy
from tierpub.policy.paths import paths


@dataclass(frozen=True, slots=True)
class Mention:
    """A projection says something that is above its level."""

    note: str
    """The canonical note whose projection says it."""
    level: int
    """The lowest level that was looked at and reads it."""
    needle: Needle
    place: Place
    """Where the words stand in the canonical note; the file alone where they stand in its name,
    or come together only in the projection."""


class Gate:
    """Looks at projections one by one; `verdict` then says whether they may be written."""

    def __init__(self, found: Survey, search: Search | None = None) -> None:
        """`found` is the whole vault, whatever of it is projected; or one part of it, with
        `search` made for the whole."""
        self._found = found
        self._policy = found.context.policy
        self._allowed = [_Allowed(n, allow) for n, allow in enumerate(self._policy.allow)]
        self.used: set[int] = set()
        """The entries of `allow`, by number, that silenced something."""
        self._search = search or Search(*needles_of(found))
        self._raw: dict[tuple[str, str], tuple[int, Needle]] = {}
        self._decoded: dict[str, list[tuple[int, str]]] = {}
        self._last = "", 0
        self._named = "", 0
        self._parts: set[tuple[str, int]] = set()
        self._seen: set[str] = set()

    @property
    def top(self) -> int:
        """From this level up there is nothing to look for."""
        return self._search.top

    def look(self, note: str, level: int, text: str) -> None:
        """Search the projection of `note` at `level`."""
        if level >= self._search.top:
            return
        for needle in self._search.find(self._news(note, level, text), level):
            self._note(note, level, needle)
        for tier, words in self._disguised(note):
            if tier <= level:
                for needle in self._search.find(words, level):
                    self._note(note, level, needle)

        if note != self._named[0] or level < self._named[1]:
            self._name(note, level)

    def _name(self, note: str, level: int) -> None:
        """Search what the note is called. Where it is given, a longer name is a mention as well:
        elsewhere it excuses the words in it. An alias among longer aliases is none."""
        self._named = note, level
        classified = self._found.notes[note]
        for name in note.removesuffix(".md").split("/"):
            if (name, level) not in self._parts:
                self._parts.add((name, level))
                for needle in self._search.find(name, level, of_names=True):
                    self._note(note, level, needle)
        for index, alias in aliases_of(classified):
            for needle in self._search.find(
                alias, max(level, classified.tiers[index]), of_names=True
            ):
                if needle.what != "alias":
                    self._note(note, max(level, classified.tiers[index]), needle)

    def _news(self, note: str, level: int, text: str) -> str:
        """What of a projection was not searched at a lower level, where there are more needles.

        Set off by NULs, which no note holds. In the frontmatter a line is a piece: values that
        go over several are looked at as they are decoded.
        """
        if note != self._last[0] or level < self._last[1]:
            self._seen = set()
        self._last = note, level
        front, _, body = (
            text.partition("\n---") if text[:4].lstrip("\ufeff")[:3] == "---" else ("", "", text)
        )
        pieces = [*front.split("\n"), *body.split("\n\n")]
        seen = self._seen
        new = [piece for piece in pieces if piece not in seen]
        seen.update(new)
        return " \0 ".join(new)

    def _note(self, note: str, level: int, needle: Needle) -> None:
        if any(allowed.silences(note, needle, self.used) for allowed in self._allowed):
            return
        known = self._raw.get((note, needle.text))
        if known is None or level < known[0]:
            self._raw[note, needle.text] = level, needle

    def _disguised(self, note: str) -> list[tuple[int, str]]:
        """The keys and values of the frontmatter that are not what is typed, by escapes or over
        several lines, each with the level from which all of it is seen."""
        if note not in self._decoded:
            self._decoded = {note: list(_disguised(self._found.notes[note]))}
        return self._decoded[note]

    def mentions(self) -> list[Mention]:
        """What was found, in the order of the notes and of their text."""
        made = []
        for (note, _), (level, needle) in self._raw.items():
            classified = self._found.notes[note]
            places = offsets_of(self._search, classified, needle, level) or [-1]
            made += [(note, at, level, needle) for at in places]
        made.sort(key=lambda m: (m[0], m[1], m[3].text))
        return [
            Mention(note, level, needle, place_at(self._found.notes[note], at))
            for note, at, level, needle in made
        ]

    def verdict(self) -> list[Fault]:
        """As the function of that name, of what was found."""
        return verdict(self.mentions(), self._policy)


def verdict(mentions: Iterable[Mention], policy: Policy) -> list[Fault]:
    """Warnings where the policy only warns; raises a `TierpubError` where it refuses.

    The faults say where, and nothing of what is mentioned: that is above the level.
    """
    refuse = policy.mentions == "refuse"
    faults = list(dict.fromkeys(_quiet(mention, refuse=refuse) for mention in mentions))
    if faults and refuse:
        raise TierpubError(*faults)
    return faults


def _quiet(mention: Mention, *, refuse: bool) -> Fault:
    return Fault(
        "mention",
        "a mention of something above this level",
        mention.place,
        "`tierpub check` names what it mentions; relabel it or write an `allow`",
        "error" if refuse else "warning",
        mention.level,
    )


class _Allowed:
    def __init__(self, number: int, allow: Allow) -> None:
        self._number = number
        self._text = plain(allow.text)
        self._matches: Callable[[str], bool] = paths(list(allow.within))

    def silences(self, note: str, needle: Needle, used: set[int]) -> bool:
        if needle.text != self._text or not self._matches(note):
            return False
        used.add(self._number)
        return True


def _disguised(note: Classified) -> Iterator[tuple[int, str]]:
    portions, text = note.note.portions, note.note.text
    for index, value in note.note.values.items():
        portion = portions[index]
        if (
            value in text[portion.start : portion.end]
            and portion.name in text[portion.start : portion.end]
        ):
            continue
        tier, inner = note.tiers[index], index + 1
        while inner < len(portions) and portions[inner].start < portion.end:
            tier, inner = max(tier, note.tiers[inner]), inner + 1
        yield tier, value
        yield note.tiers[index], portion.name
