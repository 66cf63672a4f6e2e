"""Which attachments are copied to which levels, when a few notes or a few attachments changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tierpub.classify.context import Context
from tierpub.path import row as rows
from tierpub.path.memory import File, Memory
from tierpub.path.row import Row
from tierpub.policy import Policy
from tierpub.vault import Vault


class Copies:
    """The attachments of a vault as they are remembered, and what is to become of them now."""

    def __init__(
        self, vault: Vault, policy: Policy, memory: Memory, changed: Iterable[str]
    ) -> None:
        """`changed` are those whose bytes are others. Raises a `TierpubError` where one cannot be
        read."""
        self._memory, keyed = memory, memory.keyed
        self._numbers = {rows.file_of(keyed, path): path for path in vault.attachments}
        self._attachments = Context.of(policy, vault).attachments
        self.new = [n for n in self._numbers if n not in memory.files]
        """Numbers of those that are new; that others are gone is seen by their names."""
        self.changed = sorted(changed)
        self.topics = {
            rows.file_of(keyed, path)
            for path in self.changed
            if self._is_other(memory.files.get(rows.file_of(keyed, path)), path)
        }
        """Those that are fit to be copied and were not, or the other way round."""
        self.files = {n: file for n, file in memory.files.items() if n in self._numbers}
        """What is to be remembered of them."""
        self.asked: set[int] = set()
        """Numbers of those that other notes refer to now, or at another level."""
        self.moved: set[str] = set()
        """Those that go to other levels than they did."""

    def _is_other(self, known: File | None, path: str) -> bool:
        if known is None or known.level < 0:
            return False
        return known.copied != self._attachments.fate(path).copied

    def settle(self, now: Mapping[str, Row]) -> None:
        """Take in what the notes that were classified refer to. Raises a `TierpubError` where an
        attachment cannot be read."""
        asked = {*self.new, *self.topics}
        for row in self._memory.gone_rows():
            asked.update(number for number, _ in rows.in_twos(row.uses))
        for note, new in now.items():
            old = set(rows.in_twos(self._memory.row(note).uses))
            asked.update(number for number, _ in old ^ set(rows.in_twos(new.uses)))
        asked &= self._numbers.keys()
        self.asked = asked
        levels = self._levels(asked, now) if asked else {}
        for number in asked:
            path, level = self._numbers[number], levels.get(number, -1)
            file = File(level, level >= 0 and self._attachments.fate(path).copied)
            if file != self.files.get(number, File(-1, copied=False)):
                self.moved.add(path)
            self.files[number] = file

    def _levels(self, asked: set[int], now: Mapping[str, Row]) -> dict[int, int]:
        """The lowest level at which anything refers to each attachment that is asked for."""
        found: dict[int, int] = {}
        for note, uses in self._memory.uses():
            if note not in now:
                _lower(found, asked, uses)
        for row in now.values():
            _lower(found, asked, row.uses)
        return found

    def going(self, rank: int) -> int:
        """How many are copied to a level."""
        return sum(file.copied and 0 <= file.level <= rank for file in self.files.values())

    def file(self, path: str) -> File:
        """What becomes of an attachment."""
        return self.files[rows.file_of(self._memory.keyed, path)]

    def goes(self, path: str, rank: int) -> bool:
        """Whether an attachment is copied to a level."""
        file = self.file(path)
        return file.copied and 0 <= file.level <= rank

    def data(self, path: str) -> bytes:
        """The bytes of a copy."""
        return self._attachments.copy(path) or b""

    def may_go(self, path: str) -> bool:
        """Whether there may be a copy; its bytes are not asked."""
        return self._attachments.may_go(path)


def _lower(found: dict[int, int], asked: set[int], uses: Iterable[int]) -> None:
    numbers = list(uses)
    for number, level in zip(numbers[::2], numbers[1::2], strict=True):
        if number in asked:
            found[number] = min(level, found.get(number, level))
