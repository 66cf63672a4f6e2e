"""What a site may hold: a vault as one level reads it, and the projections up to that level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tierpub.classify import Classified, Survey
from tierpub.cut import Cutter
from tierpub.errors import Fault, Place, TierpubError
from tierpub.mentions import Gate
from tierpub.policy import Policy
from tierpub.report.site.packed import Packed, pack, packed_survey, unpack
from tierpub.report.site.pins import Pins, pins_of
from tierpub.report.watched import watched
from tierpub.vault import Vault
from tierpub.vault.edition import edition

Texts = dict[int, str]
"""Projections of one note by level, lowest first."""


@dataclass(slots=True)
class Held:
    """A vault up to one level.

    Whatever says why something has its tier is read from `edition`, which was classified from
    the text of that level alone: so no reason, line number, count or finding can lean on what
    is above it. Notes are held packed, and unpacked one at a time.
    """

    level: int
    edition: Survey
    """The notes as the level reads them, but with links and labels as they are typed."""
    warnings: tuple[Fault, ...]
    """What the mention gate lets pass with a warning."""
    pins: Pins
    """The places that were asked about, as far as the vault has them."""
    _packed: Packed
    """The notes of the edition."""
    _real: dict[str, bytes] | None
    """The real projections; None where the edition is the whole vault, which gives them."""
    _told_apart: dict[str, bool] = field(default_factory=dict)
    """Whether the tiers of a note's edition give its real projections."""

    @property
    def tiers(self) -> tuple[str, ...]:
        """Names of the tiers that the site knows, lowest first."""
        return self.edition.context.policy.ladder.names[: self.level + 1]

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes that the level gets, sorted."""
        return self.edition.context.vault.notes

    def projections(self, note: str) -> Texts:
        """The real projections of `note`: what `project` would write."""
        if self._real is None:
            return self.cuts(self.edition.notes[note])
        texts: Texts = unpack(self._real[note])
        return texts

    def cuts(self, note: Classified) -> Texts:
        """What the tiers of a note of the edition give each level."""
        made = _cut(self.edition, note, self.level)
        if note.path not in self._told_apart:
            self._told_apart[note.path] = self._real is None or made == self.projections(note.path)
        return made

    def classified(self, note: str) -> Classified | None:
        """The note as it reads at the level, with tiers and reasons; None where these do not
        give its real projections, because its tiers lean on something above the level."""
        if not self.is_bounded(note):
            return None
        if self._real is not None and note not in self._told_apart:
            self.cuts(self.edition.notes[note])
        return self.edition.notes[note] if self._told_apart.get(note, True) else None

    def is_bounded(self, note: str) -> bool:
        """Whether the edition could be read, and has nothing above the level in `note`."""
        return self._packed.highest.get(note, self.level + 1) <= self.level

    def text(self, note: str) -> str:
        """The text of a note as the level reads it, links and labels as typed."""
        if note in self._packed:
            return self.edition.notes[note].note.text
        return self.edition.context.vault.read(note)

    def leads(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each note with the notes of the site that its links lead to."""
        for note, others in self._packed.leads.items():
            if self.is_bounded(note):
                yield note, others


def hold(vault: Vault, policy: Policy, level: int, places: Sequence[Place] = ()) -> Held:
    """All that a site of `vault` up to `level` may hold. Of `places` in canonical notes it finds
    out what is there.

    Raises `TierpubError` where `project` would refuse that level: with all faults, or where
    visible text mentions what is above it.
    """
    seen = watched(policy)
    whole = packed_survey(vault, seen)
    if errors := [fault for fault in whole.found.faults if fault.severity == "error"]:
        raise TierpubError(*errors)
    if level == policy.ladder.top:
        pins = pins_of(whole.found, places, None)
        return Held(level, whole.found, (), pins, whole.notes, None)
    below = _below(whole.found, level)
    pins = pins_of(whole.found, places, below.texts)
    known = {path: whole.notes.read[path] for path in below.same}
    del whole  # its notes have become texts
    made = edition(vault, seen, below.texts, below.attachments)
    part = packed_survey(made, seen, known)
    return Held(level, part.found, below.warnings, pins, part.notes, below.real)


@dataclass(slots=True)
class _Below:
    """What one level, below the highest, gets of a vault."""

    texts: dict[str, str] = field(default_factory=dict)
    """The notes as the level reads them, but with links and labels as they are typed."""
    same: list[str] = field(default_factory=list)
    """Those of them that read as the canonical note does."""
    real: dict[str, bytes] = field(default_factory=dict)
    """Their projections, packed."""
    attachments: list[str] = field(default_factory=list)
    """The attachments that something refers to which the level reads."""
    warnings: tuple[Fault, ...] = ()
    """What the mention gate lets pass with a warning."""


def _below(found: Survey, level: int) -> _Below:
    ctx, below = found.context, _Below()
    typed = replace(ctx, policy=replace(ctx.policy, retarget=False, banner="keep"))
    gate = Gate(found) if ctx.policy.mentions != "off" else None
    for path, note in found.notes.items():
        texts = _cut(found, note, level)
        plain = Cutter(typed, note).at(level) if texts else None
        if plain is None:
            continue
        if gate is not None:
            gate.look(path, level, texts[level])
        below.texts[path] = plain.text
        below.real[path] = pack(texts)
        if plain.text == note.note.text:
            below.same.append(path)
    below.warnings = tuple(gate.verdict()) if gate is not None else ()
    uses = ctx.attachments.uses(found.notes.values())
    below.attachments = [path for path, use in uses.items() if use.level <= level]
    return below


def _cut(found: Survey, note: Classified, level: int) -> Texts:
    cutter = Cutter(found.context, note)
    made = {rank: cutter.at(rank) for rank in range(note.tiers[0], level + 1)}
    return {rank: each.text for rank, each in made.items() if each is not None}
