"""The text between the fences to fields, entries and comments with exact spans.

libyaml gives events with exact marks for scalars and flow brackets. It gives none for dashes,
commas and comments, and ends a block collection at the next token, so all that is found in the
gaps between events. A gap may hold white space, `-`, `:`, `,` and comments; anything else in it
was not understood and is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from yaml import ScalarNode, YAMLError
from yaml.constructor import SafeConstructor
from yaml.cyaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.resolver import Resolver

from tierpub.note.portions import Kind, Portion

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MAX_DEPTH = 32
"""Collections within collections; readers that recurse come to grief far beyond it."""

_PLAIN_GAP = " \r\n:,-"
_GAP_PART = re.compile(r"#[^\r\n]*|[^ \t\r\n:,]")
_LINE_END = re.compile(r"(?:\r?\n(?:[ \t]*\r?\n)*)?")
_COLON = re.compile(r"[ \t]*:")
# Plain scalars that look like a number or date and may still be none: `2026-02-30`, `0x_`.
_DOUBTFUL = re.compile(r"\d{4}-\d|[-+]?0[bx]|(?:=|<<)$|.{300}", re.DOTALL)
# What libyaml does not read; it tells only an offset into bytes.
_UNPRINTABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RESOLVER = Resolver()
_CONSTRUCTOR = SafeConstructor()
_PORTION: Callable[[list[Any]], Portion] = partial(tuple.__new__, Portion)
# Where a record, a portion in the making, holds what is learnt later.
_END, _INNER, _INNER_END = 2, 5, 6


class Unreadable(Exception):  # noqa: N818 - the reason why reading stops, caught one call up
    """Reading cannot go on. Carries the code and the offset of the fault."""

    def __init__(self, code: str, at: int, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.at, self.detail = code, at, detail


class _Frame:
    """A collection that is being read."""

    __slots__ = (
        "count",
        "depth",
        "end",
        "flow",
        "inner",
        "keys",
        "mapping",
        "sole",
        "start",
        "value",
    )

    def __init__(self, mapping: bool, flow: int, start: int, depth: int) -> None:  # noqa: FBT001
        self.mapping, self.flow, self.start, self.depth = mapping, flow, start, depth
        self.count = 0
        self.value = False  # a mapping's key was read, its value comes next
        self.end = start  # where the last element of a flow collection ended
        self.keys: set[Hashable] = set()
        self.inner: _Frame | None = None  # the flow sequence that was read last in this one
        self.sole = False  # nothing in it but a flow sequence, bracket on bracket


@lru_cache(maxsize=4096)
def _resolve(value: str) -> Hashable:
    """What a plain scalar means to a reader of YAML 1.1. Raises ValueError where it means none."""
    tag = _RESOLVER.resolve(ScalarNode, value, (True, False))
    if tag == "tag:yaml.org,2002:str":
        return value
    construct = SafeConstructor.yaml_constructors.get(tag)
    if construct is None:
        raise ValueError(tag)
    result: Hashable = construct(_CONSTRUCTOR, ScalarNode(tag, value))
    return result


class SpanReader:
    """Reads what stands between the fences, `text[start:close]`, into `records` and `values`.

    Records are portions in the making, in the order of the text; the first is the frontmatter
    itself, which ends at `end`. `values` maps the index in the note of each leaf to its scalar.
    """

    __slots__ = ("at", "close", "faults", "frame", "frames", "open", "records", "text", "values")

    def __init__(self, text: str, start: int, close: int, end: int) -> None:
        self.text, self.at, self.close = text, start, close
        self.records: list[list[Any]] = [
            [Kind.FRONTMATTER, 0, end, 0, "", start, close, None, 0],
        ]
        self.values: dict[int, str] = {}
        self.faults: list[Unreadable] = []
        self.frames: list[_Frame] = []
        self.frame: _Frame | None = None
        self.open: list[tuple[int, int]] = [(0, -1)]  # (record, column), outermost first

    def portions(self) -> tuple[Portion, ...]:
        """The records as portions."""
        return tuple(map(_PORTION, self.records))

    def read(self, source: str) -> None:
        """Read all events of `source`; faults are collected, some end the reading.

        `source` is the note up to `close`, the opening fence included, so that every mark is an
        offset into the note.
        """
        try:
            get = CParser(source).get_event
            scalar = self._scalar
            while (event := get()) is not None:
                if type(event) is ScalarEvent:
                    scalar(event)
                elif handler := _HANDLERS.get(type(event)):
                    handler(self, event)
        except Unreadable as fault:
            self.faults.append(fault)
        except (YAMLError, UnicodeEncodeError) as error:
            self.faults.append(self._syntax(error))

    def _syntax(self, error: Exception) -> Unreadable:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            found = _UNPRINTABLE.search(self.text, 0, self.close)
            return Unreadable("yaml-character", found.start() if found else self.at)
        at = min(mark.index, self.close)
        if self.text[at : at + 1] == "\t":
            return Unreadable("yaml-tab", at)
        # libyaml's sentences are constants; they quote nothing of what it read.
        return Unreadable("yaml-syntax", at, str(getattr(error, "problem", "") or ""))

    def _scalar(self, event: ScalarEvent) -> None:
        frame, start, end = self.frame, event.start_mark.index, event.end_mark.index
        plain, value = event.implicit[0], event.value
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
        if frame is None:
            if start != end:
                raise Unreadable("yaml-root", start)
            return  # nothing between the fences, or only comments
        if not frame.mapping:
            self._item(frame, start)
        elif frame.value:
            frame.value = False
            if frame.flow and start == end and plain:
                start = end = self._after_colon(start)
            elif self.text[self.at : start].strip(_PLAIN_GAP):
                self._gap(start, len(self.open))
        else:
            self._key(frame, event, start)
            self.at = end
            return
        if plain and _DOUBTFUL.match(value):
            self._check(value, start)
        self.at = end
        index = self.open[-1][0]
        record = self.records[index]
        record[_INNER], record[_INNER_END] = start, end
        self.values[index + 1] = value
        if frame.flow:
            self._leave(frame, end)

    def _key(self, frame: _Frame, event: ScalarEvent, start: int) -> None:
        name, column = event.value, event.start_mark.column
        frame.value = True
        self._unique(frame, event, name, start)
        if frame.flow:
            self._element(frame, start, Kind.FIELD, name)
            return
        if self.text[self.at : start].strip(_PLAIN_GAP):
            self._gap(start, frame.depth)
        owned = start - column
        if self.text[owned:start].strip(" "):
            owned = start
        self._enter(frame, Kind.FIELD, owned, name, column)

    def _unique(self, frame: _Frame, event: ScalarEvent, name: str, at: int) -> None:
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

    def _check(self, value: str, at: int) -> Hashable:
        try:
            return _resolve(value)
        except (ValueError, OverflowError):
            self.faults.append(Unreadable("yaml-value", at))
            return value

    def _item(self, frame: _Frame, start: int) -> None:
        if frame.flow:
            self._element(frame, start, Kind.ENTRY, "")
        elif self.text[self.at : start].strip(_PLAIN_GAP):
            self._gap(start, frame.depth, frame)
        else:
            self._dash(frame, self.text.find("-", self.at, start))

    def _dash(self, frame: _Frame, dash: int) -> None:
        line = self.text.rfind("\n", 0, dash) + 1
        owned = dash if self.text[line:dash].strip(" ") else line
        self._enter(frame, Kind.ENTRY, owned, "", dash - line)

    def _enter(self, frame: _Frame, kind: Kind, owned: int, name: str, column: int) -> None:
        """A block field or entry opens; what is open deeper than its collection ends there."""
        frame.count += 1
        self._close(frame.depth, owned)
        self._push(kind, owned, name, column, 0)

    def _push(self, kind: Kind, owned: int, name: str, column: int, level: int) -> None:
        records, opened = self.records, self.open
        parent = opened[-1][0] + 1
        opened.append((len(records), column))
        records.append([kind, owned, self.close, parent, name, 0, 0, None, level])

    def _close(self, depth: int, end: int) -> None:
        opened, records = self.open, self.records
        while len(opened) > depth:
            records[opened.pop()[0]][_END] = end

    def _element(self, frame: _Frame, start: int, kind: Kind, name: str) -> None:
        """A flow field or entry opens: the first at itself, another where the last one ended."""
        first = frame.count == 0
        frame.count += 1
        if first:
            self._gap(start, len(self.open))
        self._push(kind, start if first else frame.end, name, 0, 1)
        if not first:
            self._gap(start, len(self.open))

    def _leave(self, frame: _Frame, end: int) -> None:
        self.records[self.open.pop()[0]][_END] = frame.end = end

    def _after_colon(self, mark: int) -> int:
        """Where a flow key without value ends: libyaml puts its value at the next token."""
        colon = _COLON.match(self.text, self.at, mark)
        return colon.end() if colon else self.at

    def _properties(self, event: Any) -> None:
        code = "yaml-anchor" if event.anchor is not None else "yaml-tag"
        self.faults.append(Unreadable(code, event.start_mark.index))

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
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
        index = self.open[-1][0]
        if index:
            self.records[index][_INNER] = start
        self.frame = _Frame(mapping, event.flow_style, start, len(self.open))
        self.frames.append(self.frame)
        bracket = event.flow_style and self.text[start] in "[{" and event.end_mark.index > start
        self.at = start + 1 if bracket else start

    def _finish(self, event: MappingEndEvent | SequenceEndEvent) -> None:
        frame = self.frames.pop()
        self.frame = outer = self.frames[-1] if self.frames else None
        if frame.flow:
            if event.end_mark.index > event.start_mark.index:
                self._gap(event.start_mark.index, len(self.open))
                self.at = event.end_mark.index
            else:  # the one pair of `[a: b]`, which has no brackets
                self.at = frame.end
        index = self.open[frame.depth - 1][0]
        if index:
            self.records[index][_INNER_END] = self.at
        if frame.flow and not frame.mapping:
            self._sequence(frame, outer, index)
        if outer is not None and outer.flow:
            self._leave(outer, self.at)

    def _sequence(self, frame: _Frame, outer: _Frame | None, index: int) -> None:
        """A flow sequence ended. `[[X]]` was meant as a link, all of it."""
        frame.end, inner = self.at, frame.inner
        if outer is not None:
            outer.inner = frame
        if inner is None or frame.count > 1:
            return
        frame.sole = inner.start == frame.start + 1 and inner.end == frame.end - 1
        span = self.text[frame.start : frame.end]
        if frame.sole and not inner.sole and "\n" not in span:
            for dropped in range(index + 1, len(self.records)):
                self.values.pop(dropped + 1, None)
            del self.records[index + 1 :]
            self.values[index + 1] = span

    def _document_end(self, event: DocumentEndEvent) -> None:
        if event.explicit:
            raise Unreadable("yaml-documents", event.start_mark.index)
        self._gap(self.close, 1)
        self._close(1, self.close)

    def _alias(self, event: AliasEvent) -> None:
        raise Unreadable("yaml-alias", event.start_mark.index)

    def _gap(self, end: int, depth: int, frame: _Frame | None = None) -> None:
        """Find comments, and the dash of an item of `frame`, in what precedes the next event.

        `depth` is how much of `open` must stay open: a comment further left closes the rest.
        """
        for part in _GAP_PART.finditer(self.text, self.at, end):
            sign = part[0][0]
            if sign == "#":
                self._comment(part.start(), depth, part.end())
            elif sign == "-" and frame is not None:
                self._dash(frame, part.start())
                frame, depth = None, len(self.open)
            else:
                code = "yaml-complex-key" if sign == "?" else "yaml-syntax"
                raise Unreadable(code, part.start())

    def _comment(self, sign: int, depth: int, words: int) -> None:
        """A comment from `sign` to `words`: its own line, or the blanks before it up to its end."""
        text, flow = self.text, self.frame is not None and self.frame.flow
        line = text.rfind("\n", 0, sign) + 1
        before = text[line:sign].rstrip(" \t")
        start, end = line + len(before), words
        if not before:
            end = _LINE_END.match(text, words, self.close).end()  # type: ignore[union-attr]
            while not flow and len(self.open) > depth and self.open[-1][1] >= sign - line:
                self._close(len(self.open) - 1, line)
        if flow and "]]" in text[sign:words]:  # `[[X #y]]`: a link to its author, a comment to YAML
            self.faults.append(Unreadable("yaml-link", sign))
        parent = self.open[-1][0] + 1
        self.records.append([Kind.YAML_COMMENT, start, end, parent, "", sign, words, None, 0])


_HANDLERS: dict[type, Callable[[SpanReader, Any], None]] = {
    MappingStartEvent: SpanReader._start,  # noqa: SLF001
    SequenceStartEvent: SpanReader._start,  # noqa: SLF001
    MappingEndEvent: SpanReader._finish,  # noqa: SLF001
    SequenceEndEvent: SpanReader._finish,  # noqa: SLF001
    DocumentEndEvent: SpanReader._document_end,  # noqa: SLF001
    AliasEvent: SpanReader._alias,  # noqa: SLF001
}
