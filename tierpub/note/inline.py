"""Inline portions: links in all forms, tags, inline fields, queries, footnotes, block ids.

Each scanner reads a stretch of the source text and yields candidates; `nest` orders them into
portions below a block. Code spans, Markdown links and HTML tags come from the Markdown parser,
whose ranges are given in; everything Obsidian and Dataview add is found here by small patterns
that a plain `find` gates. A candidate never reads text back: it holds offsets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tierpub.note.grammar import Grammar
from tierpub.note.portions import Kind, Link, Portion, Syntax


class Candidate(NamedTuple):
    """A portion that is not yet nested."""

    start: int
    end: int
    kind: Kind
    name: str = ""
    inner_start: int = 0
    inner_end: int = 0
    link: Link | None = None


# Up to the first `]]`, as Obsidian reads it; the innermost `[[` of several.
WIKILINK = re.compile(r"!?\[\[(?!\[)((?:[^\[\]\n]|\[(?!\[)|\](?!\]))*)\]\]")
_PIPE = re.compile(r"\\?\|")
_URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,30}:/{1,3}(?:(?!%%)[^\s<>\"`\[\]|])+")
_TAG = re.compile(r"(?<![^\s(,;*_~=>|\"'“‘—–])#([^\s#!-,.:;<=>?@\[\\\]^`{|}~\"'“”‘’…]+)")
_BRACKET_FIELD = re.compile(r"([\[(])[ \t]*([^\[\]():\n|]{1,200}?)[ \t]*::")
_FIELD_SEPARATOR = re.compile(r"::(?!:)")
_BLOCK_ID = re.compile(r"(?:(?<=\s)|\A)\^([A-Za-z0-9-]+)(?=[ \t]*\Z)")
_FIELD_NAME = re.compile(
    r"\b(?:this|current\(\))(?:\.([^\s()\[\].,+*/=<>!&|;:\"'`-][^\s()\[\].,+*/=<>!&|;:\"'`]*)|\[[\"']([^\"'\]]+)[\"']\])"
)
_ATTRIBUTE = re.compile(
    r"([a-zA-Z_:][-\w:.]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+))", re.DOTALL
)
_LINK_ATTRIBUTES = frozenset(
    (
        "href",
        "src",
        "srcset",
        "data",
        "poster",
        "cite",
        "action",
        "background",
        "longdesc",
        "data-href",
        "data-src",
        "data-path",
        "xlink:href",
    )
)
_VALUE_LINK = re.compile(
    r"!?\[([^\[\]\n]*)\]\((<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)[^()\n]*\)"
)


def wikilinks(text: str, start: int, end: int, *, table: bool, code: bool) -> Iterator[Candidate]:
    """Wikilinks and embeds of `text[start:end]`. In a table a new alias needs an escaped pipe."""
    if text.find("[[", start, end) < 0:
        return
    for match in WIKILINK.finditer(text, start, end):
        found = wikilink(text, match, table=table, code=code)
        yield found
        if found.link and found.link.alias_start < found.link.alias_end:
            yield from value_links(text, found.link.alias_start, found.link.alias_end)


def wikilink(text: str, match: re.Match[str], *, table: bool, code: bool) -> Candidate:
    """The candidate of one match of `WIKILINK`."""
    first, last = match.span(1)
    pipe = _PIPE.search(text, first, last)
    dest_end, alias = (pipe.start(), pipe.end()) if pipe else (last, last)
    link = Link(Syntax.WIKI, first, dest_end, alias, last, text[match.start()] == "!", table, code)
    return Candidate(match.start(), match.end(), Kind.LINK, text[first:dest_end], first, last, link)


def value_links(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Markdown links where no Markdown parser reads: in values and code."""
    if text.find("](", start, end) < 0:
        return
    for match in _VALUE_LINK.finditer(text, start, end):
        first, last = match.span(2)
        syntax = Syntax.MARKDOWN
        if text[first:last].startswith("<"):
            syntax, first, last = Syntax.ANGLE, first + 1, last - 1
        link = Link(syntax, first, last, *match.span(1), text[match.start()] == "!")
        yield Candidate(*match.span(), Kind.LINK, text[first:last], *match.span(1), link)


