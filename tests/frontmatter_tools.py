"""What the tests of frontmatter share: data from portions, cutting by spans, random YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st

from tierpub.note.portions import Kind, Portion

if TYPE_CHECKING:
    from tierpub.note.frontmatter import Frontmatter

HOLDERS = (Kind.FIELD, Kind.ENTRY)


def children(found: Frontmatter, index: int) -> list[int]:
    """Return the indices of the fields or entries that stand directly in the portion at `index`."""
    return [
        i for i, p in enumerate(found.portions) if i and p.parent - 1 == index and p.kind in HOLDERS
    ]


def tree(found: Frontmatter, text: str, index: int = 0, without: int = -1) -> Any:
    """Return the data of a frontmatter by its portions, one portion left out."""
    if index + 1 in found.values:
        return found.values[index + 1]
    portion, inside = found.portions[index], children(found, index)
    kept = [(found.portions[i], tree(found, text, i, without)) for i in inside if i != without]
    if inside and found.portions[inside[0]].kind == Kind.ENTRY:
        return [value for _, value in kept]
    if not inside and index and text[portion.inner_start] == "[":
        return []
    return {p.name: value for p, value in kept}


def same(data: Any, mine: Any) -> bool:
    """Whether data that YAML read as strings is that of portions, links as written apart."""
    if isinstance(mine, dict):
        return (
            isinstance(data, dict)
            and list(data) == list(mine)
            and all(same(data[key], mine[key]) for key in mine)
        )
    if isinstance(mine, list):
        return isinstance(data, list) and len(data) == len(mine) and all(map(same, data, mine))
    if isinstance(data, list):
        return mine.startswith("[[") and mine.endswith("]]") and plain(mine) == data
    return bool(data == mine)


def plain(inner: str) -> Any:
    """YAML with all scalars as strings; nothing at all is an empty mapping."""
    return yaml.load(inner, Loader=yaml.CBaseLoader) or {}  # noqa: S506 - it makes only strings


def faults_of_spans(found: Frontmatter, text: str) -> list[str]:
    """Return what contradicts the rules of portions; empty where all is well."""
    wrong, ends = [], {}
    for index, p in enumerate(found.portions):
        if not p.start <= p.inner_start <= p.inner_end <= p.end:
            wrong.append(f"{index}: inner span outside")
        if not index:
            continue
        outer: Portion = found.portions[p.parent - 1]
        low, high = (outer.start, outer.end)
        if outer.kind == Kind.FRONTMATTER:
            low, high = outer.inner_start, outer.inner_end
        if p.parent > index or not low <= p.start <= p.end <= high:
            wrong.append(f"{index}: outside its parent")
        if p.start < ends.get(p.parent, 0):
            wrong.append(f"{index}: overlaps its sibling")
        if index > 1 and p.start < found.portions[index - 1].start:
            wrong.append(f"{index}: out of order")
        ends[p.parent] = p.end
    return wrong + _lost(found, text)


def _lost(found: Frontmatter, text: str) -> list[str]:
    """Text between the fences that is in no portion, blank lines at the top apart."""
    top = [p for p in found.portions[1:] if p.parent == 1]
    if any(p.level for p in top):
        return []
    start, close = found.portions[0].inner_start, found.portions[0].inner_end
    at = top[0].start if top else close
    wrong = [f"lost before {at}"] if text[start:at].strip() else []
    for p in top:
        if p.start != at:
            wrong.append(f"lost from {at} to {p.start}")
        at = p.end
    return wrong if at == close else [*wrong, f"lost from {at}"]


def cut(found: Frontmatter, text: str, index: int) -> tuple[str, int]:
    """`text` without one field or entry, and the index of what went, collections left empty too."""
    portions = found.portions
    while (outer := portions[index].parent - 1) and len(children(found, outer)) == 1:
        index = outer
    gone, after = portions[index], portions[index].end
    siblings = children(found, portions[index].parent - 1)
    first = siblings[0] == index
    if gone.level and first and len(siblings) > 1:
        after = text.index(",", after) + 1
    elif not gone.level and gone.start and text[gone.start - 1] != "\n":
        while text[after] == " ":
            after += 1
    return text[: gone.start] + text[after:], index


WORDS = st.sampled_from(["a", "b c", "Zürich", "x-y", "12", "2026-01-02", "true", "é#1", "q:r"])
QUOTED = st.sampled_from(["'it''s'", "' # no'", '"a\\x5b[b]]"', '"- #"', "''", '"\\u2028"'])
FLOW_WORDS = st.sampled_from(["a", "b c", "Zürich", "12", "é#1", "'it''s, # x'", '"]}, "'])
LINKS = st.sampled_from(["[[X]]", "[[WD~Amy,1]]", "[[P/X#h|y]]", "[[a, {b: c}, [d]]]"])
KEYS = ["k", "key two", '"quo ted"', "'s''q'", "ünïcode", "x.y", "12", "- d"[2:], "on"]


@st.composite
def flow(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw a flow collection on one or several lines, with comments."""
    gap = st.sampled_from(["", " ", "  ", "\n   ", " # c, ]\n    ", "\n      # own\n\n     "])
    mapping = draw(st.booleans())
    keys = draw(st.permutations(["k", "'q k'", "ü", '"d"']))[: draw(st.integers(0, 3))]
    items = []
    for key in keys:
        kinds = st.one_of(FLOW_WORDS, LINKS, flow(depth - 1)) if depth else FLOW_WORDS
        value = draw(kinds)
        if mapping:
            value = key + draw(
                st.sampled_from(
                    ["", ": ", ":\n  ", ": # c\n ", ": " + value, ":  " + value, " : " + value]
                )
            )
        items.append(draw(gap) + value + draw(st.sampled_from(["", " "])))
    tail = draw(st.sampled_from(["", ","])) if items else ""
    body = ",".join(items) + tail + draw(gap)
    return "{" + body + "}" if mapping else "[" + body + "]"


