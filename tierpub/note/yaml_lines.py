"""Frontmatter that consists of plain lines only, as nearly all does: `key: value` and `- item`.

Read here in a quarter of the time that libyaml's events take, to the same records. What is in any
way unlike these lines (a comment, a blank line, a flow collection, an escape, a value over several
lines, a tab, a key that may be no word) is left to libyaml, the whole of it.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tierpub.note.portions import Kind, Portion, new_portion
from tierpub.note.yaml_gaps import END, INNER, INNER_END, resolve

MAX_DEPTH = 32
"""Collections within collections; readers that recurse come to grief far beyond it."""
NUMERIC = frozenset("0123456789+-.=<~")
"""What words begin with that may mean something else than their letters."""
WORD = 6
"""`false` and all other words with a meaning of their own are shorter."""
DOUBTFUL = re.compile(r"\d{4}-\d|[-+]?0[bx]|(?:=|<<)$|.{300}", re.DOTALL)
"""Plain scalars that look like a number or date and may still be none: `2026-02-30`, `0x_`."""
UNPRINTABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What libyaml does not read."""

_KEY = r"[^\W\d][\w/~.()-]*+(?: [\w/~.()-]++)*+"
_LONGEST_KEY = 128
_QUOTED = r"\"[^\"\\\r\n]*\"|'[^'\r\n]*'"
# Without what ends it, a colon and a blank; with `#` it might end in a comment to somebody.
_PLAIN = r"[\w(/+\x80-\U0010ffff][^:#\r\n]*+(?::(?![ \r\n])[^:#\r\n]*+)*+"
_LINE = re.compile(
    rf"( *+)(?:({_KEY}):(?: ++|(?=[\r\n]))|- ++(?![\r\n]))({_QUOTED}|{_PLAIN})? *+\r?\n"
)


class PlainLines(NamedTuple):
    """What stands between the fences."""

    portions: tuple[Portion, ...]
    values: dict[int, str]
    """Index in the note of each leaf to its scalar."""


def read_lines(text: str, start: int, close: int, end: int) -> PlainLines | None:
    """The portions of a frontmatter `text[start:close]` that ends at `end`, as `SpanReader` gives
    them; None where it is not of plain lines only, or anything may be wrong with it."""
    if text.find("\t", start, close) >= 0 or UNPRINTABLE.search(text, start, close):
        return None
    records: list[list[Any]] = [[Kind.FRONTMATTER, 0, end, 0, "", start, close, None, 0]]
    reader = _Lines(records)
    at = start
    while at < close:
        line = _LINE.match(text, at, close)
        if line is None or not reader.take(line, at):
            return None
        at = line.end()
    if not reader.finish(close):
        return None
    return PlainLines(tuple(map(new_portion, records)), reader.values)


class _Lines:
    """Takes one line after the other into `records` and `values`."""

    __slots__ = ("_at", "_depth", "_indent", "_keys", "_mapping", "_open", "_outer", "_waiting",
                 "records", "values")  # fmt: skip

    def __init__(self, records: list[list[Any]]) -> None:
        self.records = records
        self.values: dict[int, str] = {}
        self._open = [0]
        self._at = 0
        """Where the last scalar ended."""
        self._waiting = True
        """Whether the last line was a key alone, or there was none."""
        # The collection that is being read, and those around it.
        self._indent, self._mapping, self._depth = -1, True, 0
        self._keys: set[str] = set()
        self._outer: list[tuple[int, bool, int, set[str]]] = []

    def take(self, line: re.Match[str], start: int) -> bool:
        """Take in a line that begins at `start`. False where it does not fit there."""
        blanks, key, raw = line.groups()
        indent = len(blanks)
        mapping = key is not None
        if self._waiting:
            if indent > self._indent if mapping else indent >= self._indent >= 0:
                if not self._enter(indent, mapping, start + indent):
                    return False
            else:
                self._end_waiting()
        while indent < self._indent or (self._mapping != mapping and indent == self._indent):
            self._leave()
        if indent != self._indent or mapping != self._mapping:
            return False
        opened, records = self._open, self.records
        while len(opened) > self._depth:
            records[opened.pop()][END] = start
        kind = Kind.FIELD if mapping else Kind.ENTRY
        record = [kind, start, 0, opened[-1] + 1, key or "", 0, 0, None, 0]
        opened.append(len(records))
        records.append(record)
        if mapping and not self._is_new(key):
            return False
        if raw is None:
            self._at = line.end(2) + 1
            self._waiting = mapping
            return mapping
        return self._leaf(record, raw, line.start(3))

    def _leaf(self, record: list[Any], raw: str, start: int) -> bool:
        self._waiting = False
        if raw[0] in "\"'":
            value = raw[1:-1]
            self._at = start + len(raw)
        else:
            value = raw.rstrip(" ") if raw[-1] == " " else raw
            if value[0] in NUMERIC and DOUBTFUL.match(value):
                return False
            self._at = start + len(value)
        record[INNER], record[INNER_END] = start, self._at
        self.values[len(self.records)] = value
        return True

    def _is_new(self, key: str) -> bool:
        if key in self._keys or len(key) > _LONGEST_KEY:
            return False
        if len(key) < WORD and resolve(key) != key:
            return False
        self._keys.add(key)
        return True

    def _enter(self, indent: int, mapping: bool, at: int) -> bool:  # noqa: FBT001
        """Begin the collection that the last key holds, or the outermost."""
        if len(self._outer) >= MAX_DEPTH:
            return False
        if self._indent >= 0:
            self.records[self._open[-1]][INNER] = at
        elif not mapping:
            return False
        self._outer.append((self._indent, self._mapping, self._depth, self._keys))
        self._indent, self._mapping, self._depth = indent, mapping, len(self._open)
        self._keys = set()
        self._waiting = False
        return True

    def _leave(self) -> None:
        """End the innermost collection where its last scalar did."""
        holder = self._open[self._depth - 1]
        if holder:
            self.records[holder][INNER_END] = self._at
        self._indent, self._mapping, self._depth, self._keys = self._outer.pop()

    def _end_waiting(self) -> None:
        """The last key has no value."""
        index = self._open[-1]
        record = self.records[index]
        record[INNER] = record[INNER_END] = self._at
        self.values[index + 1] = ""
        self._waiting = False

    def finish(self, close: int) -> bool:
        """End all that is open. False where there was no line."""
        if self._indent < 0:
            return False
        if self._waiting:
            self._end_waiting()
        while self._indent >= 0:
            self._leave()
        for index in self._open[1:]:
            self.records[index][END] = close
        return True
