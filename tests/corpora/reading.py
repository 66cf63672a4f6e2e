"""A plain reading of notes and policy, made apart from tierpub: which lines a level may show.

It is coarse on purpose. It goes by lines and simple patterns, for the kinds of notes that are in
the corpora, and knows three answers: a line is visible, it holds something above the level, or it
goes with something that does.
"""

from __future__ import annotations

import base64
import fnmatch
import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import frontmatter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tierpub.policy import Policy, Rule

BOM = "\ufeff"
MAIL = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
PHONE = re.compile(r"\+[1-9]\d{0,2}[ \xa0/-]?(?:\(0\))?(?:[ \xa0/-]?\d{2,}){2,}")
_FENCE = re.compile(r"[ >]{0,3}(`{3,}|~{3,})[ \t]*([^`\n]*)\r?\n?\Z")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d+[.)])[ \t]")
_KEY = re.compile(
    r"([ \t]*)((?:- )*)(?:([^\s#'\"\-\[{][^:]*|'[^']+'|\"[^\"]+\"):(?:[ \t\r\n]|\Z))?"
)
_WIKI = re.compile(r"\[\[([^\[\]|\n]*?)(\\?\|[^\[\]|\n]*)?\]\]")
_QUERY = re.compile(r"`\s*=\s*this\.([^\s`()\[\].]+)\s*`")
_NO_LINKS = re.compile(
    r"!?\[\[[^\]\n]*\]\]|!?\[[^\]\n]*\]\([^)\n]*\)|#[\w/]+[ \t]*::|confidential::"
)


class Seen(Enum):
    """What a level may show of a line."""

    VISIBLE = "visible"
    HOLDS = "holds something above the level"
    GOES = "goes with something above the level"


