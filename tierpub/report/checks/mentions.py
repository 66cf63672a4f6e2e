"""Words of a projection that name what is hidden from it, and permissions that nothing needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tierpub.classify import Classified, Survey
from tierpub.cut import Cutter
from tierpub.errors import Fault, Place
from tierpub.mentions import Gate, Mention
from tierpub.mentions.plain import plain
from tierpub.report.places import place

_CALLED = {
    "name": "the name of a note",
    "path": "the path of a note",
    "folder": "the name of a folder",
    "alias": "an alias",
    "title": "the title of a note",
    "value": "a value",
}


Cuts = Callable[[Survey, Classified, int], Iterable[tuple[int, str]]]
"""For a note its projections below a level, by level, lowest first."""


def _cuts(found: Survey, note: Classified, stop: int) -> Iterator[tuple[int, str]]:
    cutter = Cutter(found.context, note)
    for level in range(note.tiers[0], stop):
        projection = cutter.at(level)
        if projection is not None:
            yield level, projection.text


def mentions(found: Survey, cuts: Cuts = _cuts) -> Iterator[Fault]:
    """What the gate finds at any level: an error where the policy refuses it, else a warning."""
    policy = found.context.policy
    if policy.mentions == "off":
        yield from _idle(found, set())
        return
    gate = Gate(found)
    attachments = found.context.attachments
    for path, use in attachments.uses(found.notes.values()).items():
        for level in range(use.level, gate.top) if attachments.fate(path).copied else ():
            gate.look_at_file(use.note, level, path)
    for path, note in found.notes.items():
        for level, text in cuts(found, note, gate.top):
            gate.look(path, level, text)
    for mention in gate.mentions():
        yield _fault(found, mention)
    yield from _idle(found, gate.used)


def _fault(found: Survey, mention: Mention) -> Fault:
    needle, names = mention.needle, found.context.policy.ladder.names
    what = f"{_CALLED[needle.what]} that {names[mention.level]} does not get"
    return Fault(
        "mention",
        f"visible text mentions {what}: {_quoted(found, mention)}",
        mention.place,
        f"it is {names[needle.floor]} by {_origin(found, mention)}: relabel either, or write an "
        "`allow`",
        "error" if found.context.policy.mentions == "refuse" else "warning",
        needle.floor,
    )


def _quoted(found: Survey, mention: Mention) -> str:
    """The words as the note has them, where they can be pointed at."""
    where, text = mention.place, mention.needle.text
    if where.line is None or where.column is None:
        return text
    line = found.notes[mention.note].note.text.split("\n")[where.line - 1]
    words = line[where.column - 1 : where.column - 1 + len(text)]
    return words if plain(words) == text else text


def _origin(found: Survey, mention: Mention) -> str:
    """Where the thing that is mentioned stands."""
    needle = mention.needle
    note = found.notes.get(needle.note)
    if note is None or not needle.portion:
        return f"{found.context.vault.source}/{needle.note}"
    return str(place(note.note, needle.portion))


def _idle(found: Survey, used: set[int]) -> Iterator[Fault]:
    policy = found.context.policy
    for number, allow in enumerate(policy.allow):
        if number not in used:
            yield Fault(
                "idle-allow",
                f"an `allow` that lets nothing pass: {allow.text}",
                Place(policy.file),
                "is it spelt as `tierpub check` names it? if nothing mentions it, remove it",
                "warning",
            )
