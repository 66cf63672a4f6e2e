"""What is fuzzed: each target takes bytes and returns nothing, or fails.

A refusal is no failure, whatever the bytes are: it is what is promised for what cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tierpub.errors import Fault, TierpubError
from tierpub.note import Grammar, Portion, parse_note
from tierpub.note.frontmatter import parse_frontmatter
from tierpub.policy import parse_policy

_TIERS = ("public", "internal", "protect", "private", "personal", "secret")
_GRAMMAR = Grammar("confidential", tuple(f"_{tier}/" for tier in _TIERS), _TIERS)


def _flat(text: str, portions: tuple[Portion, ...] | list[Portion]) -> str:
    """The text put together again from what each portion has between its children."""
    pieces: list[str] = []
    open_: list[int] = []
    at = 0
    for index, portion in enumerate(portions):
        while open_ and open_[-1] != portion.parent:
            ended = portions[open_.pop()]
            pieces.append(text[at : ended.end])
            at = max(at, ended.end)
        assert portion.parent == (open_[-1] if open_ else -1), portion
        assert at <= portion.start <= portion.end <= len(text), portion
        pieces.append(text[at : portion.start])
        at = portion.start
        open_.append(index)
    for index in reversed(open_):
        pieces.append(text[at : portions[index].end])
        at = max(at, portions[index].end)
    return "".join(pieces)


def note(data: bytes) -> None:
    """A note that is not refused is a lossless tree of spans."""
    text = data.decode("utf-8", "replace")
    read = parse_note(text, "Note.md", _GRAMMAR)
    if any(fault.severity == "error" for fault in read.faults):
        return
    assert read.text == text
    assert _flat(text, read.portions) == text


def frontmatter(data: bytes) -> None:
    """Frontmatter that is not refused has values where its portions say, in order."""
    text = f"---\n{data.decode('utf-8', 'replace')}\n---\n"
    read = parse_frontmatter(text, "Note.md")
    if read.faults:
        assert not read.portions
        return
    top = Portion(read.portions[0].kind, 0, len(text), -1, "", 0, len(text))
    assert _flat(text, [top, *read.portions]) == text
    for index in read.values:
        leaf = read.portions[index - 1]
        assert leaf.start <= leaf.inner_start <= leaf.inner_end <= leaf.end, leaf


def policy(data: bytes) -> None:
    """A policy is loaded, or refused with faults that say where."""
    text = data.decode("utf-8", "replace")
    faults = _refused(text)
    assert all(fault.message and fault.place for fault in faults)


def _refused(text: str) -> tuple[Fault, ...]:
    try:
        parse_policy(text, "tierpub.yaml", Path("/nonexistent"))
    except TierpubError as refusal:
        return refusal.faults
    return ()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "note": note,
    "frontmatter": frontmatter,
    "policy": policy,
}
