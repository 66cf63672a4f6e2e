"""What classifying one note needs to know of all others: their tiers, headings and blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tierpub.classify.attachments import Attachments
from tierpub.classify.reasons import Reason
from tierpub.note import Grammar
from tierpub.policy import Policy
from tierpub.tiers import fold
from tierpub.vault import Target, Vault

NEVER = 1 << 16
"""Above every tier that a policy has: where nothing has set one yet."""

_WORDS = re.compile(r"\w+")
_COUNTED = re.compile(r"(.+)[- ]\d+")
_LONGEST_PATH = 4096
"""No folder on disk has a longer one."""
_COUNTS = 16
"""So many numbers at a slug's end may be counts of headings that read alike."""
_PARTS = re.compile(r"#|(?=\^)")


def anchor_key(text: str) -> str:
    """What an anchor, a slug and the heading they name have in common: letters and digits, in a
    row and folded."""
    return "".join(_WORDS.findall(fold(text))).replace("_", "")


def blocks_named(anchor: str) -> list[str]:
    """The block ids that an anchor names, folded: that of `^id`, and of `Heading#^id`."""
    parts = map(str.strip, _PARTS.split(anchor))
    return [part.lstrip("^").casefold() for part in parts if part.startswith("^")]


@dataclass(frozen=True, slots=True)
class Heading:
    """The headings that an anchor may name, as links from elsewhere see them."""

    tier: int
    """The lowest of theirs: words that one of them shows are no secret."""
    steady: int
    """The lowest level from which one of them reads as in the canonical note."""


@dataclass(slots=True)
class Facts:
    """What links into a note depend on."""

    headings: dict[str, Heading] = field(default_factory=dict)
    """By each way an anchor may spell them, as `anchor_key` folds it: with and without labels,
    links by their name, their words or both."""
    blocks: dict[str, int] = field(default_factory=dict)
    """Tier of the block that each id names."""


@dataclass(slots=True)
class Context:
    """The vault as classification sees it; filled by `survey` before notes are classified."""

    policy: Policy
    vault: Vault
    grammar: Grammar
    tiers: dict[str, int] = field(default_factory=dict)
    """Tier of each canonical note."""
    reasons: dict[str, Reason] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    """Lowest tier of the notes below each folder, by path from the vault root."""
    shelves: dict[str, int] = field(default_factory=dict)
    """The same of the attachments below each folder that holds no note."""
    facts: dict[str, Facts] = field(default_factory=dict)
    """Of the notes that an anchor leads to."""
    known: dict[int, dict[tuple[int, str], tuple[Target, Reason | None]]] = field(
        default_factory=dict
    )
    """For the rules of a note, what gives links to a target without an anchor their tier."""
    block_refs: dict[tuple[str, str], int] = field(default_factory=dict)
    """Lowest tier of the links to a block id of a note."""
    top: int = field(init=False)
    """Rank of the highest tier."""
    attachments: Attachments = field(init=False)

    def __post_init__(self) -> None:
        self.top = self.policy.ladder.top
        self.attachments = Attachments(self)

    @classmethod
    def of(cls, policy: Policy, vault: Vault) -> Context:
        """What is known of `vault` before any note of it is read."""
        trees = tuple(policy.tree(tier.rank) + "/" for tier in policy.ladder)
        return cls(policy, vault, Grammar(policy.label_key, trees, policy.ladder.names))

    def set_tiers(self, reasons: Iterable[tuple[str, Reason]]) -> None:
        """Take in what gives every note its tier, and from it the tier of every folder."""
        source = self.vault.source
        for note, reason in reasons:
            tier = reason.tier
            self.tiers[note] = tier
            self.reasons[note] = reason
            folder = f"{source}/{note}".rpartition("/")[0]
            while folder:
                if self.folders.get(folder, NEVER) <= tier:
                    break
                self.folders[folder] = tier
                folder = folder.rpartition("/")[0]
            self.folders[""] = min(self.folders.get("", NEVER), tier)
        for path in self.vault.attachments:
            tier = self.attachments.floor(path)
            folder = f"{source}/{path}".rpartition("/")[0]
            while folder and folder not in self.folders:
                self.shelves[folder] = min(tier, self.shelves.get(folder, NEVER))
                folder = folder.rpartition("/")[0]

    def folder_tier(self, path: str) -> int:
        """From which level the name of a folder may be known; the top tier where it holds
        nothing."""
        path = path.strip("/")
        tier = self.folders.get(path)
        return self.shelves.get(path, self.top) if tier is None else tier

    def folder_above(self, path: str) -> int:
        """The tier of the nearest folder around `path` that holds notes; 0 where that is the
        source itself, whose name everybody knows."""
        folder = path[:_LONGEST_PATH].rpartition("/")[0]
        while folder and folder != self.vault.source:
            if folder in self.folders:
                return self.folders[folder]
            folder = folder.rpartition("/")[0]
        return 0

    def anchor_tier(self, note: str, anchor: str) -> int:
        """The tier of the heading or block that `anchor` names in `note`; 0 where none does.
        Of several headings that read alike the lowest: its words are no secret then."""
        facts = self.facts.get(note)
        if facts is None or not anchor:
            return 0
        return max(_part_tier(facts, part.strip()) for part in _PARTS.split(anchor))

    def steady(self, note: str, anchor: str) -> int:
        """The lowest level from which `anchor` reads in `note` as it is written."""
        facts = self.facts.get(note)
        if facts is None or not anchor or anchor.rpartition("#")[2].strip().startswith("^"):
            return 0
        found = matching(facts.headings, anchor)
        return found.steady if found else 0


def _part_tier(facts: Facts, part: str) -> int:
    """The tier that one part of an anchor gives: each counts, whatever a reader makes of them."""
    if part.startswith("^"):
        return facts.blocks.get(part.lstrip("^").casefold(), 0)
    found = matching(facts.headings, part)
    return found.tier if found else 0


def matching(headings: Mapping[str, Heading], anchor: str) -> Heading | None:
    """The headings that `anchor` (`A` or `A#B`) may name, by its last part; None where there
    are none."""
    anchor = anchor.rpartition("#")[2].removeprefix("user-content-")
    for _ in range(_COUNTS):
        found = headings.get(anchor_key(anchor))
        counted = _COUNTED.fullmatch(anchor)  # a slug of several alike
        if found or not counted:
            return found
        anchor = counted[1].removeprefix("user-content-")
    return None
