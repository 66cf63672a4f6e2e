"""The text between the fences to fields, entries and comments with exact spans.

The events of libyaml say what there is; `yaml_gaps` says what stands between them. Neither is
recursive, and nothing is ever built but the records of portions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from yaml import YAMLError
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from tierpub.note.portions import Kind
from tierpub.note.yaml_gaps import END, INNER, INNER_END, PLAIN_GAP, Frame, GapReader, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MAX_DEPTH = 32
"""Collections within collections; readers that recurse come to grief far beyond it."""
_NUMERIC = frozenset("0123456789+-.=<~")
_WORD = 6  # `false` and all other words with a meaning of their own are shorter
# Plain scalars that look like a number or date and may still be none: `2026-02-30`, `0x_`.
_DOUBTFUL = re.compile(r"\d{4}-\d|[-+]?0[bx]|(?:=|<<)$|.{300}", re.DOTALL)
# What libyaml does not read; it tells only an offset into bytes.
_UNPRINTABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# ruff: noqa: ANN401 - the type stubs of PyYAML call marks optional, which they never are here


class SpanReader(GapReader):
    """Reads all events of a frontmatter into `records` and `values`."""

    __slots__ = ()

    def read(self, source: str) -> None:
        """Read all events of `source`; faults are collected, some end the reading.

        `source` is the note up to `close`, the opening fence included, so that every mark is an
        offset into the note.
        """
        try:
            self._events(CParser(source).get_event)
        except Unreadable as fault:
            self.faults.append(fault)
        except (YAMLError, UnicodeEncodeError) as error:
            self.faults.append(self._syntax(error))

    def _events(self, get: Callable[[], Any]) -> None:  # noqa: C901, PLR0912 - see below
        """Read events to the last.

        The common case, a scalar in block style, is all in here: it is most of a frontmatter, and
        calls would double what it costs.
        """
        text, records, opened, values = self.text, self.records, self.open, self.values
        # Without these signs no event has an anchor or a tag.
        marked = text.find("&", 0, self.close) >= 0 or text.find("!", 0, self.close) >= 0
        while (event := get()) is not None:
            kind = type(event)
            if kind is not ScalarEvent:
                if handler := _HANDLERS.get(kind):
                    handler(self, event)
                continue
            if marked and (event.anchor is not None or event.tag is not None):
                self._properties(event)
            frame, start, value = self.frame, event.start_mark.index, event.value
            if frame is None or frame.flow:
                self._scalar(event, frame, start)
                continue
            gap = text[self.at : start]
            if not frame.value:
                if gap != frame.gap and not self._layout(frame, gap, start):
                    self._scalar(event, frame, start)
                    continue
                owned, depth, name = start - frame.indent, frame.depth, ""
                frame.count += 1
                while len(opened) > depth:
                    records[opened.pop()][END] = owned
                if frame.mapping:
                    name = value
                    if value in frame.keys or len(value) < _WORD or value[0] in _NUMERIC:
                        self._unique(frame, event, value, start)
                    frame.keys.add(value)
                    frame.value = True
                parent = opened[-1] + 1
                opened.append(len(records))
                records.append([frame.kind, owned, 0, parent, name, 0, 0, None, 0])
                if frame.mapping:
                    self.at = event.end_mark.index
                    continue
            elif len(gap) > 2 and gap.strip(PLAIN_GAP):  # noqa: PLR2004 - a colon and a blank
                self._gap(start, len(opened))
            frame.value = False
            if value[:1] in _NUMERIC and event.implicit[0] and _DOUBTFUL.match(value):
                self._check(value, start)
            index = opened[-1]
            record = records[index]
            record[INNER] = start
            record[INNER_END] = self.at = event.end_mark.index
            values[index + 1] = value

    def _syntax(self, error: Exception) -> Unreadable:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            found = _UNPRINTABLE.search(self.text, 0, self.close)
            return Unreadable("yaml-character", found.start() if found else self.at)
        at = min(mark.index, self.close)
        if self.text[at : at + 1] == "\t":
            return Unreadable("yaml-tab", at)
        if "nesting depth" in str(getattr(error, "problem", "")):  # newer ones read that far ahead
            return Unreadable("yaml-depth", self.at)
        # libyaml's sentences are constants; they quote nothing of what it read.
        return Unreadable("yaml-syntax", at, str(getattr(error, "problem", "") or ""))

    def _scalar(self, event: Any, frame: Frame | None, start: int) -> None:
        end = event.end_mark.index
        if frame is None:
            if start != end:
                raise Unreadable("yaml-root", start)
            return  # nothing between the fences, or only comments
        if frame.mapping and not frame.value:
            self._key(frame, event, start)
            self.at = end
            return
        if not frame.mapping:
            self._item(frame, start)
        elif frame.flow and start == end and event.implicit[0]:
            self._empty(frame, start)
            return
        else:
            self._gap(start, len(self.open))
        frame.value = False
        if event.value[:1] in _NUMERIC and event.implicit[0] and _DOUBTFUL.match(event.value):
            self._check(event.value, start)
        self._leaf(frame, event.value, start, end, end)

    def _key(self, frame: Frame, event: Any, start: int) -> None:
        name, frame.value = event.value, True
        self._unique(frame, event, name, start)
        frame.keys.add(name)
        if frame.flow:
            self._element(frame, start, Kind.FIELD, name)
            return
        self._gap(start, frame.depth)
        line = start - event.start_mark.column
        owned = start if self.text[line:start].strip(" ") else line
        self._enter(frame, Kind.FIELD, owned, name)

    def _unique(self, frame: Frame, event: Any, name: str, at: int) -> None:
        """Check a key that is there already or may mean something else than its letters."""
        key: Hashable = name
        if event.implicit[0]:
            if not name or name == "<<":
                code = "yaml-merge-key" if name else "yaml-complex-key"
                self.faults.append(Unreadable(code, at))
                return
            key = self._check(name, at)
        if key in frame.keys:
            self.faults.append(Unreadable("yaml-duplicate-key", at))
        frame.keys.add(key)

    def _item(self, frame: Frame, start: int) -> None:
        if frame.flow:
            self._element(frame, start, Kind.ENTRY, "")
        else:
            self._gap(start, frame.depth, frame)

    def _properties(self, event: Any) -> None:
        code = "yaml-anchor" if event.anchor is not None else "yaml-tag"
        self.faults.append(Unreadable(code, event.start_mark.index))

    def _start(self, event: Any) -> None:
        frame, start, mapping = self.frame, event.start_mark.index, type(event) is MappingStartEvent
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
            raise self.faults.pop()
        if len(self.frames) >= MAX_DEPTH:
            raise Unreadable("yaml-depth", start)
        if frame is None:
            if not mapping:
                raise Unreadable("yaml-root", start)
            self._gap(start, 1)
        elif not frame.mapping:
            self._item(frame, start)
        elif frame.value:
            frame.value = False
            self._gap(start, len(self.open))
        else:
            raise Unreadable("yaml-complex-key", start)
        index = self.open[-1]
        if index:
            self.records[index][INNER] = start
        self.frame = Frame(mapping, event.flow_style, start, len(self.open))
        self.frames.append(self.frame)
        bracket = event.flow_style and self.text[start] in "[{" and event.end_mark.index > start
        self.at = start + 1 if bracket else start

    def _finish(self, event: Any) -> None:
        frame = self.frames.pop()
        self.frame = outer = self.frames[-1] if self.frames else None
        if frame.flow:
            if event.end_mark.index > event.start_mark.index:
                self._gap(event.start_mark.index, len(self.open))
                self.at = event.end_mark.index
            else:  # the one pair of `[a: b]`, which has no brackets
                self.at = frame.end
        index = self.open[frame.depth - 1]
        if index:
            self.records[index][INNER_END] = self.at
        if frame.flow and not frame.mapping:
            self._sequence(frame, outer, index)
        if outer is not None and outer.flow:
            self._leave(outer, self.at)

    def _document_end(self, event: Any) -> None:
        if event.explicit:
            raise Unreadable("yaml-documents", event.start_mark.index)
        self._gap(self.close, 1)
        self._close(1, self.close)

    def _alias(self, event: Any) -> None:
        raise Unreadable("yaml-alias", event.start_mark.index)


_HANDLERS: dict[type, Callable[[SpanReader, Any], None]] = {
    MappingStartEvent: SpanReader._start,  # noqa: SLF001
    SequenceStartEvent: SpanReader._start,  # noqa: SLF001
    MappingEndEvent: SpanReader._finish,  # noqa: SLF001
    SequenceEndEvent: SpanReader._finish,  # noqa: SLF001
    DocumentEndEvent: SpanReader._document_end,  # noqa: SLF001
    AliasEvent: SpanReader._alias,  # noqa: SLF001
}
