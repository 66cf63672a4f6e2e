"""Leaf blocks: what the parser says of their inside, and the inline portions found in it."""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tierpub.note import inline
from tierpub.note.grammar import Grammar, fold_key
from tierpub.note.inline import Candidate
from tierpub.note.portions import Kind, Link, Portion, Syntax

if TYPE_CHECKING:
    from tierpub.note.body import BodyReader
    from tierpub.note.view import Comment

_ADDRESSED = frozenset((Kind.LINK, Kind.URL, Kind.TANGLE, Kind.HTML))
_LINKED_CODE = frozenset(("leaflet", "dataview", "dataviewjs", "mermaid", "base"))
_ATX = re.compile(r"#{1,6}(?:[ \t]+|(?=\r?$))", re.MULTILINE)
_ATX_END = re.compile(r"(?:(?:^|[ \t]+)#+)?[ \t]*\Z")
_PREFIX = re.compile(r"[ \t>]*")
_BLANK_LINES = re.compile(r"(?:[ \t>]*\r?\n)*")
_DEFINITION = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]:\s*(?:<((?:[^<>\\\n]|\\.)*)>|(\S+))")
_TITLE_GAP = re.compile(r"\]\(\s*(?:<((?:[^<>\\\n]|\\.)*)>)?")
_TAG_NAME = re.compile(r"<(/?)([A-Za-z][\w-]*)")
_MARKUP = re.compile(r"%%.*?%%|<!--.*?-->", re.DOTALL)


