"""What nearly all notes consist of is read by a shorter way, which finds what the long one does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierpub.note import Grammar, Matcher, Note, body, parse_note
from tierpub.note.inline import Candidate, links, tier_paths

GRAMMAR = Grammar("confidential", ("_public/", "_secret/"), ("public", "secret"))
ADDRESS = re.compile(r"a@b\.org")
MATCHER = Matcher(
    lambda text: [(*match.span(), "0") for match in ADDRESS.finditer(text)],
    lambda text: not ADDRESS.search(text),
)
EXAMPLES = int(os.environ.get("TIERPUB_EXAMPLES", "400"))
NEVER = re.compile(r"(?!)")
PLAIN = (
    "# |#is_/same_as| ::| |[[|X|]]|\n|b\n",
    "## |#is_/same_as| :: |[[|/|_secret/|a/X|.secret|¦|X.secret|]]|\n",
    "### |#a/b_c|::| |[[|/_Public/|X y|.public|]]|\n\n",
    "# |#confidential|/|secret| :: |[[|X|]]|\n",
    "# |#a/|_|b|_| :: |[[|X|]]|\n",
    "see |[[|X|#h|¦|y|]]| and |!|[[|/_secret/|X|.secret|]]|\n",
    "---\n|a: |'|[[|/_secret/|X.secret|¦|X|]]|'|\n---\n",
)
"""What the short ways are for, in pieces; `¦` stands for a pipe."""
SPOILERS = (
    "[", "]", "|", "\\", "!", "#", " #", "%%", "%% c %%", "<!-- c -->", "<b>", "`", "``c``", "_",
    "*", "~~", "&amp;", "^id", ":", "::", "(u)", "](", "[a](", ")", ".md", "/_secret/", "%2f", "\n",
    "\n---\n", "\n\n[a]: x.md\n", "> ", "- ", "    ", "confidential=secret", "secret", "a@b.org",
    "[[Y]]", "#confidential/secret ", "\u00e4", "\ufb01", "'", "\t",
)  # fmt: skip


def pieces(plain: str) -> list[str]:
    """The pieces of one of `PLAIN`."""
    return [piece.replace("¦", "|") for piece in plain.split("|")]


def spoiled_once() -> Iterator[str]:
    """Each of `PLAIN` with one of the spoilers set in between any two of its pieces."""
    for parts in map(pieces, PLAIN):
        for at in range(len(parts) + 1):
            for spoiler in SPOILERS:
                yield "".join([*parts[:at], spoiler, *parts[at:]])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A note of some of them, with up to three spoilers."""
    chosen = draw(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3))
    parts = [piece for plain in chosen for piece in pieces(plain)]
    for spoiler in draw(st.lists(st.sampled_from(SPOILERS), min_size=1, max_size=3)):
        parts.insert(draw(st.integers(0, len(parts))), spoiler)
    return "".join(parts).replace("\n", draw(st.sampled_from(("\n", "\r\n"))))


def read(text: str, short: str = "") -> tuple[Note, list[Candidate]]:
    """The note and its paths into trees, by the long ways but for the one called `short`."""
    with pytest.MonkeyPatch.context() as patched:
        if short != "relation":
            patched.setattr(body, "relation_heading", _nothing)
        if short != "wikilink":
            patched.setattr(links, "_PLAIN", NEVER)
        if short != "tier path":
            patched.setattr(tier_paths, "_wikilink", _nothing)
        return parse_note(text, "x.md", GRAMMAR, MATCHER), tier_paths.tier_paths(text, GRAMMAR)


def _nothing(*_: Any, **__: Any) -> None:
    return None


SHORT = pytest.mark.parametrize("short", ["relation", "wikilink", "tier path"])


@SHORT
def test_one_thing_that_it_is_not_for_is_seen(short: str) -> None:
    """Whatever stands wherever in what a short way is for, it finds what the long one does."""
    differ = [text for text in spoiled_once() if read(text, short) != read(text)]
    assert not differ


@SHORT
@settings(max_examples=EXAMPLES)
@given(text=texts())
def test_a_short_way_finds_what_the_long_one_finds(short: str, text: str) -> None:
    """Portions, values and faults of a note are the same by both ways."""
    assert read(text, short) == read(text)


@pytest.mark.parametrize(
    ("place", "name", "text"),
    [
        (body, "relation_heading", "# #is_/same_as :: [[/_secret/X.secret|X]]\n"),
        (tier_paths, "_wikilink", "see [[/_secret/X.secret]]\n"),
    ],
)
def test_a_short_way_is_gone_by_what_it_is_for(
    place: Any,
    name: str,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A relation in a footer and a path in a wikilink are found by it: else nothing is compared."""
    found, short = [], getattr(place, name)

    def look(*args: Any, **named: Any) -> Any:
        found.append(short(*args, **named))
        return found[-1]

    monkeypatch.setattr(place, name, look)
    parse_note(text, "x.md", GRAMMAR)
    assert any(found)
