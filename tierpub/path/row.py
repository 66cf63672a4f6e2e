"""What is remembered of one classified note: numbers, tiers and what it depends on.

Every word in it is a keyed number (`Keyed`): who has the row and no key learns how many links,
headings and values a note has, and their tiers, but not one of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from sys import byteorder
from typing import NamedTuple

from tierpub.classify import Classified, Survey
from tierpub.classify.block_ids import BlockRefs, links_to_blocks
from tierpub.classify.context import Context, Facts
from tierpub.classify.targets import looked_up
from tierpub.mentions import Called, gather
from tierpub.note import Syntax
from tierpub.path.keyed import Keyed
from tierpub.path.packed import rule_numbers
from tierpub.vault import Target

WANTED, SPEAKS, LEADS = 1, 2, 4
"""Flags of a note: a link leads to a heading or block of it; it has to be read for what the
mention gate looks for, or excuses; a link of it excuses something, by where it leads."""
WHATS = ("name", "path", "folder", "alias", "value")
"""The sorts of needles, by number."""
_TABLE = 1 << 20


class Row(NamedTuple):
    """Each field is a row of numbers, several of them to an entry where that is said."""

    topics: tuple[int, ...]
    """Of what it depends on: the tier of a note, the headings and blocks of one, what is called
    so, the tier of a folder, whether an attachment is copied."""
    headings: tuple[int, ...]
    """By threes: a way to spell a heading that an anchor may name, its tier, and from where on it
    is steady. Only of a note that an anchor leads into."""
    blocks: tuple[int, ...]
    """By twos: a block id and the tier of its block."""
    refs: tuple[int, ...]
    """By threes: the block id that a link names, its note, and the tier of the link."""
    uses: tuple[int, ...]
    """By twos: an attachment and the lowest level at which the note refers to it."""
    called: tuple[int, ...]
    """By twos: a word that is said, and in which table of `Called` at which tier."""
    raised: tuple[int, ...]
    """By threes: a word that may be a needle, what it is, and its tier."""
    seen: tuple[int, ...]
    """One number, for how the note was classified: two that are equal read the same."""

    def packed(self) -> bytes:
        """The row as bytes."""
        numbers = array("q")
        for part in self:
            numbers.append(len(part))
            numbers.extend(part)
        return numbers.tobytes()

    @classmethod
    def nothing(cls) -> Row:
        """The row of a note that is not there."""
        return cls(*((),) * len(cls._fields))

    @classmethod
    def unpacked(cls, data: bytes) -> Row:
        """The row that `packed` made bytes of."""
        numbers = array("q")
        numbers.frombytes(data)
        parts, at = [], 0
        for _ in cls._fields:
            end = at + 1 + numbers[at]
            parts.append(tuple(numbers[at + 1 : end]))
            at = end
        return cls(*parts)


def topics_in(data: bytes) -> array[int]:
    """Only the topics of a packed row."""
    numbers = array("q")
    numbers.frombytes(data[: 8 + 8 * int.from_bytes(data[:8], byteorder)])
    return numbers[1:]


def uses_in(data: bytes) -> array[int]:
    """Only the attachments of a packed row, each with its level."""
    numbers = array("q")
    numbers.frombytes(data)
    at = 0
    for _ in range(Row._fields.index("uses")):
        at += 1 + numbers[at]
    return numbers[at + 1 : at + 1 + numbers[at]]


def in_twos(numbers: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The entries of a field that has two numbers to each."""
    return zip(numbers[::2], numbers[1::2], strict=True)


def in_threes(numbers: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
    """The same with three."""
    return zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)


def tier_of(keyed: Keyed, note: str) -> int:
    """The topic of a note's tier, and of what gives it."""
    return keyed.of_note("tier", note)


def anchors_into(keyed: Keyed, note: str) -> int:
    """The topic of a note's headings and blocks."""
    return keyed.of_note("anchor", note)


def name_of(keyed: Keyed, kin: str) -> int:
    """The topic of all files and folders with names that are akin, by what they have in common."""
    return keyed.of_note("name", kin)


def folder_of(keyed: Keyed, path: str) -> int:
    """The topic of the level from which a folder may be known of, by its path from the root."""
    return keyed.of_note("folder", path)


def file_of(keyed: Keyed, path: str) -> int:
    """The topic of whether an attachment is copied, by its path; and its number."""
    return keyed.of_note("file", path)


def all_files(keyed: Keyed) -> int:
    """The topic of which attachments there are."""
    return keyed.of_note("files", "")


def word_of(keyed: Keyed, words: str) -> int:
    """The number of words that the mention gate knows."""
    return keyed.number("word", words)


