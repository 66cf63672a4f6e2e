"""From a destination as it is written to the paths it may mean.

One text can be read in several ways: an escape may be an escape or a part of the name, a `#`
may begin an anchor or not. `decode` gives every reading, the one that Obsidian takes first, and
for each character of a reading where it stands in the text, so that a rewrite can touch only
the characters it must. Knows no files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import NamedTuple

from tierpub.note.portions import Syntax
from tierpub.vault.spelling import Text, decodings, layers_of, percent


class Base(IntEnum):
    """What a reading's path starts from."""

    NOTE = auto()  # the note that holds the link, by Obsidian's rules
    VAULT = auto()  # the vault root
    DISK = auto()  # the root of somebody's file system


class Reading(NamedTuple):
    """One way to read a destination."""

    path: str
    anchor: str
    """What follows the first `#`: `heading#sub`, `^block`; "" where there is none."""
    at: Sequence[int]
    """Offset into the raw text of each character of `path`, and of its end."""
    base: Base = Base.NOTE


@dataclass(frozen=True, slots=True)
class Destination:
    """Everything a destination may mean."""

    readings: tuple[Reading, ...]
    """The likeliest first; empty for what can name no file of a vault."""
    scheme: str = ""
    """Of a URL, in lower case; `//` where it names a host and no scheme."""
    url: str = ""
    """The URL without escapes and character references, percent-encoding kept."""

    @property
    def path(self) -> str:
        """The path of the first reading."""
        return self.readings[0].path if self.readings else ""

    @property
    def anchor(self) -> str:
        """The anchor of the first reading."""
        return self.readings[0].anchor if self.readings else ""


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_HOST = re.compile(r"[/\\]{2}(?=[^/\\])")
_DRIVE = re.compile(r"/*[A-Za-z][:|](?=[/\\])")
_PARAMETER = re.compile(
    r"(?:^|(?<=[?&]))(file|filepath|filename|path|heading|block)=([^&#]*)", re.IGNORECASE
)
_NEVER_FILES = frozenset(
    [
        "http",
        "https",
        "mailto",
        "javascript",
        "data",
        "tel",
        "sms",
        "ftp",
        "ftps",
        "geo",
        "blob",
        "about",
        "magnet",
    ]
)
_PLAIN = re.compile(r"[^%&\\#?:\t\r\n]*")


def decode(raw: str, syntax: Syntax) -> Destination:
    """Every reading of the destination `raw`, which is written in `syntax`. Never fails."""
    if raw.endswith("\\") and syntax is Syntax.WIKI:  # of `\\|`, which parsers leave behind
        raw = raw[:-1]
    if _PLAIN.fullmatch(raw) and raw[:2] not in ("//", "^^"):
        return Destination((Reading(raw, "", range(len(raw) + 1)),))
    layers = list(layers_of(Text(raw, range(len(raw) + 1)), syntax))
    for layer in layers:
        if (scheme := _scheme(layer.text, syntax)) is not None:
            return _url(layers, layer, scheme, syntax)
    return Destination(_unique(r for layer in layers for r in _paths(layer, syntax)))


def _url(layers: list[Text], layer: Text, scheme: str, syntax: Syntax) -> Destination:
    found: Iterator[Reading] = iter(())
    if scheme == "obsidian":
        found = (r for each in layers for r in _obsidian(each))
    elif scheme in ("file", "drive"):
        found = (r for each in layers for r in _disk(each, scheme))
    elif scheme not in _NEVER_FILES and (
        scheme == "//" or f"{scheme}://" not in layer.text.lower()
    ):
        found = (r for each in layers for r in _paths(each, syntax))  # `Ann: notes` is a name
    return Destination(_unique(found), scheme, layer.text)


