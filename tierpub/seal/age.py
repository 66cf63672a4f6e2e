"""Sealing and opening in memory, through pyrage's bytes calls and nothing else of it.

Its file calls truncate their target before they fail and leave partial plaintext behind; the
bytes calls return everything or raise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyrage

from tierpub.errors import Place, TierpubError, refuse
from tierpub.seal.guard import guarded
from tierpub.seal.header import Stanza, dearmor, read_header
from tierpub.seal.identities import Identity
from tierpub.seal.keys import public_key

PUBLIC_KEY_STANZAS = frozenset({"X25519", "ssh-ed25519", "ssh-rsa"})
"""The stanza types that one of our identities can open."""

MAX_RECIPIENTS = 512
"""Of one file: so many fit into the longest header that `unseal` reads."""

_NO_MATCH = "No matching keys found"


def seal(plain: bytes, recipients: Iterable[str]) -> bytes:
    """Encrypt `plain` to each of `recipients`, canonical keys as `load_recipients` gives them.

    Returns a binary age file. Not deterministic: every call draws a new file key, and age adds
    stanzas of random length. Raises `TierpubError` when there is no recipient, one cannot be
    used, or there are too many.
    """
    keys = [public_key(text) for text in dict.fromkeys(recipients)]
    if not keys:
        raise refuse("no-recipient", "nothing is sealed for nobody")
    if len(keys) > MAX_RECIPIENTS:
        message = f"{len(keys)} recipients are more than the {MAX_RECIPIENTS} of one file"
        raise refuse("too-many-recipients", message)
    with guarded(lambda _: refuse("seal-failed", "age could not encrypt to these recipients")):
        sealed = bytes(pyrage.encrypt(plain, keys))
    _assert_stanzas(read_header(sealed), len(keys))
    return sealed


def recipient_count(data: bytes) -> int:
    """How many keys a binary age file is sealed to, as its header tells; 0 where it is none."""
    try:
        return sum(stanza.type in PUBLIC_KEY_STANZAS for stanza in read_header(data))
    except TierpubError:
        return 0


def unseal(data: bytes, identities: Sequence[Identity], *, file: str = "") -> bytes:
    """Decrypt the age file `data`, binary or armored, by whichever of `identities` fits.

    Returns the plaintext whole and authenticated, never a part. That it is authentic means that
    nobody altered it after it was sealed, not who sealed it. `file` names it in messages. Raises
    `TierpubError`: `not-age`, `age-version`, `damaged` (cut short or altered),
    `sealed-by-passphrase`, `foreign-recipients`, `no-identity`, `wrong-identity`.
    """
    place = Place(file) if file else None
    data = dearmor(data, file)
    _check_stanzas(read_header(data, file), place)
    if not identities:
        hint = "name one with -i FILE or in TIERPUB_IDENTITY"
        raise refuse("no-identity", "cannot be opened without an identity", place, hint)

    def explain(error: BaseException) -> TierpubError:
        if isinstance(error, pyrage.DecryptError) and str(error) == _NO_MATCH:
            return refuse("wrong-identity", "none of the identities opens this file", place)
        return refuse("damaged", "is cut short or was altered after it was sealed", place)

    with guarded(explain):
        return bytes(pyrage.decrypt(data, [identity.key for identity in identities]))


def _check_stanzas(stanzas: tuple[Stanza, ...], place: Place | None) -> None:
    types = {stanza.type for stanza in stanzas}
    if "scrypt" in types:
        message, hint = "is sealed by a passphrase, not to keys", "open it with `age -d`"
        raise refuse("sealed-by-passphrase", message, place, hint)
    if not types & PUBLIC_KEY_STANZAS:
        message = "is sealed only to kinds of recipients that tierpub does not know"
        raise refuse("foreign-recipients", message, place, "open it with `age -d` and its plugin")


def _assert_stanzas(stanzas: tuple[Stanza, ...], count: int) -> None:
    """Hold the fresh file to what can be read of it: as many keys as were asked for."""
    found = sum(stanza.type in PUBLIC_KEY_STANZAS for stanza in stanzas)
    if found != count:
        raise refuse("seal-failed", f"age wrapped the key for {found} recipients, not {count}")
