"""Runs of text that are an encoding as a whole: base64 and hex, as all that writes them writes it.

Base64 is decoded at each of its alignments, hex at both, so that it does not matter where a run
begins. Of what comes out only text is kept, and nearly all that is no encoding holds none.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator

from tierpub.audit.views import View, wide_texts

_ALPHABET = "A-Za-z0-9+/_-"
_WORD = re.compile(f"[{_ALPHABET}]{{11,}}")
"""Base64 of eight letters, and longer."""
_WRAPPED = re.compile(rf"[{_ALPHABET}]{{11,}}(?:[ \t]*\r?\n[ \t>]*[{_ALPHABET}]{{2,}}+(?![^\s=]))*")
_PARTS = re.compile(f"[{_ALPHABET}]+")
_SAFE = str.maketrans("-_", "+/")
_RICH, _SHARE = 20, 0.8
"""Base64 so long, of which so much is text, is looked at together with what stands around it."""
_KNOWN = 1 << 16
"""Words that are remembered as holding nothing."""
_HEX = bytes(
    104 if chr(i) in "0123456789abcdefABCDEF" else 32 if chr(i) in " \t\r\n:;,-" else 46
    for i in range(256)
)
"""Digits become `h`, signs between them a blank, all else a full stop."""
_SEEDS = (
    b"h" * 16, b"hh " * 6, b"hh  " * 6, b"h.hh " * 4, b"h.hh  " * 4, b"hhhh " * 4,
)  # fmt: skip
_HEX_RUN = re.compile(
    r"(?:0[xX])?[0-9A-Fa-f]{2}(?:[\s:;,-]{0,3}(?:0[xX])?[0-9A-Fa-f]{2})*[0-9A-Fa-f]?"
)
_BETWEEN = re.compile(r"0[xX]|[^0-9A-Fa-f]")
_NONE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd"
_TEXT = re.compile(
    f"[^{_NONE}]{{6,}}|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{{2,}}"
)
"""Where words have blanks between them, and where they have none."""
_NO_TEXT = b"\xff"
_OLD = re.compile(r"[\t\n\r\x20-\x7e\xa0-\xff]{6,}")
_ASCII = bytes([9, 10, 13, *range(0x20, 0x7F)])
_LETTERS = re.compile(r"[^\W_]{2}")


class Base64:
    """Finds base64. Remembers the words that hold nothing: `wanted` says of a decoded text
    whether it does, and has to give the same answer always."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        """With a memory of nothing."""
        self._wanted = wanted
        self._dull: set[str] = set()

    def views(self, text: str, tiers: bytes | None, outer: View | None) -> Iterator[View]:
        """What base64 in `text` says."""
        words = set(_WORD.findall(text)) - self._dull
        live = {word for word in words if self._lives(word)}
        if not live:
            return
        for match in _WRAPPED.finditer(text):
            parts = _PARTS.findall(match[0])
            if not live.isdisjoint(parts):
                found = dict.fromkeys(
                    (said, form) for data in _aligned("".join(parts)) for said, form in texts(data)
                )
                for said, form in found:
                    yield run_view(said, f"{form}base64", tiers, match.span(), outer)

    def _lives(self, word: str) -> bool:
        ways = list(_aligned(word))
        together = _NO_TEXT.join(ways)
        if b"\0" not in together and not _TEXT.search(together.decode("utf-8", "replace")):
            ways = []  # as nearly always
        for data in ways:
            if len(word) >= _RICH and _is_text(data):
                return True
            if any(self._wanted(said) for said, _ in texts(data)):
                return True
        if len(word) < _KNOWN >> 8:
            if len(self._dull) >= _KNOWN:
                self._dull.clear()
            self._dull.add(word)
        return False


def _aligned(run: str) -> Iterator[bytes]:
    """What a run of base64 says, from each of its first four signs on."""
    clean = run.translate(_SAFE)
    for skip in range(4):
        part = clean[skip:]
        data = binascii.a2b_base64(part + "A" * (-len(part) % 4))
        yield data[: len(part) * 6 // 8]


def hex_views(text: str, tiers: bytes | None, outer: View | None) -> Iterator[View]:
    """What hex in `text` says: with signs between the digits or without."""
    mask = text.encode("latin-1", "replace").translate(_HEX)
    done = 0
    for at in sorted({at for seed in _SEEDS for at in _spots(mask, seed)}):
        match = _HEX_RUN.match(text, at) if at >= done else None
        # With `0x` before each digit the mask begins at the 0.
        if match is None:
            continue
        done = match.end()
        digits = _BETWEEN.sub("", match[0])
        for skip in (0, 1):
            part = digits[skip : skip + (len(digits) - skip) // 2 * 2]
            for said, form in texts(bytes.fromhex(part)):
                yield run_view(said, f"{form}hex", tiers, match.span(), outer)


def _spots(mask: bytes, seed: bytes) -> Iterator[int]:
    """Where rows of a seed begin."""
    at = mask.find(seed)
    while at >= 0:
        yield at
        at = mask.find(seed, at + len(seed))


def run_view(
    said: str, form: str, tiers: bytes | None, span: tuple[int, int], outer: View | None
) -> View:
    """What a run says as a view: no part of it has a place of its own."""
    start, end = span
    strip = None if tiers is None else bytes([max(tiers[start:end])]) * len(said)
    name = f"{form} in {outer.form}" if outer else form
    return View(said, name, strip, (0,), (start,), None, outer)


def _is_text(data: bytes) -> bool:
    """Whether hardly anything but text is in decoded bytes, in UTF-8 or UTF-16."""
    read = data.decode("utf-8", "replace")
    return len(_TEXT.sub("", read)) < (1 - _SHARE) * len(read) or data.count(0) * 3 > len(data)


def texts(data: bytes) -> list[tuple[str, str]]:
    """The texts in decoded bytes, each with what it was written in if that was not UTF-8."""
    read = data.decode("utf-8", "replace")
    found = [(said, "") for said in _TEXT.findall(read)]
    if len(found) == 1 and len(found[0][0]) == len(read):
        return found
    if b"\0" in data:
        found += [(said, "UTF-16 in ") for said in wide_texts(data)]
    foreign = len(data.translate(None, _ASCII))
    if 0 < foreign * 4 < len(data):
        found += [(said, "") for said in _OLD.findall(data.decode("latin-1"))]
    return [(said, form) for said, form in found if _LETTERS.search(said)]
