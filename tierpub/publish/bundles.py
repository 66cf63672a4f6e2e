"""Whether the bundle of an earlier run can stay: encrypting anew would change every byte of it.

It stays when it was made of this plaintext for these recipients, and that must be certain: a
keyed digest in the state says so, or else identities that are at hand prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tierpub.errors import TierpubError
from tierpub.seal import Identity, unseal
from tierpub.seal.age import PUBLIC_KEY_STANZAS
from tierpub.seal.header import read_header

Proof = Callable[[bytes, bytes, tuple[str, ...]], bool]
"""Whether a bundle certainly holds a plaintext for just these recipients."""


def prover(identities: Sequence[Identity]) -> Proof:
    """A proof by opening in memory with each of `identities`.

    An age file does not say whom it is for, only for how many. So every recipient's own identity
    has to be at hand and to open it; then there is no room for another.
    """
    by_recipient = {i.recipient: i for i in identities if i.recipient}

    def proves(data: bytes, plain: bytes, recipients: tuple[str, ...]) -> bool:
        wanted = set(recipients)
        if not wanted or not wanted <= by_recipient.keys():
            return False
        return _stanzas(data) == len(wanted) and all(
            _opens(data, plain, by_recipient[recipient]) for recipient in wanted
        )

    return proves


def _stanzas(data: bytes) -> int:
    try:
        return sum(s.type in PUBLIC_KEY_STANZAS for s in read_header(data))
    except TierpubError:
        return 0


def _opens(data: bytes, plain: bytes, identity: Identity) -> bool:
    try:
        return unseal(data, [identity]) == plain
    except TierpubError:
        return False
