"""Hidden words to plant in another form: encoded, escaped, in capitals, as a name of a file."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Callable
from html.entities import codepoint2name
from urllib.parse import quote

_AROUND = b"Minutes of the meeting, as they were taken: ", b" and so on"
_BLANK = "&nbsp;"


def base64_at(shift: int) -> Callable[[str], str]:
    """In base64 that begins some bytes before the words."""
    return lambda words: _base64(b"xyz"[:shift] + words.encode() + _AROUND[1])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _wrapped(words: str) -> str:
    """As mail has it, so that the words stand on two lines."""
    return base64.encodebytes(_AROUND[0] + words.encode() + _AROUND[1]).decode()


def _url_safe(words: str) -> str:
    return base64.urlsafe_b64encode(b">>?" + words.encode() + b"??>").decode().rstrip("=")


def _named(words: str) -> str:
    """With names for all signs that have one."""
    names = {ord(" "): _BLANK, ord("/"): "&sol;", ord(","): "&comma;", ord("."): "&period;"}
    names |= {code: f"&{name};" for code, name in codepoint2name.items()}
    return words.translate(names)


def _json(words: str) -> str:
    return json.dumps({"note": "".join(f"\\u{ord(c):04x}" for c in words)}).replace("\\\\", "\\")


def _mail(words: str) -> str:
    """Quoted-printable, with a line's end that is none."""
    lines = words.encode()[:9], words.encode()[9:]
    return "=\n".join("".join(map(_quoted, line)) for line in lines)


def _quoted(byte: int) -> str:
    return chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"={byte:02X}"


ENCODED: dict[str, Callable[[str], str]] = {
    **{f"base64, shifted by {shift}": base64_at(shift) for shift in range(3)},
    "base64 over two lines": _wrapped,
    "base64 for URLs": _url_safe,
    "base64 of UTF-16": lambda words: _base64(words.encode("utf-16")),
    "base64 of URL escapes": lambda words: _base64(quote(words, safe="").encode()),
    "base64 of base64": lambda words: _base64(_base64(words.encode()).encode()),
    "hex": lambda words: words.encode().hex(),
    "hex with blanks": lambda words: words.encode().hex(" "),
    "hex with colons": lambda words: words.encode().hex(":").upper(),
    "URL escapes": lambda words: quote(words, safe=""),
    "URL escapes of HTML": lambda words: quote(_named(words), safe=""),
    "HTML by numbers": lambda words: "".join(f"&#{ord(c)};" for c in words),
    "HTML by hex numbers": lambda words: "".join(f"&#x{ord(c):X};" for c in words),
    "HTML by names": _named,
    "JSON": _json,
    "quoted-printable": _mail,
    "upper case": lambda words: html.unescape(words).upper(),
    "NFD": lambda words: unicodedata.normalize("NFD", words),
    "slug": lambda words: re.sub(r"[^\w]+", "-", words).strip("-"),
}
"""By the sort of plant."""
