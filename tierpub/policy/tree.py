"""Policy text to a tree of nodes, each with its place. The strict half of reading YAML.

Events come from libyaml. Refused here: what YAML takes and a reader of the file would read
otherwise, that is duplicate keys, anchors, aliases, merge keys, tags, a second document and
line breaks that no editor shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from tierpub.errors import Fault, Place

MAX_DEPTH = 16
_HIDDEN_BREAKS = {"\x85": "U+0085", "\u2028": "U+2028", "\u2029": "U+2029"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: its text, and what YAML takes it for (`str`, `bool`, `int`, `null` …)."""

    text: str
    type: str
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file; no key stands twice."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands for what was refused, so that nothing is said about it a second time."""

    place: Place


Node = Scalar | Sequence | Mapping | Broken


def read_tree(text: str, file: str) -> tuple[Node | None, list[Fault]]:
    """The tree of `text`, or None where there is none to speak of, and all faults found."""
    faults = _hidden_breaks(text, file)
    composer = _Composer(text.removeprefix("\ufeff"), file, faults)
    try:
        return composer.document(), faults
    except yaml.YAMLError as error:
        faults.append(_syntax_fault(error, file))
        return None, faults


def _hidden_breaks(text: str, file: str) -> list[Fault]:
    """A fault for each line break of YAML that an editor shows as part of a line."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        for column, char in enumerate(line, 1):
            if char in _HIDDEN_BREAKS:
                message = f"the character {_HIDDEN_BREAKS[char]} is a line break to YAML only"
                place = Place(file, number, column)
                found.append(Fault("hidden-line-break", message, place, "remove it"))
    return found


def _syntax_fault(error: yaml.YAMLError, file: str) -> Fault:
    """What libyaml said, at the place it names."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    return Fault("bad-yaml", f"this is not YAML: {problem}", place, "compare `tierpub schema`")


class _Composer:
    """Builds the tree from the events, one method for each kind of node."""

    def __init__(self, text: str, file: str, faults: list[Fault]) -> None:
        self._events: Any = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._file = file
        self._faults = faults
        self._resolve: Any = yaml.resolver.Resolver().resolve

    def document(self) -> Node | None:
        """The first document; a second one is a fault."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                self._fault("second-document", "a second document begins here", self._at(event))
                return root
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, 0)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        """The node that begins with `event`."""
        place = self._at(event)
        refused = self._refused(event, place)
        if isinstance(event, yaml.AliasEvent):
            return Broken(place)
        if depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        node = self._inner(event, place, depth)
        return Broken(place) if refused else node

    def _inner(self, event: Any, place: Place, depth: int) -> Node:
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(self._items(depth), place)
        if isinstance(event, yaml.MappingStartEvent):
            return Mapping(self._entries(depth), place)
        plain = event.implicit[0] and not event.style
        tag: str = self._resolve(yaml.ScalarNode, event.value, (plain, not plain))
        return Scalar(event.value, tag.rpartition(":")[2], place)

    def _items(self, depth: int) -> tuple[Node, ...]:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return tuple(items)

    def _entries(self, depth: int) -> tuple[tuple[Scalar, Node], ...]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if isinstance(key, Scalar) and self._usable(key, entries):
                entries[key.text] = (key, value)
            elif isinstance(key, Sequence | Mapping):
                self._fault("bad-key", "a key must be a single word", key.place)
        return tuple(entries.values())

    def _usable(self, key: Scalar, entries: dict[str, tuple[Scalar, Node]]) -> bool:
        """Whether `key` is neither a merge key nor there already."""
        if key.type == "merge":
            hint = "write the keys out"
            self._fault("merge-key", "merge keys are not read", key.place, hint)
            return False
        if key.text in entries:
            first = entries[key.text][0].place.line
            message = f"the key `{key.text}` stands twice, first in line {first}"
            self._fault("duplicate-key", message, key.place, "keep one of them")
            return False
        return True

    def _refused(self, event: Any, place: Place) -> bool:
        """Whether the node is an alias, or has an anchor or a tag; says so if it does."""
        if isinstance(event, yaml.AliasEvent):
            self._fault("alias", f"the alias `*{event.anchor}` is not read", place, _WRITE_OUT)
            return True
        if event.anchor:
            self._fault("anchor", f"the anchor `&{event.anchor}` is not read", place, _WRITE_OUT)
        if event.tag:
            self._fault("tag", f"the tag `{event.tag}` is not read", place, "remove it")
        return bool(event.anchor or event.tag)

    def _at(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _fault(self, code: str, message: str, place: Place, hint: str = "") -> None:
        self._faults.append(Fault(code, message, place, hint))


_WRITE_OUT = "write the value out"
