"""Identities: the secret keys that open what is sealed, from files or the environment.

A key file that others may read is refused, as ssh does: the seal is worth no more than the key's
keeping. No message quotes a line of a key file.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage

from tierpub.errors import Place, TierpubError, refuse
from tierpub.seal.guard import guarded, holds_secret
from tierpub.seal.header import check_work_factor, dearmor, is_age, read_header

VARIABLE = "TIERPUB_IDENTITY"
"""Environment variable that holds an identity, or the path of an identity file."""

MAX_IDENTITY_FILE = 1 << 20
"""Bytes of an identity file."""

Ask = Callable[[str], str | None]
"""Asks its user for the passphrase of the file it is given; None where there is nobody to ask."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One secret key. Printing it shows nothing secret."""

    source: str
    """The file it comes from, or the name of the environment variable."""
    recipient: str | None
    """Its public key; None for an ssh key."""
    key: Any = field(repr=False, compare=False)
    """What pyrage decrypts with."""


def load_identities(
    paths: Sequence[Path],
    environ: Mapping[str, str],
    *,
    ask: Ask | None = None,
    ssh: bool = False,
) -> tuple[Identity, ...]:
    """Read the identities in the files `paths`, or else in `TIERPUB_IDENTITY` of `environ`.

    Named files beat the environment, whose file might ask for a passphrase in vain.
    `ask` is called once for each file that is sealed by a passphrase, after its work factor was
    found bearable. `ssh` also admits unencrypted ssh private keys. Without paths and variable the
    result is empty. Raises `TierpubError`: `bad-identity`, `open-identity` (readable by others),
    `work-factor`, `wrong-passphrase`, `no-passphrase`, `ssh-identity`, `damaged`.
    """
    if paths:
        return tuple(key for path in paths for key in _from_argument(path, ask, ssh=ssh))
    value = environ.get(VARIABLE, "").strip()
    if not value:
        return ()
    if holds_secret(value):
        return _parse(value, VARIABLE, ssh=ssh)
    # Named by the variable in messages: the value may be a mangled key and no path at all.
    return _from_file(Path(value), VARIABLE, ask, ssh=ssh)


def _from_argument(path: Path, ask: Ask | None, *, ssh: bool) -> tuple[Identity, ...]:
    if holds_secret(str(path)):
        message = "a secret key was given where the path of an identity file belongs"
        hint = f"anyone on this machine can see a command line; put it into a file or {VARIABLE}"
        raise refuse("secret-key", message, hint=hint)
    return _from_file(path, str(path), ask, ssh=ssh)


def _from_file(path: Path, name: str, ask: Ask | None, *, ssh: bool) -> tuple[Identity, ...]:
    data = _read(path, name)
    if is_age(data):
        data = _unwrap(dearmor(data, name), name, ask)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("bad-identity", "is not an identity file", Place(name)) from None
    return _parse(text, name, ssh=ssh)


def _read(path: Path, name: str) -> bytes:
    """The bytes of an identity file that only its owner may read, checked on the open file."""
    place = Place(name)
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_IMODE(mode) & 0o077:
                message = f"is an identity that others may read (mode {stat.S_IMODE(mode):04o})"
                raise refuse("open-identity", message, place, f"chmod 600 {shlex.quote(name)}")
            if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
                raise refuse("bad-identity", "is not a file", place)
            data = file.read(MAX_IDENTITY_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise refuse("bad-identity", f"cannot be read: {reason}", place) from None
    if len(data) > MAX_IDENTITY_FILE:
        raise refuse("bad-identity", "is too large for an identity file", place)
    return data


def _unwrap(data: bytes, file: str, ask: Ask | None) -> bytes:
    """The identity file inside one that `age -p` wrapped."""
    stanzas = read_header(data, file)
    if not any(stanza.type == "scrypt" for stanza in stanzas):
        message = "is sealed to keys; an identity file may only be sealed by a passphrase"
        raise refuse("bad-identity", message, Place(file))
    check_work_factor(stanzas, file)
    passphrase = ask(file) if ask else None
    if not passphrase:
        raise refuse("no-passphrase", "needs a passphrase and nobody gave one", Place(file))
    message = "the passphrase is wrong, or the file is cut short or was altered"
    with guarded(lambda _: refuse("wrong-passphrase", message, Place(file))):
        return bytes(pyrage.passphrase.decrypt(data, passphrase))


def _parse(text: str, file: str, *, ssh: bool) -> tuple[Identity, ...]:
    """The identities in the text of an identity file, at least one."""
    if text.lstrip().startswith("-----BEGIN "):
        return (_ssh_identity(text, file, ssh=ssh),)
    found = tuple(
        _age_identity(line.strip(), file, number)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
    if not found:
        raise refuse("bad-identity", "holds no identity", Place(file))
    return found


def _age_identity(line: str, file: str, number: int) -> Identity:
    with guarded(lambda _: _bad(line, Place(file, number))):
        key = pyrage.x25519.Identity.from_str(line)
        return Identity(file, str(key.to_public()), key)


def _ssh_identity(text: str, file: str, *, ssh: bool) -> Identity:
    if not ssh:
        message = "is an ssh key, which is no identity unless allowed"
        raise refuse("ssh-identity", message, Place(file), "give --ssh if this is meant")

    def explain(_: BaseException) -> TierpubError:
        message = "is not an ssh private key that can be used (one with a passphrase cannot)"
        return refuse("bad-identity", message, Place(file))

    with guarded(explain):
        return Identity(file, None, pyrage.ssh.Identity.from_buffer(text.encode()))


def _bad(line: str, place: Place) -> TierpubError:
    """What is wrong with a line, told by its first letters and never by quoting it."""
    head = line.upper()
    if head.startswith("AGE-PLUGIN-"):
        return refuse("bad-identity", "is a plugin's identity, which is not supported", place)
    if head.startswith("AGE-SECRET-KEY-PQ-"):
        return refuse("bad-identity", "is a post-quantum key, which is not supported", place)
    if head.startswith("AGE1"):
        message = "is a public key where a secret key is wanted"
        return refuse("bad-identity", message, place, "give the file that `tierpub keygen` wrote")
    return refuse("bad-identity", "is not an identity", place, "it begins with AGE-SECRET-KEY-1")
