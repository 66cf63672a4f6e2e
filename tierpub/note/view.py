"""The view of a note's body that the Markdown parser is given.

It has one ASCII character for each character of the source, so that the parser's byte ranges
are offsets into the text: letters beyond ASCII are masked by a letter. Wikilinks and comments,
which Markdown knows nothing of, are masked too, so that a pipe in a link splits no table cell
and a heading in a comment opens no section. A comment that has its lines to itself becomes a
thematic break, which is a block of its own everywhere and never continues a paragraph.
"""

from __future__ import annotations

import codecs
import html
import re
from bisect import bisect_right
from typing import Any, NamedTuple

import pyromark

from tierpub.note.grammar import Grammar
from tierpub.note.inline import WIKILINK

OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_STRIKETHROUGH
)
Event = tuple[Any, dict[str, int]]

_MASK = "X"
_MASK_BLOCK = "_"  # no list marker, so that a comment alone in an item stays one
_OPENER = re.compile(r"%%|<!--")
_BEFORE_BLOCK = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*")
_AFTER_BLOCK = re.compile(r"[ \t]*\r?(?:\n|\Z)")
_ROUNDS = 16
_SPOKEN = frozenset(("Text", "Code"))
_INLINE = ("Emphasis", "Strong", "Strikethrough", "Link", "Image")
# Where a `%%` may be no comment: wikilinks, destinations, tags, URLs and mathematics.
_OPAQUE = re.compile(
    r"""\[\[[^\[\]\n]{1,512}\]\] | \]\([^()\n]{1,1024}\) | <[A-Za-z/][^<>\n]{1,1024}>
    | \b[a-zA-Z][a-zA-Z0-9+.-]{1,30}:/{1,3}[^\s<>"`\[\]|]+
    | \$\$(?s:.){1,4096}?\$\$ | \$(?=[^\s$])[^$\n]{0,512}[^\s$\\]\$(?!\d)""",
    re.VERBOSE,
)


