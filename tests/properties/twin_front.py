"""The visible fields of a skeleton's frontmatter, with slots between and in them."""

from __future__ import annotations

from twin_policy import SOURCE
from twin_skeleton import Pieces, Skeleton
from twin_slots import Slot

EOL, FIRST, NEXT = Slot("eol"), Slot("flow-first"), Slot("flow")


def _plain(s: Skeleton) -> Pieces:
    return [f"{s.word()}: {s.word()}", EOL, "\n"]


def _quoted(s: Skeleton) -> Pieces:
    return [f'{s.word()}: "00{s.word()}, #{s.word()}"', EOL, "\n"]


def _entries(s: Skeleton) -> Pieces:
    entry = Slot("entry", ("", "  ")[s.pick(2)])
    first: Pieces = [f"{s.word()}:\n", entry, f"{entry.prefix}- {s.word()}", EOL, "\n", entry]
    return [*first, f"{entry.prefix}- '{s.word()}'\n", entry]


def _flow(s: Skeleton) -> Pieces:
    return [f"{s.word()}: [", FIRST, s.word(), NEXT, f", {s.word()}", NEXT, "]", EOL, "\n"]


def _flow_map(s: Skeleton) -> Pieces:
    pair = Slot("flow-pair")
    head = f"{s.word()}: {{{s.word()}: {s.word()}"
    return [head, pair, f", {s.word()}: {s.word()}", pair, "}\n"]


def _mapping(s: Skeleton) -> Pieces:
    outer, inner = Slot("field", "  "), Slot("field", "    ")
    head: Pieces = [f"{s.word()}:\n", outer, f"  {s.word()}: {s.word()}\n", outer]
    return [*head, f"  {s.word()}:\n", inner, f"    {s.word()}: {s.word()}\n", inner, outer]


def _literal(s: Skeleton) -> Pieces:
    return [f"{s.word()}: |\n  {s.word()}\n  {s.word()}: x\n"]


def _link_field(s: Skeleton) -> Pieces:
    to = s.all[0]
    return [
        f'{s.word(to.tier)}: "[[{f"{SOURCE}/{to.path}" if to.shared else to.name}]]"',
        EOL,
        "\n",
    ]


def _picture_field(s: Skeleton) -> Pieces:
    return [f"{s.word()}: {s.picture(shared=True)}", EOL, "\n"]


def _aliases(s: Skeleton) -> Pieces:
    """Other names of the note, once."""
    if s.aliases:
        return _plain(s)
    s.aliases += [s.word(), s.word()]
    return [f"aliases: [{s.aliases[0]}, ", f"{s.aliases[1]}", NEXT, "]\n"]


FIELDS = (
    _plain, _quoted, _entries, _flow, _flow_map, _mapping, _literal, _link_field, _picture_field,
    _aliases,
)  # fmt: skip
