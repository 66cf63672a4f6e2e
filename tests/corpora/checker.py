"""What projections of a corpus are held against, without asking tierpub how it came to them."""

from __future__ import annotations

import html
import re
import urllib.parse
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from corpora.reading import BOM, MAIL, PHONE, Reading, Seen, keys, meta, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tierpub.policy import Policy

_LABEL = re.compile(r"^(confidential[ \t]*:[ \t]*)['\"]?\w+['\"]?", re.IGNORECASE)


class Finding(NamedTuple):
    """One thing that is not as it should be."""

    sort: str
    level: str
    note: str
    what: str


class Checker:
    """The notes of a vault, by path relative to the source, and the policy for them."""

    def __init__(self, policy: Policy, notes: dict[str, bytes], tiers: dict[str, int]) -> None:
        """`tiers` names the notes that are not of the lowest tier."""
        self.policy = policy
        self.notes = notes
        self.tiers = tiers
        self.names = policy.ladder.names
        self.partly: Counter[str] = Counter()
        """By level: lines of which a part stays, checked word by word."""

    def path(self, note: str, level: int) -> str:
        """Where the projection of a note stands."""
        name = self.names[level]
        return f"_{name}/{note.removesuffix('.md')}.{name}.md"

    def check(self, level: int, made: dict[str, bytes]) -> Iterator[Finding]:
        """Everything that is wrong with the projections of one level."""
        wanted = {self.path(n, level): n for n in self.notes if self.tiers.get(n, 0) <= level}
        for path in sorted(wanted.keys() ^ made.keys()):
            yield Finding("tree", self.names[level], path, "lost" if path in wanted else "extra")
        above = {n.rpartition("/")[2][:-3] for n, tier in self.tiers.items() if tier > level}
        reading = Reading(self.policy, level, above)
        for path in sorted(wanted.keys() & made.keys()):
            reading.depth = path.count("/")
            for finding in self._note(reading, self.notes[wanted[path]], made[path]):
                yield Finding(finding[0], self.names[level], wanted[path], finding[1])

    def _note(self, reading: Reading, source: bytes, made: bytes) -> Iterator[tuple[str, str]]:
        text, out = source.decode(), made.decode()
        if made and source.startswith(BOM.encode()) != made.startswith(BOM.encode()):
            yield "bom", ""
        yield from (("above", hit) for hit in self.above(reading, made))
        yield from self._contacts(reading, out)
        yield from self._lines(reading, text, out)
        yield from self._values(reading, text, out)
        yield from self._banner(reading, out)

    @staticmethod
    def above(reading: Reading, made: bytes) -> Iterator[str]:
        """What names a tree or projection above the level, however it is spelt."""
        for form in spellings(made):
            for match in reading.link.finditer(form):
                yield form[max(0, match.start() - 40) : match.end() + 20]
        yield from (hit.decode() for hit in reading.encoded.findall(made))

    def _contacts(self, reading: Reading, out: str) -> Iterator[tuple[str, str]]:
        if reading.contacts:
            for pattern in (MAIL, PHONE):
                yield from (("contact", match[0]) for match in pattern.finditer(out))
        yield from (("field", key) for key in keys(out) if reading.is_field(key))

    def _lines(self, reading: Reading, text: str, out: str) -> Iterator[tuple[str, str]]:
        """Each line stands in the source, in its order; each visible line of that is there."""
        source = [(reading.canon(_label(line)), seen) for line, seen in reading.lines(text)]
        made = [reading.canon(_label(line)) for line in _lines_of(out)]
        if reading.level == reading.top and [s for s, _ in source] != made:
            yield "altered", next((m for m, s in zip(made, source, strict=False) if m != s[0]), "")
        at = 0
        for line in made:
            if not line.strip():
                continue
            found = next((i for i in range(at, len(source)) if source[i][0] == line), None)
            if found is None:
                found = next((i for i in range(at, len(source)) if _part(line, source[i])), None)
                self.partly[reading.name] += found is not None
            if found is None:
                yield "not in the source", line
            else:
                at = found + 1
        if not {s for s, _ in source if not s.strip()} >= {m for m in made if not m.strip()}:
            yield "line ends", ""
        visible = Counter(line for line, seen in source if seen is Seen.VISIBLE and line.strip())
        yield from (("lost", line) for line in (visible - Counter(made)).elements())
        held = [line for line, seen in source if seen is Seen.HOLDS and line.strip()]
        rest = Counter(made) - visible
        yield from (("kept", line) for line in held if rest[line] > 0)

    @staticmethod
    def _values(reading: Reading, text: str, out: str) -> Iterator[tuple[str, str]]:
        wanted, got = Counter(reading.values(text)), Counter(reading.values(out))
        yield from (("value lost", v) for v in (wanted - got).elements())
        yield from (("value not in the source", v) for v in (got - wanted).elements())

    @staticmethod
    def _banner(reading: Reading, out: str) -> Iterator[tuple[str, str]]:
        for key, value in meta(out).items():
            if key.casefold() == "confidential" and value not in reading.tiers:
                yield "banner", str(value)


def spellings(data: bytes) -> list[str]:
    """`data` as it is, and as it reads once escapes of several sorts are undone."""
    text = data.decode()
    plain = urllib.parse.unquote(urllib.parse.unquote(text))
    forms = {text, plain, html.unescape(text), html.unescape(plain)}
    if "\\" in text:
        forms |= {_unescaped(form) for form in list(forms)}
    return list(forms)


def _unescaped(text: str) -> str:
    hexed = re.sub(r"\\(?:x(\w{2})|u(\w{4}))", lambda m: chr(int(m[1] or m[2], 16)), text)
    return re.sub(r"\\([^\w\s])", r"\1", hexed)


def _lines_of(text: str) -> list[str]:
    front, body = split(text)
    return front + body


def _label(line: str) -> str:
    return _LABEL.sub(r"\1*", line) if line[:1] in "cC" else line


def _part(line: str, source: tuple[str, Seen]) -> bool:
    """Whether `line` is what is left of a line that holds something above the level."""
    if source[1] is not Seen.HOLDS:
        return False
    words = iter(re.findall(r"\w+|[^\w\s]", source[0]))
    return all(word in words for word in re.findall(r"\w+|[^\w\s]", line))
