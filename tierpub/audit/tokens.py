"""Texts as tokens, so that a projection and its canonical note can be laid side by side.

What tierpub may change is made equal on both sides: the level's tree and the source are one name,
the level's ending of a name is none, words of a link that only repeat its target are none, nor is
the value of the frontmatter label.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from tierpub.audit.layout import Layout, lowered
from tierpub.audit.renames import TREE, Renames
from tierpub.policy import fold_field
from tierpub.tiers import fold

_ALIASED = re.compile(r"\[\[([^\[\]\n|]*)\|([^\[\]\n]*)\]\]")
_ROW = re.compile(
    r"^(?:([^\s#:-][^:\n]*?)[ \t]*:(?:[ \t]+(\"[^\"\n]*\"|'[^'\n]*'|[^\r\n]*?))?"
    r"(?:[ \t]+#[^\n]*|[ \t]*\r?)$|[^\n]+)",
    re.MULTILINE,
)
_FILE = re.compile(r"(?<=/)[^/\[\]|#<>\"'()\n]+\.\w{1,9}(?=[\])|\\#\"'\s>,}]|$)", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_WAY = 1024
TOKENS = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words and signs of a text in order, and where each begins."""

    words: list[str]
    starts: list[int]
    gaps: list[str]
    """The blanks before each."""


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """Reads texts for one level."""

    pattern: re.Pattern[str]
    renames: Renames
    suffix: str
    label: str
    leads: dict[str, tuple[str, ...]]
    """For the name of each attachment what may stand before it of the way to it, longest first:
    a link may have the name alone where its projection leads to the copy."""

    def read(self, text: str) -> Tokens:
        """The tokens of `text`."""
        text, places = _unescaped(text)
        skips = sorted(self._skips(text))
        words: list[str] = []
        starts: list[int] = []
        gaps: list[str] = []
        near, behind, gap = 0, 0, ""
        for match in self.pattern.finditer(text):
            at = match.start()
            while near < len(skips) and skips[near][1] <= at:
                near += 1
            skipped = near < len(skips) and skips[near][0] <= at
            gap += text[behind : skips[near][0] if skipped else at]
            behind = max(behind, skips[near][1] if skipped else match.end())
            if skipped or match.lastgroup == "suffix":
                continue
            words.append(TREE if match.lastgroup == "tree" else match[0])
            starts.append(places[at] if places else at)
            gaps.append(gap)
            gap = ""
        return Tokens(words, starts, gaps)

    def even(self, text: str) -> str:
        """`text` with all that tierpub may change made equal."""
        text, _ = _unescaped(text)
        edits = [(a, b, "") for a, b in self._skips(text)]
        edits += self.renames.of(text)
        out, at = [], 0
        for a, b, new in sorted(edits):
            if a >= at:
                out += [text[at:a], new]
            at = max(at, b)
        return "".join([*out, text[at:]]) if out else text

    def _skips(self, text: str) -> list[tuple[int, int]]:
        found = []
        if "|" in text:
            for match in _ALIASED.finditer(text):
                target, words = match.groups()
                if _repeats(target.removesuffix("\\"), words, self.suffix):
                    start, end = match.span(2)
                    found.append((start - 1, end))
                    if target.endswith("\\"):
                        found.append((start - 2, start))
        if self.leads:
            found += self._ways(text)
        return found + label_places(text, self.label)

    def _ways(self, text: str) -> list[tuple[int, int]]:
        """The folders before the names of attachments."""
        found = []
        for match in _FILE.finditer(text):
            before = text[max(0, match.start() - _WAY) : match.start()]
            written, plain = fold(before), fold(unquote(before))
            for lead in self.leads.get(fold(unquote(match[0])), ()):
                size = len(lead) if written.endswith(lead) else \
                    len(quote(lead)) if plain.endswith(lead) else 0  # fmt: skip
                if size:
                    found.append((match.start() - size, match.start()))
                    break
        return found


@lru_cache(maxsize=1 << 15)
def _repeats(target: str, words: str, suffix: str) -> bool:
    """Whether the words of a link say no more than its target."""
    said = fold(_without_md(words.strip()))
    path, anchor, rest = target.strip().partition("#")
    stem = _without_md(path)
    if suffix and fold(stem).endswith(fold(suffix)):
        stem = stem[: -len(suffix)]
    for name in (stem.rpartition("/")[2], stem, path):
        if said == fold(name.strip()) or (anchor and said == fold((name + anchor + rest).strip())):
            return True
    return False


