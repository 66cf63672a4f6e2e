"""Text as a reader takes it in, so that a name is found however it is typed.

Needles and texts go through `plain`: folded, in NFC, with every run of blanks and line ends as
one blank, which `_` is as well, without the characters that nobody sees, typographic quotes and
dashes as plain ones.
`unmarked` is the text once more without the marks of emphasis and code, brackets of links,
escapes, tags and comments, which may stand in the middle of a name.
"""

from __future__ import annotations

import html
import re
import unicodedata

from tierpub.vault.names import folded

_AS_SEEN = {
    **dict.fromkeys("\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    **dict.fromkeys("\u2018\u2019\u02bc", "'"),
    **dict.fromkeys("\u201c\u201d", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
}
"""What a reader sees of characters that are seen otherwise than they are typed, or not at all."""
_QUOTED = re.compile(r"\n[ \t]*(?:>[ \t]*)+")
_SPECIAL = re.compile(f"[{''.join(_AS_SEEN)}]")
_INSIDE = re.compile(r"<!--|%%[^%]*%%|</?[A-Za-z][^<>]*>")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_MARKS = ("**", "*", "`", "~~", "==", "[[", "]]")


def plain(text: str) -> str:
    """`text` as it is searched."""
    if text.isascii() and text.isalnum():
        return text.lower()
    if ">" in text:
        text = _QUOTED.sub("\n", text)
    if not text.isascii():
        for sign in set(_SPECIAL.findall(text)):
            text = text.replace(sign, _AS_SEEN[sign])
    return " ".join(folded(text).replace("_", " ").split())


def unmarked(text: str) -> str | None:
    """`text` as it is searched, without markup; None where it holds none."""
    bare = text
    if "*" in bare:  # that of a list stays: it sets its items apart
        bare = bare.replace("\n* ", "\n\0 ").replace(" * ", " \0 ")
    for mark in _MARKS:
        if mark in bare:
            bare = bare.replace(mark, "")
    if "<" in bare or "%%" in bare:
        bare = _outside(bare)
    if "\\" in bare:
        bare = _ESCAPE.sub("", bare)
    if "&" in bare:
        bare = html.unescape(bare)
    return plain(bare) if bare != text else None


def _outside(text: str) -> str:
    """`text` without comments and tags."""
    kept: list[str] = []
    done = at = 0
    last = text.rfind("-->")  # looked for once, for comments that nothing closes
    while match := _INSIDE.search(text, at):
        at = end = match.end()
        if match[0] == "<!--":
            end = text.find("-->", end) + 3 if end <= last else -1
        if end >= 0:
            kept.append(text[done : match.start()])
            done = at = end
    return "".join([*kept, text[done:]])


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch of `text` is whole words: no letter, digit or combining mark goes on
    across either edge. Scripts that set no blanks between words have no such edge."""
    before = start > 0 and _goes_on(text[start - 1]) and not unspaced(text[start])
    after = end < len(text) and _goes_on(text[end]) and not unspaced(text[end - 1])
    return not before and not after


def _goes_on(character: str) -> bool:
    if character.isalnum():
        return not unspaced(character)
    return not character.isascii() and unicodedata.category(character)[0] == "M"


_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def unspaced(character: str) -> bool:
    """Whether `character` is of a script that sets no blanks between words."""
    number = ord(character)
    return number >= 0xE00 and any(first <= number <= last for first, last in _UNSPACED)  # noqa: PLR2004
