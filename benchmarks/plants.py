"""Leaks and alterations to plant into a clean publication, each with the rules that should say so.

A plant changes one file of one tier, or adds or removes one. What it leaks comes from the
projection of the highest tier: lines that the level does not have, so that no reader of
the auditor's has a hand in choosing them.
"""

from __future__ import annotations

import random
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.encoded import ENCODED

Tree = dict[str, bytes]
LEAKS = frozenset({
    "leaked-value", "leaked-title", "leaked-path", "leaked-anchor", "leaked-comment",
})  # fmt: skip
TEXT = LEAKS | {"altered-text"}
_SHORT = 12
_PATHS = re.compile(r"\[\[[^\]|]*|\S*/\S*")
"""They are written anew for each tier, so that a part of one says nothing of what is hidden."""
_WORDS = re.compile(r"[^\W\d_][\w .,/'@+-]{14,38}[^\W_]")
_TRIES = 12
_PROSE = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Plant:
    """One thing that was done to a publication."""

    kind: str
    rank: int
    path: str
    rules: frozenset[str]
    """Any of these, in that file, is the plant found."""


@dataclass
class Bed:
    """Where plants are set: the trees, and what is hidden from the level."""

    rng: random.Random
    trees: dict[int, Tree]
    clean: dict[int, Tree]
    tiers: tuple[str, ...]
    source: dict[str, str]
    """Canonical notes, by path below the source."""
    files: dict[str, bytes]
    """The vault's other files, by path below the source."""

    @property
    def top(self) -> int:
        """The highest rank."""
        return len(self.tiers) - 1

    def twin(self, path: str, rank: int, other: int) -> str:
        """The same note's path in another tier."""
        low, high = self.tiers[rank], self.tiers[other]
        return path.replace(f"_{low}/", f"_{high}/", 1).removesuffix(f".{low}.md") + f".{high}.md"

    def note(self, path: str, rank: int) -> str:
        """The canonical note of a projection."""
        tier = self.tiers[rank]
        return path.removeprefix(f"_{tier}/").removesuffix(f".{tier}.md") + ".md"

    def hidden(self, path: str, rank: int) -> list[str]:
        """Lines of a projection's note that the level does not have."""
        return self.hidden_lines(self.note(path, rank), rank)

    def hidden_lines(self, note: str, rank: int) -> list[str]:
        """Lines of a note that the level does not have, in any of its notes, of some length."""
        lines = [line.strip() for line in self.source[note].splitlines()]
        return [
            line for line in lines
            if len(line) > _SHORT and len(_PROSE.findall(line)) > 1 and not self._knows(rank, line)
        ]  # fmt: skip

    def _knows(self, rank: int, line: str) -> bool:
        """Whether a line stands anywhere at a level: as nearly all do, as a line of its own."""
        bare, known = _bare(line), self.trees_text(rank)
        if rank not in self._lines:
            tree = self.clean[rank]
            self._lines[rank] = {
                _bare(line)
                for data in tree.values()
                for line in data.decode("utf-8", "replace").splitlines()
            }
        return bare in self._lines[rank] or bare in known

    def trees_text(self, rank: int) -> str:
        """All that a level reads, letters alone."""
        if rank not in self._texts:
            tree = self.clean[rank]
            self._texts[rank] = "\n".join(
                _bare(d.decode("utf-8", "replace")) for d in tree.values()
            )
        return self._texts[rank]

    def secret(self, words: str, rank: int) -> bool:
        """Whether neither half of some words stands anywhere at a level. Else next to nothing
        would be given away by them: of a path, say, only what its first folder is called."""
        bare, known = _bare(words), self.trees_text(rank)
        middle = len(bare) // 2
        return bare[:middle] not in known and bare[middle:] not in known

    def __post_init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._lines: dict[int, set[str]] = {}

    def names(self, rank: int) -> list[str]:
        """Names of notes that the level has no projection of, nor any other text that holds."""
        have = {self.note(path, rank) for path in self.clean[rank]}
        stems = (note.rpartition("/")[2].removesuffix(".md") for note in set(self.source) - have)
        known = self.trees_text(rank)
        return sorted(s for s in stems if len(s) > _SHORT // 2 and _bare(s) not in known)


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


Planter = Callable[[Bed, int, str], Plant | None]


def _append(bed: Bed, rank: int, path: str, line: str) -> None:
    tree = bed.trees[rank]
    tree[path] = tree[path].rstrip(b"\n") + b"\n\n" + line.encode() + b"\n"


def _insert(bed: Bed, rank: int, path: str, line: str) -> None:
    """Put a line between two of the file's, in its body."""
    lines = bed.trees[rank][path].decode("utf-8", "replace").split("\n")
    start = lines.index("---", 1) + 1 if lines[0] == "---" and "---" in lines[1:] else 0
    at = bed.rng.randint(start, len(lines))
    bed.trees[rank][path] = "\n".join([*lines[:at], line, *lines[at:]]).encode()


def value(bed: Bed, rank: int, path: str) -> Plant | None:
    """A hidden line of the note itself."""
    hidden = bed.hidden(path, rank)
    if not hidden:
        return None
    _insert(bed, rank, path, bed.rng.choice(hidden))
    return Plant("value", rank, path, TEXT)


def elsewhere(bed: Bed, rank: int, path: str) -> Plant | None:
    """A hidden line of another note."""
    other = bed.rng.choice([p for p in sorted(bed.clean[rank]) if p.endswith(".md")])
    hidden = bed.hidden(other, rank)
    if not hidden or other == path:
        return None
    _insert(bed, rank, path, bed.rng.choice(hidden))
    return Plant("value of another note", rank, path, TEXT)


def title(bed: Bed, rank: int, path: str) -> Plant | None:
    """The name of a hidden note, in running text."""
    names = bed.names(rank)
    if not names:
        return None
    _append(bed, rank, path, f"See {bed.rng.choice(names).replace('_', ' ')} for more.")
    return Plant("name", rank, path, LEAKS)


def alias(bed: Bed, rank: int, path: str) -> Plant | None:
    """A hidden note's name among the aliases."""
    names, data = bed.names(rank), bed.trees[rank][path]
    if not names or b"\naliases:" not in data:
        return None
    name = bed.rng.choice(names).replace("_", " ").encode()
    new = data.replace(b"---\n", b'---\naka: "' + name + b'"\n', 1)
    if new == data:
        return None
    bed.trees[rank][path] = new
    return Plant("alias", rank, path, LEAKS)


def anchor(bed: Bed, rank: int, path: str) -> Plant | None:
    """A link to a heading that the level does not have."""
    heads = [line.lstrip("# ") for line in bed.hidden(path, rank) if line.startswith("#")]
    if not heads:
        return None
    _append(bed, rank, path, f"See [[#{bed.rng.choice(heads)}]].")
    return Plant("anchor", rank, path, TEXT)


def comment(bed: Bed, rank: int, path: str) -> Plant | None:
    """A comment of the note."""
    found = re.findall(r"%%[^%]{8,}%%|<!--.{8,}?-->", bed.source[bed.note(path, rank)], re.DOTALL)
    if not found or _bare(found[0]) in bed.trees_text(rank):
        return None
    _append(bed, rank, path, bed.rng.choice(found))
    return Plant("comment", rank, path, TEXT)


def tag(bed: Bed, rank: int, path: str) -> Plant | None:
    """A tag that was never there."""
    _append(bed, rank, path, f"#confidential/{bed.tiers[bed.top]}")
    return Plant("tag", rank, path, TEXT)


def _encoded(kind: str, encode: Callable[[str], str]) -> Planter:
    def planter(bed: Bed, rank: int, path: str) -> Plant | None:
        words = _some_words(bed, rank)
        if not words:
            return None
        _append(bed, rank, path, encode(words))
        return Plant(kind, rank, path, LEAKS)

    return planter


def _some_words(bed: Bed, rank: int) -> str:
    """Hidden words of any note, from any place in a line, cut anywhere."""
    notes = sorted(bed.source)
    for _ in range(_TRIES):
        lines = bed.hidden_lines(bed.rng.choice(notes), rank)
        line = _PATHS.sub("\n", bed.rng.choice(lines)) if lines else ""
        starts = [match.start() for match in re.finditer(r"(?<![^\W_])[^\W\d_]", line)]
        match = starts and _WORDS.match(line, bed.rng.choice(starts))
        words = match[0] if match else ""
        if len(_PROSE.findall(words)) > 1 and bed.secret(words, rank):
            return words
    return ""


def flipped(bed: Bed, rank: int, path: str) -> Plant | None:
    """One bit of one byte of a word."""
    data = bytearray(bed.trees[rank][path])
    words = list(re.finditer(rb"[a-z]{3,}", bytes(data)))
    if not words:
        return None
    at = bed.rng.choice(words).start() + 1
    data[at] ^= 1 << bed.rng.randint(0, 2)
    bed.trees[rank][path] = bytes(data)
    if re.search(rb"^confidential:", data[: at + 1].split(b"\n")[-1]):
        bed.trees[rank][path] = bed.clean[rank][path]
        return None
    return Plant("flipped bit", rank, path,
                 TEXT | {"lost-text", "mislabelled-banner", "bad-signature"})  # fmt: skip


def dropped(bed: Bed, rank: int, path: str) -> Plant | None:
    """A few words gone."""
    text = bed.trees[rank][path].decode("utf-8", "replace")
    runs = list(re.finditer(r"(?<=[a-z] )[a-z]{3,} [a-z]{3,}(?= [a-z])", text))
    if not runs:
        return None
    match = bed.rng.choice(runs)
    bed.trees[rank][path] = (text[: match.start()] + text[match.end() + 1 :]).encode()
    return Plant("words dropped", rank, path, frozenset({"lost-text"}))


def banner(bed: Bed, rank: int, path: str) -> Plant | None:
    """A banner of the highest tier."""
    data = bed.trees[rank][path]
    head, fence, rest = data.partition(b"\n---\n") if data.startswith(b"---") else (b"", b"", data)
    new = re.sub(rb"(?mi)^(confidential:\s*)\w+", rb"\1" + bed.tiers[bed.top].encode(), head)
    new += fence + rest
    if new == data:
        return None
    bed.trees[rank][path] = new
    return Plant("banner", rank, path, frozenset({"mislabelled-banner"}))


def swapped(bed: Bed, rank: int, path: str) -> Plant | None:
    """The projection of the highest tier in this one's place, its links made to fit."""
    low, high = bed.tiers[rank], bed.tiers[bed.top]
    other = bed.clean[bed.top][bed.twin(path, rank, bed.top)]
    text = other.replace(f"_{high}/".encode(), f"_{low}/".encode())
    text = text.replace(f".{high}".encode(), f".{low}".encode())
    if _bare(text.decode()) == _bare(bed.clean[rank][path].decode()):
        return None
    bed.trees[rank][path] = text
    return Plant("swapped tiers", rank, path, TEXT | {"mislabelled-banner", "lost-text"})


def extra(bed: Bed, rank: int, path: str) -> Plant | None:
    """A file beside the projections."""
    place = path.rpartition("/")[0] + f"/notes-{bed.rng.randint(100, 999)}.txt"
    bed.trees[rank][place] = b"to do\n"
    return Plant("extra file", rank, place, frozenset({"unexpected-file"}))


def missing(bed: Bed, rank: int, path: str) -> Plant | None:
    """A file gone."""
    del bed.trees[rank][path]
    return Plant("missing file", rank, path, frozenset({"missing-file"}))


def stale(bed: Bed, rank: int, path: str) -> Plant | None:
    """The projection of a note that is no more."""
    tier = bed.tiers[rank]
    place = path.removesuffix(f".{tier}.md") + f"-{bed.rng.randint(100, 999)}.{tier}.md"
    bed.trees[rank][place] = bed.clean[rank][path]
    return Plant("stale file", rank, place, frozenset({"stale-file"}))


def raised(bed: Bed, rank: int, path: str) -> Plant | None:
    """The projection of a note that the level does not have."""
    del path
    have = {bed.note(p, rank) for p in bed.clean[rank]}
    notes = sorted(set(bed.source) - have)
    if not notes:
        return None
    note = bed.rng.choice(notes)
    tier = bed.tiers[rank]
    place = f"_{tier}/{note.removesuffix('.md')}.{tier}.md"
    if place in bed.trees[rank]:
        return None
    bed.trees[rank][place] = bed.source[note].encode()
    return Plant("hidden note", rank, place, frozenset({"leaked-path"}))


def metadata(bed: Bed, rank: int, path: str) -> Plant | None:
    """A picture with a text chunk."""
    place = path.rpartition("/")[0] + f"/photo-{bed.rng.randint(100, 999)}.png"
    bed.trees[rank][place] = picture(b"Comment\0by the desk")
    return Plant("image metadata", rank, place, frozenset({"image-metadata"}))


def _hidden_file(bed: Bed, rank: int) -> str | None:
    """An attachment that the highest tier has and this one has not, by its path in the tree."""
    top, own = f"_{bed.tiers[bed.top]}/", f"_{bed.tiers[rank]}/"
    found = [
        path.removeprefix(top) for path in sorted(bed.clean[bed.top])
        if not path.endswith(".md") and own + path.removeprefix(top) not in bed.trees[rank]
    ]  # fmt: skip
    return bed.rng.choice(found) if found else None


def attachment(bed: Bed, rank: int, path: str) -> Plant | None:
    """A copy of an attachment that only higher tiers have."""
    del path
    hidden = _hidden_file(bed, rank)
    if hidden is None:
        return None
    place = f"_{bed.tiers[rank]}/{hidden}"
    bed.trees[rank][place] = bed.clean[bed.top][f"_{bed.tiers[bed.top]}/{hidden}"]
    return Plant("attachment", rank, place, frozenset({"leaked-attachment"}))


def renamed(bed: Bed, rank: int, path: str) -> Plant | None:
    """The same under a name that says nothing."""
    hidden = _hidden_file(bed, rank)
    if hidden is None:
        return None
    place = path.rpartition("/")[0] + f"/{bed.rng.randint(100, 999)}.{hidden.rpartition('.')[2]}"
    bed.trees[rank][place] = bed.clean[bed.top][f"_{bed.tiers[bed.top]}/{hidden}"]
    return Plant("attachment renamed", rank, place,
                 frozenset({"leaked-attachment", "unexpected-file"}))  # fmt: skip


def withheld(bed: Bed, rank: int, path: str) -> Plant | None:
    """A file of the vault that no tier has, as it is."""
    del path
    top = f"_{bed.tiers[bed.top]}/"
    found = [file for file in sorted(bed.files) if top + file not in bed.clean[bed.top]]
    if not found:
        return None
    file = bed.rng.choice(found)
    place = f"_{bed.tiers[rank]}/{file}"
    if place in bed.trees[rank]:
        return None
    bed.trees[rank][place] = bed.files[file]
    return Plant("withheld file", rank, place, frozenset({"leaked-attachment"}))


def original(bed: Bed, rank: int, path: str) -> Plant | None:
    """A picture as the vault has it, with what it says of itself, in place of its copy."""
    del path
    own = f"_{bed.tiers[rank]}/"
    found = [
        file for file, data in sorted(bed.files.items())
        if bed.trees[rank].get(own + file, data) != data
    ]  # fmt: skip
    if not found:
        return None
    file = bed.rng.choice(found)
    bed.trees[rank][own + file] = bed.files[file]
    return Plant("original picture", rank, own + file, frozenset({"image-metadata"}))


def orphan(bed: Bed, rank: int, path: str) -> Plant | None:
    """A footnote without its mark."""
    _append(bed, rank, path, "[^lone]: Said on the telephone.")
    return Plant("orphan footnote", rank, path, frozenset({"orphan-definition"}))


def higher(bed: Bed, rank: int, path: str) -> Plant | None:
    """A link into the tree of the highest tier."""
    tier = bed.tiers[bed.top]
    _append(bed, rank, path, f"[more](/_{tier}/Somewhere/There.{tier}.md)")
    return Plant("link upwards", rank, path, TEXT)


def picture(text: bytes) -> bytes:
    """A picture of one pixel with a text chunk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", text) \
        + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")  # fmt: skip


PLANTERS: tuple[Planter, ...] = (
    value, elsewhere, title, alias, anchor, comment, tag, flipped, dropped, banner, swapped, extra,
    missing, stale, raised, metadata, orphan, higher, attachment, renamed, withheld, original,
    *(_encoded(kind, encode) for kind, encode in ENCODED.items()),
)  # fmt: skip
