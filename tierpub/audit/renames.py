"""The names that a level gives to what others call otherwise: its tree, and its ending of a name.

In nearly all texts they are spelt plainly, and plain text is found many times faster than what may
be in any case and encoded.
"""

from __future__ import annotations

import re
from functools import cached_property

TREE = "\x01"
"""The token of a tree's or the source's name at the start of a path."""
Edit = tuple[int, int, str]


class Renames:
    """Finds the names of trees, and a level's suffix; all of one spelling or another."""

    def __init__(self, trees: tuple[str, ...], suffix: str) -> None:
        self._trees, self._suffix = trees, suffix
        self._names = [*trees, *([suffix] if suffix else [])]
        signs = {c for name in self._names for c in name if not c.isalnum()}
        self._odd = [form for c in signs for form in (f"%{ord(c):02X}", f"&#{ord(c)};", f"\\{c}")]
        self._plain = [re.compile(re.escape(name) + _BEHIND_TREE) for name in trees]
        self._ending = re.compile(re.escape(suffix) + _BEHIND_SUFFIX)

    @cached_property
    def anyhow(self) -> re.Pattern[str]:
        """All of them in any spelling, in groups `tree` and `suffix`."""
        names = "|".join(map(_spelt, self._trees))
        pattern = rf"(?P<tree>(?:(?<![\w.-])|(?<=%2F))(?:{names}){_BEHIND_TREE})"
        if self._suffix:
            pattern += rf"|(?P<suffix>{_spelt(self._suffix)}{_BEHIND_SUFFIX})"
        return re.compile(pattern, re.IGNORECASE)

    def of(self, text: str) -> list[Edit]:
        """What to put in their places, in no order."""
        if not self._is_plain(text):
            return [
                (*m.span(), TREE if m.lastgroup == "tree" else "")
                for m in self.anyhow.finditer(text)
            ]
        found = [
            (*match.span(), TREE)
            for pattern in self._plain
            for match in pattern.finditer(text)
            if _begins(text, match.start())
        ]
        if self._suffix:
            found += [(*match.span(), "") for match in self._ending.finditer(text)]
        return found

    def _is_plain(self, text: str) -> bool:
        """Whether every name that stands in a text is spelt as it is."""
        low, upper = text.lower(), ""
        if any(low.count(name.lower()) != text.count(name) for name in self._names):
            return False
        if "%" in text or "&#" in text or "\\" in text:
            upper = text.upper()
        return not upper or not any(form in upper for form in self._odd)


_BEHIND_TREE = r"(?=[/\\]|%(?:25)?2[Ff]|&sol;)"
_BEHIND_SUFFIX = r"(?![\w-])"


def _begins(text: str, at: int) -> bool:
    """Whether no word, dot or dash stands before a tree's name."""
    before = text[at - 1 : at]
    return not (before.isalnum() or before in ("_", ".", "-")) \
        or text[max(0, at - 3) : at].upper() == "%2F"  # fmt: skip


def _spelt(name: str) -> str:
    """A pattern for a name in any spelling that links have."""
    return "".join(
        c if c.isalnum() else rf"(?:\\?{re.escape(c)}|%{ord(c):02X}|&#{ord(c)};)" for c in name
    )
