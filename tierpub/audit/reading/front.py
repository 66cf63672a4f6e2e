"""Frontmatter: where it ends by python-frontmatter, where its values stand by YAML's own tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from frontmatter.default_handlers import YAMLHandler

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HANDLER = YAMLHandler()
_HEADER = re.compile(r"[|>][-+\d]*[ \t]+")
_LINK = re.compile(r"\[\[[^\n]*\]\]")


class UnreadableError(Exception):
    """The frontmatter cannot be read as its users read it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value, or one item of a list."""

    keys: tuple[str, ...]
    start: int
    end: int
    value: str
    style: str = ""
    parents: tuple[tuple[int, int], ...] = ()
    """Where the keys that lead to it stand."""


@dataclass(frozen=True, slots=True)
class Front:
    """Frontmatter; offsets are those of the whole note."""

    start: int
    end: int
    """Behind the line of the closing fence."""
    leaves: tuple[Leaf, ...] = ()
    comments: tuple[tuple[int, int], ...] = ()
    keys: tuple[tuple[tuple[str, ...], int, int], ...] = ()


def read_front(text: str) -> Front:
    """The frontmatter of a note, an empty one where it has none. Raises `UnreadableError`."""
    first = 1 if text.startswith("\ufeff") else 0
    body = text[first:]
    if not body.startswith("---") or not _HANDLER.detect(body):
        return Front(first, first)
    closing = re.compile(r"^---[ \t]*\r?$", re.MULTILINE).search(body, 3)
    if closing is None or body.split("\n", 1)[0].rstrip() != "---":
        return Front(first, first)
    start = body.index("\n") + 1
    inner = body[start : closing.start()]
    end = first + min(closing.end() + 1, len(body))
    try:
        node = yaml.compose(inner, Loader=_LOADER)
        read_by_others = _HANDLER.split(body)[0]
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableError(str(error)) from error
    if read_by_others.strip() != inner.strip():
        raise UnreadableError("python-frontmatter ends it elsewhere")
    if node is None or not isinstance(node, yaml.MappingNode):
        return Front(first, end, comments=tuple(_comments(inner, [], first + start)))
    if _is_twofold(node, set()):
        raise UnreadableError("a key stands twice, or an alias is used")
    offset = first + start
    leaves = tuple(_leaves(node, (), (), offset, inner))
    marks = [(leaf.start - offset, leaf.end - offset) for leaf in leaves]
    marks += [(a - offset, b - offset) for leaf in leaves for a, b in leaf.parents]
    keys = tuple(_keys(node, (), offset))
    return Front(first, end, leaves, tuple(_comments(inner, marks, offset)), keys)


def _leaves(
    node: yaml.Node, keys: tuple[str, ...], parents: tuple[tuple[int, int], ...], offset: int,
    text: str,
) -> Iterator[Leaf]:  # fmt: skip
    start, end = offset + node.start_mark.index, offset + node.end_mark.index
    source = text[node.start_mark.index : node.end_mark.index]
    meant_as_link = isinstance(node, yaml.SequenceNode) and node.flow_style \
        and source.startswith("[[") and _LINK.fullmatch(source.rstrip())  # fmt: skip
    if isinstance(node, yaml.ScalarNode) or meant_as_link:
        value = str(node.value) if isinstance(node, yaml.ScalarNode) else source
        yield Leaf(keys, start, end, value, str(getattr(node, "style", "") or ""), parents)
    elif isinstance(node, yaml.SequenceNode):
        if not node.value:
            yield Leaf(keys, start, end, "", "", parents)
        for item in node.value:
            yield from _leaves(item, keys, parents, offset, text)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            if isinstance(key, yaml.SequenceNode):
                name = text[key.start_mark.index : key.end_mark.index]
            place = (offset + key.start_mark.index, offset + key.end_mark.index)
            yield from _leaves(value, (*keys, name), (*parents, place), offset, text)


def _is_twofold(node: yaml.Node, seen: set[int]) -> bool:
    """Whether readers may take one of several values: a key twice in a mapping, a node by alias."""
    if id(node) in seen:
        return True
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(names)) < len(names):
            return True
        return any(_is_twofold(each, seen) for pair in node.value for each in pair)
    return isinstance(node, yaml.SequenceNode) and any(_is_twofold(n, seen) for n in node.value)


def _keys(
    node: yaml.Node, keys: tuple[str, ...], offset: int
) -> Iterator[tuple[tuple[str, ...], int, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*keys, str(key.value))
            yield path, offset + key.start_mark.index, offset + key.end_mark.index
            yield from _keys(value, path, offset)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _keys(item, keys, offset)


def _comments(text: str, marks: list[tuple[int, int]], offset: int) -> Iterator[tuple[int, int]]:
    """`# …` outside of keys and values."""
    if "#" not in text:
        return
    for match in re.finditer(r"(?:^|(?<=[ \t]))#[^\r\n]*", text, re.MULTILINE):
        block = any(b > match.start() > a and _HEADER.fullmatch(text[a : match.start()])
                    for a, b in marks)  # fmt: skip
        if block or not any(a <= match.start() < b for a, b in marks):
            yield offset + match.start(), offset + match.end()
