"""What stands between the events of libyaml: dashes, line starts, and comments.

libyaml gives exact marks for scalars and flow brackets. It gives none for dashes, commas and
comments, and ends a block collection at the next token, so all that is found in the gaps. A gap
may hold white space, `-`, `:`, `,` and comments; anything else was not understood and is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from yaml import ScalarNode
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from tierpub.note.portions import Kind, Portion, new_portion

if TYPE_CHECKING:
    from collections.abc import Hashable

PLAIN_GAP = " \r\n:,-"
_GAP_PART = re.compile(r"#[^\r\n]*|[^ \t\r\n:,]")
_LINE_END = re.compile(r"(?:\r?\n(?:[ \t]*\r?\n)*)?")
_COLON = re.compile(r"([ \t]*:)(?:[ \t]+#[^\r\n]*)?(?:\r?\n|[ \t])?")
_SPACES = re.compile(" *")
_LONGEST_NUMBER = 4096
"""A number of more digits takes time that grows with the square of them."""
_RESOLVER = Resolver()
_CONSTRUCTOR = SafeConstructor()
# Where a record, a portion in the making, holds what is learnt later.
START, END, INNER, INNER_END = 1, 2, 5, 6


class Unreadable(Exception):  # noqa: N818 - the reason why reading stops, caught one call up
    """Reading cannot go on. Carries the code and the offset of the fault."""

    def __init__(self, code: str, at: int, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.at, self.detail = code, at, detail


class Frame:
    """A collection that is being read."""

    count = 0
    value = False
    """Whether a mapping's key was read, so that its value comes next."""
    inner: Frame | None = None
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
def resolve(value: str) -> Hashable:
    """Return what a plain scalar means in YAML 1.1. Raises ValueError where it means nothing."""
    tag = _RESOLVER.resolve(ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    if tag == "tag:yaml.org,2002:str":
        return value
    if len(value) > _LONGEST_NUMBER:
        raise ValueError(tag)
    construct = SafeConstructor.yaml_constructors.get(tag)
    if construct is None:
        raise ValueError(tag)
    result: Hashable = construct(_CONSTRUCTOR, ScalarNode(tag, value))
    return result


class GapReader:
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
        self.frames: list[Frame] = []
        self.frame: Frame | None = None
        self.open: list[int] = [0]  # the records that may still grow, outermost first

    def portions(self) -> tuple[Portion, ...]:
        """Return the records as portions."""
        return tuple(map(new_portion, self.records))

    def _check(self, value: str, at: int) -> Hashable:
        try:
            return resolve(value)
        except (ValueError, OverflowError):
            self.faults.append(Unreadable("yaml-value", at))
            return value

    def _dash(self, frame: Frame, dash: int) -> None:
        line = self.text.rfind("\n", 0, dash) + 1
        owned = dash if self.text[line:dash].strip(" ") else line
        self._enter(frame, Kind.ENTRY, owned, "")

    def _enter(self, frame: Frame, kind: Kind, owned: int, name: str) -> None:
        """Open a block field or entry; what is open deeper than its collection ends there."""
        opened, records, depth = self.open, self.records, frame.depth
        frame.count += 1
        while len(opened) > depth:
            records[opened.pop()][END] = owned
        parent = opened[-1] + 1
        opened.append(len(records))
        records.append([kind, owned, 0, parent, name, 0, 0, None, 0])

    def _close(self, depth: int, end: int) -> None:
        while len(self.open) > depth:
            self.records[self.open.pop()][END] = end

    def _layout(self, frame: Frame, gap: str, start: int) -> bool:
        """Learn from a gap without comments how far before its key or item a portion starts.

        False where there are comments. A gap from line end to key is most often the same for all
        of a collection, so it is looked at once.
        """
        if gap.strip(PLAIN_GAP):
            return False
        sign = start if frame.mapping else self.at + gap.index("-")
        line = self.text.rfind("\n", 0, sign) + 1
        frame.indent = start - (sign if self.text[line:sign].strip(" ") else line)
        frame.gap = gap if "\n" in gap else None
        return True

    def _element(self, frame: Frame, start: int, kind: Kind, name: str) -> None:
        """Open a flow field or entry: the first at itself, another where the last one ended."""
        first = frame.count == 0
        frame.count += 1
        if first:
            self._gap(start, len(self.open))
        owned, parent = start if first else frame.end, self.open[-1] + 1
        self.open.append(len(self.records))
        self.records.append([kind, owned, 0, parent, name, 0, 0, None, 1])
        if not first:
            self._gap(start, len(self.open))

    def _leaf(self, frame: Frame, value: str, start: int, end: int, after: int) -> None:
        index = self.open[-1]
        record = self.records[index]
        record[INNER], record[INNER_END] = start, end
        self.at = after
        self.values[index + 1] = value
        if frame.flow:
            self._leave(frame, after)

    def _empty(self, frame: Frame, mark: int) -> None:
        """Note a flow key without value, which libyaml gives at the next sign, `mark`.

        It owns the blank or line end behind its colon, for `{a:}` is no YAML, and a comment that
        stands between, which must not come to stand right behind another word.
        """
        frame.value, at = False, self.at
        colon = _COLON.match(self.text, at, mark)
        if colon is None:
            self._leaf(frame, "", at, at, at)
            return
        self._gap(colon.end(), len(self.open))
        self._leaf(frame, "", colon.end(1), colon.end(1), colon.end())

    def _leave(self, frame: Frame, end: int) -> None:
        self.records[self.open.pop()][END] = frame.end = end

    def _sequence(self, frame: Frame, outer: Frame | None, index: int) -> None:
        """End a flow sequence. `[[X]]` was meant as a link, all of it."""
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

    def _gap(self, end: int, depth: int, frame: Frame | None = None) -> None:
        """Find comments, and the dash of an item of `frame`, in what precedes the next event.

        `depth` is how much of `open` must stay open: a comment further left closes the rest.
        """
        if frame is None and not self.text[self.at : end].strip(PLAIN_GAP):
            return
        for part in _GAP_PART.finditer(self.text, self.at, end):
            sign = part[0][0]
            if sign == "#":
                if self.text[part.start() - 1] not in " \t\n":
                    self.faults.append(Unreadable("yaml-comment", part.start()))
                self._comment(part.start(), depth, part.end())
            elif sign == "-" and frame is not None:
                self._dash(frame, part.start())
                frame, depth = None, len(self.open)
            else:
                code = "yaml-complex-key" if sign == "?" else "yaml-syntax"
                raise Unreadable(code, part.start())

    def _comment(self, sign: int, depth: int, words: int) -> None:
        """Note a comment, `#` to its end: all its line, or the blanks before it up to its end."""
        text, flow = self.text, self.frame is not None and self.frame.flow
        line = text.rfind("\n", 0, sign) + 1
        before = text[line:sign].rstrip(" \t")
        start, end = line + len(before), words
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
        start = self.records[self.open[-1]][START]
        line = self.text.rfind("\n", 0, start) + 1
        return _SPACES.match(self.text, start).end() - line  # type: ignore[union-attr]
