"""Undoing the edits that a projection declares, to compare it with its canonical note.

Plain on purpose and independent of the splitter: canonical text and projection are both brought
to one form in which tier trees, tier suffixes, added aliases and the banner's value are gone.
Then what remains of the projection must be the words and signs of the canonical text, in order.
"""

from __future__ import annotations

import re

from twin_policy import SOURCE, TIERS
from twin_vault import Tree

_TIER = "|".join(TIERS)
_TREE = re.compile(rf"(?:_|%5F|&#95;)(?:{_TIER}|Standards)\b")
_SUFFIX = re.compile(rf"\.(?:{_TIER})(?=\.md|[\\\]|#^)>\"'\s&:,;]|$)", re.MULTILINE)
_COPY = re.compile(r"(?:@/)?(?:[^\[\]|\s\"'(<=/]+/)*(?=[^\[\]|/\s]+\.(?:png|jpg|gif|webp)\b)")
"""The folders on the way to a picture: a name alone, or the end of a path, is given them."""
_ALIAS = re.compile(r"((?:\[|\\x5b)\[)([^\[\]|\\]*)\\?\|([^\[\]]*)\]\]")
_BANNER = re.compile(rf"^(confidential: |tags: \[confidential/)(?:{_TIER})", re.MULTILINE)
_PARTS = re.compile(r"\w+|\W")


def _alias(match: re.Match[str]) -> str:
    """The link without its alias where that only repeats the name, as a retargeted link's does."""
    opener, dest, alias = match.groups()
    name = dest.removesuffix(".md").rsplit("/", 1)[-1]
    plain = {
        name,
        f"{name}.md",
        dest,
        name.split("#")[0],
        name.replace("#", " > "),
        dest.split("#")[0],
    }
    return f"{opener}{dest}]]" if alias in plain else match.group()


def undone(text: str) -> str:
    """`text` without link targets' tiers, added aliases and the banner's value."""
    text = _BANNER.sub(r"\1*", text, count=1)
    text = _COPY.sub("", _TREE.sub("@", text))
    return _ALIAS.sub(_alias, _SUFFIX.sub("", text))


def cut_only(source: str, projection: str) -> str:
    """The first sign or word of `projection` that does not follow in `source`; else empty."""
    rest = iter(_PARTS.findall(undone(source)))
    return next((p for p in _PARTS.findall(undone(projection)) if p not in rest), "")


def pairs(tree: Tree, output: Tree, level: int) -> list[tuple[str, str, str]]:
    """Path, canonical text and projection for each note of `output`; an unknown path gets none."""
    tier = TIERS[level]
    sources = {
        path.replace(SOURCE, f"_{tier}", 1).removesuffix(".md") + f".{tier}.md": data.decode()
        for path, data in tree.items()
        if path.endswith(".md")
    }
    notes = {path: data.decode() for path, data in output.items() if path.endswith(".md")}
    return [(path, sources.get(path, ""), text) for path, text in notes.items()]