class Leaf:
    """A leaf block while the parser's inline events for it come in."""

    def __init__(self, kind: Kind, index: int, start: int, base: int) -> None:
        self.kind = kind
        self.index = index
        self.start = start
        self.base = base
        self.last = start
        """The furthest offset that an event reached."""
        self.tail = start
        """Where the last piece of text ended: the inside of a link ends there."""
        self.codes: list[tuple[int, int]] = []
        self.texts: list[tuple[int, int]] = []
        self.tags: list[tuple[int, int]] = []
        self.links: list[tuple[str, dict[str, Any], int, int, int]] = []
        self.footnotes: list[tuple[int, int]] = []
        self.comments: list[Comment] = []
        self._opened: list[tuple[str, dict[str, Any], int, int] | None] = []

    def link(self, name: str, value: dict[str, Any], start: int, end: int) -> None:
        """A link or image begins. Of `[label][]` the parser's range leaves out the `[]`."""
        self._opened.append((name, value, start, end))
        self.tail = start + (2 if name == "Image" else 1)

    def ended(self, name: str, end: int) -> None:
        """An inline tag ends."""
        if name in ("Link", "Image") and self._opened:
            opened = self._opened.pop()
            if opened:
                self.links.append((*opened, self.tail))
        self.tail = max(self.tail, end)
        self.last = max(self.last, end)

    def event(self, kind: str, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        """A piece of text, code or HTML."""
        del value
        self.last = max(self.last, end)
        self.tail = max(self.tail, end)
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

    def finish(self, reader: BodyReader, end: int) -> None:
        """Append the leaf's inline portions, now that its events are complete."""
        if reader.comments:
            first = bisect_left(reader.comment_starts, self.start)
            self.comments = reader.comments[first : bisect_left(reader.comment_starts, end, first)]
        if self.kind == Kind.PARAGRAPH:
            self._paragraph(reader, end)
        elif self.kind == Kind.HEADING:
            self._heading(reader)
        elif self.kind == Kind.CELL:
            portion = reader.portions[self.index]
            found = self._candidates(reader, portion.start, portion.end, table=True)
            first, last = portion.start, _trimmed(reader.text, portion.start, portion.end)
            while first < last and reader.text[first] in " \t":
                first += 1
            found += self._line_candidates(reader, first, last, found)
            found += inline.block_ids(reader.text, portion.start, portion.end)
            self._unread_labels(reader, portion.start, portion.end, found)
            inline.nest(found, self.index, reader.portions)
        elif self.kind == Kind.CODE:
            self._code(reader, end)
        else:
            self._html(reader, end)

    def _paragraph(self, reader: BodyReader, end: int) -> None:
        text, portions = reader.text, reader.portions
        portions[self.index] = portions[self.index]._replace(
            inner_end=_trimmed(text, self.start, end)
        )
        found = self._candidates(reader, self.start, end, table=False)
        found.sort(key=lambda c: (c.start, -c.end))
        lines = _lines(reader, self.start, end, found)
        at = 0
        for number, (line, content, stop) in enumerate(lines):
            last = _trimmed(text, content, stop)
            own = []
            while at < len(found) and found[at].start < stop:
                own.append(found[at])
                at += 1
            own += self._line_candidates(reader, content, last, own)
            if number == len(lines) - 1:
                own += inline.block_ids(text, content, last)
            self._unread_labels(reader, content, last, own)
            if text.startswith("[!", content):
                self._late_callout(reader, content, first=number == 0)
            portions.append(Portion(Kind.LINE, line, stop, self.index, "", content, last))
            inline.nest(own, len(portions) - 1, portions)

    def _line_candidates(
        self, reader: BodyReader, start: int, end: int, taken: list[Candidate]
    ) -> list[Candidate]:
        text, grammar = reader.text, reader.grammar
        found = list(inline.line_fields(text, start, end, [*taken, *self._code_candidates()]))
        if not found and grammar.key_words.search(text, start, end):
            match = re.fullmatch(r"([^:]+):(?!:)\s*(\S+)", text[start:end])
            if match and fold_key(match[1]) == grammar.folded_key:
                reader.fault("single-colon-label", start, "a label written with one colon",
                             "write two: `key:: tier`", warning=True)  # fmt: skip
                value = start + match.start(2)
                found.append(
                    Candidate(start, end, Kind.INLINE_FIELD, match[1], value, start + match.end(2))
                )
        return [c for c in found if not _within(c.start, reader)]

    def _unread_labels(
        self, reader: BodyReader, start: int, end: int, found: list[Candidate]
    ) -> None:
        """Refuse what a reader would take for a label and the scanners did not."""
        for match in reader.grammar.label_like.finditer(reader.text, start, end):
            at = match.start()
            escaped = reader.text[max(0, at - 2) : at] == "\\#"
            if escaped or self._in_code(at) or _within(at, reader):
                continue
            if not any(c.start <= at < c.end and _is_label(c, reader.grammar) for c in found):
                reader.fault("unread-label", at, "what reads like a label but is none where it stands",
                             "write `[key:: tier]`, or put it in code if it is only talked of")  # fmt: skip

    def _late_callout(self, reader: BodyReader, at: int, *, first: bool) -> None:
        """Refuse a callout of a tier where a callout cannot begin."""
        parent = reader.portions[reader.portions[self.index].parent]
        if first and parent.kind == Kind.CALLOUT and at - parent.start < 8:  # noqa: PLR2004
            return
        name = reader.text[at + 2 : reader.text.find("]", at)].strip().casefold()
        if name in {tier.casefold() for tier in reader.grammar.tier_names}:
            reader.fault("unread-label", at, "a label where no callout begins",
                         "put a blank line before the callout, and `>` before its type")  # fmt: skip

    def _code_candidates(self) -> list[Candidate]:
        return [Candidate(start, end, Kind.CODE) for start, end in self.codes]

    def _heading(self, reader: BodyReader) -> None:
        portion = reader.portions[self.index]
        start, end = portion.inner_start, portion.inner_end
        found = self._candidates(reader, start, end, table=False)
        found += self._line_candidates(reader, start, end, found)
        found += inline.block_ids(reader.text, start, end)
        self._unread_labels(reader, start, end, found)
        name = self._rendered(reader.text)
        section = portion.parent
        reader.portions[section] = reader.portions[section]._replace(name=name)
        reader.portions[self.index] = portion._replace(name=name)
        inline.nest(found, self.index, reader.portions)

    def _rendered(self, text: str) -> str:
        """The words a reader sees of it: links by their alias or name, no emphasis marks."""
        words = "".join(piece for piece, _, _ in self._seen_pieces(text))
        if "%%" in words or "<!--" in words:
            words = _MARKUP.sub("", words)
        return (inline.WIKILINK.sub(_seen, words) if "[[" in words else words).strip()

    def _texts(self) -> Iterator[tuple[int, int]]:
        """The ranges of text, without the comments that stand in them."""
        for start, end in self.texts:
            at = start
            for comment in self.comments:
                if at <= comment.start < end:
                    if at < comment.start:
                        yield at, comment.start
                    at = min(end, comment.end)
            if at < end or start == end:
                yield at, end

    def _seen_pieces(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Each piece of text as it is rendered, and its range in the source."""
        codes = set(self.codes)
        for start, end in self._texts():
            piece = text[start:end]
            if (start, end) in codes:
                marks = len(piece) - len(piece.lstrip("`"))
                yield piece[marks : len(piece) - marks], start + marks, end - marks
            elif piece.startswith("&") and piece.endswith(";"):
                yield html.unescape(piece), start, end
            else:
                yield piece or "\n", start, max(end, start + 1)

    def _html(self, reader: BodyReader, end: int) -> None:
        text = reader.text
        found = [*_comments(reader, self.start, end)]
        found += inline.html_links(text, self.start, end)
        found += inline.wikilinks(text, self.start, end, table=False, code=True)
        found += inline.urls(text, self.start, end)
        found += reader.tier_paths_in(self.start, end)
        found += self._matches(reader, self.start, end)
        found += _disguised(reader, [Candidate(self.start, end, Kind.HTML)])
        self._unread_labels(reader, self.start, end, found)
        inline.nest(found, self.index, reader.portions)

    def _code(self, reader: BodyReader, end: int) -> None:
        """Lines of code that hold a link or a tier's path; the info string belongs to the block."""
        text, portions = reader.text, reader.portions
        linked = portions[self.index].name in _LINKED_CODE
        found: list[Candidate] = []
        if linked:
            found += inline.wikilinks(text, self.start, end, table=False, code=True)
            found += inline.value_links(text, self.start, end)
        found += inline.urls(text, self.start, end)
        found += reader.tier_paths_in(self.start, end)
        found += self._matches(reader, self.start, end)
        found = inline.uncovered(found)
        if portions[self.index].name == "mermaid":
            found += inline.mermaid_links(text, self.start, end)
        found.sort(key=lambda c: (c.start, -c.end))
        first = self.start
        if portions[self.index].level:  # the info string is no line of the code
            newline = text.find("\n", self.start, end)
            first = end if newline < 0 else newline + 1
        inline.nest([c for c in found if c.start < first], self.index, portions)
        _code_lines([c for c in found if c.start >= first], self.index, end, reader)

    def _candidates(
        self, reader: BodyReader, start: int, end: int, *, table: bool
    ) -> list[Candidate]:
        text = reader.text
        found: list[Candidate] = []
        found += inline.wikilinks(text, start, end, table=table, code=False)
        found += inline.tags(text, start, end)
        found += inline.bracket_fields(text, start, end)
        found += inline.inline_footnotes(text, start, end)
        found += inline.urls(text, start, end)
        comments = _comments(reader, start, end)
        if self.codes or comments:
            found = [c for c in found if not self._in_code(c.start) and (
                c.kind in (Kind.LINK, Kind.URL) or not _within(c.start, reader))]  # fmt: skip
        found += comments
        found += self._spans(reader)
        found += _disguised(reader, found)
        found += self._matches(reader, start, end)
        found += reader.tier_paths_in(start, end)
        return inline.uncovered(found)

    def _matches(self, reader: BodyReader, start: int, end: int) -> list[Candidate]:
        """What the policy's patterns match, in the text as written and as it is rendered."""
        matcher = reader.matcher
        if matcher is None:
            return []
        found: set[tuple[int, int, str]] = set()
        if not matcher.silent:
            text = reader.text[start:end]
            found |= {(s + start, e + start, name) for s, e, name in matcher.find(text)}
        if self.comments or sum(last - first for first, last in self.texts) < end - start:
            rendered, starts, ends = self._offsets(reader.text, start, end)
            for s, e, name in matcher.find(rendered) if rendered else ():
                found.add((*_dressed(reader.text, starts[s], ends[e - 1]), name))
        return [Candidate(s, e, Kind.MATCH, name, s, e) for s, e, name in sorted(found)]

    def _offsets(self, text: str, start: int, end: int) -> tuple[str, list[int], list[int]]:
        """The rendered text, and where each character of it begins and ends in the source."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for piece, first, last in self._seen_pieces(text):
            if not start <= first < end:
                continue
            pieces.append(piece)
            if len(piece) == last - first:
                starts += range(first, last)
                ends += range(first + 1, last + 1)
            else:
                starts += [first] * len(piece)
                ends += [last] * len(piece)
        return "".join(pieces), starts, ends

    def _in_code(self, at: int) -> bool:
        return any(start <= at < end for start, end in self.codes)

    def _spans(self, reader: BodyReader) -> list[Candidate]:
        """Links, footnote references, HTML tags and inline queries, as the parser found them."""
        text = reader.text
        found = [_markdown_link(text, *link) for link in self.links]
        for name, value, start, end, tail in self.links:
            del name, value, tail
            if not (text[start] in "![<" and text[end - 1] in ")]>"):
                reader.fault(
                    "odd-link",
                    start,
                    "a link whose ends cannot be found exactly",
                    "write it on one line",
                )
        for start, end in self.footnotes:
            label = text[start + 2 : end - 1]
            found.append(Candidate(start, end, Kind.FOOTNOTE_REF, label, start + 2, end - 1))
        found += _html_elements(text, self.tags)
        for start, end in self.codes:
            query = inline.query(text, start, end)
            if query:
                found.append(query)
                found += inline.wikilinks(text, start, end, table=False, code=True)
        return found


def _is_label(candidate: Candidate, grammar: Grammar) -> bool:
    """Whether it is read as a label, or as an address, which is none."""
    if candidate.kind == Kind.TAG:
        return fold_key(candidate.name.partition("/")[0]) == grammar.folded_key
    if candidate.kind == Kind.INLINE_FIELD:
        return fold_key(candidate.name) == grammar.folded_key
    return candidate.kind in (Kind.URL, Kind.TIER_PATH)


def _disguised(reader: BodyReader, found: list[Candidate]) -> list[Candidate]:
    """What rules match in links, titles and HTML once character references and percent signs
    are read: the match takes the whole construct."""
    matcher = reader.matcher
    if matcher is None:
        return []
    matches: list[Candidate] = []
    for c in found:
        source = reader.text[c.start : c.end]
        if c.kind in _ADDRESSED and ("&" in source or "%" in source):
            decoded = html.unescape(unquote(source))
            names = {name for _, _, name in matcher.find(decoded)} if decoded != source else set()
            matches += [
                Candidate(c.start, c.end, Kind.MATCH, n, c.start, c.end) for n in sorted(names)
            ]
    return matches


def _dressed(text: str, start: int, end: int) -> tuple[int, int]:
    """A range of words with the escape before it, and with the emphasis marks beside it where
    half of a pair of them stands inside."""
    inside = text[start:end]
    if any(mark in inside for mark in "*_~="):
        while start > 0 and text[start - 1] in "*_~=":
            start -= 1
        while end < len(text) and text[end] in "*_~=":
            end += 1
    if start > 0 and text[start - 1] == "\\":
        start -= 1
    return start, end


def _seen(match: re.Match[str]) -> str:
    """What a reader sees of a wikilink."""
    dest, _, alias = match[1].replace("\\|", "|").partition("|")
    return alias or dest


def _within(at: int, reader: BodyReader) -> bool:
    """Whether an offset stands in a comment."""
    i = bisect_right(reader.comment_starts, at) - 1
    return i >= 0 and at < reader.comments[i].end


def _comments(reader: BodyReader, start: int, end: int) -> list[Candidate]:
    found = []
    first = bisect_left(reader.comment_starts, start)
    for comment in reader.comments[first : bisect_left(reader.comment_starts, end, first)]:
        name, inner = comment_parts(reader.text, comment)
        reader.check_comment(comment)
        found.append(Candidate(comment.start, comment.end, Kind.COMMENT, name, *inner))
    return found


def comment_parts(text: str, comment: Comment) -> tuple[str, tuple[int, int]]:
    """A comment's words and their range."""
    opener, closer = (2, 2) if text.startswith("%%", comment.start) else (4, 3)
    start = min(comment.start + opener, comment.end)
    end = max(start, comment.end - (closer if comment.closed else 0))
    return text[start:end].strip(), (start, end)


def holds_label(comment: str, grammar: Grammar) -> bool:
    """Whether a comment holds what would be a label outside of it, or nearly is one."""
    if not grammar.key_words.search(comment):
        return False
    if grammar.region_label(comment) is not None or grammar.label_near.search(comment):
        return True
    return any(
        fold_key(match[1]) == grammar.folded_key
        for match in re.finditer(r"([\w*_~`-]+)[ \t]*(?:::|(?<=\w)/\w)", comment)
    )


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    return end


def _lines(
    reader: BodyReader, start: int, end: int, found: list[Candidate]
) -> list[tuple[int, int, int]]:
    """(start with prefix, start of the words, end with the line's end) of each line; a construct
    over several lines makes them one."""
    masked, base, text = reader.masked, reader.base, reader.text
    lines: list[tuple[int, int, int]] = []
    reach = 0  # up to where a construct keeps lines together
    at, content, i = start, start, 0
    while at < end:
        newline = masked.find("\n", max(content, reach) - base, end - base)
        stop = end if newline < 0 else newline + base + 1
        while i < len(found) and found[i].start < stop:
            reach = max(reach, found[i].end)
            i += 1
        if reach > stop and stop < end:
            continue
        lines.append((at, content, stop))
        at = stop
        prefix = _PREFIX.match(text, at, end)
        content = prefix.end() if prefix else at
    return lines


def _code_lines(found: list[Candidate], code: int, end: int, reader: BodyReader) -> None:
    text, portions = reader.text, reader.portions
    at = 0
    while at < len(found):
        line = max(text.rfind("\n", 0, found[at].start) + 1, portions[code].start)
        stop = text.find("\n", max(found[at].end - 1, found[at].start), end)
        stop = end if stop < 0 else stop + 1
        own = []
        while at < len(found) and found[at].start < stop:
            own.append(found[at])
            at += 1
        blank = _BLANK_LINES.match(text, stop, end)
        owned = blank.end() if blank and stop < end else stop
        portions.append(Portion(Kind.CODE_LINE, line, owned, code, "", line, stop))
        inline.nest(own, len(portions) - 1, portions)


def heading_inner(text: str, start: int, end: int) -> tuple[int, int]:
    """The range of a heading's words: without marks, trailing blanks and closing marks."""
    atx = _ATX.match(text, start, end)
    if not atx:
        line = text.rfind("\n", start, _trimmed(text, start, end))
        return start, max(start, _trimmed(text, start, line if line >= 0 else end))
    stop = _trimmed(text, atx.end(), end)
    closing = _ATX_END.search(text[atx.end() : stop])
    return atx.end(), atx.end() + (closing.start() if closing else stop - atx.end())


def language(text: str, start: int) -> str:
    """The first word of a fence's info string, in lower case."""
    line = text[start : text.find("\n", start)] if "\n" in text[start:] else text[start:]
    info = line.strip("`~ \t\r").split()
    return info[0].casefold() if info else ""


_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")


def is_open_fence(text: str, start: int, end: int) -> bool:
    """Whether the block of code in a range begins with a fence and does not end with one."""
    fence = _FENCE.match(text, start, end)
    if fence is None:
        return False
    last = text[fence.end() : end].rstrip("\r\n").rpartition("\n")
    closer = last[2].strip(" \t>\r")
    return not last[1] or len(closer) < len(fence[1]) or bool(closer.strip(fence[1][0]))


def definition(text: str, start: int, end: int) -> tuple[str, Candidate | None]:
    """The label of a link reference definition, and its destination as a link."""
    match = _DEFINITION.match(text, start, end)
    if not match:
        return "", None
    first, last = match.span(2) if match[2] is not None else match.span(3)
    syntax = Syntax.ANGLE if match[2] is not None else Syntax.MARKDOWN
    link = Link(syntax, first, last, last, last, embed=False)
    return fold_label(match[1]), Candidate(
        first, last, Kind.LINK, text[first:last], first, last, link
    )


def title_parts(reader: BodyReader, start: int, end: int) -> list[Candidate]:
    """What may have a tier of its own in the title of a link reference definition."""
    found = _comments(reader, start, end)
    found += inline.urls(reader.text, start, end)
    found += reader.tier_paths_in(start, end)
    if reader.matcher is not None:
        text = html.unescape(reader.text[start:end])
        found += [
            Candidate(start, end, Kind.MATCH, name, start, end)
            for _, _, name in reader.matcher.find(text)
        ]
    return found


def fold_label(label: str) -> str:
    """A reference's label as CommonMark matches it (section 6.3)."""
    return " ".join(label.split()).casefold()


def _markdown_link(
    text: str, name: str, value: dict[str, Any], start: int, end: int, tail: int
) -> Candidate:
    kind = value["link_type"]
    if kind in ("Autolink", "Email"):
        link = Link(Syntax.ANGLE, start + 1, end - 1, end - 1, end - 1, embed=False)
        return Candidate(start, end, Kind.URL, text[start + 1 : end - 1], start + 1, end - 1, link)
    embed = name == "Image"
    words = start + (2 if embed else 1)
    tail = max(words, min(tail, end))
    if kind != "Inline":
        label = (
            text[tail + 2 : end - 1]
            if kind == "Reference" and text.startswith("][", tail)
            else text[words:tail]
        )
        link = Link(Syntax.REFERENCE, tail, end, words, tail, embed)
        return Candidate(start, end, Kind.LINK, fold_label(label), words, tail, link)
    if not text.startswith("](", tail):
        tail = max(words, text.find("](", tail, end))
    match = _TITLE_GAP.match(text, tail, end)
    if match and match[1] is not None:
        link = Link(Syntax.ANGLE, *match.span(1), words, tail, embed)
    else:
        first = match.end() if match else end - 1
        link = Link(Syntax.MARKDOWN, first, _bare_end(text, first, end - 1), words, tail, embed)
    return Candidate(
        start, end, Kind.LINK, text[link.dest_start : link.dest_end], words, tail, link
    )


def _bare_end(text: str, at: int, end: int) -> int:
    """Where a destination without angle brackets ends (CommonMark 6.3): at a blank, or at a
    closing parenthesis that none opened."""
    depth = 0
    while at < end:
        char = text[at]
        if char == "\\":
            at += 1
        elif char in " \t\r\n":
            break
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                break
        at += 1
    return min(at, end)


def _html_elements(text: str, tags: list[tuple[int, int]]) -> list[Candidate]:
    """Tags with link attributes, each up to the end of its element, and the links in them."""
    found: list[Candidate] = []
    ends = _element_ends(text, tags) if tags else []
    for (start, end), stop in zip(tags, ends, strict=True):
        links = list(inline.html_links(text, start, end))
        if links:
            found.append(Candidate(start, stop, Kind.TANGLE, "html", end, stop, None))
            found += links
    return found


def _element_ends(text: str, tags: list[tuple[int, int]]) -> list[int]:
    """Where the element that each tag opens ends, or the tag itself where it is not closed."""
    ends = [end for _, end in tags]
    open_: dict[str, list[int]] = {}
    for i, (start, end) in enumerate(tags):
        match = _TAG_NAME.match(text, start)
        if match is None or text[end - 2] == "/":
            continue
        waiting = open_.setdefault(match[2].casefold(), [])
        if not match[1]:
            waiting.append(i)
        elif waiting:
            ends[waiting.pop()] = end
    return ends
