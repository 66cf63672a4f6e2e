"""The hand that fills slots: it invents hidden words and the hidden notes that links name.

Every word it gives is unique, says by its letters which side it was written for, and is
recorded with the tier of what it stands in. That makes leaks and losses exact: at each level
the words found must be those whose tier is at or below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from twin_policy import SOURCE, TIERS, TOP

WORD = re.compile(r"(?:h[abc]|v)\d+x*q")
"""A planted word: `v12q` in the skeleton, `ha7xq` in what side a hides."""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


class Target(NamedTuple):
    """A hidden note: its path below the source without `.md`, and its parts."""

    path: str
    folder: str
    name: str
    heading: str


@dataclass(slots=True)
class Hand:
    """What one side of a twin hides: words with their tiers, and whole files."""

    side: str
    visible: tuple[str, ...] = ()
    """Names of visible notes, for hidden notes to link to."""
    pictures: tuple[str, ...] = ()
    """Paths of visible pictures, for hidden notes to refer to."""
    aliases: tuple[str, ...] = ()
    """Names of visible notes of both sorts, for hidden notes to have for their aliases."""
    words: dict[str, int] = field(default_factory=dict)
    files: dict[str, str | bytes] = field(default_factory=dict)
    defs: list[str] = field(default_factory=list)
    """Reference definitions that the note at hand still owes."""
    sections: list[str] = field(default_factory=list)
    """Hidden sections that the note at hand still owes."""
    keys: set[str] = field(default_factory=set)
    """Field labels already written in the note at hand: a duplicate key is refused."""
    variant: int = 0
    """Turns the small choices that need no draw of their own."""

    def word(self, tier: int) -> str:
        """A new hidden word that stands in something of `tier`; lengths differ."""
        n = len(self.words) + 1
        word = f"h{self.side}{n}{'x' * (n % 4)}q"
        self.words[word] = tier
        return word

    def turn(self, options: int) -> int:
        """The next of `options` small choices, in turn."""
        self.variant += 1
        return self.variant % options

    def comment(self) -> str:
        """A word in a comment, which by default is of the top tier."""
        return self.word(TOP)

    def note(self, tier: int) -> Target:
        """A new hidden note of exactly `tier`, in a folder of one of four sorts."""
        name, heading = self.word(tier), self.word(tier)
        how = self.turn(4)
        sorts = (
            lambda: f"R{TIERS[tier]}",
            lambda: "Open",
            lambda: self.word(tier),
            lambda: f"Open/{self.word(tier)}",
        )
        folder = "R" + TIERS[tier] if how == 0 else sorts[self.turn(4)]()
        path = f"{folder}/{name}"
        text = self._named_alike(how, tier) + self._text(tier, heading)
        self.files[f"{SOURCE}/{path}.md"] = ("\ufeff" if how == 1 and self.turn(2) else "") + text
        return Target(path, folder, name, heading)

    def _named_alike(self, how: int, tier: int) -> str:
        """The note's label; in frontmatter sometimes with a visible note's name for an alias."""
        label = _LABELS[how](TIERS[tier])
        if not label.startswith("---\n") or not self.aliases or self.turn(3):
            return label
        alias = self.aliases[self.turn(len(self.aliases))]
        return label.replace("---\n", f"---\naliases: [{alias}]\n", 1)

    def lone_note(self, tier: int) -> None:
        """A hidden note that nothing refers to; some are called as a folder of visible notes is."""
        self.note(tier)
        for name in ("Open", "Deep"):
            path = f"{SOURCE}/R{TIERS[tier]}/{name}.md"
            if path not in self.files:
                self.files[path] = self._text(tier, self.word(tier))

    def namesake(self, name: str, tier: int) -> None:
        """A hidden note or picture that is called like something visible."""
        stem, dot, extension = name.partition(".")
        name = stem.upper() + dot + extension if self.turn(2) else name
        path = f"{SOURCE}/R{TIERS[tier]}/{name}"
        if dot:
            self.files[path] = PNG if extension == "png" else b"other bytes"
        else:
            self.files[f"{path}.md"] = self._text(tier, self.word(tier))

    def attachment(self, tier: int) -> str:
        """A new image that nothing visible refers to; its name."""
        name = f"{self.word(tier)}.png"
        self.files[f"{SOURCE}/Open/{name}"] = PNG
        return name

    def picture(self, tier: int) -> str:
        """A new image that a rule puts at `tier`: its path below the source."""
        path = f"R{TIERS[tier]}/{self.word(tier)}.png"
        self.files[f"{SOURCE}/{path}"] = PNG
        return path

    def _text(self, tier: int, heading: str) -> str:
        """What hidden notes say; they also refer to what is visible."""
        links = " ".join(f"[[{name}]]" for name in (*self.visible[:1], *self.pictures[:1]))
        return f"# {heading}\n\n{self.word(tier)} words {links}\n\n{self.word(tier)} ^hid\n"


_LABELS: tuple[Callable[[str], str], ...] = (
    lambda _: "",  # the rule for its folder says it
    lambda t: f"---\nconfidential: {t}\n---\n\n",
    lambda t: f"---\ntags: [confidential/{t}]\n---\n",
    lambda t: f"confidential:: {t}\n\n",
)