class Reading:
    """What is visible at one level of a policy, of the notes of one vault."""

    def __init__(self, policy: Policy, level: int, hidden: set[str]) -> None:
        """`hidden` are the names, without `.md`, of the notes above the level."""
        names = policy.ladder.names
        self.level, self.top = level, len(names) - 1
        self.folders = {"assets", "_Standards", *(f"_{name}" for name in names)}
        """Where links out of the source may lead: to what a rule names, and to projections."""
        self.depth = 0
        """Of the folder that the note at hand stands in, below the vault root."""
        self.name = names[level]
        self.tiers = set(names[: level + 1])
        self.fields = tuple(self._patterns(policy, "field"))
        self.inline_fields = tuple(self._patterns(policy, "inline_field"))
        self.sections = self._patterns(policy, "section")
        self.code = self._patterns(policy, "code")
        contacts = {"an e-mail address", "a telephone number"}
        self.contacts = any(
            r.kind == "text" and r.tier > level and r.reason in contacts for r in policy.rules
        )
        schemes = [p[:-2] for p in self._patterns(policy, "link") if p.endswith(":**")]
        self.schemes = re.compile(rf"(?<![\w/])(?:{'|'.join(schemes) or '(?!)'})\S", re.IGNORECASE)
        above = "|".join(map(re.escape, names[level + 1 :])) or r"(?!)"
        stems = "|".join(map(re.escape, hidden)) or r"(?!)"
        self.path = re.compile(rf"(?<![^\W_])_(?:{above})[/\\]", re.IGNORECASE)
        self.link = re.compile(
            rf"(?<![^\W_])_(?:{above})(?:[/\\]|(?=[\]|)\"']))"
            rf"|\.(?:{above})(?=\\?\||\]\]|\.md\b|#|\)|\"|'|\))"
            rf"|\[\[(?:[^\]|#\n]*/)?(?:{stems})(?:\.md)?(?=[\]|#\\])",
            re.IGNORECASE,
        )
        self.encoded = re.compile(
            b"|".join(form for n in names[level + 1 :] for form in _base64(f"_{n}/")) or b"(?!)"
        )
        self.mine = re.compile(rf"(?<![^\W_])_{self.name}/")
        self.suffix = re.compile(rf"\.{self.name}(?=[ /]?(?:\\?\||\]\])|\.md\b|#|\)|\"|'|\s*\Z)")

    def _patterns(self, policy: Policy, kind: str) -> list[str]:
        """Patterns of the rules of a kind that are above the level; these rules say no less."""
        rules: list[Rule] = [r for r in policy.rules if r.kind == kind and r.tier > self.level]
        return [_fold(p) if "field" in kind else p.casefold() for r in rules for p in r.patterns]

    # What two texts have in common once the declared edits are undone.

    def canon(self, line: str) -> str:
        """`line` with links of this level's tree as they stand in the source, without anchors,
        and without an alias that says what the link says."""
        if "_" in line:
            line = self.mine.sub("_Standards/", line)
        if "." in line:
            line = self.suffix.sub("", line)
        return _WIKI.sub(self._link, line) if "[[" in line else line

    @staticmethod
    def _link(match: re.Match[str]) -> str:
        path = match[1].partition("#")[0].rstrip("/")
        alias = (match[2] or "").lstrip("\\|").partition("#")[0]
        same = alias in (path.rpartition("/")[2], path.rpartition("/")[2].removesuffix(".md"))
        return f"[[{path}]]" if same or not match[2] else f"[[{path}|{alias}]]"

    # Lines.

    def lines(self, text: str) -> list[tuple[str, Seen]]:
        """The lines of a note, each with what may be shown of it."""
        front, body = split(text)
        hidden_fields = {k for k in keys(text) if self.is_field(k)}
        return self._front(front) + self._body(body, hidden_fields)

    def is_field(self, key: str) -> bool:
        """Whether a rule puts a field of that name above the level."""
        return _matches(key, self.fields)

    def says(self, text: str) -> bool:
        """Whether a line or value itself holds something above the level."""
        if self._leaves_source(text):
            return True
        if self.link.search(text) or self.schemes.search(text):
            return True
        mail = "@" in text and MAIL.search(text)
        return self.contacts and bool(mail or ("+" in text and PHONE.search(text)))

    def _leaves_source(self, text: str) -> bool:
        """Whether a relative link leads out of the source, to where no rule speaks of."""
        if self.level == self.top or ("](../" not in text and "[[../" not in text):
            return False
        found = re.findall(r"(?:\[\[|\]\()((?:\.\./)+)([^/|\])]*)", text)
        return any(len(up) // 3 >= self.depth and to not in self.folders for up, to in found)

    def _front(self, front: list[str]) -> list[tuple[str, Seen]]:
        seen = [Seen.VISIBLE] * len(front)
        stack: list[tuple[int, int, bool]] = []  # indentation, line, hidden
        holders: dict[int, list[int]] = {}
        for at, line in enumerate(front[1:-1], 1):
            match = _KEY.match(line)
            assert match
            dash, key = match[2], match[3]
            indent = len(match[1]) + (1 if dash else 0)
            if not (dash or key or line.strip()) or line.lstrip().startswith("#"):
                seen[at] = Seen.GOES if self.level < self.top else Seen.VISIBLE
                continue
            if dash or key:
                while stack and stack[-1][0] >= indent:
                    stack.pop()
            for _, above, _ in stack:
                holders.setdefault(above, []).append(at)
            seen[at] = self._of_field(key, line, hidden=any(h for _, _, h in stack))
            if dash or key:
                stack.append((indent, at, seen[at] is not Seen.VISIBLE))
            elif seen[at] is Seen.HOLDS:  # a scalar of several lines goes whole
                seen[stack[-1][1]] = Seen.HOLDS
        _empty_keys(front, holders, seen)
        return list(zip(front, seen, strict=True))

    def _of_field(self, key: str | None, line: str, *, hidden: bool) -> Seen:
        if (key and self.is_field(key.strip("'\""))) or self.says(line):
            return Seen.HOLDS
        return Seen.GOES if hidden else Seen.VISIBLE

    def _body(self, body: list[str], fields: set[str]) -> list[tuple[str, Seen]]:
        seen = [Seen.VISIBLE] * len(body)
        kinds = list(_kinds(body))
        for at, (line, (kind, name)) in enumerate(zip(body, kinds, strict=True)):
            code = kind == "code" and name.casefold() in self.code
            withheld = (code or kind == "comment") and self.level < self.top
            if withheld or self.says(line) or (kind == "text" and self._holds(line, fields)):
                seen[at] = Seen.HOLDS
        self._containers(body, kinds, seen)
        return list(zip(body, seen, strict=True))

    def _holds(self, line: str, fields: set[str]) -> bool:
        """Whether a line of text has a query or field that is above the level."""
        if "`" in line:
            if "`$=" in line and "dataviewjs" in self.code:
                return True
            if fields and any(query in fields for query in _QUERY.findall(line)):
                return True
        return "::" in line and self._is_inline_field(line)

    def _is_inline_field(self, line: str) -> bool:
        before = (part.rstrip() for part in line.split("::")[:-1])
        names = {re.split(r"[\[(\s]", part)[-1] for part in before}
        return any(_matches(name, self.inline_fields) for name in names)

    def _containers(self, body: list[str], kinds: list[tuple[str, str]], seen: list[Seen]) -> None:
        """What goes with a hidden heading or item, and headings over nothing that stays."""
        headings = [
            (at, len(m[1]), m[2])
            for at, line in enumerate(body)
            if kinds[at][0] == "text" and (m := _HEADING.match(line))
        ]
        for at, depth, words in headings:
            stop = next((a for a, d, _ in headings if a > at and d <= depth), len(body))
            named = any(fnmatch.fnmatchcase(words.strip().casefold(), p) for p in self.sections)
            bare = not re.search(r"\w", _NO_LINKS.sub("", words))
            if named or (seen[at] is Seen.HOLDS and bare):
                for i in range(at + 1, stop):
                    seen[i] = seen[i] if seen[i] is Seen.HOLDS else Seen.GOES
        for at, depth, _ in reversed(headings):
            stop = next((a for a, d, _ in headings if a > at and d <= depth), len(body))
            inside = [i for i in range(at + 1, stop) if body[i].strip()]
            if inside and all(seen[i] is not Seen.VISIBLE for i in inside):
                seen[at] = seen[at] if seen[at] is Seen.HOLDS else Seen.GOES
        depth = -1
        for at, line in enumerate(body):
            if not line.strip():
                continue
            indent = len(line) - len(line.lstrip())
            if depth >= 0 and indent > depth:
                seen[at] = seen[at] if seen[at] is Seen.HOLDS else Seen.GOES
                continue
            depth = indent if _ITEM.match(line) and seen[at] is not Seen.VISIBLE else -1

    # Frontmatter as values.

    def values(self, text: str) -> list[str]:
        """The visible leaves of the frontmatter, each with its path, sorted."""
        return sorted(self._leaves(meta(text), "", hidden=False))

    def _leaves(self, value: Any, path: str, *, hidden: bool) -> Iterator[str]:
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                gone = hidden or self.is_field(str(key)) or self.says(str(key))
                yield from self._leaves(inner, f"{path}.{key}", hidden=gone)
        elif isinstance(value, list) and value:
            for inner in value:
                yield from self._leaves(inner, path + "[]", hidden=hidden)
        elif not hidden and not self.says(str(value)):
            is_label = path.casefold() == ".confidential"
            yield f"{path} = {'*' if is_label else self.canon(str(value))!r}"


def _empty_keys(front: list[str], holders: dict[int, list[int]], seen: list[Seen]) -> None:
    """A mapping or list goes when nothing in it stays."""
    for at in sorted(holders, reverse=True):
        inside = [seen[i] is not Seen.VISIBLE for i in holders[at]]
        if front[at].rstrip().endswith(":") and all(inside):
            seen[at] = Seen.GOES


def _base64(text: str) -> list[bytes]:
    """The letters that `text` has in base64 at each of the three places where it may begin."""
    forms = []
    for lead in range(3):
        data = b"\0" * lead + text.encode()
        whole = base64.b64encode(data + b"\0" * (-len(data) % 3))
        first = (lead * 8 + 5) // 6
        forms.append(re.escape(whole[first : len(data) * 8 // 6]))
    return forms


@lru_cache(maxsize=4096)
def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(_fold(name), pattern) for pattern in patterns)


def _fold(name: str) -> str:
    return re.sub(r"[ _-]", "_", name.casefold())


def split(text: str) -> tuple[list[str], list[str]]:
    """The lines of a note's frontmatter, fences included, and those of its body."""
    lines = text.split("\n")
    lines = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    if lines and lines[0].removeprefix(BOM).rstrip() == "---":
        for at, line in enumerate(lines[1:], 1):
            if line.rstrip() == "---":
                return lines[: at + 1], lines[at + 1 :]
    return [], lines


@lru_cache(maxsize=1 << 12)
def meta(text: str) -> Any:
    """The frontmatter as its users read it."""
    return frontmatter.loads(text.removeprefix(BOM)).metadata


def keys(text: str) -> set[str]:
    """The names of all fields of the frontmatter, nested ones too."""
    found: set[str] = set()
    stack = [meta(text)]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            found |= {str(k) for k in value}
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return found


def _kinds(body: list[str]) -> Iterator[tuple[str, str]]:
    """For each line whether it is text, code (of what language) or a comment."""
    fence, name, comment = "", "", False
    for line in body:
        match = _FENCE.match(line)
        if fence:
            yield "code", name
            if match and match[1].startswith(fence) and not match[2].strip():
                fence = ""
        elif comment:
            yield "comment", ""
            comment = line.count("%%") % 2 == 0
        elif match:
            fence, name = match[1], (match[2].split() or [""])[0]
            yield "code", name
        else:
            marks = re.sub(r"`[^`]*`", "", line).count("%%") if "%%" in line else 0
            comment = marks % 2 == 1
            yield "comment" if marks else "text", ""
