"""What the reader of notes must be told: the label key and the trees of the tiers.

Both come from a policy, but nothing else of it does; the scanners stay free of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

# Every spelling that Markdown, HTML or a URL allows for the characters of a path.
_SPELLINGS = {
    "_": r"(?:\\?_|%5f|&#0*95;|&#x0*5f;|&lowbar;)",
    "/": r"(?:[/\\]|%2f|%5c|&#0*47;|&#x0*2f;|&sol;)",
    " ": r"(?: |%20)",
}
_TO_EXTENSION = r"[^\n\[\]<>\"`|]{0,512}?\.md\b(?:#[^\s\[\]()<>\"'`|]*)?"
_TO_DELIMITER = r"[^\s\[\]()<>\"'`|]*"
_APART = r"(?:(?<![^\W_])|(?<=%2f)|(?<=%5c))"
"""What stands before a folder's name: no letter or digit, but of an encoded slash."""
_COLON = "[:\uff1a\u2237\ua789\u02d0\u205a]"
"""The colon, and what looks like one or two of them."""
_UNFOLDED = re.compile(r"[\s*_`~:=]+")
_REGION = re.compile(r"\s*+(/?)([^:/%]{1,60}?)\s*+(?::{1,2}\s*([^\s:%]+))?\s*\Z")


@lru_cache(maxsize=4096)
def fold_key(text: str) -> str:
    """`text` as label keys are compared: without case, blanks, emphasis or a trailing colon."""
    return _UNFOLDED.sub("", text).casefold()


@dataclass(frozen=True, slots=True)
class Grammar:
    """How labels and paths into the trees of tiers are spelled."""

    label_key: str
    trees: tuple[str, ...]
    """The folder of each tier as projections stand in it, such as `_secret/`."""
    tier_names: tuple[str, ...] = ()
    folded_key: str = field(init=False)
    key_words: re.Pattern[str] = field(init=False)
    """Finds the label key in any case: what does not hold it holds no label."""
    tier_path: re.Pattern[str] = field(init=False)
    """From a tier's folder to the end of the path's `.md`, or else to a delimiter."""
    label_like: re.Pattern[str] = field(init=False)
    """What a reader would take for a label: the key, some separator and a tier's name."""
    label_near: re.Pattern[str] = field(init=False)
    """The key and a tier's name with nothing but signs between them: a label, in a comment."""
    tree_words: tuple[tuple[str, str, int], ...] = field(init=False)
    """For each tier a word that stands in every such path, its folder, both in lower case, and
    where in the folder the word stands."""
    tree: re.Pattern[str] = field(init=False)
    """The folder of a tier alone, around one of those words."""
    reach: int = field(init=False)
    """How far from its word's start a folder may go."""

    def __post_init__(self) -> None:
        trees = "|".join(_spelled(tree) for tree in self.trees) or "(?!)"
        path = rf"{_APART}(?:{trees})(?:{_TO_EXTENSION}|{_TO_DELIMITER})"
        names = "|".join(re.escape(name) for name in self.tier_names) or "(?!)"
        like = (
            rf"(?<![\w/]){re.escape(self.label_key)}[*_`~]*\s?(?:(?:\\?{_COLON}){{1,2}}|=|[/\uff0f])"
            rf"\s?[*_`~\"']*(?:{names})(?![\w/.-])"
        )
        near = rf"(?<!\w){re.escape(self.label_key)}[\W_]{{1,6}}(?:{names})(?!\w)"
        object.__setattr__(self, "label_near", re.compile(near, re.IGNORECASE))
        object.__setattr__(self, "label_like", re.compile(like, re.IGNORECASE))
        object.__setattr__(self, "folded_key", fold_key(self.label_key))
        object.__setattr__(self, "key_words", re.compile(re.escape(self.label_key), re.IGNORECASE))
        object.__setattr__(self, "tier_path", re.compile(path, re.IGNORECASE))
        object.__setattr__(self, "tree", re.compile(rf"{_APART}(?:{trees})", re.IGNORECASE))
        object.__setattr__(self, "reach", 8 * max(map(len, self.trees), default=0))
        object.__setattr__(self, "tree_words", tuple(_word(t) for t in self.trees))

    def region_label(self, comment: str) -> str | None:
        """The tier that a comment opens a region with, "" where it closes one, else None."""
        if not self.key_words.search(comment):
            return None
        words = comment.removeprefix("<!--").removesuffix("-->").strip("%")
        match = _REGION.match(words)
        if not match or fold_key(match[2]) != self.folded_key:
            return None
        if match[1]:
            return ""
        return match[3] or None


def _word(tree: str) -> tuple[str, str, int]:
    """The longest run of ASCII letters and digits of a folder's name, which no spelling changes
    (empty where there is none: that stands in every text), the name, and the run's offset."""
    lower = tree.lower()
    word = max(re.findall(r"[a-z0-9]+", lower), key=len, default="")
    return word, lower, lower.find(word)


def _spelled(tree: str) -> str:
    return "".join(_SPELLINGS.get(char, re.escape(char)) for char in tree)
