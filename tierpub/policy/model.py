"""What a policy says, checked and ready for use. Tiers are ranks here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tierpub.errors import Fault
from tierpub.policy.rules import NoteRules, Rule, RuleBook
from tierpub.policy.schema import IGNORE
from tierpub.tiers import Ladder

Banner = Literal["rollup", "keep"]
Mentions = Literal["refuse", "warn", "off"]


@dataclass(frozen=True, slots=True)
class Defaults:
    """The tier of what neither a label nor a rule speaks of; None is the tier of what it stands
    in. What the file does not say is the highest tier for a note or comment, and None else."""

    note: int
    body: int | None
    field: int | None
    link: int | None
    attachment: int | None
    comment: int


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is left where something was cut."""

    block: Literal["cut", "mark"] = "cut"
    inline: Literal["cut", "mark", "alias"] = "cut"
    mark: str = "[redacted]"
    """May hold `{tier}` and `{reason}`, see `marked`."""

    def marked(self, tier: str, reason: str) -> str:
        """The mark for something of `tier`, cut for `reason`."""
        parts = self.mark.replace("{tier}", "\0t").replace("{reason}", "\0r")
        return parts.replace("\0t", tier).replace("\0r", reason)


@dataclass(frozen=True, slots=True)
class Allow:
    """A mention that is fine."""

    text: str
    within: tuple[str, ...] = ("**",)
    """Patterns of the notes it is fine in, relative to the source."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy without a fault."""

    ladder: Ladder
    recipients: dict[int, tuple[str, ...]]
    """By rank, as written: keys, or files of keys beside the policy. Only sealed tiers have any."""
    seal_from: int | None
    """This rank and all above are encrypted; None where none is."""
    folder: Path
    """Where the policy file stands."""
    file: str
    digest: str
    """sha256 of the file's bytes, hex."""
    defaults: Defaults
    source: str = "_Standards"
    projection: str = "_{tier}/{path}.{tier}.md"
    ignore: tuple[str, ...] = IGNORE
    label_key: str = "confidential"
    banner: Banner = "rollup"
    redaction: Redaction = Redaction()
    retarget: bool = True
    mentions: Mentions = "refuse"
    allow: tuple[Allow, ...] = ()
    rules: tuple[Rule, ...] = ()
    warnings: tuple[Fault, ...] = ()
    _book: RuleBook = field(
        default_factory=lambda: RuleBook([], "confidential"), repr=False, compare=False
    )

    def rules_for(self, note: str) -> NoteRules:
        """The rules for `note`, a path relative to the source with `.md`. Cheap: notes under the
        same rules share one object and what it has answered."""
        return self._book.rules_for(note)

    def sealed(self, rank: int) -> bool:
        """Whether the tier of `rank` is encrypted."""
        return self.seal_from is not None and rank >= self.seal_from

    def tree(self, rank: int) -> str:
        """The folder of a tier's projections, relative to the vault root: `_internal`."""
        head = self.projection.partition("{path}")[0].rstrip("/")
        return head.replace("{tier}", self.ladder.names[rank])

    def projection_of(self, note: str, rank: int) -> str:
        """Where the projection of `note` (relative to the source) stands at `rank`, relative to
        the vault root: `_internal/UN/IOM.internal.md`."""
        head, _, tail = self.projection.partition("{path}")
        tier = self.ladder.names[rank]
        path = note.removesuffix(".md")
        return head.replace("{tier}", tier) + path + tail.replace("{tier}", tier)
