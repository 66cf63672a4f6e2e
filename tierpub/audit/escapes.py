"""Escapes within a text, of URLs, HTML, JSON and other code, Markdown and mail.

Only stretches around escapes are decoded: as far to both sides as a needle is long, and to the
ends of their lines.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tierpub.audit.views import View

_HEX = "[0-9A-Fa-f]"
_URL = rf"(?<=%)(?:{_HEX}{{2}}(?:%{_HEX}{{2}})*|u{_HEX}{{4}})"
_HTML = rf"(?<=&)(?:#[0-9]{{1,8}}|#[xX]{_HEX}{{1,7}}|[A-Za-z][A-Za-z0-9]{{1,31}});?"
_CODE = (
    rf"(?<=\\)(?:x{_HEX}{{2}}(?:\\x{_HEX}{{2}})*|u{_HEX}{{4}}(?:\\u{_HEX}{{4}})*"
    rf"|u\{{{_HEX}{{1,6}}\}}|U{_HEX}{{8}}|[0-3][0-7]{{2}}(?:\\[0-3][0-7]{{2}})*"
    r"|[nrt]|[!-/:-@\[-`{-~])"
)
_ESCAPE = re.compile(rf"[%&\\+](?:{_URL}|{_HTML}|{_CODE}|(?<=\w\+)(?=\w))")
_MAIL = re.compile(r"=(?:[0-9A-F]{2}(?:=[0-9A-F]{2})*|(?<=[^=\s]=)\r?\n)")
_NAMES = {"%": "URL", "+": "URL", "&": "HTML", "\\": "JSON", "=": "quoted-printable"}
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class _Escape:
    start: int
    end: int
    sign: str
    meaning: str


@dataclass(slots=True)
class _Window:
    """A stretch of the text with the escapes in it."""

    start: int
    end: int
    escapes: list[_Escape]


def unescaped(text: str, tiers: bytes | None, reach: int, outer: View | None) -> Iterator[View]:
    """Stretches of `text` with what their escapes stand for. `reach` is the length of the longest
    needle."""
    if any(sign in text for sign in "%&\\+"):
        yield from _views(text, tiers, reach, outer, _ESCAPE)
    if "=" in text:
        yield from _views(text, tiers, reach, outer, _MAIL)


def _views(
    text: str, tiers: bytes | None, reach: int, outer: View | None, pattern: re.Pattern[str]
) -> Iterator[View]:
    found = []
    for match in pattern.finditer(text):
        meaning = _meaning(match[0])
        if meaning != match[0]:
            found.append(_Escape(*match.span(), match[0][0], meaning))
    for window in _windows(text, found, reach):
        yield _view(text, tiers, window, outer)


def _windows(text: str, escapes: list[_Escape], reach: int) -> list[_Window]:
    found: list[_Window] = []
    end = 0
    for escape in escapes:
        lead = text.rfind("\n", end, max(escape.start - reach, end))
        if lead >= 0 or not found:
            found.append(_Window(lead + 1, end, []))
        found[-1].escapes.append(escape)
        if escape.end + reach > end:
            stop = text.find("\n", escape.end + reach)
            end = found[-1].end = len(text) if stop < 0 else stop
    return found


def _view(text: str, tiers: bytes | None, window: _Window, outer: View | None) -> View:
    at, size = window.start, 0
    parts: list[str] = []
    marks: list[bytes] = []
    starts, places, spots = [0], [at], []
    for each in window.escapes:
        parts += [text[at : each.start], each.meaning]
        size += each.start - at
        spots.append(size)
        if tiers is not None:
            high = bytes([max(tiers[each.start : each.end])])
            marks += [tiers[at : each.start], high * len(each.meaning)]
        size += len(each.meaning)
        at = each.end
        starts.append(size)
        places.append(at)
    parts.append(text[at : window.end])
    if tiers is not None:
        marks.append(tiers[at : window.end])
    form = _NAMES[window.escapes[0].sign] + (f" in {outer.form}" if outer else "")
    strip = None if tiers is None else b"".join(marks)
    return View("".join(parts), form, strip, starts, places, spots, outer)


@lru_cache(maxsize=1 << 12)
def _meaning(escape: str) -> str:
    """What an escape stands for; the escape itself where it is none."""
    sign, kind = escape[0], escape[1:2]
    if sign == "+":
        return " "
    if sign == "&":
        return html.unescape(escape)
    if sign == "\\":
        return _code(escape, kind)
    if sign == "=" and kind.isspace():
        return ""
    if kind == "u":
        return _signs([escape[2:]])
    return of_bytes(bytes.fromhex(escape.replace(sign, "")))


def _code(escape: str, kind: str) -> str:
    if kind in "uU":
        digits = escape.strip("\\uU{}").replace("{", "").replace("}", "")
        return _signs(re.split(r"\\u", digits))
    if kind == "x":
        return of_bytes(bytes.fromhex(escape.replace("\\x", "")))
    if kind.isdigit():
        return of_bytes(bytes(int(octal, 8) for octal in escape[1:].split("\\")))
    return _LETTERS.get(kind, kind)


def _signs(codes: list[str]) -> str:
    """Characters by their numbers, pairs of surrogates as one."""
    numbers = [int(code, 16) for code in codes]
    text = "".join(chr(n) if n <= sys.maxunicode else "\ufffd" for n in numbers)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def of_bytes(data: bytes) -> str:
    """Bytes as UTF-8, else as what older programs of the West write."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
