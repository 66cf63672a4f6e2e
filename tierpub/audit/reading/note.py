"""One canonical note, read: its pieces and the tier of the note as a whole, links left aside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tierpub.audit.reading.blocks import Block, footnotes, read_blocks, sections, walk
from tierpub.audit.reading.front import Front, Leaf, UnreadableError, read_front
from tierpub.audit.reading.inline import Piece
from tierpub.audit.reading.parts import fields, tags
from tierpub.audit.reading.scan import Range, filled, masked, scan
from tierpub.policy import Policy, fold_field
from tierpub.tiers import fold

_ONE_COLON = re.compile(r"^[ \t>]*(?:[-*+][ \t]+)?(?P<key>[^:\n]+?):(?!:)[ \t]*(?P<tier>[^\s:]+)"
                        r"[ \t]*\r?$", re.MULTILINE)  # fmt: skip
_LETTER = re.compile(r"[^\W\d_]")
_SIGN = re.compile(r"[\r\n|<>\\\[\]`~]")
_PAIR = re.compile(r"\s*(?P<end>/)?\s*(?P<key>[\w -]+?)\s*(?:::?\s*(?P<tier>\S+))?\s*")


@dataclass(frozen=True, slots=True)
class Label:
    """A label in the body: what it says and where it stands."""

    tier: int
    start: int
    end: int
    line: bool = False
    """Whether it is alone on its line, which marks the note."""


@dataclass(slots=True)
class Region:
    """What a pair of comments takes."""

    start: int
    end: int
    tier: int


@dataclass(slots=True)
class NoteText:
    """What was read of one note. Offsets are those of `text`."""

    path: str
    text: str
    front: Front
    root: Block
    ranges: list[Range]
    prose: str
    """The body with code and comments filled, frontmatter blanked: offsets hold."""
    blocks: list[Block]
    """`root` and all below it, in order."""
    sections: list[tuple[Block, int]]
    """Each heading with where its section ends."""
    tags: list[Piece]
    fields: list[Piece]
    labels: list[Label] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    tier: int = 0
    fault: str = ""
    """Why it could not be read as it should."""

    @property
    def body(self) -> int:
        """Where the body begins."""
        return self.front.end


def read_note(path: str, data: bytes, policy: Policy) -> NoteText:
    """Read one note. Never fails: what cannot be read is of the highest tier, with `fault`."""
    text = data.decode("utf-8", "replace")
    fault = "" if "\ufffd" not in text or "\ufffd".encode() in data else "it is not UTF-8"
    try:
        front = read_front(text)
    except UnreadableError:
        front, fault = Front(0, 0), "its frontmatter cannot be read"
    body = text[front.end :]
    ranges, root = _structure(body)
    blank = filled(text[: front.end], " ")
    prose = blank + masked(body, ranges, ("fence", "span", "indented", "comment"))
    blocks = walk(root)
    for block in blocks:
        block.start += front.end
        block.end += front.end
    note = NoteText(
        path, text, front, root, _moved(ranges, front.end), prose, blocks, sections(root),
        list(tags(prose)), list(fields(prose)),
    )  # fmt: skip
    note.fault = fault
    note.labels = list(_labels(note, policy))
    note.regions = _regions(note, policy)
    note.tier = _tier(note, policy)
    return note


def _structure(body: str) -> tuple[list[Range], Block]:
    root = read_blocks(body)
    indented = _indented(body, root)
    ranges = scan(body, indented)
    comments = [r for r in ranges if r.sort == "comment"]
    if not all(_within_words(body, comment) for comment in comments):
        root = read_blocks(masked(body, comments, ("comment",)))
        indented = _indented(body, root)
        ranges = scan(body, indented)
    return ranges, root


def _within_words(body: str, comment: Range) -> bool:
    """Whether a comment stands behind words in a line and holds no sign that makes blocks, so that
    the blocks are the same without it."""
    line = body[body.rfind("\n", 0, comment.start) + 1 : comment.start]
    return (
        _LETTER.search(line) is not None and "<" not in line and "[!" not in line
        and _SIGN.search(body, comment.start, comment.end) is None
        and "]:" not in body
    )  # fmt: skip


def _indented(body: str, root: Block) -> list[tuple[int, int]]:
    """Code by indentation; what is indented in a footnote is its text."""
    notes = footnotes(body)
    return [
        (b.start, b.end) for b in walk(root)
        if b.kind == "indented" and not any(start <= b.start < end for _, start, end in notes)
    ]  # fmt: skip


def _moved(ranges: list[Range], by: int) -> list[Range]:
    return [Range(r.start + by, r.end + by, r.sort, r.inner, r.closed) for r in ranges]


def _labels(note: NoteText, policy: Policy) -> list[Label]:
    key, ladder = fold_field(policy.label_key), policy.ladder
    found = []
    for piece in note.tags:
        word, _, tier = piece.target.partition("/")
        rank = ladder.rank(tier)
        if rank is not None and fold_field(word) == key:
            found.append(Label(rank, piece.start, piece.end))
    for piece in note.fields:
        if piece.words and fold_field(piece.target) == key:
            rank = ladder.rank(note.prose[piece.words[0] : piece.words[1]].strip(" \t\r*_`"))
            if rank is not None:
                line = piece.kind == "line-field"
                found.append(Label(rank, piece.start, piece.end, line))
    for match in _ONE_COLON.finditer(note.prose, note.body):
        rank = ladder.rank(match["tier"])
        if rank is not None and fold_field(match["key"]) == key:
            found.append(Label(rank, match.start("key"), match.end(), line=True))
    return found


def _regions(note: NoteText, policy: Policy) -> list[Region]:
    key, open_at, found = fold_field(policy.label_key), [], []
    for piece in note.ranges:
        match = _PAIR.fullmatch(piece.inner) if piece.sort == "comment" else None
        if match is None or fold_field(match["key"]) != key:
            continue
        rank = policy.ladder.rank(match["tier"] or "")
        if not match["end"] and rank is not None:
            open_at.append((piece.start, rank))
        elif match["end"] and open_at:
            start, rank = open_at.pop()
            found.append(Region(start, piece.end, rank))
    return found


def _tier(note: NoteText, policy: Policy) -> int:
    """The tier of the whole note: its labels and rules, else the default."""
    key, ladder = fold_field(policy.label_key), policy.ladder
    rules = policy.rules_for(note.path)
    said = [rule.tier for rule in [rules.note(note.path)] if rule]
    for leaf in note.front.leaves:
        name = fold_field(leaf.keys[0]) if leaf.keys else ""
        if len(leaf.keys) == 1 and name == key and (rank := ladder.rank(leaf.value)) is not None:
            said.append(rank)
        if name in ("tags", "tag"):
            said += _tag_tiers(leaf, policy, note.path)
    holders = [b for b in note.blocks if b.kind in ("item", "quote", "table")]
    for label in note.labels:
        inside = any(b.start <= label.start < b.end for b in holders)
        if label.line and not inside:
            said.append(label.tier)
    if note.fault:
        said.append(ladder.top)
    return max(said) if said else policy.defaults.note


def _tag_tiers(leaf: Leaf, policy: Policy, path: str) -> list[int]:
    rules, found = policy.rules_for(path), []
    for tag in re.split(r"[\s,\[\]\"']+", leaf.value):
        bare = tag.lstrip("#")
        word, _, tier = bare.partition("/")
        rank = policy.ladder.rank(tier)
        if bare and (rule := rules.tag(bare)):
            found.append(rule.tier)
        if rank is not None and fold(word) == fold(policy.label_key):
            found.append(rank)
    return found
