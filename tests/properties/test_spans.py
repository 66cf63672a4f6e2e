"""A note is a lossless sequence of spans, whatever stands in it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from twin_policy import SOURCE, TIERS, TOP
from twin_run import fail, run_or_refuse, size
from twin_soup import soup
from twin_undo import cut_only, undone
from twin_vault import Twins, twins

from tierpub.errors import TierpubError
from tierpub.note import Grammar, Note, Portion, parse_note

_GRAMMAR = Grammar("confidential", tuple(f"_{tier}/" for tier in TIERS))


def _parse(text: str) -> Note | None:
    """The note, or None where it is refused."""
    note = parse_note(text, "Soup.md", _GRAMMAR)
    return None if any(fault.severity == "error" for fault in note.faults) else note


def _check_nesting(text: str, portions: Sequence[Portion]) -> None:
    """Portions lie in their parents, in order, and siblings do not overlap."""
    ends: dict[int, int] = {}
    for index, portion in enumerate(portions):
        assert 0 <= portion.start <= portion.end <= len(text), portion
        assert portion.parent < index, portion
        if portion.parent >= 0:
            around = portions[portion.parent]
            assert around.start <= portion.start, (around, portion)
            assert portion.end <= around.end, (around, portion)
        assert ends.get(portion.parent, 0) <= portion.start, portion
        ends[portion.parent] = portion.end


def _flat(text: str, portions: Sequence[Portion]) -> str:
    """The text put together again: what each portion has between its children, and they."""
    children: dict[int, list[int]] = {}
    for index, portion in enumerate(portions):
        children.setdefault(portion.parent, []).append(index)

    def joined(index: int, start: int, end: int) -> str:
        parts, at = [], start
        for child in children.get(index, ()):
            portion = portions[child]
            parts += [text[at : portion.start], joined(child, portion.start, portion.end)]
            at = portion.end
        return "".join([*parts, text[at:end]])

    return joined(-1, 0, len(text))


@settings(max_examples=size(150))
@given(soup())
def test_spans_of_any_text_are_lossless(text: str) -> None:
    """Any text is refused as a whole, or its portions nest and give it back."""
    note = _parse(text)
    if note is not None:
        assert note.text == text
        _check_nesting(text, note.portions)
        assert _flat(text, note.portions) == text


@settings(max_examples=size(30))
@given(twins())
def test_spans_of_a_vault_are_lossless(pair: Twins) -> None:
    """The notes of a drawn vault are never refused, and their portions nest and give them back."""
    for path, data in pair.a.tree.items():
        if path.endswith(".md"):
            note = parse_note(data.decode(), path, _GRAMMAR)
            if errors := [str(f) for f in note.faults if f.severity == "error"]:
                fail("\n".join(errors), refused={path: data})
            _check_nesting(note.text, note.portions)
            assert _flat(note.text, note.portions) == data.decode()


@settings(max_examples=size(80))
@given(soup())
def test_any_text_is_refused_or_only_cut(text: str) -> None:
    """A note of any text is refused, or each level has its words in order and the top has all."""
    outputs = run_or_refuse({f"{SOURCE}/Soup.md": text.encode("utf-8", "surrogatepass")}, "public")
    if isinstance(outputs, TierpubError):
        return
    for level, output in outputs.items():
        tier = TIERS[level]
        made = output.get(f"_{tier}/Soup.{tier}.md", b"").decode()
        # A rule may match in the middle of what counts as one word here.
        within = "XQ5abc" in text and is_cut_of(made, text)
        assert within or cut_only(text, made) == "", (level, made)
        assert level < TOP or undone(made) == undone(text), made


def is_cut_of(made: str, text: str) -> bool:
    """Whether the signs of a text are there in another, in the same order."""
    rest = iter(text)
    return all(sign in rest for sign in made)


@pytest.mark.parametrize("text", ["", "\ufeff", "\n", "---\n---\n", "\r\n\r\n"])
def test_spans_of_almost_nothing_are_lossless(text: str) -> None:
    """An empty note, a BOM, blank lines and bare fences are notes or refused, never a crash."""
    note = _parse(text)
    assert note is None or _flat(note.text, note.portions) == text
