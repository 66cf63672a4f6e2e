"""What a skeleton links to: visible notes and pictures, in the forms that notes have.

A note or picture that is *shared* may have hidden namesakes, other ones on each side of a twin.
A bare name would mean them as well, and be as high as they are: it is named by its path alone.
"""

# ruff: noqa: ARG005 - all forms have one signature
from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

from twin_policy import SOURCE, TIERS

Word = Callable[[], str]
"""Gives a new visible word, for the text of a link."""
Form = Callable[["Place", Word], str]


class Place(NamedTuple):
    """A visible note: its path below the source without `.md`, its name, its tier."""

    path: str
    name: str
    tier: int
    heading: str
    shared: bool = False


def _tier_path(to: Place, word: Word) -> str:
    """A path into the tree of the note's own tier: visible from that tier on."""
    tier = TIERS[to.tier]
    return f"[{word()}](/_{tier}/{to.path}.{tier}.md)"


BY_PATH: tuple[Form, ...] = (
    lambda to, w: f"[[{to.path}#{to.heading}]]",
    lambda to, w: f"[[{SOURCE}/{to.path}|{w()}]]",
    lambda to, w: f'[{w()}](/{SOURCE}/{to.path}.md "{w()}")',
    lambda to, w: f"[{w()}]({to.path}.md)",
    lambda to, w: f"[{w()}](<{to.path}.md#{to.heading}>)",
    lambda to, w: f"[[/{SOURCE}/{to.path}.md|{w()}]]",
    lambda to, w: f"![[{SOURCE}/{to.path}#{to.heading}]]",
    lambda to, w: f"[{w()}](/%5FStandards/{to.path}.md)",
    lambda to, w: f'<a href="/{SOURCE}/{to.path}.md">{w()}</a>',
    lambda to, w: f"[{w()}](obsidian://open?vault=v&file={quote(f'{SOURCE}/{to.path}', safe='')})",
    _tier_path,
)
"""That mean one note, whatever other notes are called."""
BY_NAME: tuple[Form, ...] = (
    lambda to, w: f"[[{to.name}]]",
    lambda to, w: f"[[{to.name}|{w()}]]",
    lambda to, w: f"![[{to.name}]]",
    lambda to, w: f"[[{to.name.upper()}]]",
    lambda to, w: f"[[{to.name}.md]]",
    lambda to, w: f"[[{to.name}#{to.heading}|{w()}]]",
    lambda to, w: f"`= [[{to.name}]].{w()}`",
)
Shown = Callable[[str, Word], str]
PICTURES_BY_PATH: tuple[Shown, ...] = (
    lambda path, w: f"![[{path}]]",
    lambda path, w: f"![[{SOURCE}/{path}|100]]",
    lambda path, w: f"![{w()}](/{SOURCE}/{path})",
    lambda path, w: f'<img src="/{SOURCE}/{path}" alt="{w()}">',
)
PICTURES_BY_NAME: tuple[Shown, ...] = (
    lambda path, w: f"![[{_name(path)}]]",
    lambda path, w: f"[[{_name(path)}|{w()}]]",
    lambda path, w: f"![{w()}]({_name(path)})",
)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
