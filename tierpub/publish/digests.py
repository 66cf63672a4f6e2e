"""Keyed digests: how the record knows a file again without holding anything of it.

The key never leaves the state, so that a digest tells nothing to who has only the record.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from itertools import combinations
from math import comb

SIZE = 32
"""Bytes of one digest."""
_MANY = 50_000
"""Sets of recipients that are tried to find out whether one was removed."""


def of_file(key: bytes, data: bytes) -> bytes:
    """Digest of a file's bytes."""
    return hashlib.blake2b(data, digest_size=SIZE, key=key, person=b"tierpub file").digest()


def of_bundle(key: bytes, plain: bytes, recipients: Iterable[str]) -> bytes:
    """Digest of what a bundle is made of, plaintext and recipients in any order, and behind it
    the digest of the recipients alone."""
    names = tuple(recipients)
    made_of = _joined(key, b"tierpub seal", (*_sorted(names), plain))
    return made_of + of_recipients(key, names)


def of_recipients(key: bytes, recipients: Iterable[str]) -> bytes:
    """Digest of a set of recipients, in any order."""
    return _joined(key, b"tierpub names", _sorted(recipients))


def someone_left(key: bytes, made_of: bytes | None, count: int, now: tuple[str, ...]) -> bool:
    """Whether one of the `count` recipients that `made_of` (see `of_bundle`) was sealed to is not
    among `now`.

    The record holds no recipient, only the digest of all of them: so the sets that they can have
    been are tried, and where those are too many the answer is yes.
    """
    if made_of is None or len(made_of) != 2 * SIZE:
        return False
    before = made_of[SIZE:]
    names = _sorted(now)
    if before == of_recipients(key, now):
        return False
    if not count <= len(names) or comb(len(names), count) > _MANY:
        return True
    sets = combinations((name.decode() for name in names), count)
    return not any(of_recipients(key, some) == before for some in sets)


def temporary(key: bytes, path: str) -> str:
    """Name of the temporary file for `path`: nobody without the key can have made it."""
    hasher = hashlib.blake2b(os.fsencode(path), digest_size=12, key=key, person=b"temp")
    return f".tierpub-{hasher.hexdigest()}"


def _sorted(names: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(sorted({name.encode() for name in names}))


def _joined(key: bytes, person: bytes, parts: tuple[bytes, ...]) -> bytes:
    hasher = hashlib.blake2b(digest_size=SIZE, key=key, person=person)
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    hasher.update(len(parts).to_bytes(8, "big"))
    return hasher.digest()
