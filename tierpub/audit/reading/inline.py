"""What stands in lines: links of every kind, tags, inline fields, references.

Each pattern is tried on its own over the whole text, and what two of them find is found twice:
the painter takes the higher.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from tierpub.audit.reading.destinations import has_scheme, plain
from tierpub.audit.reading.scan import FILLER

_TEXT = r"(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*\])*?"
_NESTED = r"\((?:[^\s()\\]|\\.|\([^\s()]*\))*\)"
_DEST = rf"(?:[^\s()<\\]|\\.|{_NESTED})(?:[^\s()\\]|\\.|{_NESTED})*"
_TITLE = r"(?:\s+(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?"
WIKI = re.compile(r"!?\[\[(?P<inside>(?:[^\[\]\n]|\[(?!\[)|\](?!\]))*?\]??)\]\]")
_SIMPLE_WIKI = re.compile(r"!?\[\[(?P<inside>[^\[\]\n]*)\]\]")
"""What `WIKI` finds where no bracket stands within; much quicker."""
_BRACKETS = re.compile(r"\[\[|\]\]|\n")
MARKDOWN = re.compile(
    rf"!?\[(?P<text>{_TEXT})\]\(\s*(?:<(?P<angle>[^<>\n]*)>|(?P<dest>{_DEST})?){_TITLE}\s*\)",
    re.DOTALL,
)
_LOOSE = re.compile(r"!?\[(?P<text>[^\[\]\n]*)\]\((?P<dest>[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)")
_DEFINITION = re.compile(
    rf"^[ \t>]*(?:[-*+] )?[ ]{{0,3}}\[(?P<name>(?!\^)[^\[\]\n]+)\]:[ \t]*\n?[ \t>]*"
    rf"(?:<(?P<angle>[^<>\n]*)>|(?P<dest>\S+)){_TITLE}[ \t]*$",
    re.MULTILINE,
)
_REFERENCE = re.compile(rf"!?\[(?P<text>(?!\^){_TEXT})\](?:[ ]?\[(?P<name>[^\[\]\n]*)\])?(?![(:])")
_AUTO = re.compile(r"<(?P<target>[a-zA-Z][\w+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>")
_URL = re.compile(
    r"(?<![\w/(<])(?P<target>(?:https?|ftp|file|obsidian)://[^\s<>\"`|\]]+|mailto:[^\s<>\"]+)"
)
_SIGN = re.compile(r"\[\[|\]\(|\]:|<|://|mailto:|\\href")
_SCHEMES = ("https", "http", "ftp", "file", "obsidian")
_TAG_OF_HTML = re.compile(r"<(?P<name>[a-zA-Z][\w-]*)\b(?P<attrs>[^<>]*)>")
_ATTRIBUTE = re.compile(
    r"(?:href|src|srcset|data-href|poster|cite|title|alt)\s*=\s*"
    r"(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)
_PATH_ATTRIBUTE = re.compile(
    r"[\w:-]+\s*=\s*(?:\"([^\"';={}()]*/[^\"';={}()]*)\"|'([^\"';={}()]*/[^\"';={}()]*)')"
)
_ADDRESS = re.compile(r"url\(\s*[\"']?([^\"'()]+)|\burl\s*=\s*([^\"']+)", re.IGNORECASE)
_EMPTY = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
     "source", "track", "wbr")
)  # fmt: skip
"""Elements that have no end tag."""
_MATH = re.compile(r"\\href[ \t]*\{(?P<dest>[^{}\n]*)\}(?:[ \t]*\{(?P<text>[^{}\n]*)\})?")


class Piece(NamedTuple):
    """Something that stands in a line. A tuple, for there are hundreds in a note."""

    kind: str
    """`link`, `url`, `tag`, `field`, `footnote`, `inline-footnote`, `definition`, `html`."""
    start: int
    end: int
    target: str = ""
    """Where a link leads, decoded; a tag's, field's or footnote's name."""
    words: tuple[int, int] | None = None
    """Where the words stand that a reader sees instead of the target."""
    markdown: bool = False
    """Whether a relative target is relative to the note's folder."""
    anchor_at: int = -1
    """Where the anchor of a target begins, if it has one."""


def may_link(text: str) -> bool:
    """Whether `links` can find anything."""
    return _SIGN.search(text) is not None


def links(text: str) -> Iterator[Piece]:
    """Wikilinks, Markdown links, references, autolinks, bare URLs, and those in HTML."""
    if "[[" in text:
        yield from _wikilinks(text)
    if "](" in text:
        yield from _markdown(text)
    if "]:" in text:
        yield from _references(text)
    tagged = "<" in text
    if tagged:
        for match in _AUTO.finditer(text):
            yield Piece("url", match.start(), match.end(), html.unescape(match["target"]))
    if "://" in text or "mailto:" in text:
        yield from _urls(text)
    if "\\href" in text:
        yield from _in_math(text)
    if tagged:
        yield from _in_html(text)


def _markdown(text: str) -> Iterator[Piece]:
    taken = set()
    for match in _at_brackets(MARKDOWN, text):
        taken.add(match.end())
        dest = match["angle"] or match["dest"] or ""
        yield _link(match.start(), match.end(), plain(dest), match.span("text"))
    for match in _loose(text):
        if match.end() not in taken:
            yield _link(match.start(), match.end(), plain(match["dest"]), match.span("text"))


