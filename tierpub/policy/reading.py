"""The words of a policy file while it is read: where tiers are looked up and faults collected."""

from __future__ import annotations

from dataclasses import dataclass

from tierpub.errors import Fault, Place, Severity
from tierpub.policy.names import BadPatternError
from tierpub.policy.paths import paths
from tierpub.policy.shape import Record, Word, near
from tierpub.tiers import Ladder, fold


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read: what it says, its ladder, and the faults found so far."""

    record: Record
    ladder: Ladder
    faults: list[Fault]

    def rank(self, word: Word | None) -> int | None:
        """The rank of a tier by name; an unknown one is a fault."""
        if word is None:
            return None
        rank = self.ladder.rank(word.text)
        if rank is None and self.ladder.names:
            hint = near(word.text, self.ladder.names)
            self.fault("unknown-tier", f"there is no tier `{word.text}`", word.place, hint)
        return rank

    def source(self) -> str:
        """The folder of the canonical notes, as written."""
        word = self.record.record("vault").word("source")
        return word.text.removesuffix("/") if word else "_Standards"

    def path_pattern(self, word: Word) -> bool:
        """Whether `word` is a path pattern; a fault where it is not."""
        try:
            paths([word.text])
        except BadPatternError as error:
            self.fault("bad-pattern", str(error), word.place, error.hint)
            return False
        return True

    def relative(self, word: Word) -> bool:
        """Whether a pattern over the source does not begin with the source's own name."""
        start = self.source() + "/"
        bare = word.text.removeprefix("!").lstrip("/")
        if fold(bare).startswith(fold(start)):
            message = f"`{word.text}` names the source, and paths are relative to it"
            self.fault("bad-pattern", message, word.place, f"write `{bare[len(start) :]}`")
            return False
        return True

    def within(self, record: Record) -> tuple[str, ...]:
        """The patterns under `in`."""
        words = record.words("in")
        return tuple(w.text for w in words if self.path_pattern(w) and self.relative(w))

    def fault(
        self,
        code: str,
        message: str,
        place: Place,
        hint: str = "",
        severity: Severity = "error",
    ) -> None:
        """Adds a fault."""
        self.faults.append(Fault(code, message, place, hint, severity))


def one_line(word: Word | None) -> str:
    """A reason as one line of visible text: it may stand in a mark."""
    words = " ".join(word.text.split()) if word else ""
    return "".join(char for char in words if char.isprintable())
