"""GIF: screen, palettes, frames with their delays, and how often they are repeated.

Source: GIF89a specification; Netscape's looping extension.
"""

from __future__ import annotations

from tierpub.media.reader import Reader, must

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _TEXT, _APPLICATION = 0xF9, 0x01, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_INEXACT = "its GIF blocks are not exact"


def gif(data: bytes) -> bytes:
    """The image in `data`, up to its end, without comments and the data of applications.

    Raises `NotExact`.
    """
    return _Gif(data).run()


class _Gif:
    def __init__(self, data: bytes) -> None:
        self.reader = Reader(data)
        self.kept: list[bytes] = []
        self.control = b""
        """What says how the next image is shown."""
        self.loops = False
        self.images = 0

    def run(self) -> bytes:
        head = self.reader.take(6)
        must(head in (b"GIF87a", b"GIF89a"), "it does not begin as a GIF")
        screen = self.reader.take(7)
        must(any(screen[:2]) and any(screen[2:4]), "it is a GIF without a size")
        self.kept += (head, screen, self._palette(screen[4]))
        while (block := self.reader.number(1)) != _TRAILER:
            must(block in (_EXTENSION, _IMAGE), _INEXACT)
            if block == _EXTENSION:
                self._extension(self.reader.number(1))
            else:
                self._image()
        must(self.images > 0, "it is a GIF without a picture")
        return b"".join((*self.kept, bytes((_TRAILER,))))

    def _palette(self, flags: int) -> bytes:
        return self.reader.take(3 * (2 << (flags & 7)) if flags & 0x80 else 0)

    def _blocks(self) -> list[bytes]:
        blocks = []
        while size := self.reader.number(1):
            blocks.append(self.reader.take(size))
        return blocks

    def _extension(self, label: int) -> None:
        blocks = self._blocks()
        if label == _CONTROL:
            must(len(blocks) == 1 and len(blocks[0]) == 4, _INEXACT)  # noqa: PLR2004
            self.control = b"\x21\xf9\x04" + blocks[0] + b"\0"
        elif label == _TEXT:
            self.control = b""  # it was for the text
        elif label == _APPLICATION and not self.loops and blocks and blocks[0] in _LOOPS:
            counts = [b for b in blocks[1:] if len(b) == 3 and b[0] == 1]  # noqa: PLR2004
            if counts:
                self.loops = True
                self.kept.append(b"\x21\xff\x0bNETSCAPE2.0\x03" + counts[0] + b"\0")

    def _image(self) -> None:
        place = self.reader.take(9)
        palette = self._palette(place[8])
        depth = self.reader.take(1)
        must(1 <= depth[0] <= 11, _INEXACT)  # noqa: PLR2004
        blocks = self._blocks()
        must(bool(blocks), _INEXACT)
        coded = b"".join(bytes((len(b),)) + b for b in blocks) + b"\0"
        self.kept += (self.control, bytes((_IMAGE,)), place, palette, depth, coded)
        self.control = b""
        self.images += 1
