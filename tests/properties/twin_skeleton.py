"""The visible skeleton of a note: text with slots, at or below the level by construction.

A unit is a few lines of one sort (a paragraph, a list, a table, a field) that ends in its own
blank line; `UNITS` hold one function for each. Each gives pieces: text and slots.
A unit may raise a portion by a visible label, to a tier at or below the level, so that the
levels in between have something to tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis.strategies import DrawFn, integers
from twin_policy import TIERS
from twin_seen import BY_NAME, BY_PATH, PICTURES_BY_NAME, PICTURES_BY_PATH, Place
from twin_slots import Slot

Piece = str | Slot
Pieces = list[Piece]


@dataclass(slots=True)
class Skeleton:
    """What is drawn for one note."""

    draw: DrawFn
    level: int
    here: Place
    all: tuple[Place, ...]
    words: dict[str, int]
    pictures: dict[str, bool] = field(default_factory=dict)
    """Visible pictures, by path below the source, and whether hidden ones share their names."""
    aliases: list[str] = field(default_factory=list)
    """Of the note."""
    tail: Pieces = field(default_factory=list)
    """Footnotes and definitions, for the end of the note's first section."""

    def pick(self, options: int) -> int:
        """One of `options`, shrinking to the first."""
        return self.draw(integers(0, options - 1))

    def word(self, tier: int = 0) -> str:
        """A new visible word in this note, in a portion of `tier` where that is higher."""
        word = f"v{len(self.words) + 1}q"
        self.words[word] = max(tier, self.here.tier)
        return word

    def tier(self) -> int:
        """A tier a visible label may name."""
        return self.pick(self.level + 1)

    def link(self) -> str:
        """A link to a visible note, in one of the forms."""
        to = self.all[self.pick(len(self.all))]
        if self.pick(16) == 1:
            return f"[{self.word()}](https://open.example/{self.word()})"
        forms = BY_PATH if to.shared else (*BY_NAME, *BY_PATH)
        return forms[self.pick(len(forms))](to, lambda: self.word(to.tier))

    def picture(self, *, shared: bool) -> str:
        """A new visible picture, its path below the source; `shared` may have namesakes."""
        path = f"Open/{self.word()}.{('png', 'jpg', 'gif', 'webp')[self.pick(4)]}"
        self.pictures[path] = shared
        return path


IN, END, START = Slot("inline"), Slot("end"), Slot("start")
BLOCK = Slot("block")


def _words(s: Skeleton) -> Pieces:
    return [f"{s.word()} words", IN, f" {s.word()}", IN, f", {s.word()}.", END, "\n\n"]


def _start(s: Skeleton) -> Pieces:
    return [START, f"{s.word()} words {s.word()}", END, "\n\n"]


def _link(s: Skeleton) -> Pieces:
    return [f"{s.word()} words {s.link()} words", IN, " words\n\n"]


def _lines(s: Skeleton) -> Pieces:
    line = Slot("line")
    return [line, f"{s.word()} words", IN, "\n", line, f"{s.word()} words\n", line, "\n"]


def _interrupted(s: Skeleton) -> Pieces:
    return [f"{s.word()} words\n", Slot("interrupt"), f"\n{s.word()} words\n\n"]


def _labelled(s: Skeleton) -> Pieces:
    tier = s.tier()
    return [f"{s.word(tier)} words", IN, f" [confidential:: {TIERS[tier]}]\n\n"]


def _list(s: Skeleton) -> Pieces:
    item = Slot("item")
    head: Pieces = [item, f"- {s.word()} words", IN, f" {s.word()}\n", item]
    return [*head, "- ", START, f"{s.word()}", END, "\n", item, f"\n{s.word()} words\n\n"]


def _nested(s: Skeleton) -> Pieces:
    child = Slot("item", "    ")
    tree: Pieces = [f"- [ ] {s.word()}", END, "\n", child, f"    - {s.word()}\n", child]
    more: Pieces = [f"- {s.word()}\n", child, f"- {s.word()}\n\n", BLOCK, f"{s.word()}\n\n"]
    return tree + more


def _ordered(s: Skeleton) -> Pieces:
    return [
        f"1. {s.word()}",
        END,
        f"\n\n   {s.word()} words",
        IN,
        f" {s.word()}\n\n2. {s.word()}\n\n",
    ]


def _quote(s: Skeleton) -> Pieces:
    inner, line = Slot("inner", "> "), Slot("line", "> ")
    head: Pieces = [f"> {s.word()}", IN, "\n", line, f"> {s.word()}\n>\n", inner]
    return [*head, f"> {s.word()} words\n\n"]


def _callout(s: Skeleton) -> Pieces:
    inner, split = Slot("inner", "> "), Slot("interrupt", "> ")
    head: Pieces = [f"> [!info]+ {s.word()}", IN, f"\n> {s.word()}\n>\n", inner]
    return [*head, f"> {s.word()}\n", split, f">\n> {s.word()}", END, "\n\n"]


def _table(s: Skeleton) -> Pieces:
    row, cell = Slot("row"), Slot("cell")
    head: Pieces = [f"| {s.word()} | {s.word()} |\n| --- | --- |\n", row]
    full: Pieces = [*head, f"| {s.word()} |", " ", cell, f" |\n| {s.word()}", Slot("cell-inline")]
    return [*full, f" | {s.word()} |\n", row, "\n"]


def _code(s: Skeleton) -> Pieces:
    line = Slot("code-line")
    return [
        f"```text\n{s.word()}\n",
        line,
        f"# {s.word()}\n",
        line,
        f"{s.word()}\n",
        line,
        "```\n\n",
    ]


def _diagram(s: Skeleton) -> Pieces:
    line = Slot("diagram-line")
    return [f"```mermaid\ngraph LR\n  x[{s.word()}] --> y\n", line, "  y --> x\n", line, "```\n\n"]


def _field(s: Skeleton) -> Pieces:
    return [
        f"{s.word()}:: {s.word()}",
        Slot("value"),
        f" {s.word()}\n\n[{s.word()}:: {s.word()}]",
        END,
        "\n\n",
    ]


def _footnote(s: Skeleton) -> Pieces:
    note = f"n{len(s.tail)}"
    s.tail += [f"[^{note}]: {s.word()} words", END, "\n\n"]
    return [f"{s.word()}[^{note}] words #topic/{s.word()}", IN, f" {s.word()}\n\n"]


def _definition(s: Skeleton) -> Pieces:
    label = f"ref{len(s.tail)}"
    s.tail += [f"[{label}]: https://open.example/{s.word()}\n\n"]
    return [f"{s.word()} [{s.word()}][{label}]", IN, " words\n\n"]


def _block_id(s: Skeleton) -> Pieces:
    name = f"id{len(s.words)}"
    return [f"{s.word()}", IN, f" words ^{name}\n\n{s.word()} [[#^{name}]] words\n\n"]


def _picture(s: Skeleton) -> Pieces:
    shared = s.pick(2) == 1
    path = s.picture(shared=shared)
    forms = PICTURES_BY_PATH if shared else (*PICTURES_BY_NAME, *PICTURES_BY_PATH)
    shown = forms[s.pick(len(forms))](path, s.word)
    return [f"{s.word()} words {shown} words", IN, " words\n\n"]


UNITS = (
    _words, _start, _link, _lines, _interrupted, _labelled, _list, _nested, _ordered, _quote,
    _callout, _table, _code, _field, _footnote, _definition, _block_id,
    _picture, _diagram,
)  # fmt: skip
