"""The forms in which a string may hide in bytes, and how haystacks are made even for them."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from tierpub.tiers import fold

_BLANKS = str.maketrans(dict.fromkeys("\n\r\t_\xa0\u2007\u202f\u2028\u2029", " "))
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_MARKS = "\u0300-\u036f\u1161-\u11ff"
_LETTERS = re.compile(f"[\0-\x7f]+(?![{_MARKS}])|(?s:.)[{_MARKS}]*")
"""Runs that folding moves nothing in, and single letters with what is set above them."""
_MANY = re.compile(r"\s+")
ENCODED = 24
"""So many characters of a needle are looked for in its encoded forms."""
SHORTEST = 6
"""Shorter strings have no encoded forms: everything would hold them."""


def even_text(text: str) -> str:
    """A text as needles are looked for in it: folded, composed, blanks alike. Lines stay where
    they are in number, columns nearly."""
    if text.isascii():
        low = text.lower()
        for blank in "\n\r\t_":  # much quicker than a table
            low = low.replace(blank, " ")
        return low
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return fold(_UNSEEN.sub("", text)).translate(_BLANKS)


def even_tiers(text: str, tiers: bytes) -> tuple[str, bytes]:
    """An evened text with a tier for each of its characters, however folding moves them."""
    if text.isascii():
        return even_text(text), tiers
    letters, marks = [], []
    for match in _LETTERS.finditer(text):
        start, end = match.span()
        form = even_text(match[0])
        letters.append(form)
        same = match[0].isascii()
        marks.append(tiers[start:end] if same else bytes([max(tiers[start:end])]) * len(form))
    return "".join(letters), b"".join(marks)


def squeezed(text: str) -> str:
    """A string as a needle: even, runs of blanks as one."""
    return _MANY.sub(" ", even_text(text)).strip()


def forms(text: str) -> Iterator[tuple[str, str]]:
    """The forms of a needle that differ, each with its name, all made even."""
    plain = squeezed(text)
    seen = {plain}
    yield "plain", plain
    for name, form in _encodings(" ".join(text.split())):
        ready = even_text(form)
        if ready not in seen and len(ready) >= SHORTEST and not plain.startswith(ready):
            seen.add(ready)
            yield name, ready


def _encodings(text: str) -> Iterator[tuple[str, str]]:
    yield "slug", re.sub(r"[^\w]+", "-", text.replace("_", " ")).strip("-")
    if len(text) < SHORTEST:
        return
    # Both ways of writing a name in files, and both normalisations, hide in encoded bytes.
    for short in dict.fromkeys((text[:ENCODED], unicodedata.normalize("NFD", text)[:ENCODED])):
        data = short.encode("utf-8", "surrogatepass")
        yield "URL", quote(short, safe="/")
        yield "URL", quote(short, safe="")
        yield "URL", quote_plus(short)
        yield "HTML", html.escape(short)
        yield "HTML", "".join(f"&#{ord(c)};" for c in short)
        yield "HTML", "".join(f"&#x{ord(c):x};" for c in short)
        yield "JSON", json.dumps(short)[1:-1]
        yield "hex", data.hex()
        yield "URL", "".join(f"%{byte:02x}" for byte in data)
        yield from (("base64", form) for form in _base64(data))


def _base64(data: bytes) -> Iterator[str]:
    """What stands in base64 of anything that holds `data`, at each of three alignments."""
    for shift in range(3):
        padded = b"\0" * shift + data
        text = base64.b64encode(padded).decode().rstrip("=")
        first = (0, 2, 3)[shift]
        last = len(padded) * 8 // 6
        core = text[first:last]
        if len(core) >= SHORTEST:
            yield core
            if "+" in core or "/" in core:
                yield core.replace("+", "-").replace("/", "_")
