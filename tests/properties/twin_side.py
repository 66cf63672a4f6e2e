"""One canonical vault: the text of its notes with their slots filled, and all that lies beside."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from fixtures import pictures
from twin_hand import Hand
from twin_policy import SOURCE
from twin_skeleton import Pieces
from twin_slots import ALWAYS, Filling, Slot, fill

Tree = dict[str, bytes]
OWED = "\0"
"""Where the definitions stand that the fillings of a note owe: at the end of its first section."""


class Side(NamedTuple):
    """One canonical vault: its files, and the hidden words with their tiers."""

    tree: Tree
    words: dict[str, int]


def slots(pieces: Pieces) -> list[Slot]:
    """The slots among `pieces`, in order."""
    return [piece for piece in pieces if isinstance(piece, Slot)]


def written(pieces: Pieces, fills: list[Filling], hand: Hand) -> str:
    """The text of a note, with the definitions its fillings owe."""
    hand.keys.clear()
    hand.defs.clear()
    hand.sections.clear()
    rest = iter(fills)
    parts = [p if isinstance(p, str) else fill(p, next(rest), hand) for p in pieces]
    return "".join(parts).replace(OWED, "".join(hand.defs + hand.sections))


Fills = list[list[Filling]]


class Besides(NamedTuple):
    """What one side has that stands in no slot."""

    more: tuple[int, ...] = ()
    """The tiers of hidden notes that nothing names."""
    namesakes: tuple[tuple[str, int], ...] = ()
    """Hidden notes and pictures called like something visible, with their tiers."""
    pictures: tuple[tuple[str, bool], ...] = ()
    """The visible pictures, and whether they carry along what must not go out."""
    aliases: tuple[str, ...] = ()
    """Of visible notes, for hidden ones to have as well."""


def side(name: str, notes: dict[str, Pieces], fills: Fills, newline: str, besides: Besides) -> Side:
    """One canonical vault."""
    visible = tuple(path.rsplit("/", 1)[-1] for path in notes)
    shown = tuple(path for path, _ in besides.pictures)
    hand = Hand(name, visible, shown, (*visible, *besides.aliases))
    texts: dict[str, str | bytes] = {}
    for (path, pieces), fill_of in zip(notes.items(), fills, strict=True):
        texts[f"{SOURCE}/{path}.md"] = written(pieces, fill_of, hand)
    for tier in besides.more:
        hand.lone_note(tier)
    for called, tier in besides.namesakes:
        hand.namesake(called, tier)
    tree = {path: _encoded(text, newline) for path, text in texts.items()}
    for number, (path, hidden) in enumerate(hand.files.items()):
        tree[path] = _encoded(hidden, ("\n", "\r\n")[number % 2])
    for path, dirty in besides.pictures:
        tree[f"{SOURCE}/{path}"] = (pictures.dirty if dirty else pictures.clean)(path)
    return Side(tree, hand.words)


def _encoded(text: str | bytes, newline: str) -> bytes:
    return text if isinstance(text, bytes) else text.replace("\n", newline).encode()


def emptied(pieces: Pieces, fills: list[Filling]) -> list[Filling]:
    """No fillings but where a kind must have one."""
    kinds = slots(pieces)
    return [f if s.kind in ALWAYS else Filling() for s, f in zip(kinds, fills, strict=True)]


def write(tree: Tree, root: Path) -> None:
    """The vault, on disk."""
    for path, data in tree.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