@st.composite
def leaf(draw: st.DrawFn, indent: int) -> str:  # noqa: PLR0911 - one for each style
    """Draw a scalar or flow collection as it stands after `key:` or `-`, its line end included."""
    pad, deep = " " * indent, " " * (indent + draw(st.integers(1, 3)))
    style = draw(st.integers(0, 7))
    end = draw(st.sampled_from(["", "", " ", " # note", "  #"])) + "\n"
    if style == 0:
        return end
    if style == 1:
        return f" {draw(QUOTED)}{end}"
    if style == 2:
        return f" {draw(LINKS)}{end}"
    if style == 3:
        return f" {draw(flow()).replace(chr(10), chr(10) + pad)}{end}"
    if style == 4:
        return f" two\n{deep}lines\n\n{deep}more{end}"
    if style == 5:
        return f' "two\n{deep}lines # no\n\n{deep}- x"{end}'
    if style == 6:
        head = draw(st.sampled_from(["|", ">", "|-", ">-", "|+", ">+", "| # c"]))
        rest = draw(st.sampled_from(["", "\n", "\n\n"]))
        return f" {head}\n{deep}# no\n{deep}  k: v\n\n{deep}x\n{rest}"
    return f" {draw(WORDS)}{end}"


@st.composite
def between(draw: st.DrawFn, indent: int) -> str:
    """Nothing, a blank line or a comment on its own line."""
    deeper = " " * draw(st.integers(0, indent))
    return draw(st.sampled_from(["", "", "", "\n", "  \n", f"{deeper}# c: d\n", f"{deeper}#\n\n"]))


@st.composite
def block(draw: st.DrawFn, indent: int = 0, depth: int = 3, *, mapping: bool | None = None) -> str:
    """Draw a block collection as whole lines, its first line's indentation included."""
    pad = " " * indent
    mapping = draw(st.booleans()) if mapping is None else mapping
    count = draw(st.integers(1, 4))
    names = draw(st.permutations(KEYS))[:count]
    lines = []
    for name in names:
        sign = f"{name}:" if mapping else "-"
        style = draw(st.integers(0, 3)) if depth else 0
        more = indent + draw(st.integers(1, 3))
        if style < 2:
            value = draw(leaf(indent))
        elif style == 2 and not mapping:
            inside = draw(block(indent + 2, depth - 1))
            value = " " + inside.lstrip(" ")
        elif style == 2 and draw(st.booleans()):
            value = "\n" + draw(block(indent, depth - 1, mapping=False))
        else:
            head = draw(st.sampled_from(["\n", " # c\n"]))
            value = head + draw(between(more)) + draw(block(more, depth - 1))
        lines.append(pad + sign + value)
        lines.append(draw(between(indent)))
    return "".join(lines)


@st.composite
def notes(draw: st.DrawFn) -> str:
    """Draw a note with random frontmatter, some with a BOM, some with CR LF."""
    text = "---\n" + draw(between(0)) + draw(block(mapping=True)) + "---\n\nBody\n---\n"
    if draw(st.integers(0, 4)) == 0:
        text = text.replace("\n", "\r\n")
    return "\ufeff" + text if draw(st.integers(0, 4)) == 0 else text
