"""Tiers upwards: what a container has from what stands in it.

A container takes nothing that is higher than all that stands directly in it (a callout looks one
deeper), so only those that hold something higher are looked at, the innermost first.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tierpub.classify.context import NEVER
from tierpub.classify.draft import Draft
from tierpub.classify.reasons import Reason
from tierpub.note import Kind, Portion

_QUIET = frozenset((Kind.BLOCK_ID, Kind.FOOTNOTE_REF, Kind.INLINE_FOOTNOTE))
_WORD = re.compile(r"\w")
_QUERY_KEY = re.compile(r"[\w#/~ \t.-]{1,80}=[ \t]*\Z")


def settle_up(draft: Draft) -> None:
    """Raise each container to the tier of what stands in it, as its kind has it."""
    tiers, parents = draft.tiers, draft.parents
    holders = {p for tier, p in zip(tiers, parents, strict=True) if tier > tiers[p]}
    holders.update(draft.by_kind.get(Kind.CALLOUT, ()))
    if not holders:
        return
    last = max(holders)
    asked = bytearray(last + 1)
    for index in holders:
        asked[index] = 1
    index = last
    while index >= 0:  # a container stands before what it holds
        portion = draft.portions[index]
        if take := _TAKE.get(portion.kind):
            tier, source = take(draft, index, portion)
            if tier > tiers[index]:
                draft.raise_to(index, Reason(source, tier))
                if tier > tiers[parents[index]]:
                    asked[parents[index]] = 1
        index = asked.rfind(1, 0, index)


Taken = tuple[int, str]
"""A tier, and the source of the reason that it gives."""


def _part(draft: Draft, index: int, portion: Portion) -> Taken:
    """What is kept or cut as one has the highest tier of what it holds; a comment among the
    words of a link can be cut from them."""
    held = draft.children[index]
    if portion.kind == Kind.LINK:
        held = [child for child in held if not _in_alias(draft.portions[child], portion)]
    return max((draft.tiers[child] for child in held), default=0), "part"


def _in_alias(part: Portion, portion: Portion) -> bool:
    link = portion.link
    if part.kind != Kind.COMMENT or link is None:
        return False
    return link.alias_start <= part.start and part.end <= link.alias_end


def _field(draft: Draft, index: int, portion: Portion) -> Taken:
    """A scalar goes whole; a mapping or list is visible when something in it is."""
    del portion
    content = NEVER if index in draft.vessels else 0
    part = 0
    for child in draft.children[index]:
        kind = draft.portions[child].kind
        if kind in (Kind.FIELD, Kind.ENTRY):
            content = min(content, draft.tiers[child])
        elif kind != Kind.YAML_COMMENT:  # a link in the value, or in the key
            part = max(part, draft.tiers[child])
    return (content, "content") if content > part else (part, "part")


def _vessel(draft: Draft, index: int, portion: Portion) -> Taken:
    del portion
    return min(draft.tiers_of(index)), "content"


def _first(draft: Draft, index: int, portion: Portion) -> Taken:
    """An item or footnote has the tier of what stands on its first line."""
    child = draft.children[index][0]
    if "\n" in draft.text[portion.start : draft.portions[child].start]:
        return min(draft.tiers_of(index)), "content"
    return draft.tiers[child], "content"


def _callout(draft: Draft, index: int, portion: Portion) -> Taken:
    """A callout has the tier of its title, or without one that of what it holds."""
    del portion
    portions, tiers = draft.portions, draft.tiers
    first, *rest = draft.children[index]
    if portions[first].kind != Kind.PARAGRAPH:
        return 0, "content"
    title, *lines = draft.children[first]
    kind, _, words = draft.text[portions[title].inner_start : portions[title].inner_end].partition(
        "]"
    )
    marker = portions[title].inner_start + len(kind)
    in_kind = [tiers[c] for c in draft.children[title] if portions[c].start < marker]
    if in_kind and max(in_kind) > tiers[title]:
        return max(in_kind), "part"
    content = [*lines, *rest]
    if content and not words.strip(" \t+-"):
        return min(tiers[c] for c in content), "content"
    named = [c for c in draft.children[title] if portions[c].start > marker]
    if all(portions[c].kind == Kind.COMMENT or _is_quiet(draft, c) for c in named):
        return tiers[title], "content"
    words_alone = portions[title]._replace(inner_start=marker + 1)
    return max(tiers[title], _shell(draft, title, words_alone)[0]), "content"


def _table(draft: Draft, index: int, portion: Portion) -> Taken:
    """A table has the tier of its head."""
    del portion
    return draft.tiers[draft.children[index][0]], "content"


def _row(draft: Draft, index: int, portion: Portion) -> Taken:
    """A row has the lowest tier of its cells that are not empty."""
    del portion
    cells = [(child, draft.portions[child]) for child in draft.children[index]]
    filled = [draft.tiers[c] for c, p in cells if draft.text[p.start : p.end].strip()]
    return min(filled, default=0), "content"


def _section(draft: Draft, index: int, portion: Portion) -> Taken:
    """A section has at least the tier of its heading, and of its content, if it has any."""
    del portion
    heading, *rest = draft.children[index]
    reason = draft.reasons.get(heading)
    by_default = reason is not None and reason.source == "default"
    tier = 0 if by_default else draft.tiers[heading]
    if rest:
        tier = max(tier, min(draft.tiers[child] for child in rest))
    return tier, "content"


def _shell(draft: Draft, index: int, portion: Portion) -> Taken:
    """A text of nothing but markers, punctuation and portions has the lowest tier of them."""
    text, portions = draft.text, draft.portions
    at = portion.inner_start
    inside = [child for child in draft.children[index] if portions[child].start >= at]
    for child in inside:
        part = portions[child]
        gap = text[at : part.start]
        if _WORD.search(gap) and not (part.kind == Kind.QUERY and _QUERY_KEY.fullmatch(gap)):
            return 0, "content"
        at = part.end
    if not inside or _WORD.search(text[at : portion.inner_end]):
        return 0, "content"
    telling = [child for child in inside if not _is_quiet(draft, child)] or inside
    return min(draft.tiers[child] for child in telling), "content"


def _is_quiet(draft: Draft, index: int) -> bool:
    return draft.portions[index].kind in _QUIET or index in draft.labels.marks


def _inline_field(draft: Draft, index: int, portion: Portion) -> Taken:
    """As a shell; and a match of a rule in it, or a link in its key, raises all of it."""
    part = max(
        (
            draft.tiers[c]
            for c in draft.children[index]
            if _is_key_or_match(draft.portions[c], portion)
        ),
        default=0,
    )
    tier, source = _shell(draft, index, portion)
    return (part, "part") if part > tier else (tier, source)


def _is_key_or_match(part: Portion, field: Portion) -> bool:
    in_key = part.start < field.inner_start and part.kind != Kind.TAG
    return in_key or part.kind == Kind.MATCH


def _code(draft: Draft, index: int, portion: Portion) -> Taken:
    """A block of code goes whole when its info string does, or when no line of it is left."""
    lines, tier = [], 0
    for child in draft.children[index]:
        if draft.portions[child].kind == Kind.CODE_LINE:
            lines.append(child)
        else:
            tier = max(tier, draft.tiers[child])
    if lines and not _has_more(draft, portion, lines):
        tier = max(tier, min(draft.tiers[line] for line in lines))
    return tier, "part"


def _has_more(draft: Draft, code: Portion, lines: list[int]) -> bool:
    """Whether a block of code holds anything but `lines` and its fences."""
    text, at = draft.text, code.start
    if code.level:  # fenced
        at += text[code.start : code.end].find("\n") + 1
    for line in lines:
        part = draft.portions[line]
        if text[at : part.start].strip(" \t\r\n>"):
            return True
        at = part.end
    return bool(text[at : code.end].strip(" \t\r\n>").strip("`~"))


# Kept or cut as one with what they hold.
_ATOMS = (
    Kind.TANGLE, Kind.HTML, Kind.QUERY, Kind.TIER_PATH, Kind.URL, Kind.CODE_LINE, Kind.LINK,
    Kind.COMMENT, Kind.DEFINITION, Kind.TAG, Kind.BLOCK_ID, Kind.FOOTNOTE_REF,
)  # fmt: skip
_TAKE: dict[Kind, Callable[[Draft, int, Portion], Taken]] = {
    **dict.fromkeys(_ATOMS, _part),
    Kind.FIELD: _field,
    Kind.ENTRY: _field,
    Kind.FRONTMATTER: _vessel,
    Kind.LIST: _vessel,
    Kind.QUOTE: _vessel,
    Kind.PARAGRAPH: _vessel,
    Kind.ITEM: _first,
    Kind.FOOTNOTE: _first,
    Kind.CALLOUT: _callout,
    Kind.TABLE: _table,
    Kind.ROW: _row,
    Kind.SECTION: _section,
    Kind.LINE: _shell,
    Kind.HEADING: _shell,
    Kind.CELL: _shell,
    Kind.INLINE_FOOTNOTE: _shell,
    Kind.INLINE_FIELD: _inline_field,
    Kind.CODE: _code,
}
