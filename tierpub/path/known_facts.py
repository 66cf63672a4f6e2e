"""The headings and blocks of a note that was not read, from its row: they answer, by number."""

from __future__ import annotations

from tierpub.classify.context import Facts, Heading
from tierpub.path.keyed import Keyed
from tierpub.path.row import Row, block_of, heading_of, in_threes, in_twos


class _Headings(dict[str, Heading]):
    """The headings of a note that was not read, asked for by how an anchor spells them."""

    def __init__(self, keyed: Keyed, note: str, row: Row) -> None:
        super().__init__()
        self._keyed, self._note = keyed, note
        self._by_number = {n: Heading(tier, steady) for n, tier, steady in in_threes(row.headings)}

    def get(self, key: str, default: object = None) -> Heading | None:  # type: ignore[override]
        del default
        return self._by_number.get(heading_of(self._keyed, self._note, key))


class _Blocks(dict[str, int]):
    """The same of its blocks."""

    def __init__(self, keyed: Keyed, note: str, row: Row) -> None:
        super().__init__()
        self._keyed, self._note = keyed, note
        self._by_number = dict(in_twos(row.blocks))

    def get(self, key: str, default: int = 0) -> int:  # type: ignore[override]
        return self._by_number.get(block_of(self._keyed, self._note, key), default)


def facts_in(row: Row, keyed: Keyed, note: str) -> Facts:
    """What links into a note depend on, from its row: it answers, but cannot be listed."""
    return Facts(_Headings(keyed, note, row), _Blocks(keyed, note, row))
