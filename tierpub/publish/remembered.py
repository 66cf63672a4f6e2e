"""What is remembered of a run, between its form in a program and the parts of a notebook."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is one

from tierpub.path.keyed import SIZE, Keyed
from tierpub.path.memory import File, Lost, Memory, Note, Speech
from tierpub.path.row import flat, in_twos
from tierpub.publish.glance import LOOK
from tierpub.publish.notebook import Notebook
from tierpub.publish.stock import Stock

_REASON = Struct("<BBHi")
_FOLDER = Struct(f"<q{SIZE}s")
_TREE = Struct(f"<q{SIZE}s{SIZE}sq")
_FILE = Struct("<qqB")
_SEEN = Struct(f"<q{LOOK}s{SIZE}s")
_PLAIN = ("origin", "record")


@dataclass(frozen=True, slots=True)
class KnownTree:
    """The outputs of one level as a run left them."""

    since: int
    """When they were looked at, in nanoseconds."""
    made_of: bytes
    """Digest of the notes that they were made of, but for those that are `pending`."""
    readers: bytes
    """Digest of who may read it, where it is sealed."""
    folders: dict[int, bytes]
    """Of each folder, by its number, a digest of what a glance sees in it."""
    pending: frozenset[int] = frozenset()
    """Notes that changed since this level was written."""

    def packed(self) -> bytes:
        """The tree as bytes."""
        head = _TREE.pack(self.since, self.made_of, self.readers, len(self.pending))
        folders = b"".join(_FOLDER.pack(*each) for each in self.folders.items())
        return head + _packed(sorted(self.pending)) + folders

    @classmethod
    def unpacked(cls, data: bytes) -> KnownTree:
        """The tree that `packed` made bytes of."""
        since, made_of, readers, count = _TREE.unpack(data[: _TREE.size])
        end = _TREE.size + 8 * count
        pending = frozenset(_read(data[_TREE.size : end]))
        return cls(since, made_of, readers, dict(_FOLDER.iter_unpack(data[end:])), pending)


@dataclass(slots=True)
class Remembered:
    """All that is remembered of a vault."""

    origin: bytes
    """See `origin`."""
    record: bytes
    """The look of the record of files when the run had ended."""
    stock: Stock
    """All names in the vault."""
    since: int
    """When the notes were looked at, in nanoseconds."""
    looks: dict[str, bytes]
    """A look at each note."""
    seen: dict[int, tuple[bytes, bytes]]
    """A look at each attachment that may be copied, and the digest of its bytes."""
    memory: Memory
    made_of: bytes = b""
    """Digest of all that outputs were made of, when this was put down."""
    source: dict[int, bytes] = field(default_factory=dict)
    """Of each folder of the source, by number, a digest of what a glance sees in it."""
    trees: dict[str, KnownTree] = field(default_factory=dict)
    """By the number of the out folder and the rank of a level."""

    def now_made_of(self) -> bytes:
        """Digest of all that outputs are made of, by what is known now."""
        notes = self.memory.notes.values()
        return self.memory.keyed.digest(
            self.stock.whole,
            b"".join(digest for _, digest in self.seen.values()),
            b"".join(note.content for note in notes),
            b"".join(note.row for note in notes),
        )

    def parts(self) -> dict[str, bytes]:
        """All of it but the rows."""
        notes, keyed = self.memory.notes, self.memory.keyed
        speech = self.memory.speech
        return {
            "origin": self.origin,
            "record": self.record,
            "made of": self.made_of,
            "stock": self.stock.whole + self.stock.fixed + self.stock.entries,
            "since": _packed([self.since]),
            "source": b"".join(_FOLDER.pack(*each) for each in self.source.items()),
            "numbers": _packed(map(keyed.note, notes)),
            "looks": b"".join(self.looks.get(path, bytes(LOOK)) for path in notes),
            "contents": b"".join(note.content for note in notes.values()),
            "reasons": b"".join(_REASON.pack(*note.reason) for note in notes.values()),
            "flags": bytes(note.flags for note in notes.values()),
            "rows": b"".join(note.row for note in notes.values()),
            "seen": b"".join(_SEEN.pack(n, *seen) for n, seen in self.seen.items()),
            "files": b"".join(_FILE.pack(n, *file) for n, file in self.memory.files.items()),
            "folders": _packed(flat(self.memory.folders.items())),
            "needles": _packed(speech.needles),
            "excuses": _packed(speech.excuses),
            "raised": _packed(sorted(speech.raised)),
            **{f"tree {name}": tree.packed() for name, tree in self.trees.items()},
        }

    @staticmethod
    def since_in(parts: Mapping[str, bytes]) -> int:
        """When the notes were looked at."""
        return _read(parts["since"])[0]

    @classmethod
    def of(
        cls,
        parts: dict[str, bytes],
        book: Notebook,
        keyed: Keyed,
        notes: Sequence[str],
        whole: bytes,
    ) -> Remembered:
        """What `parts` say of a vault with these `notes` now, and with names of the digest
        `whole`. Raises `Lost` where that cannot be."""
        try:
            stock = parts["stock"]
            names = Stock(stock[:SIZE], stock[SIZE : 2 * SIZE], stock[2 * SIZE :])
            numbers = _read(parts["numbers"])
            there: dict[int, str] = {}
            if names.whole == whole:
                there = dict(zip(numbers, notes, strict=True))
                keyed.learn("note", dict(zip(notes, numbers, strict=True)))
            else:
                there = {keyed.note(note): note for note in notes}
            memory = _memory(parts, book, keyed, numbers, there)
            looks = zip(numbers, _split(parts["looks"], LOOK), strict=True)
            return cls(
                parts["origin"], parts["record"], names, _read(parts["since"])[0],
                {there[number]: look for number, look in looks if number in there},
                {n: (look, digest) for n, look, digest in _SEEN.iter_unpack(parts["seen"])},
                memory, parts["made of"], dict(_FOLDER.iter_unpack(parts["source"])),
                {
                    name.removeprefix("tree "): KnownTree.unpacked(data)
                    for name, data in parts.items() if name.startswith("tree ")
                },
            )  # fmt: skip
        except (KeyError, ValueError, StructError):
            raise Lost from None


def _memory(
    parts: dict[str, bytes],
    book: Notebook,
    keyed: Keyed,
    numbers: Sequence[int],
    there: dict[int, str],
) -> Memory:
    contents, digests = _split(parts["contents"], SIZE), _split(parts["rows"], SIZE)
    reasons = _REASON.iter_unpack(parts["reasons"])
    each = zip(contents, reasons, parts["flags"], digests, strict=True)
    known = dict(zip(numbers, map(Note._make, each), strict=True))
    notes = {note: known.pop(number) for number, note in there.items() if number in known}
    files = {n: File(level, bool(copied)) for n, level, copied in _FILE.iter_unpack(parts["files"])}
    speech = Speech(
        _read(parts["needles"]), _read(parts["excuses"]), frozenset(_read(parts["raised"]))
    )
    folders = dict(in_twos(_read(parts["folders"])))
    return Memory(keyed, notes, files, folders, speech, book.row, book.rows, known)


def _split(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def _packed(numbers: Iterable[int]) -> bytes:
    return array("q", numbers).tobytes()


def _read(data: bytes) -> tuple[int, ...]:
    numbers = array("q")
    numbers.frombytes(data)
    return tuple(numbers)