def urls(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Bare URLs, without the punctuation that ends a sentence or an unpaired bracket."""
    if text.find(":/", start, end) < 0:
        return
    for match in _URL.finditer(text, start, end):
        url = match[0].rstrip(".,;:!?'*_~")
        while url.endswith(")") and url.count("(") < url.count(")"):
            url = url[:-1].rstrip(".,;:!?'*_~")
        last = match.start() + len(url)
        link = Link(Syntax.PLAIN, match.start(), last, last, last, embed=False)
        yield Candidate(match.start(), last, Kind.URL, url, match.start(), last, link)


def tags(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Tags: `#word`, nested by `/`, at least one character of which is no digit."""
    if text.find("#", start, end) < 0:
        return
    for match in _TAG.finditer(text, start, end):
        name = match[1]
        if not name.isdecimal():
            yield Candidate(*match.span(), Kind.TAG, name, *match.span(1))


def tier_paths(text: str, grammar: Grammar) -> list[Candidate]:
    """All paths into tiers' trees in `text`, with what looks like a link around each."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter whose lower case is longer: offsets would be off
        lower = text
    found = []
    done = 0
    for at in _tree_starts(text, lower, grammar):
        match = grammar.tier_path.match(text, at) if at >= done else None
        if match is None:
            continue
        done = match.end()
        line = text.rfind("\n", 0, at) + 1
        first = _path_start(text, at, line)
        around = _look_alike(text, first, match.end(), line)
        link = Link(Syntax.PLAIN, first, match.end(), first, first, embed=False)
        name = text[first : match.end()]
        found.append(Candidate(*around, Kind.TIER_PATH, name, first, match.end(), link))
    return found


_UNDERSCORE_ENDS = ("_", "f", ";")
"""What every spelling of `_` ends in (`grammar`)."""


def _tree_starts(text: str, lower: str, grammar: Grammar) -> list[int]:
    """Where a tier's folder is named: around each word that can only stand in such a name."""
    starts: set[int] = set()
    for word, tree, lead in grammar.tree_words:
        at = lower.find(word)
        while at >= 0:
            if lower.startswith(tree, at - lead) and at >= lead:
                starts.add(at - lead)  # spelled plainly, as nearly all are
            elif lead == 0 or tree[lead - 1] != "_" or lower[at - 1 : at] in _UNDERSCORE_ENDS:
                for match in grammar.tree.finditer(text, max(0, at - 8 * lead), at + grammar.reach):
                    starts.add(match.start())
            at = lower.find(word, at + max(1, len(word)))
    return sorted(at for at in starts if grammar.tree.match(text, at))


def uncovered(found: list[Candidate]) -> list[Candidate]:
    """`found` without the tier paths that are the destination of a link also found."""
    ends = {c.link.dest_start: c.link.dest_end for c in found if c.kind == Kind.LINK and c.link}
    return [
        c for c in found if c.kind != Kind.TIER_PATH or ends.get(c.inner_start, -1) < c.inner_end
    ]


def tier_paths_of(text: str, start: int, end: int, grammar: Grammar) -> list[Candidate]:
    """Those of `text[start:end]` alone, for a value."""
    if text.find("/", start, end) < 0 and text.find("\\", start, end) < 0 and "%" not in text:
        return []
    shifted = tier_paths(text[start:end], grammar)
    return [_moved(candidate, start) for candidate in shifted]


def _moved(candidate: Candidate, by: int) -> Candidate:
    link = candidate.link
    if link:
        a, b, c, d = (n + by for n in link[1:5])
        link = Link(link.syntax, a, b, c, d, link.embed, link.escaped_pipe, link.code)
    return Candidate(candidate.start + by, candidate.end + by, candidate.kind, candidate.name,
                     candidate.inner_start + by, candidate.inner_end + by, link)  # fmt: skip


_PATH_STOP = frozenset(" \t\r\n[]()<>\"'`|=,;")


def _path_start(text: str, hit: int, floor: int) -> int:
    """Where the path begins that leads to the tier's folder: `../../_secret/…`, `/_secret/…`."""
    floor = max(floor, hit - 1024)
    if text[hit - 1 : hit] not in ("/", "\\") and text[hit - 3 : hit].lower() not in ("%2f", "%5c"):
        return hit
    while hit > floor and text[hit - 1] not in _PATH_STOP:
        hit -= 1
    return hit


def _look_alike(text: str, first: int, last: int, line: int) -> tuple[int, int]:
    """The range of `[…](…)` or `[[…]]` around a path that no parser takes for a link."""
    floor = max(line, first - 1024)
    newline = text.find("\n", last)
    ceiling = min(len(text) if newline < 0 else newline, last + 1024)
    for opener, closer in (("](", ")"), ("[[", "]]")):
        at = text.rfind(opener, floor, first)
        if at < 0 or closer[0] in text[at + 2 : first]:
            continue
        close = text.find(closer, last, ceiling)
        begin = text.rfind("[", floor, at) if opener == "](" else at
        begin = at if begin < 0 else begin
        begin -= begin > floor and text[begin - 1] == "!"
        return begin, close + len(closer) if close >= 0 else last
    return first, last


def bracket_fields(text: str, start: int, end: int) -> Iterator[Candidate]:
    """`[key:: value]` and `(key:: value)`, wikilinks and brackets in the value included."""
    if text.find("::", start, end) < 0:
        return
    at = start
    while match := _BRACKET_FIELD.search(text, at, end):
        close = _closing(text, match.end(), end, match[1])
        at = match.end()
        if close >= 0:
            yield Candidate(
                match.start(), close + 1, Kind.INLINE_FIELD, match[2].strip(), match.end(), close
            )


def _closing(text: str, at: int, end: int, opener: str) -> int:
    """Offset of the bracket that closes `opener`, or -1. A value longer than 4,096 has none."""
    closer = "]" if opener == "[" else ")"
    depth = 1
    for offset in range(at, min(end, at + 4096)):
        char = text[offset]
        depth += (char == opener) - (char == closer)
        if depth == 0:
            return offset
        if char == "\n":
            return -1
    return -1


def line_fields(text: str, start: int, end: int, taken: Iterable[Candidate]) -> Iterator[Candidate]:
    """`key:: value` on a line of its own: each reaches from its key to the line's end.

    The first key is all that stands before the first `::`, as Dataview reads it; a further
    `::` in the same line opens a field within it, whose key is the word before it.
    """
    if text.find("::", start, end) < 0:
        return
    blocked = [(c.start, c.end) for c in taken]
    begin = start
    for match in _FIELD_SEPARATOR.finditer(text, start, end):
        at = match.start()
        if any(s <= at < e for s, e in blocked) or text[at - 1 : at] == ":":
            continue
        key = text[begin:at].strip()
        if begin > start:
            words = list(re.finditer(r"[^\s,;]+", text[begin:at]))
            if not words:
                continue
            begin += words[-1].start()
            key = words[-1][0]
        else:
            begin += len(text[begin:at]) - len(text[begin:at].lstrip())
        if key and len(key) <= 200:  # noqa: PLR2004 - longer is prose with a stray `::`
            yield Candidate(begin, end, Kind.INLINE_FIELD, key, match.end(), end)
        begin = match.end()


def block_ids(text: str, start: int, end: int) -> Iterator[Candidate]:
    """`^id` at the end of a block's line."""
    if text.find("^", start, end) < 0:
        return
    line = text[start:end]
    if match := _BLOCK_ID.search(line):
        at = start + match.start()
        yield Candidate(
            at, start + match.end(), Kind.BLOCK_ID, match[1], at + 1, start + match.end()
        )


def inline_footnotes(text: str, start: int, end: int) -> Iterator[Candidate]:
    """`^[words]`."""
    at = text.find("^[", start, end)
    while at >= 0:
        close = _closing(text, at + 2, end, "[")
        if close >= 0:
            yield Candidate(at, close + 1, Kind.INLINE_FOOTNOTE, "", at + 2, close)
        at = text.find("^[", at + 2, end)


def query(text: str, start: int, end: int) -> Candidate | None:
    """A code span `text[start:end]` as an inline query (`= …`, `$= …`, `dv: …`), if it is one.

    Its name lists the fields of `this` that it names, one a line."""
    code = text[start:end].strip("`")
    if not re.match(r"\s*(?:\$?=|dv:|dvjs:)", code):
        return None
    names = [a or b for a, b in _FIELD_NAME.findall(code)]
    return Candidate(start, end, Kind.QUERY, "\n".join(names), start, end)


_MERMAID_CLASS = re.compile(r"^[ \t>]*class[ \t]+([^\n]+?)[ \t]+internal-link\b", re.MULTILINE)


def mermaid_links(text: str, start: int, end: int) -> Iterator[Candidate]:
    """The notes that nodes of class `internal-link` lead to, by their label or else their id.

    They belong to the diagram as a whole: a node stands in more lines than its class."""
    for match in _MERMAID_CLASS.finditer(text, start, end):
        for node in re.split(r"[,\s]+", match[1]):
            label = re.compile(rf"\b{re.escape(node)}[\[({{>]+\"?([^\]\n\"){{}}]+)").search(
                text, start, end
            )
            name = label[1].strip() if label else node
            link = Link(Syntax.DECODED, start, start, start, start, embed=False)
            yield Candidate(start, start, Kind.LINK, name, start, start, link)


def html_links(text: str, start: int, end: int) -> Iterator[Candidate]:
    """The attributes of HTML tags that lead somewhere or say what a reader sees of it."""
    if text.find("=", start, end) < 0:
        return
    for match in _ATTRIBUTE.finditer(text, start, end):
        if match[1].casefold() not in _LINK_ATTRIBUTES:
            continue
        group = next(i for i in (2, 3, 4) if match[i] is not None)
        for first, last in _addresses(match[1].casefold(), match[group], match.start(group)):
            link = Link(Syntax.HTML, first, last, last, last, embed=False)
            yield Candidate(first, last, Kind.LINK, text[first:last], first, last, link)


def _addresses(attribute: str, value: str, at: int) -> Iterator[tuple[int, int]]:
    """The addresses in an attribute's value; `srcset` holds several, each with a size."""
    parts = re.finditer(r"[^\s,]+(?:\s+[^,]*)?", value) if attribute == "srcset" else None
    if parts is None:
        yield at, at + len(value)
        return
    for part in parts:
        yield at + part.start(), at + part.start() + len(part[0].split()[0])


def nest(candidates: list[Candidate], parent: int, portions: list[Portion]) -> None:
    """Append `candidates` to `portions` below `parent`, in order, each within its container.

    Where two cross, one TANGLE covers all that they touch: what hides one hides the whole, so
    that nothing is cut through the middle of a construct.
    """
    candidates.sort(key=lambda c: (c.start, -c.end))
    for cluster in _clusters(candidates):
        top = parent
        if len(cluster) > 1 and _crosses(cluster):
            start, end = cluster[0].start, max(c.end for c in cluster)
            portions.append(Portion(Kind.TANGLE, start, end, parent, "", start, end))
            top = len(portions) - 1
        _append(cluster, top, portions)


def _clusters(candidates: list[Candidate]) -> Iterator[list[Candidate]]:
    """Runs of candidates that touch one another, of a sorted list."""
    cluster: list[Candidate] = []
    end = -1
    for candidate in candidates:
        if cluster and candidate.start >= end:
            yield cluster
            cluster = []
        cluster.append(candidate)
        end = max(end, candidate.end)
    if cluster:
        yield cluster


def _crosses(cluster: list[Candidate]) -> bool:
    ends: list[int] = []
    for candidate in cluster:
        while ends and ends[-1] <= candidate.start:
            ends.pop()
        if ends and candidate.end > ends[-1]:
            return True
        ends.append(candidate.end)
    return False


def _append(cluster: list[Candidate], top: int, portions: list[Portion]) -> None:
    """Nest one cluster; in a tangle the part that sticks out of its container is clipped."""
    open_ = [top]
    last: Candidate | None = None
    for candidate in cluster:
        if last and last[:4] == candidate[:4]:
            continue  # one construct, found by two scanners
        while len(open_) > 1 and portions[open_[-1]].end <= candidate.start:
            open_.pop()
        end = min(candidate.end, portions[open_[-1]].end) if len(open_) > 1 else candidate.end
        portions.append(
            Portion(candidate.kind, candidate.start, end, open_[-1], candidate.name,
                    candidate.inner_start, candidate.inner_end, candidate.link)
        )  # fmt: skip
        open_.append(len(portions) - 1)
        last = candidate
