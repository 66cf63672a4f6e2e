"""Frontmatter of random shape: spans, values, cuts, and what other readers see."""

from __future__ import annotations

import frontmatter
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.frontmatter_tools import (
    HOLDERS,
    block,
    cut,
    faults_of_spans,
    notes,
    plain,
    same,
    tree,
)
from tierpub.note.frontmatter import parse_frontmatter
from tierpub.note.portions import Kind

UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck))


def inner(note: str) -> str:
    """Return what stands between the fences."""
    portion = parse_frontmatter(note, "n.md").portions[0]
    return note[portion.inner_start : portion.inner_end]


@UNHURRIED
@given(notes())
def test_random_yaml_is_accepted_and_read_as_yaml_reads_it(note: str) -> None:
    """Plain YAML in any style is accepted, and the portions hold what YAML says it is."""
    found = parse_frontmatter(note, "n.md")
    assert found.faults == ()
    assert same(plain(inner(note)), tree(found, note))


@UNHURRIED
@given(notes())
def test_spans_nest_and_lose_nothing(note: str) -> None:
    """Portions lie in their parents, in order, apart, and hold every line between the fences."""
    found = parse_frontmatter(note, "n.md")
    assert faults_of_spans(found, note) == []


@UNHURRIED
@given(notes(), st.data())
def test_a_cut_takes_one_entry_and_no_more(note: str, data: st.DataObject) -> None:
    """Cutting what a field or entry owns leaves YAML with the same data but for that entry."""
    found = parse_frontmatter(note, "n.md")
    assert found.faults == ()
    picks = [i for i, p in enumerate(found.portions) if p.kind in HOLDERS]
    left, gone = cut(found, note, data.draw(st.sampled_from(picks)))
    again = parse_frontmatter(left, "n.md")
    assert again.faults == ()
    assert tree(again, left) == tree(found, note, without=gone)
    assert same(plain(inner(left)), tree(again, left))


@UNHURRIED
@given(notes(), st.data())
def test_cutting_a_comment_changes_no_data(note: str, data: st.DataObject) -> None:
    """What a comment owns can go without a change to the data."""
    found = parse_frontmatter(note, "n.md")
    comments = [p for p in found.portions if p.kind == Kind.YAML_COMMENT]
    assume(comments)
    gone = data.draw(st.sampled_from(comments))
    left = note[: gone.start] + note[gone.end :]
    again = parse_frontmatter(left, "n.md")
    assert again.faults == ()
    assert tree(again, left) == tree(found, note)


def agree(note: str) -> None:
    """Assert that python-frontmatter sees what was accepted, and nothing where there is none."""
    found = parse_frontmatter(note, "n.md")
    if found.faults:
        return
    bare = note.removeprefix("\ufeff")
    metadata, body = frontmatter.parse(bare)
    if not found.portions:
        assert metadata == {}
        assert body == bare.replace("\r\n", "\n").strip()
        return
    # repr, because a value may be NaN, which equals nothing
    assert repr(metadata) == repr(yaml.load(inner(note), Loader=yaml.CSafeLoader) or {})
    assert body == note[found.end :].replace("\r\n", "\n").strip()


@UNHURRIED
@given(notes())
def test_python_frontmatter_sees_the_same(note: str) -> None:
    """Metadata and body are the same to python-frontmatter."""
    agree(note)


PIECES = st.sampled_from(
    [
        *("---", "----", "--", "...", "+++", "{", "}", "\n", "\n", "\n", "\r\n", "\r", " ", "\t"),
        *("\ufeff", "\u2028", "\x85", "\xa0", "\x0c", "\x1c", "\u200b", "\0", "\ud800", "# c"),
        *("a: 1", "a", "b: [", "]", "- ", "? ", ": ", "&x ", "*x", "<<", "!t ", "%YAML 1.1", "|"),
        *("[[X]]", "[[X #y]]", "'", '"', "  ", ",", "}", "=", "2026-02-30", "0x_", "'a'", "1"),
    ]
)


@settings(UNHURRIED, max_examples=500)
@given(st.lists(PIECES, max_size=24).map("".join), st.booleans())
def test_readers_agree_on_hostile_text(text: str, fenced: bool) -> None:
    """Whatever the signs and their order, what is accepted is read the same elsewhere."""
    note = f"---\n{text}\n---\nBody" if fenced else text
    found = parse_frontmatter(note, "n.md")
    if not found.faults and found.portions:
        assert faults_of_spans(found, note) == []
        assert same(plain(inner(note)), tree(found, note))
    agree(note)


@settings(UNHURRIED, max_examples=300)
@given(block(mapping=True), st.data())
def test_readers_agree_on_broken_yaml(body: str, data: st.DataObject) -> None:
    """YAML with a sign thrown in or out is refused, or read the same elsewhere."""
    at = data.draw(st.integers(0, len(body)))
    broken = body[:at] + data.draw(PIECES) + body[at + data.draw(st.integers(0, 2)) :]
    note = f"---\n{broken}---\nBody"
    found = parse_frontmatter(note, "n.md")
    assume(not found.faults)
    assert faults_of_spans(found, note) == []
    assert same(plain(inner(note)), tree(found, note))
    agree(note)
