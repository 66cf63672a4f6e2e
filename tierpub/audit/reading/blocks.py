"""Markdown blocks by markdown-it: which characters are a heading, an item, a quote, a row.

Block structure alone is asked for; it comes by lines, which is as exact as an audit needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark").enable("table")
_PARSER.core.ruler.enableOnly(["normalize", "block"])
_KINDS = {
    "heading_open": "heading", "paragraph_open": "paragraph", "list_item_open": "item",
    "blockquote_open": "quote", "tr_open": "row", "table_open": "table", "fence": "fence",
    "code_block": "indented", "html_block": "html", "bullet_list_open": "list",
    "ordered_list_open": "list",
}  # fmt: skip
_CALLOUT = re.compile(r"(?:[ \t]*>)+[ \t]*\[!([^\]\n]+)\]")
_FOOTNOTE = re.compile(r"^[ \t>]*(?:[-*+] )?[ \t]*\[\^([^\]\s]+)\]:", re.MULTILINE)


@dataclass(slots=True)
class Block:
    """One block, and what stands in it."""

    kind: str
    start: int
    end: int
    level: int = 0
    """Of a heading."""
    callout: str = ""
    """The type of a callout."""
    words: str | None = None
    """What a heading reads, once it was asked for."""
    header: bool = False
    """Whether it is the first row of a table."""
    parent: Block | None = None
    children: list[Block] = field(default_factory=list)

    def holder(self) -> Block:
        """What a label in this block's own text marks: the item, quote or row it opens."""
        up = self.parent
        if self.kind == "paragraph" and up is not None and up.kind in ("item", "quote"):
            return up
        if self.kind == "row" and self.header and up is not None:
            return up
        return self


def line_starts(text: str) -> list[int]:
    """Offsets of all lines, and of the end."""
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return [*starts, len(text)] if starts[-1] != len(text) else starts


def read_blocks(text: str) -> Block:
    """The blocks of a body, below one block for the whole."""
    root = Block("root", 0, len(text))
    starts = line_starts(text)
    plain = text.replace("\x00", " ").replace("\r\n", " \n").replace("\r", " ")
    stack = [root]
    noted = {text.count("\n", 0, m.end()) for m in _FOOTNOTE.finditer(text)} if "[^" in text else ()
    for line in noted:  # markdown-it takes it for the definition of a link
        at, end = starts[line], starts[line + 1] if line + 1 < len(starts) else len(text)
        plain = (
            plain[:at] + plain[at:end].replace("[^", "  ", 1).replace("]:", "  ", 1) + plain[end:]
            if "\r" not in text
            else plain
        )
    for token in _PARSER.parse(plain):
        if token.type.endswith("_close"):
            if len(stack) > 1 and token.type[:-6] + "_open" in _KINDS:
                stack.pop()
            continue
        kind = _KINDS.get(token.type)
        if kind is None or token.map is None:
            continue
        a, b = token.map
        block = Block(kind, starts[min(a, len(starts) - 1)], starts[min(b, len(starts) - 1)])
        _describe(block, token.tag, text)
        block.parent = stack[-1]
        block.header = kind == "row" and not stack[-1].children
        stack[-1].children.append(block)
        if token.nesting == 1:
            stack.append(block)
    return root


def _describe(block: Block, tag: str, text: str) -> None:
    if block.kind == "heading":
        block.level = int(tag[1:])
    if block.kind == "quote":
        match = _CALLOUT.match(text, block.start)
        block.callout = match[1].split("|")[0].strip() if match else ""


def walk(block: Block) -> list[Block]:
    """`block` and all below it, in order."""
    out, todo = [], [block]
    while todo:
        block = todo.pop()
        out.append(block)
        todo += block.children[::-1]
    return out


def sections(root: Block) -> list[tuple[Block, int]]:
    """Each heading with where its section ends: at the next of its rank or above,
    in the same container, or with the container."""
    found: list[tuple[Block, int]] = []
    for holder in walk(root):
        heads = [child for child in holder.children if child.kind == "heading"]
        ends: list[int] = []
        open_at: list[tuple[int, int]] = []  # rank and end of what may end a section before it
        for head in reversed(heads):
            while open_at and open_at[-1][0] > head.level:
                open_at.pop()
            ends.append(open_at[-1][1] if open_at else holder.end)
            open_at.append((head.level, head.start))
        found += zip(heads, reversed(ends), strict=True)
    return found


def footnotes(text: str) -> list[tuple[str, int, int]]:
    """Footnote definitions: name, start, end. One ends before the next line that is not indented
    and follows a blank one, or begins another definition."""
    found = []
    for match in _FOOTNOTE.finditer(text) if "[^" in text else ():
        end = text.find("\n", match.end())
        blank = False
        while end >= 0 and end + 1 < len(text):
            after = text.find("\n", end + 1)
            line = text[end + 1 : after if after >= 0 else len(text)]
            bare = line.lstrip(" \t>")
            loose = not line.startswith(("    ", "\t", "  "))
            if bare.strip() and ((blank and loose) or _FOOTNOTE.match(text, end + 1)
                                 or bare.startswith(("#", "[^", "- "))):  # fmt: skip
                break
            blank = not bare.strip()
            end = after
        found.append((match[1], match.start(), end + 1 if end >= 0 else len(text)))
    return found
