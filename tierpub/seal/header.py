"""The plain part of an age file, read before anything is decrypted.

A small reader of the age v1 specification (C2SP `age.md`: "Header", "Recipient stanza", "scrypt
recipient stanza", "ASCII armor"). It exists because the header decides what decrypting costs: a
scrypt stanza may ask for eight gigabytes. What it accepts pyrage reads again, and checks the MAC.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from tierpub.errors import Place, TierpubError, refuse

MAX_WORK_FACTOR = 20
"""Base-2 logarithm of the scrypt rounds we are willing to do: one gigabyte, some seconds."""

MAX_HEADER = 1 << 20
"""Bytes. A recipient takes about a hundred."""

_FORMAT = b"age-encryption.org/"
_VERSION_LINE = b"age-encryption.org/v1\n"
_STANZA = re.compile(
    rb"-> ([\x21-\x7e]+(?: [\x21-\x7e]+)*)\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n)"
)
_MAC = re.compile(rb"--- [A-Za-z0-9+/]{43}\n")
_ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----"
_ARMOR_END = "-----END AGE ENCRYPTED FILE-----"


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient stanza: whom the file key is wrapped for."""

    type: str
    """`X25519`, `ssh-ed25519`, `scrypt`, or a type we do not know (age writes some on purpose)."""
    args: tuple[str, ...]


def is_age(data: bytes) -> bool:
    """Whether `data` opens like an age file of any version, binary or armored."""
    return data.startswith(_FORMAT) or data.lstrip().startswith(_ARMOR.encode())


def dearmor(data: bytes, file: str = "") -> bytes:
    """`data` without its armor, or as it is where it has none.

    Strict as the specification asks: canonical base64 in lines of 64, the last one shorter or
    equal, white space only around the whole. Raises `TierpubError` where the armor is not so.
    """
    if not data.lstrip().startswith(_ARMOR.encode()):
        return data
    try:
        lines = data.decode("ascii").strip().replace("\r\n", "\n").split("\n")
        body = _armor_body(lines)
        raw = base64.b64decode(body, validate=True)
    except (UnicodeDecodeError, ValueError, binascii.Error):
        raise _damaged(file, "the armor is not well formed") from None
    if base64.b64encode(raw).decode() != body:
        raise _damaged(file, "the armor is not well formed")
    return raw


def read_header(data: bytes, file: str = "") -> tuple[Stanza, ...]:
    """The recipient stanzas of a binary age file, in order.

    Raises `TierpubError`: `not-age` for anything else, `age-version` for an age format we do not
    know, `damaged` for a header that is malformed or cut short.
    """
    place = Place(file) if file else None
    if not data.startswith(_FORMAT):
        raise refuse("not-age", "is not an age file", place)
    if not data.startswith(_VERSION_LINE):
        raise refuse("age-version", "is an age file of a version other than 1", place)
    header, at, stanzas = data[:MAX_HEADER], len(_VERSION_LINE), []
    while found := _STANZA.match(header, at):
        kind, *args = found[1].decode("ascii").split(" ")
        stanzas.append(Stanza(kind, tuple(args)))
        at = found.end()
    if not stanzas or not _MAC.match(header, at):
        raise _damaged(file, "the age header is malformed or cut short")
    return tuple(stanzas)


def check_work_factor(stanzas: tuple[Stanza, ...], file: str = "") -> None:
    """Pass when the file is sealed by a passphrase alone and cheap enough to try.

    Raises `TierpubError`: `damaged` when a scrypt stanza is malformed or not the only stanza,
    `work-factor` above `MAX_WORK_FACTOR`.
    """
    if len(stanzas) != 1 or stanzas[0].type != "scrypt":
        raise _damaged(file, "a passphrase does not stand alone in the age header")
    args = stanzas[0].args
    if len(args) != 2 or not re.fullmatch(r"[1-9][0-9]{0,2}", args[1]):  # noqa: PLR2004
        raise _damaged(file, "the passphrase's stanza in the age header is malformed")
    if int(args[1]) > MAX_WORK_FACTOR:
        raise refuse(
            "work-factor",
            f"asks for a scrypt work factor of {args[1]}, above {MAX_WORK_FACTOR}",
            Place(file) if file else None,
            "a file made by `age -p` asks for 18; this one may be meant to exhaust memory",
        )


def _armor_body(lines: list[str]) -> str:
    """The base64 text between the armor's two lines; ValueError where its shape is wrong."""
    first, *body, last = lines
    if first != _ARMOR or last != _ARMOR_END or not body:
        raise ValueError
    if any(len(line) != 64 for line in body[:-1]) or not 0 < len(body[-1]) <= 64:  # noqa: PLR2004
        raise ValueError
    return "".join(body)


def _damaged(file: str, what: str) -> TierpubError:
    return refuse("damaged", what, Place(file) if file else None)
