"""In which blocks each planted word stands, by pulldown-cmark: the plain view of a note's shape.

Used to compare a note with its projection, and a twin with its bare skeleton. Lists are looked
at leniently: what becomes a neighbour may join another list, and turn loose or tight.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pyromark
from twin_hand import WORD

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_TASKLISTS
)
_PIPE = re.compile(r"(\[\[[^\[\]\n|]*)\\?\|(?=[^\[\]\n]*\]\])")
_INLINE = {"Emphasis", "Strong", "Link", "Image", "Strikethrough"}


class Spot(NamedTuple):
    """Where a word stands: the blocks around it, outermost first, and the innermost's number."""

    around: tuple[str, ...]
    leaf: int


def body(text: str) -> str:
    """`text` without its frontmatter."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    if not lines or lines[0].rstrip() != "---":
        return text
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    return "".join(lines[end + 1 :]) if end else text


def shape(text: str) -> dict[str, Spot]:
    """Where each planted word of the body stands, in the order of the text."""
    stack: list[tuple[str, int]] = []
    spots: dict[str, Spot] = {}
    piped = _PIPE.sub(r"\1 ", body(text))  # a link's own pipe splits no cell
    for number, (event, _) in enumerate(pyromark.events_with_range(piped, options=_OPTIONS)):
        _follow(event, number, stack)
        for word in WORD.findall(_text(event)):
            spots.setdefault(word, Spot(_names(stack), stack[-1][1] if stack else -1))
    return spots


def neighbours(spots: dict[str, Spot], words: set[str]) -> list[tuple[str, tuple[str, ...], bool]]:
    """For each of `words` the blocks around it, and whether it shares them with the one before."""
    kept = [(word, spot) for word, spot in spots.items() if word in words]
    before = [-2, *(spot.leaf for _, spot in kept)]
    return [
        (w, spot.around, spot.leaf == last) for (w, spot), last in zip(kept, before, strict=False)
    ]


def _follow(event: Any, number: int, stack: list[tuple[str, int]]) -> None:
    if not isinstance(event, dict):
        return
    for edge in ("Start", "End"):
        if edge in event and _name(event[edge]) not in _INLINE:
            stack.append((_name(event[edge]), number)) if edge == "Start" else stack.pop()


def _name(tag: Any) -> str:
    """The block's name, with its level where it is a heading."""
    name = tag if isinstance(tag, str) else next(iter(tag))
    level = tag[name]["level"] if name == "Heading" and isinstance(tag[name], dict) else ""
    return f"{name}{level}"


def _names(stack: list[tuple[str, int]]) -> tuple[str, ...]:
    """The names on the stack, without the paragraph that a loose item has and a tight one not."""
    names = [name for name, _ in stack]
    return tuple(n for i, n in enumerate(names) if (n, names[i - 1]) != ("Paragraph", "Item"))


def _text(event: Any) -> str:
    if not isinstance(event, dict):
        return ""
    kinds = ("Text", "Code", "Html", "InlineHtml")
    return "".join(value for kind in kinds if isinstance(value := event.get(kind), str))
