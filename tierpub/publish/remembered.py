"""What is remembered of a run, between its form in a program and the parts of a notebook."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is one

from tierpub.path.keyed import SIZE, Keyed
from tierpub.path.memory import Lost, Memory, Note, Speech
from tierpub.publish.glance import LOOK
from tierpub.publish.notebook import Notebook

_REASON = Struct("<BBHi")
_FOLDER = Struct(f"<q{SIZE}s")
_TREE = Struct(f"<q{SIZE}s{SIZE}s")


@dataclass(frozen=True, slots=True)
class KnownTree:
    """The outputs of one level as a run left them."""

    since: int
    """When they were looked at, in nanoseconds."""
    made_of: bytes
    """Digest of the notes that they were made of."""
    readers: bytes
    """Digest of who may read it, where it is sealed."""
    folders: dict[int, bytes]
    """Of each folder, by its number, a digest of what a glance sees in it."""

    def packed(self) -> bytes:
        """The tree as bytes."""
        head = _TREE.pack(self.since, self.made_of, self.readers)
        return head + b"".join(_FOLDER.pack(*each) for each in self.folders.items())

    @classmethod
    def unpacked(cls, data: bytes) -> KnownTree:
        """The tree that `packed` made bytes of."""
        head, folders = data[: _TREE.size], data[_TREE.size :]
        since, made_of, readers = _TREE.unpack(head)
        return cls(since, made_of, readers, dict(_FOLDER.iter_unpack(folders)))


@dataclass(slots=True)
class Remembered:
    """All that is remembered of a vault."""

    origin: bytes
    """See `origin`."""
    record: bytes
    """The look of the record of files when the run had ended."""
    inventory: bytes
    """Digest of all names in the vault."""
    since: int
    """When the notes were looked at, in nanoseconds."""
    looks: bytes
    """One look behind the other: of the notes in their order, then of the attachments."""
    attachments: bytes
    """Digests of the attachments, one behind the other."""
    memory: Memory
    trees: dict[str, KnownTree] = field(default_factory=dict)
    """By the number of the out folder and the rank of a level."""

    def attachment(self, index: int) -> bytes:
        """The digest of one attachment."""
        return self.attachments[index * SIZE : (index + 1) * SIZE]

    @property
    def made_of(self) -> bytes:
        """Digest of all that outputs are made of."""
        return _made_of(self.memory, self.attachments, self.inventory)

    def parts(self) -> dict[str, bytes]:
        """All of it but the rows."""
        notes = self.memory.notes.values()
        speech = self.memory.speech
        return {
            "origin": self.origin,
            "record": self.record,
            "inventory": self.inventory,
            "since": _numbers([self.since]),
            "looks": self.looks,
            "attachments": self.attachments,
            "levels": _numbers(self.memory.levels),
            "contents": b"".join(note.content for note in notes),
            "reasons": b"".join(_REASON.pack(*note.reason) for note in notes),
            "flags": bytes(note.flags for note in notes),
            "rows": b"".join(note.row for note in notes),
            "needles": _numbers(speech.needles),
            "excuses": _numbers(speech.excuses),
            "raised": _numbers(sorted(speech.raised)),
            **{f"tree {name}": tree.packed() for name, tree in self.trees.items()},
        }

    @classmethod
    def of(
        cls, parts: dict[str, bytes], book: Notebook, keyed: Keyed, notes: Sequence[str]
    ) -> Remembered:
        """What `parts` say of a vault with these `notes`. Raises `Lost` where that cannot be."""
        try:
            memory = _memory(parts, book, keyed, notes)
            return cls(
                parts["origin"], parts["record"], parts["inventory"], _read(parts["since"])[0],
                parts["looks"], parts["attachments"], memory,
                {
                    name.removeprefix("tree "): KnownTree.unpacked(data)
                    for name, data in parts.items() if name.startswith("tree ")
                },
            )  # fmt: skip
        except (KeyError, ValueError, StructError):
            raise Lost from None


def _memory(parts: dict[str, bytes], book: Notebook, keyed: Keyed, notes: Sequence[str]) -> Memory:
    contents, digests = _split(parts["contents"], SIZE), _split(parts["rows"], SIZE)
    reasons = _REASON.iter_unpack(parts["reasons"])
    each = zip(contents, reasons, parts["flags"], digests, strict=True)
    known = {note: Note(*fields) for note, fields in zip(notes, each, strict=True)}
    speech = Speech(
        _read(parts["needles"]), _read(parts["excuses"]), frozenset(_read(parts["raised"]))
    )
    return Memory(keyed, known, speech, _read(parts["levels"]), book.row, book.rows)


def _made_of(memory: Memory, attachments: bytes, inventory: bytes) -> bytes:
    notes = memory.notes.values()
    return memory.keyed.digest(
        inventory,
        attachments,
        b"".join(note.content for note in notes),
        b"".join(note.row for note in notes),
    )


def _split(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def _numbers(numbers: Iterable[int]) -> bytes:
    return array("q", numbers).tobytes()


def _read(data: bytes) -> tuple[int, ...]:
    numbers = array("q")
    numbers.frombytes(data)
    return tuple(numbers)


def changed_looks(before: bytes, now: bytes) -> list[int]:
    """Which of the looks in a row are others than they were. Both rows are of one length."""
    if before == now:
        return []
    spots = range(0, len(now), LOOK)
    return [at // LOOK for at in spots if before[at : at + LOOK] != now[at : at + LOOK]]
