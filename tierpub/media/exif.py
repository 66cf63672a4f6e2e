"""The one thing in EXIF that decides how an image is shown: its orientation.

Source: Exif 2.32 (CIPA DC-008), TIFF 6.0 section 2.
"""

from __future__ import annotations

import struct

_ORIENTATION = 0x0112
_SHORT = 3
_UPRIGHT, _LAST = 1, 8


def orientation(tiff: bytes) -> int:
    """What a TIFF block says of the orientation, 1 to 8; 1 where it cannot be read, as viewers
    take it."""
    try:
        order = {b"II*\0": "<", b"MM\0*": ">"}[tiff[:4]]
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, values, value = struct.unpack_from(order + "HHIH", tiff, entry)
            if (tag, kind, values) == (_ORIENTATION, _SHORT, 1):
                return value if _UPRIGHT <= value <= _LAST else _UPRIGHT
    except (KeyError, struct.error):
        pass  # nothing that a viewer could read either
    return _UPRIGHT


def minimal(value: int) -> bytes:
    """A TIFF block that says the orientation and nothing else; none where it is upright."""
    if value == _UPRIGHT:
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, value, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
