"""What `tierpub audit` found, as remarks of a site: read from its JSON, and bounded by tiers.

A finding tells of the file that it stands in, and most tell of something above that file's level.
So each has a tier: that of its file, of its note, and of the place in the canonical vault that it
names. Where a rule speaks of what is above and no such place says how high that is, it counts as
of the highest tier. Below that, findings are told in the rules' own words, never in those of the
file, and a path is shown only where it is that of a note which the site has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Literal

import msgspec

from tierpub.audit import RULES, Confidence
from tierpub.audit.layout import Layout, of_policy
from tierpub.errors import Place, TierpubError, refuse
from tierpub.report.audit_data import AUDIT_SCHEMA
from tierpub.report.site.held import Held
from tierpub.report.site.pins import Pin
from tierpub.report.site.remarks import Remark

_HINT = "`tierpub audit PUBLICATION --vault VAULT --format json --confidential > FILE` makes one"
_ANEW = "audit the publication anew, with --vault for this vault"
_Number = Annotated[int, msgspec.Meta(ge=1, le=1 << 31)]
_SAID = {rule.name: rule.summary for rule in RULES}
_OF_ITS_FILE = frozenset(
    ("altered-text", "bad-signature", "image-metadata", "lost-text", "mislabelled-banner",
     "missing-file", "orphan-definition", "unexpected-file", "unsealed-tier", "wrong-recipients")
)  # fmt: skip
"""Rules that tell of nothing above the level of the file that they speak of."""


class _Place(msgspec.Struct, frozen=True):
    file: str
    line: _Number | None = None
    column: _Number | None = None


class AuditFinding(msgspec.Struct, frozen=True):
    """One finding, as the document has it."""

    rule: str
    severity: Literal["error", "warning"]
    confidence: Confidence
    file: str
    line: _Number | None
    column: _Number | None
    message: str
    canonical: _Place | None = None

    @property
    def place(self) -> Place | None:
        """Where in the canonical vault the thing stands. A file that is no note is none."""
        if self.canonical is None or ".." in self.canonical.file.split("/"):
            return None
        return Place(self.canonical.file, self.canonical.line, self.canonical.column)


class AuditDocument(msgspec.Struct, frozen=True):
    """What a site needs of the document; a version may gain members."""

    schema: Literal["tierpub/audit/1"]
    publication: str
    findings: list[AuditFinding]

    @property
    def places(self) -> list[Place]:
        """The places in the canonical vault that findings name."""
        return [each.place for each in self.findings if each.place is not None]


def read_audit(data: bytes, file: str) -> AuditDocument:
    """The document that `tierpub audit --format json` printed; `file` is named in errors.

    Raises `TierpubError` where it is none, or one of another version.
    """
    try:
        found = msgspec.json.decode(data, type=AuditDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _foreign(file, _why(data, error)) from None
    for each in found.findings:
        if each.rule not in _SAID:
            raise _foreign(file, "it has findings of a rule that this version does not know")
    return found


def _why(data: bytes, error: Exception) -> str:
    """What is wrong, with no value of the document in it."""
    if isinstance(error, msgspec.ValidationError):
        path = str(error).rpartition(" - at ")[2].strip("`")
        if path in ("$.schema", str(error)):
            return f"it is not of the form `{AUDIT_SCHEMA}`"
        return f"its {path} is missing or not as it should be"
    return "it is empty" if not data.strip() else "it is no JSON"


def _foreign(file: str, why: str) -> TierpubError:
    return refuse("not-an-audit", f"this is no audit that a report can show: {why}",
                  Place(file), _HINT)  # fmt: skip


def audit_remarks(held: Held, found: AuditDocument, file: str) -> list[Remark]:
    """The findings as remarks, each with its tier; those above the site's level among them.

    Raises `TierpubError` where one names a place that the vault has not.
    """
    if lost := [place for place in found.places if place not in held.pins]:
        message = "this audit is of another vault, or of an earlier state of this one: it names"
        raise refuse("foreign-audit", f"{message} {lost[0]}", Place(file), _ANEW)
    told = _Telling(held, found.publication)
    return [told.remark(each) for each in found.findings]


class _Telling:
    """Finds out what a finding is about, and how much of it a site may say."""

    def __init__(self, held: Held, publication: str) -> None:
        policy = held.edition.context.policy
        self._held = held
        self._layout: Layout = of_policy(policy)
        self._top = policy.ladder.top
        self._folder = PurePosixPath(publication.replace("\\", "/")).name
        self._notes = frozenset(held.notes)

    def remark(self, finding: AuditFinding) -> Remark:
        """One finding."""
        rank, path = self._of_publication(finding.file)
        note = self._layout.note_of(path, rank) if rank is not None else None
        note = note if note in self._notes else None
        pin = self._held.pins[finding.place] if finding.place else None
        tier = self._tier(finding, rank, note, pin)
        where = f"{finding.confidence} confidence"
        if tier <= self._held.level:
            where = "; ".join([where, *self._where(finding, rank, note, pin)])
        shown = note or (pin.note if pin else None)
        line = pin.line if pin and pin.note == shown else None
        severity = "note" if finding.confidence == "low" else finding.severity
        words = self._words(finding)
        return Remark(finding.rule, severity, words, tier, shown, line, where, "audit")

    def _words(self, finding: AuditFinding) -> str:
        if self._held.level == self._top:
            return finding.message
        return _SAID[finding.rule]

    def _of_publication(self, file: str) -> tuple[int | None, str]:
        """The tier that a file was published for, and its path as its readers have it."""
        head, _, rest = file.partition("/")
        rank = self._layout.ladder.rank(head)
        if rank is not None:
            return rank, rest
        for rank in range(self._top + 1):
            tree = self._layout.tree(rank)
            if file == tree or file.startswith((f"{tree}/", f"{tree}.")):
                return rank, file
        for rank in range(self._top + 1):
            if self._folder == self._layout.tree(rank):
                return rank, f"{self._folder}/{file}"
        return None, file

    def _tier(
        self, finding: AuditFinding, rank: int | None, note: str | None, pin: Pin | None
    ) -> int:
        """The highest tier that a finding tells of."""
        if rank is None:
            return self._top
        tiers = self._held.edition.context.tiers
        tier = rank if note is None else max(rank, tiers.get(note, self._top))
        if pin is not None:
            tier = max(tier, pin.tier)
        if finding.rule in _OF_ITS_FILE or (pin is not None and tier > rank):
            return tier
        return self._top

    def _where(
        self, finding: AuditFinding, rank: int | None, note: str | None, pin: Pin | None
    ) -> Iterator[str]:
        tiers: Sequence[str] = self._held.tiers
        line = f", line {finding.line}" if finding.line else ""
        if note is None and self._held.level == self._top:
            yield f"in {finding.file}{line}"
        elif rank is None or rank >= len(tiers):
            yield "somewhere in the publication"
        elif note is not None:
            yield f"in the projection for {tiers[rank]}{line}"
        else:
            yield f"in what is published for {tiers[rank]}"
        if pin is not None and note is not None and pin.note != note:
            line = f", line {pin.line}" if pin.line else ""
            yield f"it stands in {pin.note}{line}"
