"""One tar member's header, written and read: ustar, with a pax record where a name needs one.

GNU tar, bsdtar, BusyBox and Windows' tar open it without a word. A pax `path` record stands
before names that are not ASCII (Windows would read them in its code page) or do not fit; the raw
UTF-8 stands in the ustar fields all the same for BusyBox, which skips pax. The only name BusyBox
changes is one that does not split into 155 and 100 bytes: it gets a name made of its digest, so
that no two files meet. Python's `tarfile` is not used: it writes `?` into those fields and reads
far more than we write.
"""

from __future__ import annotations

import hashlib
import re
import struct

BLOCK = 512
MAX_SIZE = 8**11 - 1
"""Bytes of a member: what eleven octal digits hold."""

MAX_RECORD = 1 << 13
"""Bytes of a pax record; the longest name takes half of it."""

_FIELDS = struct.Struct("100s8s8s8s12s12s8s1s100s6s2s32s32s8s8s155s12x")
_OCTAL = re.compile(rb"[0-7]{11}\0")
_PAX = re.compile(rb"([1-9][0-9]*) path=(.*)\n", re.DOTALL)
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"5": "a folder",
    b"6": "a pipe",
}


class NotOurs(Exception):  # noqa: N818
    """The bytes are no header that `header` writes; the message says what they are."""


def header(name: str, size: int) -> bytes:
    """Write the blocks that stand before the data of a file `name` of `size` bytes.

    Mode 0600 and no time, owner or group, so that the same files give the same bytes anywhere.
    """
    raw = name.encode()
    split = _split(raw)
    fitting = split or (b"long-name-" + hashlib.sha256(raw).hexdigest().encode(), b"")
    block = _block(*fitting, size, b"0")
    return block if split and raw.isascii() else _pax(raw) + block


def read_header(plain: bytes, at: int) -> tuple[str, int, int]:
    """Name, size and offset of the data of the member whose header begins at `at`.

    What is read is written again and compared, so there is one reading of it. Raises `NotOurs`.
    """
    start, path = at, None
    if plain[at + 156 : at + 157] == b"x":
        path, at = _read_pax(plain, at)
    block = plain[at : at + BLOCK]
    kind = block[156:157]
    if kind != b"0":
        raise NotOurs(f"holds {_KINDS.get(kind, 'something other than files')}")
    size = _octal(block[124:136])
    raw = path if path is not None else _joined(block)
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise NotOurs("holds a name that is not UTF-8") from None
    at += BLOCK
    if plain[start:at] != header(name, size):
        raise NotOurs("is not a bundle as tierpub writes them")
    return name, size, at


def padded(size: int) -> int:
    """`size` rounded up to whole blocks."""
    return -(-size // BLOCK) * BLOCK


def _block(name: bytes, prefix: bytes, size: int, kind: bytes) -> bytes:
    zero = b"0" * 7 + b"\0"
    fields = (name, b"0000600\0", zero, zero, b"%011o\0" % size, b"%011o\0" % 0, b" " * 8, kind)
    block = _FIELDS.pack(*fields, b"", b"ustar\0", b"00", b"", b"", zero, zero, prefix)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _split(raw: bytes) -> tuple[bytes, bytes] | None:
    """Name and prefix fields that hold `raw`, the prefix as short as can be; None if none do."""
    if len(raw) <= 100:  # noqa: PLR2004
        return raw, b""
    at = raw.find(b"/", len(raw) - 101)
    if 0 < at <= 155 and at + 1 < len(raw):  # noqa: PLR2004
        return raw[at + 1 :], raw[:at]
    return None


def _joined(block: bytes) -> bytes:
    name, prefix = block[:100].rstrip(b"\0"), block[345:500].rstrip(b"\0")
    return prefix + b"/" + name if prefix else name


def _pax(raw: bytes) -> bytes:
    """The pax header that states a path: its own block, then the record in whole blocks."""
    bare = len(b" path=\n") + len(raw)
    length = bare + len(str(bare))
    length = bare + len(str(length))
    record = b"%d path=%s\n" % (length, raw)
    data = record.ljust(padded(len(record)), b"\0")
    return _block(b"././@PaxHeader", b"", len(record), b"x") + data


def _read_pax(plain: bytes, at: int) -> tuple[bytes, int]:
    size = _octal(plain[at + 124 : at + 136])
    found = _PAX.fullmatch(plain, at + BLOCK, at + BLOCK + min(size, MAX_RECORD))
    if not found:
        raise NotOurs("is not a bundle as tierpub writes them")
    return found[2], at + BLOCK + padded(size)


def _octal(digits: bytes) -> int:
    if not _OCTAL.fullmatch(digits):
        raise NotOurs("is not a bundle as tierpub writes them")
    return int(digits[:11], 8)
