"""What a publication shows that an earlier one did not: files and lines, and as a diff.

Only what is shown now is told. A line or file that has gone may be hidden today, and whoever reads
what the level reads must not find it here: so the diff's old side is what of the earlier file is
still there, and it has no line with a minus.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """What is new in one file."""

    path: str
    whole: bool
    """Whether there was no such file."""
    lines: tuple[tuple[int, str], ...]
    """Number and text of each line that was not there; none for a file that is no text."""
    diff: tuple[str, ...]
    """The same as a unified diff, without its two lines of file names."""
    size: int
    """Bytes of the file."""


def newly(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[Shown]:
    """What `now` has that `before` had not, by path and in its order."""
    for path in sorted(now):
        old, new = before.get(path), now[path]
        if old == new:
            continue
        shown = _shown(path, old, new)
        if shown.lines or shown.whole or not _is_text(new):
            yield shown


def _shown(path: str, old: bytes | None, new: bytes) -> Shown:
    if not _is_text(new):
        return Shown(path, old is None, (), (), len(new))
    lines = _lines(new)
    still = _still(_lines(old) if old is not None and _is_text(old) else [], lines)
    found = tuple((n + 1, line) for n, line in enumerate(lines) if n not in still)
    kept = [lines[n] for n in sorted(still)]
    diff = tuple(difflib.unified_diff(kept, lines, lineterm=""))[2:]
    return Shown(path, old is None, found, diff, len(new))


def _still(old: list[str], new: list[str]) -> set[int]:
    """Indices of the lines of `new` that stood in `old`, in the same order."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    blocks = matcher.get_matching_blocks()
    return {block.b + k for block in blocks for k in range(block.size)}


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def _lines(data: bytes) -> list[str]:
    lines = data.decode().split("\n")
    return lines[:-1] if not lines[-1] else lines