def _as_letters(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - the codec raises no other here
    letters = error.object[error.start : error.end].casefold()[: error.end - error.start]
    return "".join(chr(97 + ord(c) % 26) for c in letters), error.end


codecs.register_error("tierpub.letters", _as_letters)


class Comment(NamedTuple):
    """A comment's range in the body, delimiters included."""

    start: int
    end: int
    closed: bool
    block: bool
    """Whether it has its lines to itself."""


class View(NamedTuple):
    """What the parser read and what it made of it."""

    text: str
    events: list[Event]
    comments: list[Comment]
    tangled: bool
    """Whether comments could not be told from code, links or mathematics; the note must be
    refused then: read the other way, what is hidden would be text."""


def view(body: str, grammar: Grammar | None = None) -> View:
    """Mask `body` and parse it; `grammar` tells comments that are labels.

    Linear but for comments that hold halves of code fences, which are read again at most sixteen
    times."""
    masked = body
    if not body.isascii():
        masked = body.encode("ascii", "tierpub.letters").decode("ascii")
    if "[[" in masked:
        masked = WIKILINK.sub(_mask_link, masked)
    comments: list[Comment] = []
    at = 0
    for _ in range(_ROUNDS):
        events = parse(masked)
        if not _OPENER.search(masked, at):
            return View(masked, events, comments, tangled=False)
        found, at, settled = _comments(body, masked, events, at, grammar)
        comments += found
        if not found:
            return View(masked, events, comments, tangled=False)
        masked = _mask_comments(masked, found)
        if settled:
            return View(masked, parse(masked), comments, tangled=_crosses(body, comments))
    return View(masked, events, comments, tangled=True)


def parse(text: str) -> list[Event]:
    """The parser's events with byte ranges, which for ASCII text are offsets."""
    events: Any = pyromark.events_with_range(text, options=OPTIONS)
    return list(events)


def rendered(text: str, base: int, events: list[Event]) -> str:
    """The words that a body which begins at `base` renders to, blocks set apart by line ends."""
    pieces: list[str] = []
    for event, span in events:
        if type(event) is not dict:
            pieces.append("\n")  # a break, or what parts two blocks
            continue
        ((kind, value),) = event.items()
        if kind in _SPOKEN:
            piece = text[span["start"] + base : span["end"] + base]
            if piece[:1] == "`" and kind == "Code":
                marks = len(piece) - len(piece.lstrip("`"))
                piece = piece[marks : len(piece) - marks]
            elif piece[:1] == "&" and piece.endswith(";"):
                piece = html.unescape(piece)
            pieces.append(piece)
        elif kind in ("Start", "End") and value not in _INLINE and not _is_link(value):
            pieces.append("\n")
    return "".join(pieces)


def _is_link(tag: Any) -> bool:  # noqa: ANN401 - the parser's tags are strings or mappings
    return type(tag) is dict and ("Link" in tag or "Image" in tag)


def _mask_link(match: re.Match[str]) -> str:
    link = match[0]
    after = match.string[match.end() : match.end() + 1]
    if after in ("(", "[", ":") or "`" in link or "%%" in link or "<!--" in link:
        return link
    return _MASK * len(link)


def _mask_comments(masked: str, comments: list[Comment]) -> str:
    pieces, at = [], 0
    for comment in comments:
        pieces.append(masked[at : comment.start])
        pieces.append((_MASK_BLOCK if comment.block else _MASK) * (comment.end - comment.start))
        at = comment.end
    return "".join([*pieces, masked[at:]])


def _comments(
    body: str, masked: str, events: list[Event], at: int, grammar: Grammar | None
) -> tuple[list[Comment], int, bool]:
    """Comments from `at` on, up to the first that holds the start of what the parser took for
    code: what follows it must be parsed again. Returns them, where to go on, and whether the
    end was reached."""
    code, containers = _ranges(events)
    breaks = {span["end"] - 1 for event, span in events if event in ("SoftBreak", "HardBreak")}
    starts = [c[0] for c in code]
    limits = _Limits(containers, len(body))
    found: list[Comment] = []
    while match := _OPENER.search(masked, at):
        if match[0] == "<!--" and _is_escaped(masked, match.start()):
            at = match.end()
            continue
        i = bisect_right(starts, match.start()) - 1
        if i >= 0 and match.start() < code[i][1]:
            at = code[i][1]
            continue
        comment = _comment(body, masked, match, limits.at(match.start()))
        words = body[comment.start : comment.end]
        labels = grammar is not None and grammar.region_label(words) is not None
        if comment.block and not labels and _continues(comment, found, breaks, masked):
            comment = comment._replace(block=False)
        found.append(comment)
        at = comment.end
        i = bisect_right(starts, comment.start)
        while i < len(code) and code[i][0] < comment.end:
            if code[i][1] > comment.end:
                return found, at, False
            i += 1
    return found, at, True


def _comment(body: str, masked: str, opener: re.Match[str], limit: int) -> Comment:
    closer = "%%" if opener[0] == "%%" else "-->"
    close = masked.find(closer, opener.start() + 2, limit)
    end = close + len(closer) if close >= 0 else limit
    while close < 0 and end > opener.end() and body[end - 1] in "\r\n":
        end -= 1
    line = body.rfind("\n", 0, opener.start()) + 1
    before = _BEFORE_BLOCK.fullmatch(body, line, opener.start())
    alone = before is not None and _AFTER_BLOCK.match(body, end) is not None
    block = alone and end - opener.start() > 2  # noqa: PLR2004 - `__` is no thematic break
    return Comment(opener.start(), end, close >= 0, block)


def _is_escaped(text: str, at: int) -> bool:
    """Whether an odd number of backslashes stands right before an offset."""
    start = at
    while start > 0 and text[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1


def _continues(comment: Comment, found: list[Comment], breaks: set[int], masked: str) -> bool:
    """Whether a `%%` comment alone on its lines stands in the middle of a paragraph, which goes
    on around it. An HTML comment there ends the paragraph (CommonMark 4.6)."""
    line = masked.rfind("\n", 0, comment.start)
    if line < 0 or not masked.startswith("%%", comment.start):
        return False
    if found and found[-1].block and found[-1].end >= masked.rfind("\n", 0, line) + 1:
        return False
    return line in breaks


def _crosses(body: str, comments: list[Comment]) -> bool:
    """Whether a comment begins in what may be no place for one, or with an escape, and ends
    outside of it: `[[50%% of it]] text %% comment %%`."""
    at = 0
    for comment in comments:
        if comment.closed and body.startswith("%%", comment.start):
            before = body[max(at, comment.start - 64) : comment.start]
            if (len(before) - len(before.rstrip("\\"))) % 2:
                return True
            for match in _OPAQUE.finditer(body, at, comment.end):
                if match.start() >= comment.start:
                    break
                if comment.start + 2 < match.end() < comment.end:
                    return True
        at = comment.end
    return False


def code_ranges(events: list[Event]) -> list[tuple[int, int]]:
    """The ranges of code, in order."""
    return _ranges(events)[0]


def _ranges(events: list[Event]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The ranges of code, and those of quotes, list items and footnotes, in order."""
    code, containers = [], []
    for event, span in events:
        if type(event) is not dict:
            continue
        if "Code" in event:
            code.append((span["start"], span["end"]))
        elif "Start" in event and type(start := event["Start"]) is not str:
            if "CodeBlock" in start:
                code.append((span["start"], span["end"]))
            elif "BlockQuote" in start or "FootnoteDefinition" in start:
                containers.append((span["start"], span["end"]))
        elif event.get("Start") == "Item":
            containers.append((span["start"], span["end"]))
    return code, containers


class _Limits:
    """Where the innermost container of an offset ends; asked with rising offsets."""

    def __init__(self, containers: list[tuple[int, int]], end: int) -> None:
        self._coming = containers[::-1]
        self._open = [end]

    def at(self, offset: int) -> int:
        while self._coming and self._coming[-1][0] <= offset:
            self._open.append(self._coming.pop()[1])
            while len(self._open) > 2 and self._open[-2] <= offset:  # noqa: PLR2004
                del self._open[-2]
        while len(self._open) > 1 and self._open[-1] <= offset:
            self._open.pop()
        return self._open[-1]