def _urls(text: str) -> Iterator[Piece]:
    """Bare URLs, looked for where one can begin alone."""
    starts, at = [], text.find("://")
    while at >= 0:
        starts += [at - len(name) for name in _SCHEMES if text.endswith(name, 0, at)]
        at = text.find("://", at + 3)
    at = text.find("mailto:")
    while at >= 0:
        starts.append(at)
        at = text.find("mailto:", at + 1)
    behind = 0
    for start in sorted(starts):
        match = _URL.match(text, start) if start >= behind else None
        if match:
            behind = match.end()
            target = match["target"].rstrip(".,;:!?'*_~")
            target = target.rstrip(")") if target.count("(") < target.count(")") else target
            yield Piece("url", start, start + len(target), html.unescape(target))


def _loose(text: str) -> Iterator[re.Match[str]]:
    """What `_LOOSE` finds, tried at brackets alone."""
    middle, behind = text.find("]("), 0
    while middle >= 0:
        start = text.rfind("[", text.rfind("\n", 0, middle) + 1, middle)
        if start >= behind:
            image = start > behind and text[start - 1] == "!"
            match = _LOOSE.match(text, start - 1 if image else start)
            if match:
                yield match
                behind = match.end()
        middle = text.find("](", middle + 1)


def _at_brackets(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of a link pattern that end in `](…)`, tried at brackets alone."""
    for middle in re.finditer(r"\]\(", text):
        start, depth = middle.start() - 1, 1
        low = max(0, text.rfind("\n\n", 0, middle.start()))
        while start >= low and depth:
            depth += {"]": 1, "[": -1}.get(text[start], 0)
            start -= 1
        start += 1
        match = pattern.match(text, start - 1 if start and text[start - 1] == "!" else start)
        if match:
            yield match


def _wikilinks(text: str) -> Iterator[Piece]:
    at = text.find("[[")
    while at >= 0:
        while text[at + 2 : at + 3] == "[":
            at += 1
        start = at - 1 if at and text[at - 1] == "!" else at
        match = _SIMPLE_WIKI.match(text, start) or WIKI.match(text, start)
        if match is None:
            yield from _around(text, at)
            at = text.find("[[", at + 1)
            continue
        inside = match["inside"].replace(FILLER, "")
        target, pipe, _ = inside.partition("|")
        words = (match.start("inside") + len(target) + 1, match.end("inside")) if pipe else None
        anchor = target.find("#")
        yield Piece(
            "link", match.start(), match.end(), target.removesuffix("\\").strip(), words,
            anchor_at=match.start("inside") + anchor if anchor >= 0 else -1,
        )  # fmt: skip
        at = text.find("[[", match.end())


def _around(text: str, at: int) -> Iterator[Piece]:
    """The link that opens at `at` and has another among its words."""
    depth = 0
    for sign in _BRACKETS.finditer(text, at):
        depth += {"[[": 1, "]]": -1}.get(sign[0], 0)
        if sign[0] == "\n":
            return
        if not depth:
            target, pipe, _ = text[at + 2 : sign.start()].partition("|")
            words = (at + 3 + len(target), sign.start()) if pipe else None
            yield Piece("link", at, sign.end(), target.removesuffix("\\").strip(), words)
            return


def _link(start: int, end: int, target: str, words: tuple[int, int]) -> Piece:
    return Piece("link", start, end, target, words, markdown=True)


def label(name: str) -> str:
    """The name of a definition as names of definitions are compared."""
    return " ".join(name.casefold().split())


def definitions(text: str) -> list[Piece]:
    """Reference definitions; the target of each with its own name before a line end."""
    return [
        Piece("definition", m.start(), m.end(), plain(m["angle"] or m["dest"] or ""),
              m.span("name"), markdown=True)
        for m in _DEFINITION.finditer(text)
    ] if "]:" in text else []  # fmt: skip


def _references(text: str) -> Iterator[Piece]:
    known = {label(text[d.words[0] : d.words[1]]): d for d in definitions(text) if d.words}
    if not known:
        return
    for match in _REFERENCE.finditer(text):
        name = label(match["name"] or match["text"])
        if name in known and not any(
            d.start <= match.start() < d.end and text[match.end() : match.end() + 1] == ":"
            for d in known.values()
        ):
            yield Piece("reference", match.start(), match.end(), known[name].target,
                        match.span("text"), markdown=True)  # fmt: skip


def _in_math(text: str) -> Iterator[Piece]:
    for match in _MATH.finditer(text) if "\\href" in text else ():
        yield _link(match.start(), match.end(), plain(match["dest"]), match.span("text"))


def _in_html(text: str) -> Iterator[Piece]:
    for match in _TAG_OF_HTML.finditer(text):
        end = match.end()
        if match["attrs"] and match["name"].lower() not in _EMPTY:
            close = re.compile(rf"</{match['name']}\s*>", re.IGNORECASE).search(text, end)
            end = close.end() if close else end
        for found in (_PATH_ATTRIBUTE, _ADDRESS):
            for path in found.finditer(match["attrs"]):
                target = unquote(html.unescape(path[path.lastindex or 0]))
                yield Piece("html", match.start(), end, target, (match.end(), end), markdown=True)
        for attribute in _ATTRIBUTE.finditer(match["attrs"]):
            value = html.unescape(next(group for group in attribute.groups() if group is not None))
            for part in value.split(",") if "srcset" in attribute[0].lower() else [value]:
                target = part.split()[0] if "srcset" in attribute[0].lower() and part.split() \
                    else part  # fmt: skip
                is_link = not attribute[0].lower().startswith(("title", "alt"))
                if is_link or "[[" in part:
                    yield Piece("html", match.start(), end,
                                target if has_scheme(target) else unquote(target),
                                (match.end(), end), markdown=True)  # fmt: skip