def _without_md(path: str) -> str:
    return path[:-3] if path.lower().endswith(".md") else path


def _unescaped(text: str) -> tuple[str, list[int]]:
    """A text with the escapes of its frontmatter as the signs they stand for, for links may be
    written anew without them; and where each sign stood, empty where there are no escapes."""
    front = _front_end(text) if "\\" in text else 0
    if not front or not _ESCAPE.search(text, 0, front):
        return text, []
    out: list[str] = []
    places: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text, 0, front):
        code = int(match[1] or match[2] or match[3], 16)
        sign = chr(code) if code <= sys.maxunicode else " "
        out += [text[at : match.start()], sign]
        places += [*range(at, match.start()), match.start()]
        at = match.end()
    out.append(text[at:])
    return "".join(out), [*places, *range(at, len(text) + 1)]


def _leads(layout: Layout, rank: int, files: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The ways to the attachments `files`, which are relative to the vault root."""
    leads: dict[str, set[str]] = {}
    for file in files:
        inside = file.removeprefix(f"{layout.source}/")
        folder, _, name = inside.rpartition("/")
        parts = folder.split("/") if folder else []
        ways = {"/".join(parts[at:]) + "/" for at in range(len(parts))}
        ways |= {f"{top}/{inside[: len(inside) - len(name)]}"
                 for top in (layout.tree(rank), layout.source)}  # fmt: skip
        leads.setdefault(fold(name), set()).update(map(fold, ways))
    return {name: tuple(sorted(ways, key=len, reverse=True)) for name, ways in leads.items()}


def tokenizer(layout: Layout, rank: int, files: Iterable[str] = ()) -> Tokenizer:
    """The tokenizer for the projections of a level; `files` are the attachments of the vault,
    relative to its root."""
    tree, suffix = layout.tree(rank), layout.suffix(rank)
    renames = Renames((tree, layout.source), suffix)
    words = r"(?P<word>\w+)|[^\w\s]"
    pattern = re.compile(f"{renames.anyhow.pattern}|{words}", re.IGNORECASE)
    return Tokenizer(pattern, renames, suffix, layout.label_key, _leads(layout, rank, files))


def _front_end(text: str) -> int:
    """Where the frontmatter ends, its closing fence included; 0 where there is none."""
    if not text.startswith(("---", "\ufeff---")):
        return 0
    end = text.find("\n")
    if end < 0 or text[:end].lstrip("\ufeff").strip() != "---":
        return 0
    start = text.find("\n---", end)
    while start >= 0:
        end = text.find("\n", start + 1)
        line = text[start + 1 : end if end >= 0 else len(text)]
        if line.rstrip() == "---":
            return start + 1 + len(line)
        start = text.find("\n---", start + 1)
    return 0


@lru_cache(maxsize=16)
def label_places(text: str, key: str) -> list[tuple[int, int]]:
    """Where the values of frontmatter labels stand: those of the key, and those in tags."""
    end = _front_end(text)
    first = re.match(r"[^\W_]*", key.casefold())
    if first is None or first[0] not in (low := lowered(text[:end])):
        return []
    found, tags = [], False
    # What folds to several letters is not where it was, and of no letters every row is.
    quick = len(low) == end and first[0]
    for match in _rows(text, low, (first[0], "tag")) if quick else _ROW.finditer(text, 0, end):
        if match[1]:
            name = fold_field(match[1].strip("\"'"))
            tags = name in ("tags", "tag")
            if name == fold_field(key) and match[2]:
                found.append(match.span(2))
        if tags:
            tag = re.compile(rf"(?<![\w/]){re.escape(key)}/([\w+-]+)", re.IGNORECASE)
            found += [m.span(1) for m in tag.finditer(text, *match.span())]
    return found


def _rows(text: str, low: str, words: tuple[str, ...]) -> Iterator[re.Match[str]]:
    """The rows of a frontmatter, which is `low` when folded, that hold one of some words, each
    with those behind it up to the next that has a name."""
    at, end = 0, len(low)
    while hits := [hit for hit in (low.find(word, at) for word in words) if hit >= 0]:
        at = low.rfind("\n", 0, min(hits)) + 1
        going = True
        while going and at < end:
            after = low.find("\n", at) + 1 or end
            match = _ROW.match(text, at, end)
            if match:
                yield match
                going = not match[1] or any(low.find(word, at, after) >= 0 for word in words)
            at = after
