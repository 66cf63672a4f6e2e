"""Names of tiers and the places of projections: what is fit to be a file name and never in the
way of anything else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tierpub.tiers import fold

MAX_NAME = 64
"""Bytes of a tier's name: it stands in file names, beside a note's own."""

_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)$")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|[{}]")
_UNFIT = re.compile(r'[\\:*?"<>|\x00-\x1f\x7f]')


def name_fault(name: str) -> str | None:
    """Why `name` cannot be a tier's name or the label key; None where it can."""
    if fold(name) == "inherit":
        return "is a word of the policy"
    odd = next((c for c in unicodedata.normalize("NFC", name) if not _fit(c)), None)
    if odd is not None:
        return f"holds {_shown(odd)}"
    if unicodedata.category(name[0])[0] not in "LN":
        return "begins with neither a letter nor a digit"
    if _DEVICES.match(fold(name)):
        return "is the name of a device on Windows"
    if len(name.encode()) > MAX_NAME:
        return f"is longer than {MAX_NAME} bytes"
    return None


def _fit(char: str) -> bool:
    return char in "_-+" or unicodedata.category(char)[0] in "LNM"


def _shown(char: str) -> str:
    return "a blank" if char.isspace() and char != "\n" else f"U+{ord(char):04X} ({char!r})"


def look(name: str) -> str:
    """`name` as file systems and readers may confuse it with another."""
    return fold(unicodedata.normalize("NFKC", fold(name)))


def path_faults(path: str) -> Iterator[tuple[str, str]]:
    """Why `path` is no path below the vault root: each fact with a hint."""
    parts = path.split("/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        yield "is absolute", "write it relative to the vault root"
    elif "" in parts:
        yield "has an empty folder name", "remove the second `/`"
    if ".." in parts:
        yield "holds `..`", "stay below the vault root"
    if any(part.startswith(".") and part != ".." for part in parts):
        yield "holds a name with a leading dot", "such folders belong to other tools"
    if any(part.endswith((".", " ")) and part != ".." for part in parts):
        yield "holds a name that ends in a dot or blank", "some file systems drop it"
    if odd := _UNFIT.search(path):
        yield f"holds {_shown(odd[0])}", "no file name may hold it everywhere"


def projection_faults(pattern: str) -> Iterator[tuple[str, str]]:
    """Why `pattern` cannot say where projections stand: each fact with a hint."""
    for found in _PLACEHOLDER.findall(pattern):
        if found not in ("{tier}", "{path}"):
            yield f"holds `{found}`", "it may hold `{tier}` and `{path}`"
    if pattern.count("{path}") != 1:
        how = "lacks `{path}`" if "{path}" not in pattern else "holds `{path}` twice"
        yield how, "write `{path}` once: the note's path without .md"
    elif not pattern.startswith("{path}") and "/{path}" not in pattern:
        yield "holds `{path}` within a name", "write `/` before `{path}`"
    if "{tier}" not in pattern:
        yield "lacks `{tier}`: the outputs of two tiers would stand at one path", _FOLDER
    elif "{tier}" not in pattern.partition("{path}")[0]:
        yield "has no `{tier}` before `{path}`: the tiers would share a folder", _FOLDER
    if not pattern.endswith(".md"):
        yield "does not end in `.md`", "projections are Markdown notes"
    yield from path_faults(pattern)


_FOLDER = "give each tier a folder: `_{tier}/{path}.{tier}.md`"


def tree_of(pattern: str, tier: str) -> str:
    """The folder of `tier`'s projections."""
    return pattern.partition("{path}")[0].rstrip("/").replace("{tier}", tier)


def overlap(one: str, other: str) -> bool:
    """Whether two folders are one, or one lies in the other, on a system that folds names."""
    a, b = look(one).split("/"), look(other).split("/")
    return a[: len(b)] == b[: len(a)]
