"""The keys a manifest is signed and checked with: Ed25519, in the files that ssh-keygen writes.

No message quotes a line of a key file.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_public_key,
    load_ssh_private_key,
    load_ssh_public_key,
)
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from tierpub.errors import Place, TierpubError, refuse

MAX_KEY_FILE = 1 << 16
"""Bytes of a key file."""
PublicKey: TypeAlias = Key
Ask = Callable[[str], str | None]
"""Asks its user for the passphrase of the file it is given; None where there is nobody to ask."""

_PRIVATE = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_NEW_KEY = "make one with `ssh-keygen -t ed25519`"


def load_signer(path: Path, ask: Ask | None = None) -> CryptoSigner:
    """The signer that an OpenSSH Ed25519 private key file holds.

    `ask` is called where the key is wrapped by a passphrase. Raises `TierpubError`: `bad-sign-key`,
    `open-sign-key` (readable by others), `wrong-passphrase`, `no-passphrase`.
    """
    data = _read(path, private=True)
    place = Place(str(path))
    if not data.lstrip().startswith(_PRIVATE):
        raise refuse("bad-sign-key", "is not an OpenSSH private key", place, _NEW_KEY)
    key = _private(data, path, ask)
    if not isinstance(key, Ed25519PrivateKey):
        raise refuse("bad-sign-key", "is a key of another kind than Ed25519", place, _NEW_KEY)
    return CryptoSigner(key)


def load_public_key(path: Path) -> PublicKey:
    """The Ed25519 public key in a file, as OpenSSH (`.pub`) or PEM writes it.

    Raises `TierpubError`: `bad-key`.
    """
    data = _read(path, private=False)
    place = Place(str(path))
    if b"PRIVATE KEY" in data:
        message, hint = "is a secret key where a public key is wanted", "give the `.pub` file"
        raise refuse("bad-key", message, place, hint)
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        key = load_pem_public_key(data) if pem else load_ssh_public_key(data.strip())
    except (ValueError, UnsupportedAlgorithm):
        hint = "give the `.pub` file that ssh-keygen wrote, or PEM"
        raise refuse("bad-key", "is not a public key", place, hint) from None
    if not isinstance(key, Ed25519PublicKey):
        raise refuse("bad-key", "is a key of another kind than Ed25519", place)
    return SSlibKey.from_crypto(key)


def _private(data: bytes, path: Path, ask: Ask | None) -> object:
    """The private key in `data`, with a passphrase only if it asks for one."""
    place = Place(str(path))
    try:
        return load_ssh_private_key(data, None)
    except TypeError:
        passphrase = ask(str(path)) if ask else None
    except (ValueError, UnsupportedAlgorithm):
        message = "is not a private key that can be used"
        raise refuse("bad-sign-key", message, place, _NEW_KEY) from None
    if not passphrase:
        raise refuse("no-passphrase", "needs a passphrase and nobody gave one", place)
    try:
        return load_ssh_private_key(data, passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        message = "the passphrase is wrong, or the file is damaged"
        raise refuse("wrong-passphrase", message, place) from None


def _read(path: Path, *, private: bool) -> bytes:
    code = "bad-sign-key" if private else "bad-key"
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if private and stat.S_ISREG(mode) and stat.S_IMODE(mode) & 0o077:
                raise _open_to_others(path, stat.S_IMODE(mode))
            data = file.read(MAX_KEY_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such path"
        raise refuse(code, f"cannot be read: {why}", Place(str(path))) from None
    if len(data) > MAX_KEY_FILE:
        raise refuse(code, "is too large for a key file", Place(str(path)))
    return data


def _open_to_others(path: Path, mode: int) -> TierpubError:
    message = f"is a signing key that others may read (mode {mode:04o})"
    return refuse("open-sign-key", message, Place(str(path)), f"chmod 600 {shlex.quote(str(path))}")
