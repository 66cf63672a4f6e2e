"""What a site may hold: a vault as one level reads it, and the projections up to that level."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tierpub.classify import Classified, Survey, survey
from tierpub.cut import Cutter
from tierpub.errors import Fault, TierpubError
from tierpub.mentions import Gate
from tierpub.report.watched import watched
from tierpub.vault.edition import edition


@dataclass(frozen=True, slots=True)
class Held:
    """A vault up to one level.

    Whatever says why something has its tier is read from `edition`, which was classified from
    the text of that level alone: so no reason, line number, count or finding can lean on what
    is above it.
    """

    level: int
    edition: Survey
    """The notes as the level reads them, but with links and labels as they are typed."""
    warnings: tuple[Fault, ...]
    """What the mention gate lets pass with a warning."""
    _whole: Survey

    @property
    def tiers(self) -> tuple[str, ...]:
        """Names of the tiers that the site knows, lowest first."""
        return self.edition.context.policy.ladder.names[: self.level + 1]

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes that the level gets, sorted."""
        return self.edition.context.vault.notes

    def projections(self, note: str) -> dict[int, str]:
        """The real projections of `note` by level, lowest first: what `project` would write."""
        return _projections(self._whole, note, self.level)

    def classified(self, note: str, real: dict[int, str]) -> Classified | None:
        """The note as it reads at the level, with tiers and reasons; None where these do not
        give its `real` projections, because its tiers lean on something above the level."""
        made = self.edition.notes.get(note)
        if made is None or max(made.tiers) > self.level:
            return None
        return made if _projections(self.edition, note, self.level) == real else None

    def text(self, note: str) -> str:
        """The text of a note as the level reads it, links and labels as typed."""
        return self.edition.context.vault.read(note)


def hold(found: Survey, level: int) -> Held:
    """All that a site of the vault `found` up to `level` may hold.

    Raises `TierpubError` where `project` would refuse that level: with all faults, or where
    visible text mentions what is above it.
    """
    errors = [fault for fault in found.faults if fault.severity == "error"]
    if errors:
        raise TierpubError(*errors)
    policy = found.context.policy
    typed = replace(found.context, policy=replace(policy, retarget=False, banner="keep"))
    gate = Gate(found)
    texts: dict[str, str] = {}
    for name, note in found.notes.items():
        real, plain = (Cutter(ctx, note).at(level) for ctx in (found.context, typed))
        if real is not None and plain is not None:
            gate.look(name, level, real.text)
            texts[name] = plain.text
    warnings = tuple(gate.verdict())
    seen = watched(policy)
    uses = found.context.attachments.uses(found.notes.values())
    referred = [path for path, use in uses.items() if use.level <= level]
    made = edition(found.context.vault, seen, texts, referred)
    return Held(level, survey(made, seen), warnings, found)


def _projections(found: Survey, note: str, level: int) -> dict[int, str]:
    cutter = Cutter(found.context, found.notes[note])
    made = {rank: cutter.at(rank) for rank in range(level + 1)}
    return {rank: each.text for rank, each in made.items() if each is not None}
