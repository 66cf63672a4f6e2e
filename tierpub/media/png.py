"""PNG and APNG: header, palette, pixels, frames, and the chunks that decide how colours look.

Source: PNG specification, third edition (W3C, 2025).
"""

from __future__ import annotations

import zlib

from tierpub.media import exif, icc
from tierpub.media.reader import NotExact, Reader, must

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INEXACT = "its PNG chunks are not exact"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTED = 3
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""Of Adam7: the first column and row of each pass, and its steps."""
_FIXED = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"pHYs": 9, b"acTL": 8, b"fcTL": 26,
          b"mDCV": 24, b"cLLI": 8}  # fmt: skip
"""Chunks that are kept as they are, each of one length only."""
_SHORT = {b"tRNS": 256, b"sBIT": 4, b"bKGD": 6}
"""Chunks that are kept as they are, each with its greatest length."""
_WRITTEN_ANEW = frozenset((b"iCCP", b"eXIf"))
_CRITICAL = 0x20
_LARGEST = 1 << 30
"""Bytes of unpacked pixels that are looked through; a larger picture is withheld."""
_LARGEST_PROFILE = 1 << 23
_STEP = 1 << 20


def png(data: bytes) -> bytes:
    """The image in `data`, up to its end. Raises `NotExact`."""
    return _Png(data).run()


class _Png:
    def __init__(self, data: bytes) -> None:
        self.reader = Reader(data)
        self.kept: list[bytes] = [_SIGNATURE]
        self.header = b""
        self.colour = 0
        self.state = "before"
        """`before`, `in` or `after` the pixels of the main picture."""
        self.pixels: _Pixels | None = None
        """Those that are being read, of the main picture or a frame."""
        self.seen: set[bytes] = set()
        self.size: tuple[int, int] = (0, 0)
        self.number = 0
        """What the next frame chunk must be numbered."""

    def run(self) -> bytes:
        must(self.reader.take(8) == _SIGNATURE, "it does not begin as a PNG")
        name, body = self._chunk()
        must(name == b"IHDR", _INEXACT)
        self._header(body)
        while name != b"IEND":
            name, body = self._chunk()
            self._take(name, body)
        must(not body and self.state != "before", _INEXACT)
        return b"".join((*self.kept, _chunk(b"IEND", b"")))

    def _chunk(self) -> tuple[bytes, bytes]:
        size = self.reader.number(4)
        name = self.reader.take(4)
        body = self.reader.take(size)
        must(self.reader.number(4) == zlib.crc32(body, zlib.crc32(name)), "a checksum is wrong")
        return name, body

    def _header(self, body: bytes) -> None:
        must(len(body) == 13, _INEXACT)  # noqa: PLR2004
        depth, self.colour, *methods = body[8:]
        must(depth in _DEPTHS.get(self.colour, ()), _INEXACT)
        must(methods[0] == methods[1] == 0 and methods[2] <= 1, _INEXACT)
        self.header = body
        self.size = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        self.kept.append(_chunk(b"IHDR", body))

    def _take(self, name: bytes, body: bytes) -> None:
        if name not in (b"IDAT", b"fdAT"):
            self._close()
        if name == b"IDAT":
            self._data(body)
        elif name == b"fdAT":
            self._frame_data(body)
        elif name == b"PLTE":
            must(self.state == "before" and len(body) % 3 == 0 and 0 < len(body) <= 768, _INEXACT)  # noqa: PLR2004
            self._once(name, body)
        elif name == b"fcTL":
            self._frame(body)
        elif name in _FIXED or name in _SHORT:
            exact = len(body) == _FIXED[name] if name in _FIXED else len(body) <= _SHORT[name]
            must(exact and self.state == "before", _INEXACT)
            self._once(name, body)
        elif name in _WRITTEN_ANEW:
            self._anew(name, body)
        elif name != b"IEND":
            must(bool(name[0] & _CRITICAL), "it holds a PNG chunk that is not known")

    def _once(self, name: bytes, body: bytes) -> None:
        must(name not in self.seen, _INEXACT)
        self.seen.add(name)
        self.kept.append(_chunk(name, body))

    def _anew(self, name: bytes, body: bytes) -> None:
        if name == b"eXIf":
            turned = exif.minimal(exif.orientation(body))
            if turned:
                self._once(name, turned)
            return
        must(self.state == "before" and b"PLTE" not in self.seen, _INEXACT)
        _, mark, packed = body.partition(b"\0")
        must(bool(mark) and packed[:1] == b"\0", _INEXACT)
        profile = icc.profile(_unpacked(packed[1:]))
        self._once(name, b"icc\0\0" + zlib.compress(profile, 9))

    # Pixels.

    def _data(self, body: bytes) -> None:
        must(self.state != "after", _INEXACT)
        must(self.colour != _PALETTED or b"PLTE" in self.seen, _INEXACT)
        if self.state == "before":
            self.pixels, self.state = _Pixels(self.header, *self.size), "in"
        self._read(body)
        self.kept.append(_chunk(b"IDAT", body))

    def _frame(self, body: bytes) -> None:
        must(len(body) == _FIXED[b"fcTL"] and b"acTL" in self.seen, _INEXACT)
        self._numbered(body)
        self.size = int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big")
        if self.state == "before":
            must(self.header[:8] == body[4:12] and body[12:20] == bytes(8), _INEXACT)
        else:
            self.pixels = _Pixels(self.header, *self.size)
        self.kept.append(_chunk(b"fcTL", body))

    def _frame_data(self, body: bytes) -> None:
        must(self.state != "before" and self.pixels is not None and len(body) > 4, _INEXACT)  # noqa: PLR2004
        must(self.state == "after", _INEXACT)
        self._numbered(body)
        self._read(body[4:])
        self.kept.append(_chunk(b"fdAT", body))

    def _numbered(self, body: bytes) -> None:
        must(int.from_bytes(body[:4], "big") == self.number, _INEXACT)
        self.number += 1

    def _read(self, body: bytes) -> None:
        if self.pixels is None:
            raise NotExact(_INEXACT)
        self.pixels.read(body)

    def _close(self) -> None:
        """The pixels that were being read have come to their end."""
        if self.pixels is not None:
            self.pixels.close()
            self.pixels, self.state = None, "after"


class _Pixels:
    """Unpacks a picture's stream, keeps nothing, and holds its length to what the header states:
    programs have left the rest of an earlier picture behind a stream's end."""

    def __init__(self, header: bytes, width: int, height: int) -> None:
        must(0 < width < 1 << 31 and 0 < height < 1 << 31, "it is a PNG without a size")
        bits = header[8] * _CHANNELS[header[9]]
        passes = _PASSES if header[12] else ((0, 0, 1, 1),)
        self._left = 0
        for column, row, across, down in passes:
            columns, rows = -(-(width - column) // across), -(-(height - row) // down)
            if columns > 0 and rows > 0:
                self._left += rows * (1 + (columns * bits + 7) // 8)
        must(self._left <= _LARGEST, "its picture is too large to be looked through")
        self._stream = zlib.decompressobj()

    def read(self, packed: bytes) -> None:
        """Take the next part of the stream."""
        try:
            while packed:
                must(not self._stream.eof, "bytes stand behind the end of its picture")
                self._left -= len(self._stream.decompress(packed, _STEP))
                must(self._left >= 0, "its picture is larger than its header says")
                packed = self._stream.unconsumed_tail or self._stream.unused_data
        except zlib.error:
            raise NotExact("its picture cannot be unpacked") from None

    def close(self) -> None:
        """Refuse a stream that has not come to its end."""
        while not self._stream.eof:
            try:
                more = self._stream.decompress(b"", _STEP)
            except zlib.error:
                raise NotExact("its picture cannot be unpacked") from None
            must(bool(more), "its picture is cut short")
            self._left -= len(more)
        must(self._left == 0, "its picture is smaller than its header says")


def _unpacked(packed: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(packed, _LARGEST_PROFILE)
    except zlib.error:
        raise NotExact("its colour profile cannot be unpacked") from None
    must(stream.eof and not stream.unused_data, "its colour profile is cut")
    return data


def _chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(name)).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + checksum
