"""What the rules are given: the publication, what the auditor has beside it, and one file at a
time with what was worked out of it."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from tierpub import seal
from tierpub.audit.compare import Difference, compare, line_column
from tierpub.audit.finding import Confidence, Finding, Severity
from tierpub.audit.hit import Hit
from tierpub.audit.layout import Layout
from tierpub.audit.marks import mark_pattern, without_marks
from tierpub.audit.needles import NeedleSet
from tierpub.audit.publication import File, Publication
from tierpub.audit.reading.canvas import Canvas
from tierpub.audit.reading.levels import Reading
from tierpub.audit.tokens import Tokenizer, tokenizer
from tierpub.errors import Place
from tierpub.policy import Policy


class Problem(Protocol):
    """What is wrong with a tier's folder by its manifest."""

    @property
    def code(self) -> str:
        """A kebab-case name such as `changed-file`."""

    @property
    def path(self) -> str:
        """Relative to the tier's folder."""

    @property
    def message(self) -> str:
        """The fact."""


Statements = Callable[[Path, Path | None], Iterable[Problem]]
"""Holds one tier's folder against its manifest: `tierpub.manifest.check`."""


@dataclass
class Case:
    """All that an audit knows."""

    publication: Publication
    layout: Layout
    policy: Policy | None = None
    reading: Reading | None = None
    needles: NeedleSet | None = None
    identities: Sequence[seal.Identity] = ()
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    """What the manifests say, by tier; without an entry where a tier has none to hold it to."""
    digests: dict[bytes, list[str]] = field(default_factory=dict)
    """Of the files of the vault that are no notes: the paths of those with the same bytes."""
    names: dict[int, frozenset[str]] = field(default_factory=dict)
    """Folded names of each tier's files; filled when first asked for."""
    complete: dict[int, bool] = field(default_factory=dict)
    """Whether a tier has all notes that it should have; filled when first asked for."""
    _tokenizers: dict[int, Tokenizer] = field(default_factory=dict)

    def tokenizer(self, rank: int) -> Tokenizer:
        """The tokenizer for a level."""
        if rank not in self._tokenizers:
            files = self.reading.listing.others if self.reading else ()
            self._tokenizers[rank] = tokenizer(self.layout, rank, files)
        return self._tokenizers[rank]

    @cached_property
    def mark(self) -> re.Pattern[str] | None:
        """What marks look like; None where the policy leaves none."""
        return mark_pattern(self.policy) if self.policy else None

    def canvas(self, note: str | None) -> Canvas | None:
        """What the auditor expects of a note; None where there is no such note."""
        return self.reading.canvases.get(note) if self.reading and note else None

    def tier(self, rank: int) -> str:
        """A tier's name."""
        return self.layout.ladder.names[rank]

    def canonical(self, note: str, at: int | None = None) -> Place:
        """A place in the canonical vault, for those who may see it."""
        source = self.layout.source
        canvas = self.canvas(note)
        if canvas is None or at is None or at < 0:
            return Place(f"{source}/{note}")
        return Place(f"{source}/{note}", *line_column(canvas.text, at))


@dataclass
class Opened:
    """One published file while it is looked at."""

    case: Case
    file: File

    @cached_property
    def data(self) -> bytes:
        """Its bytes."""
        return self.file.read()

    @cached_property
    def text(self) -> str:
        """Its text."""
        return self.data.decode("utf-8", "replace")

    @property
    def is_note(self) -> bool:
        """Whether it is Markdown."""
        return self.file.path.lower().endswith(".md")

    @cached_property
    def note(self) -> str | None:
        """The canonical note that it is called after; whether there is one is not said."""
        return self.case.layout.note_of(self.file.path, self.file.rank)

    @property
    def canvas(self) -> Canvas | None:
        """What the auditor expects of the note."""
        return self.case.canvas(self.note)

    @cached_property
    def differences(self) -> list[Difference]:
        """Where it is not as expected; nothing is expected of what is no projection."""
        canvas = self.canvas
        if canvas is None or not self.is_note:
            return []
        own = posixpath.basename(self.note or "").removesuffix(".md")
        rank = self.file.rank
        return compare(canvas, self.text, rank, self.case.tokenizer(rank), own, self.case.mark)

    @cached_property
    def evened(self) -> str:
        """Its text without marks, with all that differs between levels made equal."""
        plain = without_marks(self.text, self.case.mark)
        return self.case.tokenizer(self.file.rank).even(plain)

    @cached_property
    def lines(self) -> Counter[str]:
        """Its evened lines, counted."""
        return Counter(self.evened.splitlines())

    @cached_property
    def hits(self) -> list[Hit]:
        """Needles in its bytes and name."""
        needles = self.case.needles
        if needles is None:
            return []
        data = self.data
        if self.is_note and self.case.mark is not None:
            data = without_marks(self.text, self.case.mark, blank=True).encode()
        return list(needles.hits(data, self.file.rank))

    @cached_property
    def name_hits(self) -> list[Hit]:
        """Needles in its path."""
        needles = self.case.needles
        return list(needles.hits(self.file.path.encode(), self.file.rank)) if needles else []

    @cached_property
    def digest(self) -> bytes:
        """Of its bytes."""
        return hashlib.sha256(self.data).digest()

    def finding(  # noqa: PLR0913 - what a finding is
        self,
        rule: str,
        message: str,
        *,
        at: int | None = None,
        line: int | None = None,
        column: int | None = None,
        severity: Severity = "error",
        confidence: Confidence = "high",
        canonical: Place | None = None,
    ) -> Finding:
        """A finding in this file; `at` is an offset in its text."""
        if at is not None:
            line, column = line_column(self.text, at)
        return Finding(
            rule, severity, confidence, self.file.place, line, column, message, canonical
        )


Look = Callable[[Opened], Iterable[Finding]]
LookAtNote = Callable[[Case, list[Opened]], Iterable[Finding]]
LookAtAll = Callable[[Case], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; its module's docstring is what `tierpub rule` prints."""

    name: str
    doc: str
    file: Look | None = None
    """Asked once for each file."""
    note: LookAtNote | None = None
    """Asked once for each note, with its files at all levels, lowest first."""
    whole: LookAtAll | None = None
    """Asked once."""

    @property
    def summary(self) -> str:
        """The first sentence of the docstring."""
        return self.doc.strip().split("\n\n")[0].replace("\n", " ").rstrip(".")
