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
_COLON = re.compile(r"([ \t]*:)(?:\r?\n|[ \t])?")
_SPACES = re.compile(" *")
_NUMERIC = frozenset("0123456789+-.=<~")
_WORD = 6  # `false` and all other words with a meaning of their own are shorter
# Plain scalars that look like a number or date and may still be none: `2026-02-30`, `0x_`.
_DOUBTFUL = re.compile(r"\d{4}-\d|[-+]?0[bx]|(?:=|<<)$|.{300}", re.DOTALL)
# What libyaml does not read; it tells only an offset into bytes.
_UNPRINTABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RESOLVER = Resolver()
_CONSTRUCTOR = SafeConstructor()
_PORTION: Callable[[list[Any]], Portion] = partial(tuple.__new__, Portion)
# Where a record, a portion in the making, holds what is learnt later.
_START, _END, _INNER, _INNER_END = 1, 2, 5, 6


class Unreadable(Exception):  # noqa: N818 - the reason why reading stops, caught one call up
    """Reading cannot go on. Carries the code and the offset of the fault."""

    def __init__(self, code: str, at: int, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.at, self.detail = code, at, detail


class _Frame:
    """A collection that is being read."""

    count = 0
    value = False
    """Whether a mapping's key was read, so that its value comes next."""
    inner: _Frame | None = None
    """The flow sequence in it that was read last."""
    gap: str | None = None
    """What stood between the last two elements of a block collection, without comments."""
    indent = 0
    """How far before its key or item an element starts that stands behind `gap`."""
    sole = False
    """Whether nothing is in it but a flow sequence, bracket on bracket."""

    def __init__(self, mapping: bool, flow: int, start: int, depth: int) -> None:  # noqa: FBT001
        self.mapping, self.flow, self.depth = mapping, flow, depth
        self.kind = Kind.FIELD if mapping else Kind.ENTRY
        self.start = self.end = start  # `end` is where the last element of a flow collection ended
        self.keys: set[Hashable] = set()


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
        self.open: list[int] = [0]  # the records that may still grow, outermost first

    def portions(self) -> tuple[Portion, ...]:
        """The records as portions."""
        return tuple(map(_PORTION, self.records))

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

    def _events(self, get: Callable[[], Any]) -> None:
        """Read events to the last.

        The common case, a scalar in block style, is all in here: it is most of a frontmatter, and
        calls would double what it costs.
        """
        text, records, opened, values = self.text, self.records, self.open, self.values
        # Without these signs no event has an anchor or a tag.
        marked = text.find("&", 0, self.close) >= 0 or text.find("!", 0, self.close) >= 0
        while (event := get()) is not None:
            if type(event) is not ScalarEvent:
                if handler := _HANDLERS.get(type(event)):
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
                    records[opened.pop()][_END] = owned
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
            elif len(gap) > 2 and gap.strip(_PLAIN_GAP):  # noqa: PLR2004 - a colon and a blank
                self._gap(start, len(opened))
            frame.value = False
            if value[:1] in _NUMERIC and event.implicit[0] and _DOUBTFUL.match(value):
                self._check(value, start)
            index = opened[-1]
            record = records[index]
            record[_INNER] = start
            record[_INNER_END] = self.at = event.end_mark.index
            values[index + 1] = value

    def _layout(self, frame: _Frame, gap: str, start: int) -> bool:
        """Learn from a gap without comments how far before its key or item a portion starts.

        False where there are comments. A gap from line end to key is most often the same for all
        of a collection, so it is looked at once.
        """
        if gap.strip(_PLAIN_GAP):
            return False
        sign = start if frame.mapping else self.at + gap.index("-")
        line = self.text.rfind("\n", 0, sign) + 1
        frame.indent = start - (sign if self.text[line:sign].strip(" ") else line)
        frame.gap = gap if "\n" in gap else None
        return True

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

    def _scalar(self, event: ScalarEvent, frame: _Frame | None, start: int) -> None:
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

    def _leaf(self, frame: _Frame, value: str, start: int, end: int, after: int) -> None:
        index = self.open[-1]
        record = self.records[index]
        record[_INNER], record[_INNER_END] = start, end
        self.at = after
        self.values[index + 1] = value
        if frame.flow:
            self._leave(frame, after)

    def _key(self, frame: _Frame, event: ScalarEvent, start: int) -> None:
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

    def _unique(self, frame: _Frame, event: ScalarEvent, name: str, at: int) -> None:
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

    def _check(self, value: str, at: int) -> Hashable:
        try:
            return _resolve(value)
        except (ValueError, OverflowError):
            self.faults.append(Unreadable("yaml-value", at))
            return value

    def _item(self, frame: _Frame, start: int) -> None:
        if frame.flow:
            self._element(frame, start, Kind.ENTRY, "")
        else:
            self._gap(start, frame.depth, frame)

    def _dash(self, frame: _Frame, dash: int) -> None:
        line = self.text.rfind("\n", 0, dash) + 1
        owned = dash if self.text[line:dash].strip(" ") else line
        self._enter(frame, Kind.ENTRY, owned, "")

    def _enter(self, frame: _Frame, kind: Kind, owned: int, name: str) -> None:
        """Open a block field or entry; what is open deeper than its collection ends there."""
        opened, records, depth = self.open, self.records, frame.depth
        frame.count += 1
        while len(opened) > depth:
            records[opened.pop()][_END] = owned
        parent = opened[-1] + 1
        opened.append(len(records))
        records.append([kind, owned, 0, parent, name, 0, 0, None, 0])

    def _close(self, depth: int, end: int) -> None:
        while len(self.open) > depth:
            self.records[self.open.pop()][_END] = end

    def _element(self, frame: _Frame, start: int, kind: Kind, name: str) -> None:
        """A flow field or entry opens: the first at itself, another where the last one ended."""
        first = frame.count == 0
        frame.count += 1
        if first:
            self._gap(start, len(self.open))
        owned, parent = start if first else frame.end, self.open[-1] + 1
        self.open.append(len(self.records))
        self.records.append([kind, owned, 0, parent, name, 0, 0, None, 1])
        if not first:
            self._gap(start, len(self.open))

    def _leave(self, frame: _Frame, end: int) -> None:
        self.records[self.open.pop()][_END] = frame.end = end

    def _empty(self, frame: _Frame, mark: int) -> None:
        """Note a flow key without value, which libyaml gives at the next sign, `mark`.

        It owns the blank behind its colon, for `{a:}` is no YAML.
        """
        colon = _COLON.match(self.text, self.at, mark)
        frame.value, at = False, colon.end(1) if colon else self.at
        self._leaf(frame, "", at, at, colon.end() if colon else at)

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
        index = self.open[-1]
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
        index = self.open[frame.depth - 1]
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
        if frame is None and not self.text[self.at : end].strip(_PLAIN_GAP):
            return
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
        start, end = max(line + len(before), self.at), words
        if not before:
            end = _LINE_END.match(text, words, self.close).end()  # type: ignore[union-attr]
            while not flow and len(self.open) > depth and self._column() >= sign - line:
                self._close(len(self.open) - 1, line)
        if flow and "]]" in text[sign:words]:  # `[[X #y]]`: a link to its author, a comment to YAML
            self.faults.append(Unreadable("yaml-link", sign))
        parent = self.open[-1] + 1
        self.records.append([Kind.YAML_COMMENT, start, end, parent, "", sign, words, None, 0])


    def _column(self) -> int:
        """Return how far the innermost open key or dash is indented."""
        start = self.records[self.open[-1]][_START]
        line = self.text.rfind("\n", 0, start) + 1
        return _SPACES.match(self.text, start).end() - line  # type: ignore[union-attr]


_HANDLERS: dict[type, Callable[[SpanReader, Any], None]] = {
    MappingStartEvent: SpanReader._start,  # noqa: SLF001
    SequenceStartEvent: SpanReader._start,  # noqa: SLF001
    MappingEndEvent: SpanReader._finish,  # noqa: SLF001
    SequenceEndEvent: SpanReader._finish,  # noqa: SLF001
    DocumentEndEvent: SpanReader._document_end,  # noqa: SLF001
    AliasEvent: SpanReader._alias,  # noqa: SLF001
}
