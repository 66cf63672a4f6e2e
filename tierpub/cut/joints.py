"""What stays between two blocks when what stood between them was cut.

A blank line, where without it the two would be read as one or the second as something else;
otherwise nothing. The answer depends on the two visible blocks alone: where they could stand
side by side as they are, nobody can tell whether anything stood between.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import pyromark

from tierpub.note import Kind, Portion
from tierpub.note.inline import WIKILINK
from tierpub.note.view import OPTIONS, view

_CONTAINERS = frozenset((Kind.NOTE, Kind.QUOTE, Kind.CALLOUT, Kind.ITEM, Kind.FOOTNOTE))
_QUOTES = frozenset((Kind.QUOTE, Kind.CALLOUT))
_CLOSED = frozenset((Kind.HEADING, Kind.RULE, Kind.CODE, Kind.COMMENT))
_LOOSE = frozenset(("List", "Paragraph", "SoftBreak"))
_QUOTE_MARK = re.compile(r"[ \t]{0,3}>[ ]?")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SAMPLES = {Kind.TABLE: "|a|b|\n|---|---|\n|c|d|\n", Kind.DEFINITION: "[a]: /b\n"}


class Block(NamedTuple):
    """A visible block: a leaf, or a mark that stands in `portion`."""

    portion: int
    kind: Kind
    text: str


def separator(portions: tuple[Portion, ...], before: Block, after: Block) -> str:
    """The blank line to keep between two visible blocks, or ""."""
    text, kind = before.text, before.kind
    if not text.endswith("\n") or not text.strip(" \t>\r\n") or _blank_end(text):
        return ""
    if kind in _CONTAINERS:  # a marker alone on its line: nothing is open after it
        return ""
    if kind in _CLOSED and not (kind == Kind.CODE and not portions[before.portion].level):
        return ""
    common = _common(portions, before.portion, after.portion)
    stripped, prefix = _strip(portions, common, after.text)
    if not joins(_sample(portions, before, common), stripped):
        return ""
    return prefix.rstrip() + ("\r\n" if text.endswith("\r\n") else "\n")


def _blank_end(text: str) -> bool:
    """Whether the last line of `text` is blank but for the prefix of its container."""
    body = text[:-1]
    line = body[body.rfind("\n") + 1 :]
    return "\n" in body and not line.strip(" \t>\r")


def _chain(portions: tuple[Portion, ...], index: int) -> list[int]:
    """The containers of a leaf, outermost first."""
    chain = []
    while index >= 0:
        if portions[index].kind in _CONTAINERS:
            chain.append(index)
        index = portions[index].parent
    return chain[::-1]


def is_container(portion: Portion) -> bool:
    """Whether what stands in `portion` is set apart from what stands beside it."""
    return portion.kind in _CONTAINERS


def is_below(portions: tuple[Portion, ...], index: int, container: int) -> bool:
    """Whether the portion `index` stands in `container`."""
    while index > container:
        index = portions[index].parent
    return index == container


def prefix_length(portions: tuple[Portion, ...], container: int, text: str) -> int:
    """How much of a line in `container` is the prefix that it and those around it ask for."""
    return _prefix(portions, _chain(portions, container), text)


def _common(portions: tuple[Portion, ...], before: int, after: int) -> list[int]:
    chain = []
    for one, other in zip(_chain(portions, before), _chain(portions, after), strict=False):
        if one != other:
            break
        chain.append(one)
    return chain


def _strip(portions: tuple[Portion, ...], chain: list[int], text: str) -> tuple[str, str]:
    """`text` without the prefix that the containers put before each line, and that prefix."""
    lines = _LINE.findall(text)
    stripped = [line[_prefix(portions, chain, line) :] for line in lines]
    return "".join(stripped), lines[0][: _prefix(portions, chain, lines[0])] if lines else ""


def _prefix(portions: tuple[Portion, ...], chain: list[int], line: str) -> int:
    at = 0
    for index in chain:
        portion = portions[index]
        if portion.kind in _QUOTES:
            match = _QUOTE_MARK.match(line, at)
            at = match.end() if match else at
        elif portion.kind in (Kind.ITEM, Kind.FOOTNOTE):
            width = max(1, portion.inner_start - portion.start) if portion.kind == Kind.ITEM else 4
            while at < len(line) and line[at] in " \t" and at < width:
                at += 1
    return at


def _sample(portions: tuple[Portion, ...], before: Block, common: list[int]) -> str:
    """A short block of the kind of `before`, as deep below the common container as it is."""
    chain = _chain(portions, before.portion)
    sample = _SAMPLES.get(before.kind, "a\n")
    if before.kind == Kind.HTML:
        sample = _strip(portions, chain, before.text)[0].lstrip()
    elif before.kind == Kind.CODE:
        sample = "    a\n"
    for index in chain[len(common) :][::-1]:
        mark, rest = ("> ", "> ") if portions[index].kind in _QUOTES else ("- ", "  ")
        sample = mark + rest.join(_LINE.findall(sample))
    return sample


def joins(first: str, second: str) -> bool:
    """Whether the two, one right after the other, read otherwise than each for itself."""
    return _joins(first, second) if len(second) < 2000 else _joins.__wrapped__(first, second)  # noqa: PLR2004


@lru_cache(maxsize=4096)
def _joins(first: str, second: str) -> bool:
    return shape(first + second) != shape(first) + shape(second)


def shape(text: str) -> list[str]:
    """The blocks of `text`, in order. Lists and the paragraphs of their items are left out: that
    lists become neighbours is no joining."""
    found: list[str] = []
    in_item = 0
    for event, _ in view(text).events:
        name = _name(event)
        if name == "Item":
            in_item += 1 if _is_start(event) else -1
        if name == "SoftBreak" or (_is_start(event) and name not in _LOOSE):
            found.append(name)
        elif _is_start(event) and name == "Paragraph":
            found += [] if in_item else [name]
        elif event == "Rule":
            found.append(name)
    return found


def _is_start(event: Any) -> bool:  # noqa: ANN401 - the parser's own type
    return type(event) is dict and "Start" in event


def _name(event: Any) -> str:  # noqa: ANN401 - the parser's own type
    if type(event) is str:
        return event
    kind, value = next(iter(event.items()))
    if kind in ("Start", "End"):
        return value if type(value) is str else next(iter(value))
    return str(kind)


def reads_as(text: str, kind: Kind, links: int, comments: int) -> bool:
    """Whether `text` alone is one block of `kind` with so many links and comments in it."""
    seen = view(text)
    if len(seen.comments) != comments:
        return False
    depth, blocks, found = 0, [], len(WIKILINK.findall(text))
    for event, span in seen.events:
        if type(event) is not dict:
            if event == "Rule":
                return False
            continue
        name = _name(event)
        if name == "Code" and found:  # look-alikes in code are no links
            found -= len(WIKILINK.findall(text, span["start"], span["end"]))
        if "Start" in event:
            if depth == 0:
                blocks.append(name)
            depth += 1
            found += name in ("Link", "Image")
        elif "End" in event:
            depth -= 1
    if "]:" in text and pyromark.reference_definitions(seen.text, options=OPTIONS):
        return False
    wanted = {Kind.PARAGRAPH: "Paragraph", Kind.HEADING: "Heading", Kind.TABLE: "Table"}[kind]
    return blocks == [wanted] and found == links
