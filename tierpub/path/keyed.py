"""Keyed numbers for names: what is remembered of a vault holds no name, heading or value itself."""

from __future__ import annotations

import hashlib

SIZE = 16
"""Bytes of a digest."""


class Keyed:
    """Makes numbers and digests that tell nothing without the key."""

    def __init__(self, key: bytes) -> None:
        """`key` is the state's."""
        self.key = key
        self._known: dict[str, dict[str, int]] = {}

    def number(self, kind: str, word: str) -> int:
        """A number of 64 bits, signed, for `word` as it is meant in `kind`."""
        data = word.encode("utf-8", "surrogatepass")
        hasher = hashlib.blake2b(data, digest_size=8, key=self.key, person=kind.encode())
        return int.from_bytes(hasher.digest(), "big", signed=True)

    def of_note(self, kind: str, path: str) -> int:
        """The same of a note's path, which is asked for again and again."""
        table = self._known.setdefault(kind, {})
        known = table.get(path)
        if known is None:
            known = table[path] = self.number(kind, path)
        return known

    def learn(self, kind: str, numbers: dict[str, int]) -> None:
        """Take in numbers that were made before."""
        self._known.setdefault(kind, {}).update(numbers)

    def note(self, path: str) -> int:
        """The number of a note, by its path."""
        return self.of_note("note", path)

    def digest(self, *parts: bytes) -> bytes:
        """A digest of all of `parts`, in their order."""
        hasher = hashlib.blake2b(digest_size=SIZE, key=self.key, person=b"memory")
        for part in parts:
            hasher.update(len(part).to_bytes(8, "big"))
            hasher.update(part)
        return hasher.digest()
