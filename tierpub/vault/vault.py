"""The vault: its notes, their names, and what their links name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from tierpub.errors import Fault, Place, refuse
from tierpub.note.portions import Syntax
from tierpub.vault import akin, retarget
from tierpub.vault.attachments import read_file
from tierpub.vault.index import Index
from tierpub.vault.links import Destination, decode
from tierpub.vault.pattern import Pattern
from tierpub.vault.resolve import Resolver, Target
from tierpub.vault.retarget import Plan

_K = TypeVar("_K", bound=tuple[Any, ...])
_V = TypeVar("_V")

_IN_SOURCE = frozenset({"note", "missing", "folder", "attachment"})
_BESIDE = frozenset({"outside", "tier"})
"""What a relative link must be mended for only where trees are deeper than the source."""

_LIMIT = 1 << 15
"""Answers that are kept; most links stand in one note only and need none."""
_LONG = 4096
"""A destination longer than this is no path and is not kept."""


class Vault:
    """A folder of notes as it was when it was walked. Made by `walk.scan`.

    Resolution never touches the disk; only `read` does.
    """

    __slots__ = (
        "_akin",
        "_destinations",
        "_index",
        "_plans",
        "_resolver",
        "_rewritten",
        "_targets",
        "_words",
        "attachments",
        "faults",
        "notes",
        "pattern",
        "root",
        "source",
    )

    def __init__(
        self,
        root: Path,
        notes: tuple[str, ...],
        faults: tuple[Fault, ...],
        index: Index,
        pattern: Pattern,
    ) -> None:
        """`index` holds `notes`, which are sorted and relative to its source."""
        self.root = root
        self.source = index.source
        self.notes = notes
        self.attachments = tuple(sorted(index.attachments))
        self.faults = faults
        self.pattern = pattern
        self._index = index
        self._resolver = Resolver(index, pattern)
        self._destinations: dict[tuple[str, Syntax], Destination] = {}
        self._akin: dict[tuple[str, Syntax], frozenset[str]] = {}
        self._targets: dict[tuple[str, Syntax, str], Target] = {}
        self._words: dict[tuple[str, str], tuple[str, str, str]] = {}
        moved = pattern.depth != len([p for p in index.source.split("/") if p])
        self._rewritten = _IN_SOURCE | (_BESIDE if moved else frozenset())
        self._plans: dict[tuple[str, Syntax, str], Plan | None] = {}

    def read(self, note: str) -> str:
        """The text of `note`, byte for byte: line ends and BOM stay as they are.

        A `TierpubError` where it cannot be read, is no UTF-8 or holds a NUL byte.
        """
        data = self._bytes(note)
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            where = self._place(note, data, error.start)
            hint = "save the note as UTF-8"
            raise refuse("not-utf-8", "the note is not valid UTF-8", where, hint) from None
        if "\0" in text:
            where = self._place(note, data, data.index(0))
            raise refuse("nul-byte", "the note holds a NUL byte", where, "remove it")
        return text

    def projection_path(self, note: str, tier_name: str) -> str:
        """Where the projection of `note` at that tier stands, from the vault root."""
        return self.pattern.path(note, tier_name)

    def inventory(self) -> Iterator[tuple[str, list[str]]]:
        """All names that resolution depends on, by sort of thing."""
        return self._index.inventory()

    def place(self, path: str) -> str:
        """A path relative to the source, from the vault root."""
        return self._index.join(path)

    def read_attachment(self, path: str) -> bytes:
        """The bytes of the attachment at `path`. A `TierpubError` where it cannot be read."""
        return read_file(self.root, self._index.join(path))

    def copy_path(self, attachment: str, tier_name: str) -> str:
        """Where the copy of `attachment` for that tier stands, from the vault root: beside the
        projections, under its own name."""
        return f"{self.pattern.tree(tier_name)}/{attachment}"

    def projected_from(self, path: str) -> tuple[int, str] | None:
        """Of which tier and canonical path the vault-root path `path` is the projection.

        Whether either exists does not matter; the canonical path is "" for a whole tree, and
        that of an attachment where the name ends like one. None outside every tier's tree.
        """
        return self.pattern.of(path.strip("/"))

    def resolve(self, raw: str, syntax: Syntax, note: str) -> Target:
        """What the destination `raw`, as it is written in `note`, names. Never fails."""
        key = (raw, syntax, note.rpartition("/")[0])
        target = self._targets.get(key)
        if target is None:
            if raw[:1] == "/" and (short := self._resolver.projection(raw)):
                if len(raw) <= _LONG:
                    self._keep(self._targets, key, short)
                return short
            dest = self._decode(raw, syntax)
            target = self._resolver.target(dest, note)
            if all(reading.path.strip() for reading in dest.readings):
                self._keep(self._targets, key, target)
        return target

    def looked_up(self, raw: str, syntax: Syntax) -> frozenset[str]:
        """What is akin (see `akin`) to any name that decides what `raw` names, anywhere."""
        key = (raw, syntax)
        names = self._akin.get(key)
        if names is None:
            names = frozenset(akin.looked_up(self._decode(raw, syntax), self.pattern))
            self._keep(self._akin, key, names)
        return names

    def retarget(
        self, raw: str, syntax: Syntax, target: Target, note: str, tier_name: str
    ) -> str | None:
        """`raw`, which names `target` in `note`, as it reads in the projection of `note` at that
        tier; None where nothing changes.
        """
        plan = self.plan(raw, syntax, target, note)
        new = self.fill(plan, tier_name) if plan else raw
        return None if new == raw else new

    def plan(self, raw: str, syntax: Syntax, target: Target, note: str) -> Plan | None:
        """How `raw`, which names `target` in `note`, reads at any tier; None where it stays."""
        if target.sort not in self._rewritten:
            return None
        folder = note.rpartition("/")[0]
        key = (raw, syntax, folder)
        plan = self._plans.get(key)
        if plan is None and key not in self._plans:
            dest = self._decode(raw, syntax)
            plan = retarget.plan(
                raw, syntax, dest, target, retarget.Spot(folder, self._index, self.pattern)
            )
            if all(reading.path.strip() for reading in dest.readings):
                self._keep(self._plans, key, plan)
        return plan

    def fill(self, plan: Plan, tier_name: str) -> str:
        """A destination as it reads at a tier."""
        slot = (tier_name, plan.encode)
        words = self._words.get(slot)
        if words is None:
            words = self._words[slot] = retarget.words(self.pattern, *slot)
        return plan.fill(words)

    def _decode(self, raw: str, syntax: Syntax) -> Destination:
        key = (raw, syntax)
        dest = self._destinations.get(key)
        if dest is None:
            dest = decode(raw, syntax)
            self._keep(self._destinations, key, dest)
        return dest

    @staticmethod
    def _keep(memo: dict[_K, _V], key: _K, value: _V) -> None:
        if len(key[0]) > _LONG:
            return
        if len(memo) >= _LIMIT:
            memo.clear()
        memo[key] = value

    def _bytes(self, note: str) -> bytes:
        if not self._index.is_note(note):
            raise refuse("no-such-note", "no canonical note of that name", Place(note))
        path = os.path.join(self.root, self._index.join(note))  # noqa: PTH118 -- hot
        try:
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(number, "rb") as file:  # noqa: PTH123
                return file.read()
        except OSError as error:
            fact = f"the note cannot be read: {os.strerror(error.errno or 0)}"
            where = Place(self._index.join(note))
            raise refuse("unreadable-note", fact, where) from None

    def _place(self, note: str, data: bytes, at: int) -> Place:
        line = data.count(b"\n", 0, at) + 1
        start = data.rfind(b"\n", 0, at) + 1
        column = len(data[start:at].decode(errors="replace")) + 1
        return Place(self._index.join(note), line, column)
