"""How strings are made even before they are looked for, and the form that names take in files."""

from __future__ import annotations

import re
import unicodedata

from tierpub.tiers import fold

_BLANKS = "\n\r\t_\xa0\u2007\u202f\u2028\u2029"
_ASCII_BLANKS = "\n\r\t_"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_MARKS = "\u0300-\u036f\u1161-\u11ff"
_LETTERS = re.compile(f"[\0-\x7f]+(?![{_MARKS}])|(?s:.)[{_MARKS}]*")
"""Runs that folding moves nothing in, and single letters with what is set above them."""
_MANY = re.compile(r"\s+")
_SIGNS = re.compile(r"[\W_]+")


def even_text(text: str) -> str:
    """A text as needles are looked for in it: folded, composed, blanks alike. Lines stay where
    they are in number, columns nearly."""
    blanks = _BLANKS
    if text.isascii():
        low, blanks = text.lower(), _ASCII_BLANKS
    else:
        for sign in _UNSEEN:  # much quicker than a pattern or a table
            text = text.replace(sign, "")
        low = fold(text)
    for blank in blanks:
        low = low.replace(blank, " ")
    return low


def even_tiers(text: str, tiers: bytes) -> tuple[str, bytes]:
    """An evened text with a tier for each of its characters, however folding moves them."""
    if _stays(text):
        return even_text(text), tiers
    letters, marks = [], []
    for match in _LETTERS.finditer(text):
        start, end = match.span()
        form = even_text(match[0])
        letters.append(form)
        same = match[0].isascii()
        marks.append(tiers[start:end] if same else bytes([max(tiers[start:end])]) * len(form))
    return "".join(letters), b"".join(marks)


def _stays(text: str) -> bool:
    """Whether each character of a text becomes one of the evened text."""
    if text.isascii():
        return True
    folded = text.casefold()
    return (
        len(folded) == len(text)
        and not any(sign in text for sign in _UNSEEN)
        and unicodedata.is_normalized("NFC", folded)
    )


def squeezed(text: str) -> str:
    """A string as a needle: even, runs of blanks as one."""
    return _MANY.sub(" ", even_text(text)).strip()


def slug(plain: str) -> str:
    """An evened string as it stands in names of files and addresses: words with hyphens."""
    return _SIGNS.sub("-", plain).strip("-")
