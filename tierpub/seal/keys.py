"""Recipients: the public keys a tier is sealed for, as a policy writes them.

A key is compared and ordered in its canonical form, so that neither the order in a policy nor a
comment behind an ssh key makes another set of recipients.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyrage

from tierpub.errors import Fault, Place, TierpubError, refuse
from tierpub.seal.guard import guarded, holds_secret, secret_at
from tierpub.seal.header import is_age

MAX_KEY_FILE = 1 << 20
"""Bytes of a file of keys."""

_LONG_RUN = re.compile(r"[A-Za-z0-9+=]{24,}")
_SSH_TYPE = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"


def parse_recipient(text: str, *, ssh: bool = False, place: Place | None = None) -> str:
    """Read the public key `text` and return its canonical form.

    `ssh` also admits `ssh-ed25519` keys: off by default because anyone who holds the file can
    link it to the key's owner, whose ssh key is often public. Raises `TierpubError`:
    `secret-key`, `ssh-recipient`, `bad-recipient`. The key is never quoted.
    """
    text = text.strip()
    if holds_secret(text):
        raise _secret(place)
    if text.startswith("ssh-") and not ssh:
        hint = "make an age key with `tierpub keygen`, or allow ssh recipients"
        raise refuse("ssh-recipient", "an ssh key is no recipient unless allowed", place, hint)
    if text.startswith("ssh-"):
        canonical = _canonical_ssh(text, place)
        public_key(canonical, place)
        return canonical
    return str(public_key(text.lower() if text.isupper() else text, place))


def public_key(canonical: str, place: Place | None = None) -> Any:  # noqa: ANN401
    """Make a canonical key the recipient that pyrage takes; `bad-recipient` where it is none.

    Encrypts nothing to it once: a point of low order, to which anything sealed would be open to
    everybody, is only refused there.
    """
    kind = pyrage.ssh if canonical.startswith("ssh-") else pyrage.x25519
    with guarded(lambda _: _bad(canonical, place)):
        key = kind.Recipient.from_str(canonical)
        pyrage.encrypt(b"", [key])
        return key


def load_recipients(
    raw: Iterable[str], folder: Path, *, ssh: bool = False, place: Place | None = None
) -> tuple[str, ...]:
    """The canonical keys that `raw` names, sorted, each once.

    Each string of `raw` is a key, or the name of a file of keys below `folder`: a key a line,
    with blank lines and comments (`#`). `place` is where the strings were written. Raises one
    `TierpubError` with every fault found; faults of a key file carry its name and the line.
    """
    found: set[str] = set()
    faults: list[Fault] = []
    for text in raw:
        try:
            found.update(_resolve(text.strip(), folder, ssh=ssh, place=place))
        except TierpubError as error:
            faults += error.faults
    if faults:
        raise TierpubError(*faults)
    return tuple(sorted(found))


def recipients_for(
    tier: int, by_tier: Mapping[int, tuple[str, ...]], seal_from: int | None
) -> tuple[str, ...]:
    """Whom `tier` is sealed for: its own recipients and those of every tier above, sorted.

    The empty tuple means exactly that the tier is not sealed. A sealed tier must have a recipient
    of its own *or above*: a tier that only people of a higher clearance read needs no key of its
    own, and asking for one would make people paste a key twice; but with none at all the bundle
    could be opened by nobody, and sealing to nobody must not turn into not sealing. Raises
    `TierpubError` with `tier-without-recipients`.
    """
    if seal_from is None or tier < seal_from:
        return ()
    keys = {key for rank, own in by_tier.items() if rank >= tier for key in own}
    if not keys:
        message = "a sealed tier has no recipient, neither its own nor one of a tier above"
        hint = "give it `recipients`; `tierpub keygen` makes a key"
        raise TierpubError(Fault("tier-without-recipients", message, hint=hint, tier=tier))
    return tuple(sorted(keys))


def _resolve(text: str, folder: Path, *, ssh: bool, place: Place | None) -> list[str]:
    """The keys that one string of a policy names."""
    if holds_secret(text):
        raise _secret(place)
    if text.lower().startswith("age1") or text.startswith("ssh-"):
        return [parse_recipient(text, ssh=ssh, place=place)]
    return _key_file(text, folder, ssh=ssh, place=place)


def _key_file(name: str, folder: Path, *, ssh: bool, place: Place | None) -> list[str]:
    text = _read_key_file(name, folder, place)
    at = secret_at(text)
    if at is not None:
        raise _secret(Place(name, 1 + text.count("\n", 0, at)))
    keys: list[str] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            keys.append(parse_recipient(line, ssh=ssh, place=Place(name, number)))
        except TierpubError as error:
            faults += error.faults
    if not keys and not faults:
        raise refuse("no-recipient", "holds no key", Place(name))
    if faults:
        raise TierpubError(*faults)
    return keys


def _read_key_file(name: str, folder: Path, place: Place | None) -> str:
    """The text of a file of keys; `TierpubError` when there is none or it is something else."""
    if not name or "\0" in name or Path(name).is_absolute() or ".." in Path(name).parts:
        message = f"a file of keys must stand below the policy's folder: {_shown(name)}"
        raise refuse("bad-recipient", message, place)
    path = folder / name
    try:
        if not path.is_file():
            message = f"neither a public key nor a file of keys beside the policy: {_shown(name)}"
            raise refuse("bad-recipient", message, place, "a key begins with age1")
        with path.open("rb") as file:
            data = file.read(MAX_KEY_FILE + 1)
    except OSError as error:
        raise refuse("bad-recipient", f"cannot be read: {error.strerror}", Place(name)) from None
    return _decoded(data, name)


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_KEY_FILE:
        raise refuse("bad-recipient", "is too large for a file of keys", Place(name))
    if is_age(data):
        raise refuse("bad-recipient", "is an encrypted file, not a file of keys", Place(name))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("bad-recipient", "is not UTF-8 text", Place(name)) from None


def _canonical_ssh(text: str, place: Place | None) -> str:
    """An `ssh-ed25519` key without its comment, decoded and checked."""
    kind, _, rest = text.partition(" ")
    try:
        raw = base64.b64decode(rest.split()[0], validate=True)
    except (ValueError, IndexError):
        raise _bad(text, place) from None
    if kind != "ssh-ed25519":
        raise refuse("bad-recipient", "of ssh keys only ssh-ed25519 may be a recipient", place)
    if not raw.startswith(_SSH_TYPE) or len(raw) != len(_SSH_TYPE) + 32:
        raise _bad(text, place)
    return "ssh-ed25519 " + base64.b64encode(raw).decode()


def _bad(text: str, place: Place | None) -> TierpubError:
    if text.startswith("age1") and "1" in text[4:]:
        message = "is a key of an age plugin or of another kind, which tierpub does not support"
        return refuse("bad-recipient", message, place, "make a key with `tierpub keygen`")
    message = "is not a usable public key"
    return refuse("bad-recipient", message, place, "copy the whole key; it begins with age1")


def _secret(place: Place | None) -> TierpubError:
    return refuse(
        "secret-key",
        "a secret key stands where public keys belong",
        place,
        "take it out and give the public key (`age-keygen -y FILE`); "
        "whoever saw this file can open everything sealed to it: make a new key",
    )


def _shown(name: str) -> str:
    """`name` fit for a message: one line, and no run long enough to be part of a key."""
    shown = _LONG_RUN.sub("…", name.encode("unicode_escape").decode("ascii"))
    return shown if len(shown) <= 80 else shown[:80] + "…"  # noqa: PLR2004
