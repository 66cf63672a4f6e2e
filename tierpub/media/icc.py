"""Colour profiles without their words: the numbers that decide how colours are shown.

A profile names its maker, device, date and copyright, and may hold private tags. Kept are the
tags that a colour engine computes with; the two that a valid profile must have, description and
copyright, are written anew and say nothing. Source: ICC.1:2022 (profile version 4.4).
"""

from __future__ import annotations

import struct

from tierpub.media.reader import NotExact, must

_HEAD, _ENTRY = 128, 12
_MOST_TAGS = 100
_NUMBERS = frozenset(
    (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"bkpt", b"chad",
     b"cicp")
)  # fmt: skip
_TABLES = frozenset((b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2"))
_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
"""How many numbers a parametric curve of each type has."""
_V4 = 4
_KEPT_OF_HEADER = ((8, 24), (36, 40), (64, 80))
"""Version, class and colour spaces; signature; rendering intent and illuminant."""
_NAMELESS = "-"


def profile(data: bytes) -> bytes:
    """The profile `data` with nothing in it but what colours are computed with.

    Raises `NotExact` where it cannot be read to the end, or computes in a way not known here.
    """
    must(len(data) >= _HEAD + 4, "its colour profile is too short")
    (size,) = struct.unpack_from(">I", data)
    must(_HEAD < size <= len(data) and data[36:40] == b"acsp", "its colour profile is none")
    data = data[:size]
    (count,) = struct.unpack_from(">I", data, _HEAD)
    must(count <= _MOST_TAGS and _HEAD + 4 + _ENTRY * count <= size, "its colour profile is cut")
    tags: dict[bytes, bytes] = {}
    for entry in range(count):
        at = _HEAD + 4 + _ENTRY * entry
        name, (start, length) = data[at : at + 4], struct.unpack_from(">II", data, at + 4)
        if name in _NUMBERS or name in _TABLES:
            must(start + length <= size, "its colour profile leads beyond its end")
            must(name not in tags, "its colour profile says one thing twice")
            tags[name] = _exact(data[start : start + length], table=name in _TABLES)
    must(bool(tags), "its colour profile computes in an unknown way")
    version = data[8:12]
    tags[b"desc"] = _words(_NAMELESS, version[0])
    tags[b"cprt"] = _words(_NAMELESS, version[0], copyright_=True)
    return _built(_header(data), tags)


def _header(data: bytes) -> bytes:
    """What the header says of colours; no date, maker, model, platform or checksum."""
    out = bytearray(_HEAD)
    for start, end in _KEPT_OF_HEADER:
        out[start:end] = data[start:end]
    return bytes(out)


def _exact(tag: bytes, *, table: bool) -> bytes:
    """A tag's numbers, to its last one."""
    kind = tag[:4]
    try:
        size = _SIZES[kind](tag)
    except (KeyError, struct.error):
        raise NotExact("its colour profile holds numbers of an unknown sort") from None
    must(table == (kind in _TABLE_KINDS), "its colour profile holds numbers of a wrong sort")
    must(0 < size <= len(tag), "its colour profile is cut")
    return kind + bytes(4) + tag[8:size]


def _curve(tag: bytes) -> int:
    return 12 + 2 * int(struct.unpack_from(">I", tag, 8)[0])


def _parametric(tag: bytes) -> int:
    (function,) = struct.unpack_from(">H", tag, 8)
    return 12 + 4 * _PARAMETERS[function]


def _table(tag: bytes) -> int:
    """`mft1` and `mft2`: input tables, grid, output tables."""
    inputs, outputs, grid = tag[8], tag[9], tag[10]
    must(inputs <= 4 and outputs <= 4, "its colour profile has too many channels")  # noqa: PLR2004
    if tag[:4] == b"mft1":
        return 48 + 256 * inputs + int(grid**inputs) * outputs + 256 * outputs
    before, after = struct.unpack_from(">HH", tag, 48)
    return 52 + 2 * int(before * inputs + grid**inputs * outputs + after * outputs)


_SIZES = {
    b"XYZ ": lambda _: 20,
    b"sf32": lambda _: 44,
    b"cicp": lambda _: 12,
    b"curv": _curve,
    b"para": _parametric,
    b"mft1": _table,
    b"mft2": _table,
    b"mAB ": len,  # its parts lie anywhere within it
    b"mBA ": len,
}
_TABLE_KINDS = frozenset((b"mft1", b"mft2", b"mAB ", b"mBA "))


def _words(text: str, major: int, *, copyright_: bool = False) -> bytes:
    """A text, as a profile of that version has it."""
    if major >= _V4:
        raw = text.encode("utf-16-be")
        return (
            b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(raw), 28) + raw
        )
    raw = text.encode("ascii") + b"\0"
    if copyright_:
        return b"text" + bytes(4) + raw
    return b"desc" + bytes(4) + struct.pack(">I", len(raw)) + raw + bytes(4 + 4 + 2 + 1 + 67)


def _built(header: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Header, table and tags; tags of one content share it."""
    table, body = b"", b""
    start = _HEAD + 4 + _ENTRY * len(tags)
    places: dict[bytes, int] = {}
    for name in sorted(tags):
        tag = tags[name]
        if tag not in places:
            places[tag] = start + len(body)
            body += tag + bytes(-len(tag) % 4)
        table += name + struct.pack(">II", places[tag], len(tag))
    size = struct.pack(">I", start + len(body))
    return size + header[4:] + struct.pack(">I", len(tags)) + table + body
