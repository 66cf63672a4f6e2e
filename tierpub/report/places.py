"""Where a portion stands, what it is called, and how it begins."""

from __future__ import annotations

from bisect import bisect_right

from tierpub.errors import Place
from tierpub.note import Kind, Note

WORDS = {
    Kind.NOTE: "note",
    Kind.FRONTMATTER: "frontmatter",
    Kind.FIELD: "field",
    Kind.ENTRY: "entry",
    Kind.YAML_COMMENT: "comment",
    Kind.SECTION: "section",
    Kind.HEADING: "heading",
    Kind.PARAGRAPH: "paragraph",
    Kind.LINE: "text",
    Kind.LIST: "list",
    Kind.ITEM: "item",
    Kind.QUOTE: "quote",
    Kind.CALLOUT: "callout",
    Kind.TABLE: "table",
    Kind.ROW: "row",
    Kind.CELL: "cell",
    Kind.CODE: "code",
    Kind.CODE_LINE: "line of code",
    Kind.HTML: "HTML",
    Kind.RULE: "thematic break",
    Kind.REGION: "comment pair",
    Kind.FOOTNOTE: "footnote",
    Kind.DEFINITION: "definition",
    Kind.COMMENT: "comment",
    Kind.LINK: "link",
    Kind.URL: "URL",
    Kind.TIER_PATH: "path of a tier",
    Kind.TAG: "tag",
    Kind.INLINE_FIELD: "inline field",
    Kind.QUERY: "query",
    Kind.FOOTNOTE_REF: "footnote mark",
    Kind.INLINE_FOOTNOTE: "inline footnote",
    Kind.BLOCK_ID: "block id",
    Kind.TANGLE: "tangle",
    Kind.MATCH: "match",
}
"""What each sort of portion is called to its author."""


class Lines:
    """The lines of one text, for many look-ups."""

    def __init__(self, text: str) -> None:
        """Lines end at a line feed, as editors count them."""
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def beginning(note: Note, index: int) -> int:
    """Where a portion's own words begin: behind the prefix of its container."""
    portion = note.portions[index]
    at = portion.start
    while at < portion.end and note.text[at] in " \t\r\n>,":
        at += 1
    return at if at < portion.end else portion.start


def place(note: Note, index: int, lines: Lines | None = None) -> Place:
    """Line and column of a portion."""
    return Place(note.file, *(lines or Lines(note.text)).at(beginning(note, index)))


def excerpt(note: Note, index: int, width: int = 60) -> str:
    """The first characters of a portion, on one line."""
    start = beginning(note, index)
    words = " ".join(note.text[start : min(note.portions[index].end, start + 4 * width)].split())
    whole = len(words) <= width and note.portions[index].end <= start + 4 * width
    return words if whole else words[: width - 1].rstrip() + "…"
