"""What the key of a field or the head of a tag is to labels, misspelt and disguised ones too."""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import lru_cache

from tierpub.note.grammar import fold_key

# Letters of other scripts that look like a Latin one (Unicode TR 39, confusables, by hand).
_LOOK_ALIKES = {
    ord(letter): latin
    for latin, letters in {
        "a": "\u0430\u03b1\u0251", "b": "\u044c\u0432", "c": "\u0441\u03f2", "d": "\u0501",
        "e": "\u0435\u03b5\u0454", "f": "\u0192", "g": "\u0261", "h": "\u04bb\u043d",
        "i": "\u0456\u03b9\u0131\u04cf", "j": "\u0458", "k": "\u043a\u03ba",
        "l": "\u04c0\u217c\u01c0", "m": "\u043c", "n": "\u0578\u03b7", "o": "\u043e\u03bf\u0585",
        "p": "\u0440\u03c1", "q": "\u051b", "r": "\u0433", "s": "\u0455", "t": "\u0442\u03c4",
        "u": "\u057d\u03c5", "v": "\u03bd\u0475", "w": "\u051d", "x": "\u0445\u03c7",
        "y": "\u0443\u03b3",
    }.items()
    for letter in letters
}  # fmt: skip
_SEPARATORS = "_- /."
_FEW = 2
"""A key that is longer or shorter by more letters is another word."""
_ALIKE = 0.84
"""So much of two keys must agree for one to be taken for the other misspelt."""


def tag_words(value: str) -> list[str]:
    """The tags in a value of the frontmatter, however they are set apart and dressed."""
    words = (word.strip("#[]\"'") for word in re.split(r"[,;\s]+", value))
    return [word.replace("\uff0f", "/") for word in words if word]


@lru_cache(maxsize=1 << 16)
def key_sort(name: str, label_key: str) -> str:
    """What a key is to labels: `tags`, `label`, `fields` (a field label), `look-alike` or `near`
    (it reads like the label key), or "" for most."""
    key, wanted = fold_key(name), fold_key(label_key)
    if key in ("tags", "tag"):
        return "tags"
    if key == wanted:
        return "label"
    if field_label_tier(name, label_key):
        return "fields"
    head, _, tail = name.rpartition("_")
    if head and tail and (fold_key(plain(head)) == wanted or _near(fold_key(head), wanted)):
        return f"fields-like {tail}"
    bare = fold_key(plain(name))
    if bare == wanted:
        return "look-alike"
    return "near" if _near(bare, wanted) else ""


def field_label_tier(name: str, label_key: str) -> str:
    """The tier that a field label's key names: what follows the label key and a separator."""
    folded = name.strip().casefold()
    rest = folded.removeprefix(label_key.casefold())
    return rest.lstrip(_SEPARATORS) if rest != folded and rest[:1] in tuple(_SEPARATORS) else ""


def plain(name: str) -> str:
    """`name` with look-alike letters and marks on letters replaced by plain ones."""
    folded = unicodedata.normalize("NFKD", name.casefold()).translate(_LOOK_ALIKES)
    return "".join(
        c for c in folded if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )


def _near(name: str, key: str) -> bool:
    if abs(len(name) - len(key)) > _FEW:
        return False
    return difflib.SequenceMatcher(None, name, key).ratio() > _ALIKE