def row_of(found: Survey, note: Classified, keyed: Keyed, facts: Facts | None) -> Row:
    """What is to be remembered of a note that was classified to the end; `facts` are those that
    links into it had to go by, if there are any."""
    ctx = found.context
    said = _said(found, note) if ctx.policy.mentions != "off" else Called()
    uses = ctx.attachments.uses([note]).items()
    return Row(
        tuple(sorted(set(_topics(ctx, note, keyed)))),
        _headings(keyed, note.path, facts),
        _blocks(keyed, note.path, facts),
        refs_in(links_to_blocks(ctx, [note]), keyed),
        tuple(n for path, use in uses for n in (file_of(keyed, path), use.level)),
        _called(keyed, said),
        _raised(keyed, said),
        (_classified_as(found, note, keyed),) if note.anchored else (),
    )


def _said(found: Survey, note: Classified) -> Called:
    return gather(Survey(found.context, {note.path: note}))


def _topics(ctx: Context, note: Classified, keyed: Keyed) -> Iterator[int]:
    """The topics of a note, some of them more than once."""
    for portion in note.note.portions:
        link = portion.link
        if link is not None and link.syntax != Syntax.REFERENCE:
            for name in looked_up(ctx, portion.name, link.syntax):
                yield name_of(keyed, name)
    for index, target in note.targets.items():
        for name in target.notes:
            yield tier_of(keyed, name)
            if target.anchor:
                yield anchors_into(keyed, name)
        if target.sort != "note":
            yield from _of_places(ctx, target, keyed)
        link = note.note.portions[index].link
        if target.sort == "folder" and link is not None and link.code:
            yield all_files(keyed)  # it stands for all attachments below


def _of_places(ctx: Context, target: Target, keyed: Keyed) -> Iterator[int]:
    """The topics of what a link names that is no note: folders around it, attachments."""
    inside = ctx.attachments.inside
    places = [target.path, *target.paths]
    places += [ctx.vault.place(source) for source in target.sources]
    for place in places:
        path = place.strip("/")
        yield folder_of(keyed, path)
        while path:
            path = path.rpartition("/")[0]
            yield folder_of(keyed, path)
    if target.sort == "attachment":
        yield file_of(keyed, inside(target.path))


def refs_in(refs: BlockRefs, keyed: Keyed) -> tuple[int, ...]:
    """Links to block ids, as a row has them."""
    found = sorted(
        (ref_of(keyed, name, block), keyed.note(name), tier) for (name, block), tier in refs.items()
    )
    return flat(found)


def ref_of(keyed: Keyed, note: str, block: str) -> int:
    """The number of a block id, folded, of a note."""
    return keyed.number("ref", f"{keyed.note(note)}^{block}")


def _headings(keyed: Keyed, note: str, facts: Facts | None) -> tuple[int, ...]:
    if facts is None:
        return ()
    found = sorted(
        (heading_of(keyed, note, spelling), heading.tier, heading.steady)
        for spelling, heading in facts.headings.items()
    )
    return flat(found)


def _blocks(keyed: Keyed, note: str, facts: Facts | None) -> tuple[int, ...]:
    if facts is None:
        return ()
    found = sorted((block_of(keyed, note, name), tier) for name, tier in facts.blocks.items())
    return flat(found)


def heading_of(keyed: Keyed, note: str, spelling: str) -> int:
    """The number of a way to spell a heading of a note."""
    return keyed.number("heading", f"{keyed.note(note)}#{spelling}")


def block_of(keyed: Keyed, note: str, name: str) -> int:
    """The number of a block id of a note, as anchors into it are looked up."""
    return keyed.number("block", f"{keyed.note(note)}^{name}")


def _called(keyed: Keyed, said: Called) -> tuple[int, ...]:
    tables = (said.names, said.others, said.aliases)
    found = sorted(
        (word_of(keyed, words), table * _TABLE + tier)
        for table, entries in enumerate(tables)
        for words, tier in entries.items()
    )
    return flat(found)


def table_of(entry: int) -> int:
    """In which table of `Called` (names, others, aliases) a number of `called` says something."""
    return entry // _TABLE


def _raised(keyed: Keyed, said: Called) -> tuple[int, ...]:
    found = sorted({(word_of(keyed, n.text), WHATS.index(n.what), n.floor) for n in said.raised})
    return flat(found)


def _classified_as(found: Survey, note: Classified, keyed: Keyed) -> int:
    """A number for all that a projection depends on beside the text and what links resolve to."""
    ctx = found.context
    rules = rule_numbers(ctx.policy)
    reasons = [
        (index, r.source, r.tier, r.portion, rules[r.rule] if r.rule else -1, r.detail)
        for index, r in sorted(note.reasons.items())
    ]
    steady = [
        (index, ctx.steady(name, target.anchor))
        for index, target in sorted(note.targets.items())
        if target.anchor
        for name in target.notes
    ]
    return keyed.number("seen", repr((note.tiers, reasons, steady)))


def flat(entries: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """Entries one behind the other."""
    return tuple(number for entry in entries for number in entry)
