"""From a destination as it is written to the paths it may mean.

One text can be read in several ways: an escape may be an escape or a part of the name, a `#`
may begin an anchor or not. `decode` gives every reading, the one that Obsidian takes first, and
for each character of a reading where it stands in the text, so that a rewrite can touch only
the characters it must. Knows no files.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import NamedTuple

from tierpub.note.portions import Syntax


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


class _Text(NamedTuple):
    """A text and where each of its characters, and its end, stands in the raw text."""

    text: str
    at: Sequence[int]

    def cut(self, start: int, end: int) -> _Text:
        return _Text(self.text[start:end], self.at[start : end + 1])


_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,31});?")
_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]")
_EITHER = re.compile(f"{_ESCAPE.pattern}|{_REFERENCE.pattern}")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_URL_NOISE = re.compile(r"[\t\r\n]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_HOST = re.compile(r"[/\\]{2}(?=[^/\\])")
_DRIVE = re.compile(r"/*[A-Za-z][:|](?=[/\\])")
_PARAMETER = re.compile(
    r"(?:^|(?<=[?&]))(file|filepath|filename|path|heading|block)=([^&#]*)", re.I
)
_NEVER_FILES = frozenset(
    "http https mailto javascript data tel sms ftp ftps geo blob about magnet".split()
)
_PLAIN = re.compile(r"[^%&\\#?:\t\r\n]*")
_RAW_FIRST = (Syntax.WIKI, Syntax.PLAIN)


def decode(raw: str, syntax: Syntax) -> Destination:
    """Every reading of the destination `raw`, which is written in `syntax`. Never fails."""
    if raw.endswith("\\") and syntax is Syntax.WIKI:  # of `\\|`, which parsers leave behind
        raw = raw[:-1]
    if _PLAIN.fullmatch(raw) and raw[:2] != "//":
        return Destination((Reading(raw, "", range(len(raw) + 1)),))
    layers = list(_layers(_Text(raw, range(len(raw) + 1)), syntax))
    for layer in layers:
        if (scheme := _scheme(layer.text, syntax)) is not None:
            return _url(layers, layer, scheme, syntax)
    return Destination(_unique(r for layer in layers for r in _paths(layer, syntax)))


def _url(layers: list[_Text], layer: _Text, scheme: str, syntax: Syntax) -> Destination:
    found: Iterator[Reading] = iter(())
    if scheme == "obsidian":
        found = _obsidian(layer)
    elif scheme in ("file", "drive"):
        found = _disk(layer, scheme)
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


def _layers(text: _Text, syntax: Syntax) -> Iterator[_Text]:
    """`text` with escapes and character references taken out, and with either left in."""
    if _URL_NOISE.search(text.text):
        text = _replace(text, _URL_NOISE, lambda _: "")
    escaped = _replace(text, _ESCAPE, lambda s: s[1]) if "\\" in text.text else text
    # An escaped `&` opens no reference, so references go first and step over escapes.
    plain = _replace(text, _REFERENCE, html.unescape) if "&" in text.text else text
    both = _references_and_escapes(text) if escaped is not text and plain is not text else None
    full = both or (escaped if plain is text else plain)
    order = {
        Syntax.WIKI: (text, plain, escaped, full),
        Syntax.PLAIN: (text, plain, escaped, full),
        Syntax.HTML: (plain, text, escaped, full),
    }.get(syntax, (full, plain, escaped, text))
    seen: list[_Text] = []
    for layer in order:
        if all(layer.text != other.text for other in seen):
            seen.append(layer)
    yield from seen


def _references_and_escapes(text: _Text) -> _Text:
    return _replace(text, _EITHER, lambda s: s[1] if s[0] == "\\" else html.unescape(s))


def _replace(text: _Text, what: re.Pattern[str], by: Callable[[str], str]) -> _Text:
    out: list[str] = []
    at: list[int] = []
    last = 0
    for hit in what.finditer(text.text):
        new = by(hit[0])
        out += [text.text[last : hit.start()], new]
        at += [*text.at[last : hit.start()], *([text.at[hit.start()]] * len(new))]
        last = hit.end()
    if not out:
        return text
    return _Text("".join(out) + text.text[last:], (*at, *text.at[last:]))


def _percent(text: _Text) -> _Text:
    """`text` with percent-encoding decoded; runs that are no UTF-8 stay as they are."""
    out: list[str] = []
    at: list[int] = []
    last = 0
    for hit in _PERCENT.finditer(text.text):
        try:
            new = bytes.fromhex(hit[0].replace("%", "")).decode()
        except UnicodeDecodeError:
            continue
        out += [text.text[last : hit.start()], new]
        at += text.at[last : hit.start()]
        step = hit.start()
        for character in new:
            at.append(text.at[step])
            step += 3 * len(character.encode())
        last = hit.end()
    if not out:
        return text
    return _Text("".join(out) + text.text[last:], (*at, *text.at[last:]))


def _decodings(text: _Text, *, raw_first: bool) -> Iterator[_Text]:
    """`text` decoded, as it is, and decoded twice."""
    if "%" not in text.text:
        yield text
        return
    once = _percent(text)
    yield from (text, once) if raw_first else (once, text)
    if "%" in once.text:
        yield _percent(once)


def _paths(layer: _Text, syntax: Syntax) -> Iterator[Reading]:
    raw_first = syntax in _RAW_FIRST
    for path, anchor in _anchors(layer):
        for text in _decodings(path, raw_first=raw_first):
            words = _percent(anchor).text if "%" in anchor.text else anchor.text
            yield Reading(text.text, words, text.at)
            for cut, rest in _anchors(text) if "#" in text.text else ():
                yield Reading(cut.text, rest.text or words, cut.at)
            if "?" in text.text and syntax is not Syntax.WIKI:
                cut = text.cut(0, text.text.index("?"))
                yield Reading(cut.text, words, cut.at)


def _anchors(text: _Text) -> Iterator[tuple[_Text, _Text]]:
    """`text` parted at its first `#`; then whole, for a file may have one in its name."""
    end = len(text.text)
    mark = text.text.find("#")
    if mark >= 0:
        yield text.cut(0, mark), text.cut(mark + 1, end)
    if mark != 0:
        yield text, text.cut(end, end)


def _obsidian(url: _Text) -> Iterator[Reading]:
    hits = list(_PARAMETER.finditer(url.text))
    words = {h[1].lower(): _percent(url.cut(*h.span(2))).text for h in hits}
    named = words.get("heading") or ("^" + words["block"] if words.get("block") else "")
    for hit in hits:
        parameter = hit[1].lower()
        if parameter in ("heading", "block"):
            continue
        base = Base.DISK if parameter == "path" else Base.VAULT
        yield from _values(url.cut(*hit.span(2)), base, named)
    if not hits:
        yield from _obsidian_path(url)


def _obsidian_path(url: _Text) -> Iterator[Reading]:
    """`obsidian://vault/NAME/path` and `obsidian:///path/on/disk`."""
    hit = re.match(r"\s*obsidian://(vault/[^/]*/)?(?=[^?#]*/|[^?#]*$)", url.text, re.I)
    if hit is None or (not hit[1] and url.text[hit.end() : hit.end() + 1] != "/"):
        return
    start = hit.end()
    end = min((i for i in map(url.text.find, "?#") if i >= 0), default=len(url.text))
    yield from _values(url.cut(start, max(start, end)), Base.VAULT if hit[1] else Base.DISK, "")


def _values(value: _Text, base: Base, anchor: str) -> Iterator[Reading]:
    for text in _decodings(value, raw_first=False):
        for path, rest in _anchors(text):
            yield Reading(path.text, rest.text or anchor, path.at, base)
    if "+" in value.text:
        spaced = _Text(value.text.replace("+", " "), value.at)
        yield from _values(spaced, base, anchor)


def _disk(url: _Text, scheme: str) -> Iterator[Reading]:
    """`file:///path`, `file://host/path`, `file:path` and `C:\\path`."""
    start = len(url.text) - len(url.text.lstrip())
    if scheme == "file":
        start += len("file:")
    mark = url.text.find("#", start)
    path = url.cut(start, mark if mark >= 0 else len(url.text))
    anchor = url.text[mark + 1 :] if mark >= 0 else ""
    yield from _values(path, Base.DISK, _percent(_Text(anchor, range(len(anchor) + 1))).text)
    if mark >= 0:
        yield from _values(url.cut(start, len(url.text)), Base.DISK, "")


def _unique(readings: Iterator[Reading]) -> tuple[Reading, ...]:
    seen: dict[tuple[str, str, Base], Reading] = {}
    for reading in readings:
        seen.setdefault((reading.path, reading.anchor, reading.base), reading)
    return tuple(seen.values())
