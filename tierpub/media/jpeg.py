"""JPEG: frame, tables and scans, with the few application data that decide how it looks.

Source: ITU-T T.81 annex B; JFIF 1.02; Adobe TN 5116 (APP14); ICC.1 annex B (APP2).
"""

from __future__ import annotations

import re

from tierpub.media import exif, icc
from tierpub.media.reader import NotExact, Reader, must

_SOI, _EOI, _SOS, _DRI, _DQT, _DHT, _DAC = 0xD8, 0xD9, 0xDA, 0xDD, 0xDB, 0xC4, 0xCC
_FRAMES = frozenset(
    (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
)
_HIERARCHICAL = frozenset(range(0xC5, 0xC8)) | frozenset(range(0xCD, 0xD0))
_APP0, _APP1, _APP2, _APP14, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_DROPPED = frozenset((*range(0xE0, 0xF0), _COM))
_CODED_END = re.compile(rb"\xff(?![\x00\xff\xd0-\xd7])")
"""Where coded data stop: a marker that is neither a stuffed byte nor a restart."""
_ICC = b"ICC_PROFILE\0"
_MOST_CONDITIONS = 32
"""Bytes of arithmetic conditions: two for each of four tables of either sort, twice over."""
_MOST = 0xFFFF - 2 - 14
"""Bytes of a profile that one segment holds."""


def jpeg(data: bytes) -> bytes:
    """The first image in `data`, up to its end. Raises `NotExact`."""
    return _Jpeg(data).run()


class _Jpeg:
    def __init__(self, data: bytes) -> None:
        self.reader = Reader(data)
        self.kept: list[bytes] = []
        """The segments in their order, coded data with their scan."""
        self.jfif = self.adobe = b""
        self.turned = 1
        self.profile: dict[int, tuple[int, bytes]] = {}
        self.frames = self.scans = self.parts = 0

    def run(self) -> bytes:
        must(self.reader.take(2) == b"\xff\xd8", "it does not begin as a JPEG")
        while (marker := self._marker()) != _EOI:
            self._segment(marker)
        must(self.scans > 0, "it is a JPEG without a picture")
        return b"".join((b"\xff\xd8", *self._head(), *self.kept, b"\xff\xd9"))

    def _marker(self) -> int:
        must(self.reader.number(1) == 0xFF, "bytes stand where a JPEG has a marker")  # noqa: PLR2004
        while (marker := self.reader.number(1)) == 0xFF:  # noqa: PLR2004 - fill bytes
            pass
        return marker

    def _segment(self, marker: int) -> None:
        parse = _PARTS.get(marker)
        known = parse is not None or marker in _FRAMES or marker in _DROPPED or marker == _SOS
        must(known, "it holds a marker that no plain JPEG has")
        body = self.reader.take(self.reader.number(2) - 2)
        if marker in _DROPPED:
            self._application(marker, body)
        elif marker in _FRAMES:
            self._frame(marker, body)
        elif marker == _SOS:
            self._scan(body)
        elif parse is not None:
            parse(body)
            self._keep(marker, body)

    def _keep(self, marker: int, body: bytes) -> None:
        self.kept.append(_segment(marker, body))

    def _frame(self, marker: int, body: bytes) -> None:
        self.frames += 1
        must(self.frames == 1 and marker not in _HIERARCHICAL, "it holds more than one JPEG frame")
        must(len(body) > 5 and len(body) == 6 + 3 * body[5], "its JPEG frame is not exact")  # noqa: PLR2004
        height, width = body[1:3], body[3:5]
        must(any(height) and any(width) and body[5] <= 4, "its JPEG frame has no size")  # noqa: PLR2004
        self.parts = body[5]
        self._keep(marker, body)

    def _scan(self, body: bytes) -> None:
        must(self.frames == 1, "it is a JPEG scan without a frame")
        must(bool(body) and len(body) == 4 + 2 * body[0], "its JPEG scan is not exact")
        must(0 < body[0] <= self.parts, "its JPEG scan is not exact")
        self.scans += 1
        start = self.reader.at
        end = _CODED_END.search(self.reader.data, start)
        if end is None:
            raise NotExact("it ends too early, or a length leads beyond its end")
        self.reader.at = end.start()
        coded = self.reader.data[start : end.start()].rstrip(b"\xff")  # fill bytes of the marker
        self.kept += (_segment(_SOS, body), coded)

    # What is written anew.

    def _application(self, marker: int, body: bytes) -> None:
        if marker == _APP0 and body[:5] == b"JFIF\0" and not self.jfif:
            must(len(body) == 14 + 3 * body[12] * body[13] if len(body) > 13 else False,  # noqa: PLR2004
                 "its JFIF header is not exact")  # fmt: skip
            self.jfif = body[:12] + bytes(2)
        elif marker == _APP1 and body[:6] == b"Exif\0\0" and self.turned == 1:
            self.turned = exif.orientation(body[6:])
        elif marker == _APP2 and body.startswith(_ICC):
            self._profile(body[len(_ICC) :])
        elif marker == _APP14 and body[:5] == b"Adobe":
            must(len(body) >= 12 and body[11] <= 2, "its Adobe header is not exact")  # noqa: PLR2004
            self.adobe = b"Adobe\0\x64" + bytes(4) + body[11:12]

    def _profile(self, body: bytes) -> None:
        must(len(body) > 2, "its colour profile is too short")  # noqa: PLR2004
        must(body[0] not in self.profile, "its colour profile says one thing twice")
        self.profile[body[0]] = (body[1], body[2:])

    def _head(self) -> list[bytes]:
        """JFIF, orientation, profile and Adobe's colour transform, in the order they go in."""
        head = [_segment(_APP0, self.jfif)] if self.jfif else []
        if turned := exif.minimal(self.turned):
            head.append(_segment(_APP1, b"Exif\0\0" + turned))
        if self.profile:
            head += _profile_segments(icc.profile(self._whole_profile()))
        return [*head, *([_segment(_APP14, self.adobe)] if self.adobe else [])]

    def _whole_profile(self) -> bytes:
        count = len(self.profile)
        exact = sorted(self.profile) == list(range(1, count + 1))
        must(exact and all(total == count for total, _ in self.profile.values()),
             "its colour profile is cut")  # fmt: skip
        return b"".join(part for _, (_, part) in sorted(self.profile.items()))


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def _profile_segments(profile: bytes) -> list[bytes]:
    parts = [profile[at : at + _MOST] for at in range(0, len(profile), _MOST)]
    return [_segment(_APP2, _ICC + bytes((n, len(parts))) + p) for n, p in enumerate(parts, 1)]


# Tables must be exact, for nobody looks at what stands behind the last of them.


def _quantisation(body: bytes) -> None:
    reader = Reader(body)
    while reader.left:
        precision = reader.number(1) >> 4
        must(precision <= 1, "its JPEG tables are not exact")
        reader.take(64 << precision)


def _huffman(body: bytes) -> None:
    reader = Reader(body)
    while reader.left:
        reader.take(1)
        reader.take(sum(reader.take(16)))


def _restart(body: bytes) -> None:
    must(len(body) == 2, "its JPEG tables are not exact")  # noqa: PLR2004


def _arithmetic(body: bytes) -> None:
    must(len(body) % 2 == 0 and len(body) <= _MOST_CONDITIONS, "its JPEG tables are not exact")


_PARTS = {_DQT: _quantisation, _DHT: _huffman, _DRI: _restart, _DAC: _arithmetic}
