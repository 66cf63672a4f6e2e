"""A leaf block while the parser's inline events for it come in, and the words they render to."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from tierpub.note.inline import WIKILINK
from tierpub.note.inline.markdown import ParsedLink
from tierpub.note.portions import Kind
from tierpub.note.view import Comment

_OPENER = re.compile(r"%%|<!--")


class Leaf:
    """What the parser says of the inside of one leaf block."""

    __slots__ = ("_opened", "codes", "comments", "footnotes", "index", "kind", "last", "links",
                 "start", "tags", "tail", "texts")  # fmt: skip

    def __init__(self, kind: Kind, index: int, start: int) -> None:
        self.kind = kind
        self.index = index
        self.start = start
        self.last = start
        """The furthest offset that an event reached."""
        self.tail = start
        """Where the last piece of text ended: the inside of a link ends there."""
        self.texts: list[tuple[int, int]] = []
        """All that is rendered; a line break is an empty range."""
        self.codes: list[tuple[int, int]] = []
        self.tags: list[tuple[int, int]] = []
        self.links: list[ParsedLink] = []
        self.footnotes: list[tuple[int, int]] = []
        self.comments: Sequence[Comment] = ()
        """Those that begin in it, once it is complete."""
        self._opened: list[tuple[int, int, bool, str]] = []

    def link(self, start: int, end: int, type_: str, *, image: bool) -> None:
        """A link or image begins."""
        self._opened.append((start, end, image, type_))
        self.tail = start + (2 if image else 1)

    def ended(self, name: str, end: int) -> None:
        """An inline tag ends."""
        if name in ("Link", "Image") and self._opened:
            self.links.append(ParsedLink(*self._opened.pop(), self.tail))
        self._reach(end)

    def event(self, kind: str, start: int, end: int) -> None:
        """A piece of text, code or HTML."""
        self._reach(end)
        if kind == "Text":
            self.texts.append((start, end))
        elif kind == "Code":
            self.codes.append((start, end))
            self.texts.append((start, end))
        elif kind == "InlineHtml":
            self.tags.append((start, end))
        elif kind == "FootnoteReference":
            self.footnotes.append((start, end))
        elif kind in ("SoftBreak", "HardBreak"):
            self.texts.append((start, start))

    def _reach(self, end: int) -> None:
        self.last = max(self.last, end)
        self.tail = max(self.tail, end)

    def in_code(self, at: int) -> bool:
        """Whether an offset stands in a code span."""
        index = bisect_left(self.codes, (at + 1,)) - 1  # they come in order, none in another
        return index >= 0 and at < self.codes[index][1]

    def codes_in(self, start: int, end: int) -> list[tuple[int, int]]:
        """The code spans that touch a range."""
        first = max(0, bisect_left(self.codes, (start,)) - 1)
        return self.codes[first : bisect_left(self.codes, (end,), first)]

    def rendered(self, text: str) -> str:
        """The words a reader sees of it: links by their alias or name, no emphasis marks."""
        words = "".join([piece for piece, _, _ in self.pieces(text)])
        if "%%" in words or "<!--" in words:
            words = _unmarked(words)
        return (WIKILINK.sub(_seen, words) if "[[" in words else words).strip()

    def pieces(self, text: str) -> list[tuple[str, int, int]]:
        """Each piece of text outside comments as it is rendered, and its range in the source."""
        found: list[tuple[str, int, int]] = []
        codes = set(self.codes)
        for start, end in _without(self.comments, self.texts) if self.comments else self.texts:
            piece = text[start:end]
            if piece[:1] == "`" and (start, end) in codes:
                marks = len(piece) - len(piece.lstrip("`"))
                found.append((piece[marks : len(piece) - marks], start + marks, end - marks))
            elif piece[:1] == "&" and piece.endswith(";"):
                found.append((html.unescape(piece), start, end))
            else:
                found.append((piece or "\n", start, end if end > start else start + 1))
        return found


def _unmarked(words: str) -> str:
    """`words` without what stands between signs of comments."""
    kept: list[str] = []
    lost: set[str] = set()  # closers that no longer come
    done = at = 0
    while match := _OPENER.search(words, at):
        at = match.end()
        closer = "%%" if match[0] == "%%" else "-->"
        close = -1 if closer in lost else words.find(closer, at)
        if close < 0:
            lost.add(closer)
        else:
            kept.append(words[done : match.start()])
            done = at = close + len(closer)
    return "".join([*kept, words[done:]])


def _without(
    comments: Sequence[Comment], texts: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The ranges of text, without the comments that stand in them."""
    first = 0
    for start, end in texts:
        at = start
        while first < len(comments) and comments[first].start < at:
            first += 1
        while first < len(comments) and comments[first].start < end:
            comment = comments[first]
            if at <= comment.start:
                if at < comment.start:
                    yield at, comment.start
                at = min(end, comment.end)
            first += 1
        if at < end or start == end:
            yield at, end


def _seen(match: re.Match[str]) -> str:
    """What a reader sees of a wikilink."""
    dest, _, alias = match[1].replace("\\|", "|").partition("|")
    return alias or dest
