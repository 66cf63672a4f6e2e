"""Secrets planted in a corpus: a policy that raises much of it, and twins for a level.

A twin has other values, other sections and other notes wherever the policy puts something above
the level, and other names for the notes that nothing visible speaks of. It is made by lines and
names alone, without asking tierpub what is hidden.
"""

from __future__ import annotations

import fnmatch
import re
import urllib.parse
from collections import Counter
from typing import NamedTuple

from corpora.archives import POLICY
from corpora.reading import split

TIERS = ("public", "internal", "protect", "private", "personal", "secret")
FIELDS = {
    "internal": ["mapmarker", "located_in*", "postal_code*"],
    "protect": ["location", "instance_of", "population"],
    "secret": ["type", "*_wikidata", "inception"],
}
INLINE_FIELDS = {"protect": ["has_place_longitude", "population"], "secret": ["unknown"]}
SECTIONS = {
    "private": ["*abstract*"],
    "personal": ["*map*", "*diagram*", "area by*"],
    "secret": ["overview*"],
}
NOTES = {
    "internal": ["**/T*.md"],
    "private": ["**/W*.md", "**/A*.md"],
    "personal": ["**/*burg*/**"],
    "protect": ["**/Regen/**", "**/*hausen*/**"],
    "secret": ["**/S*.md"],
}
"""In the order of the rules: the last that meets a note holds."""
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")
_KEY = re.compile(r"([ \t]*)((?:- )*)([^\s#'\"\-\[{][^:]*|'[^']+'|\"[^\"]+\"):(?:[ \t\r\n]|\Z)")


def policy_text() -> str:
    """The default policy with rules that raise fields, sections, notes and folders. The gate is
    off: names of what it raises stand all over the corpora."""
    kinds = ("field", FIELDS), ("inline_field", INLINE_FIELDS), ("section", SECTIONS)
    rules = [
        f"  - {{ {kind}: {patterns!r}, tier: {tier} }}\n"
        for kind, by_tier in (*kinds, ("note", NOTES))
        for tier, patterns in by_tier.items()
    ]
    text = POLICY.read_text().replace("mentions: refuse", "mentions: off")
    return text.replace("\nseal_from: private", "\n# seal_from") + "\n" + "".join(rules)


class Twin(NamedTuple):
    """The notes of a twin, by path relative to the source, and what of them is other."""

    notes: dict[str, bytes]
    changed: Counter[str]


def hides(note: str, level: int) -> bool:
    """Whether a rule puts a note above a level."""
    tier = 0
    for name, patterns in NOTES.items():
        if any(_meets(note.casefold(), pattern.casefold()) for pattern in patterns):
            tier = TIERS.index(name)
    return tier > level


def _meets(note: str, pattern: str) -> bool:
    """Whether a pattern of `NOTES` meets the note's name, or that of a folder around it."""
    *folders, name = note.split("/")
    word = pattern.removeprefix("**/")
    if word.endswith("/**"):
        return any(fnmatch.fnmatchcase(f, word.removesuffix("/**")) for f in folders)
    return fnmatch.fnmatchcase(name, word)


def twin(notes: dict[str, bytes], level: int) -> Twin:
    """Notes that look the same at a level, and are other in all that is above it."""
    changed: Counter[str] = Counter()
    made: dict[str, bytes] = {}
    seen = {n: d.decode() for n, d in notes.items() if not hides(n, level)}
    spoken = "\n".join([*seen, *seen.values()])
    spoken = (spoken + urllib.parse.unquote(spoken)).casefold()
    for number, (note, data) in enumerate(notes.items()):
        if note in seen:
            made[note] = _other_parts(data.decode(), level, changed).encode()
            continue
        changed["notes"] += 1
        folder, _, name = note.rpartition("/")
        if name.removesuffix(".md").casefold() not in spoken:
            changed["names"] += 1
            name = f"{name[0]}{number}q.md"  # the first letter is what rules go by
        made[f"{folder}/{name}"] = f"# {number}\n\nOther words {number}.\n".encode()
    return Twin(made, changed)


def _above(patterns: dict[str, list[str]], name: str, level: int) -> bool:
    return any(
        TIERS.index(tier) > level and any(fnmatch.fnmatchcase(name, p) for p in some)
        for tier, some in patterns.items()
    )


def _other_parts(text: str, level: int, changed: Counter[str]) -> str:
    front, body = split(text)
    return "".join([*_other_fields(front, level, changed), *_other_sections(body, level, changed)])


def _other_fields(front: list[str], level: int, changed: Counter[str]) -> list[str]:
    """The frontmatter with other values of the fields above a level."""
    kept: list[str] = []
    depth = -1  # of the field whose value is being left out
    for line in front:
        match = _KEY.match(line)
        indent = len(line) - len(line.lstrip(" \t"))
        item = line.lstrip(" \t").startswith("- ")
        within = line.strip() and (indent > depth or (indent == depth and item))
        if depth >= 0 and (within or not line.strip()) and line is not front[-1]:
            continue
        depth = -1
        if match and not match[2] and _above(FIELDS, match[3].strip("'\"").casefold(), level):
            changed["fields"] += 1
            depth = indent
            end = "\r\n" if line.endswith("\r\n") else "\n"
            line = f"{match[1]}{match[3]}: other {changed['fields']}{end}"  # noqa: PLW2901
        kept.append(line)
    return kept


def _other_sections(body: list[str], level: int, changed: Counter[str]) -> list[str]:
    """The body with other words in the sections above a level."""
    if "%%" in "".join(body):
        return body  # a comment may go on across headings
    kept: list[str] = []
    fence, depth = "", 0
    for line in body:
        mark = _FENCE.match(line)
        heading = _HEADING.match(line) if not fence else None
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        if heading and (not depth or len(heading[1]) <= depth):
            depth = 0
            kept.append(line)
            if _above(SECTIONS, heading[2].strip().casefold(), level):
                depth = len(heading[1])
                changed["sections"] += 1
                end = "\r\n" if line.endswith("\r\n") else "\n"
                kept.append(f"{end}Other words {changed['sections']}.{end}{end}")
        elif not depth:
            kept.append(line)
    return kept
