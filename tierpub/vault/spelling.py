"""Escapes, character references and percent-encoding, undone without losing one's place.

Each step gives a text and, for every character of it, where it stands in the raw text. What a
reader's program would undo is not always clear, so every way is given, the likeliest first.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tierpub.note.portions import Syntax

_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,31});?")
_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]")
_EITHER = re.compile(f"{_ESCAPE.pattern}|{_REFERENCE.pattern}")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_URL_NOISE = re.compile(r"[\t\r\n]")
_RAW_FIRST = (Syntax.WIKI, Syntax.PLAIN)


class Text(NamedTuple):
    """A text and where each of its characters, and its end, stands in the raw text."""

    text: str
    at: Sequence[int]

    def cut(self, start: int, end: int) -> Text:
        """The part from `start` to `end`, offsets into `text`."""
        return Text(self.text[start:end], self.at[start : end + 1])


def layers_of(text: Text, syntax: Syntax) -> Iterator[Text]:
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
    seen: list[Text] = []
    for layer in order:
        if all(layer.text != other.text for other in seen):
            seen.append(layer)
    yield from seen


def _references_and_escapes(text: Text) -> Text:
    return _replace(text, _EITHER, lambda s: s[1] if s[0] == "\\" else html.unescape(s))


def _replace(text: Text, what: re.Pattern[str], by: Callable[[str], str]) -> Text:
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
    return Text("".join(out) + text.text[last:], (*at, *text.at[last:]))


def percent(text: Text) -> Text:
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
    return Text("".join(out) + text.text[last:], (*at, *text.at[last:]))


def decodings(text: Text, syntax: Syntax) -> Iterator[Text]:
    """`text` decoded, as it is, and decoded twice."""
    if "%" not in text.text:
        yield text
        return
    once = percent(text)
    yield from (text, once) if syntax in _RAW_FIRST else (once, text)
    if "%" in once.text:
        yield percent(once)
