"""What all that reads a body has in common: the text, what is known of it, and where what is
found goes. It knows nothing of blocks and leaves."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import NamedTuple

from tierpub.errors import Fault, Place
from tierpub.note.grammar import Grammar, fold_key
from tierpub.note.inline import Candidate
from tierpub.note.portions import Kind, Portion
from tierpub.note.said import MISPLACED_LABEL, Said
from tierpub.note.view import Comment, rendered, view

_KEY_BEFORE_SEPARATOR = re.compile(r"([\w*_~`-]+)[ \t]*(?:::|(?<=\w)/\w)")


class Matcher(NamedTuple):
    """Finds what rules of the policy match in a text."""

    find: Callable[[str], list[tuple[int, int, str]]]
    """Start, end and the name of each match."""
    is_silent: Callable[[str], bool]
    """Whether it is known to find nothing in a text, nor in any line or part of it."""


class Request(NamedTuple):
    """A note whose body is to be read."""

    text: str
    base: int
    """Where the body begins."""
    file: str
    """The path that faults name."""
    grammar: Grammar
    tier_paths: list[Candidate]
    """Those of the whole note."""
    matcher: Matcher | None = None


class Source:
    """One body. `portions` holds the note's portions so far, the note itself first."""

    def __init__(self, request: Request, portions: list[Portion]) -> None:
        self.text, self.base, self.file, self.grammar, self._tier_paths, self.matcher = request
        self.portions = portions
        self.faults: list[Fault] = []
        base = self.base
        self.view = view(self.text[base:] if base else self.text, self.grammar)
        self.comments = [
            Comment(c.start + base, c.end + base, c.closed, c.block) for c in self.view.comments
        ]
        self._comment_starts = [c.start for c in self.comments]
        self._tier_path_starts = [c.start for c in self._tier_paths]
        self._keys = [m.start() for m in self.grammar.key_words.finditer(self.text, base)]
        matcher = self.matcher
        self.silent = matcher is None or matcher.is_silent(self.text)
        """Whether nothing matches in the note as it is written."""
        self.silent_rendered = matcher is None or (
            not self.comments and matcher.is_silent(rendered(self.text, base, self.view.events))
        )
        """Whether nothing matches in the words that its body renders to."""

    def fault(self, said: Said, at: int) -> None:
        """Note a fault at an offset."""
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        hint = said.hint.replace("{key}", self.grammar.label_key)
        place = Place(self.file, line, column)
        self.faults.append(Fault(said.code, said.message, place, hint, said.severity))

    def may_label(self, start: int, end: int) -> bool:
        """False where the label key stands nowhere in a range: nothing there is like a label."""
        keys = self._keys
        if not keys:
            return False
        # Keys are found without overlap, so one that begins before the range counts.
        at = bisect_left(keys, start - len(self.grammar.label_key))
        return at < len(keys) and keys[at] < end

    def line_end(self, at: int) -> int:
        """Where the line of `at` ends, its line end included."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def trimmed(self, start: int, end: int) -> int:
        """The end of `text[start:end]` without the blanks it ends with."""
        text = self.text
        while end > start and text[end - 1] in " \t\r\n":
            end -= 1
        return end

    def tier_paths(self, start: int, end: int) -> list[Candidate]:
        """The paths into tiers' trees that begin in a range of the text."""
        if not self._tier_paths:
            return []
        first = bisect_left(self._tier_path_starts, start)
        return self._tier_paths[first : bisect_left(self._tier_path_starts, end, first)]

    def comments_in(self, start: int, end: int) -> list[Comment]:
        """The comments that begin in a range of the text."""
        if not self.comments:
            return []
        first = bisect_left(self._comment_starts, start)
        return self.comments[first : bisect_left(self._comment_starts, end, first)]

    def in_comment(self, at: int) -> bool:
        """Whether an offset stands in a comment."""
        i = bisect_right(self._comment_starts, at) - 1
        return i >= 0 and at < self.comments[i].end

    def comment_candidates(self, start: int, end: int) -> list[Candidate]:
        """The comments that begin in a range, each checked for labels."""
        found: list[Candidate] = []
        for comment in self.comments_in(start, end):
            self.check_comment(comment)
            first, last = self.comment_words(comment)
            name = self.text[first:last].strip()
            found.append(Candidate(comment.start, comment.end, Kind.COMMENT, name, first, last))
        return found

    def comment_words(self, comment: Comment) -> tuple[int, int]:
        """The range of a comment's words."""
        opener, closer = (2, 2) if self.text.startswith("%%", comment.start) else (4, 3)
        start = min(comment.start + opener, comment.end)
        return start, max(start, comment.end - (closer if comment.closed else 0))

    def check_comment(self, comment: Comment) -> None:
        """A label in a comment marks nothing: refuse it rather than pass it over."""
        if self.may_label(comment.start, comment.end) and _holds_label(
            self.text[comment.start : comment.end], self.grammar
        ):
            self.fault(MISPLACED_LABEL, comment.start)


def _holds_label(comment: str, grammar: Grammar) -> bool:
    """Whether a comment holds what would be a label outside of it, or nearly is one."""
    if not grammar.key_words.search(comment):
        return False
    if grammar.region_label(comment) is not None or grammar.label_near.search(comment):
        return True
    return any(
        fold_key(match[1]) == grammar.folded_key
        for match in _KEY_BEFORE_SEPARATOR.finditer(comment)
    )