def _scheme(text: str, syntax: Syntax) -> str | None:
    text = text.strip()
    if _DRIVE.match(text):
        return "drive"
    if _HOST.match(text):
        return "//"
    hit = _SCHEME.match(text)
    if hit is None:
        return None
    scheme = hit[1].lower()
    wiki_name = syntax is Syntax.WIKI and text[hit.end() : hit.end() + 2] != "//"
    return None if wiki_name and scheme not in _NEVER_FILES else scheme


def _paths(layer: Text, syntax: Syntax) -> Iterator[Reading]:
    if syntax is Syntax.WIKI and layer.text.startswith("^^"):  # a block of the note itself
        yield Reading("", layer.text[1:], layer.at[:1])
    for path, anchor in _anchors(layer):
        for text in decodings(path, syntax):
            words = percent(anchor).text if "%" in anchor.text else anchor.text
            yield Reading(text.text, words.lstrip("#"), text.at)
            for cut, rest in _anchors(text) if "#" in text.text else ():
                yield Reading(cut.text, rest.text or words, cut.at)
            if "?" in text.text and syntax is not Syntax.WIKI:
                cut = text.cut(0, text.text.index("?"))
                yield Reading(cut.text, words, cut.at)


def _anchors(text: Text) -> Iterator[tuple[Text, Text]]:
    """`text` parted at its first `#`; then whole, for a file may have one in its name."""
    end = len(text.text)
    mark = text.text.find("#")
    if mark >= 0:
        yield text.cut(0, mark), text.cut(mark + 1, end)
    if mark != 0:
        yield text, text.cut(end, end)


def _obsidian(url: Text) -> Iterator[Reading]:
    hits = list(_PARAMETER.finditer(url.text))
    words = {h[1].lower(): percent(url.cut(*h.span(2))).text for h in hits}
    named = words.get("heading") or ("^" + words["block"] if words.get("block") else "")
    for hit in hits:
        parameter = hit[1].lower()
        if parameter in ("heading", "block"):
            continue
        base = Base.DISK if parameter == "path" else Base.VAULT
        yield from _values(url.cut(*hit.span(2)), base, named)
    if not hits:
        yield from _obsidian_path(url)


def _obsidian_path(url: Text) -> Iterator[Reading]:
    """`obsidian://vault/NAME/path` and `obsidian:///path/on/disk`."""
    hit = re.match(r"\s*obsidian://(vault/[^/]*/)?(?=[^?#]*/|[^?#]*$)", url.text, re.IGNORECASE)
    if hit is None or (not hit[1] and url.text[hit.end() : hit.end() + 1] != "/"):
        return
    start = hit.end()
    end = min((i for i in map(url.text.find, "?#") if i >= 0), default=len(url.text))
    yield from _values(url.cut(start, max(start, end)), Base.VAULT if hit[1] else Base.DISK, "")


def _values(value: Text, base: Base, anchor: str) -> Iterator[Reading]:
    for text in decodings(value, Syntax.MARKDOWN):
        for path, rest in _anchors(text):
            yield Reading(path.text, rest.text or anchor, path.at, base)
    if "+" in value.text:
        spaced = Text(value.text.replace("+", " "), value.at)
        yield from _values(spaced, base, anchor)


def _disk(url: Text, scheme: str) -> Iterator[Reading]:
    r"""`file:///path`, `file://host/path`, `file:path` and `C:\path`."""
    start = len(url.text) - len(url.text.lstrip())
    if scheme == "file":
        start += len("file:")
    mark = url.text.find("#", start)
    path = url.cut(start, mark if mark >= 0 else len(url.text))
    anchor = url.text[mark + 1 :] if mark >= 0 else ""
    yield from _values(path, Base.DISK, percent(Text(anchor, range(len(anchor) + 1))).text)
    if mark >= 0:
        yield from _values(url.cut(start, len(url.text)), Base.DISK, "")


def _unique(readings: Iterator[Reading]) -> tuple[Reading, ...]:
    seen: dict[tuple[str, str, Base], Reading] = {}
    for reading in readings:
        seen.setdefault((reading.path, reading.anchor, reading.base), reading)
    return tuple(seen.values())
