"""WebP: picture, transparency, animation, colour profile and orientation.

Source: RFC 9649.
"""

from __future__ import annotations

from tierpub.media import exif, icc
from tierpub.media.reader import Reader, must

_ICC_FLAG, _ALPHA, _EXIF, _ANIMATED = 0x20, 0x10, 0x08, 0x02
_INEXACT = "its WebP chunks are not exact"
_LITTLE = "little"
_FRAME = 16
"""Bytes of a frame before its chunks."""

Chunk = tuple[bytes, bytes]


def webp(data: bytes) -> bytes:
    """The image in `data`, up to its end. Raises `NotExact`."""
    reader = Reader(data)
    must(reader.take(4) == b"RIFF", "it does not begin as a WebP")
    size = reader.number(4, _LITTLE)
    body = Reader(data, reader.at, reader.at + size)
    must(body.end <= len(data), "it ends too early, or a length leads beyond its end")
    must(body.take(4) == b"WEBP", "it does not begin as a WebP")
    chunks = _chunks(body)
    must(bool(chunks), _INEXACT)
    kept = _extended(chunks) if chunks[0][0] == b"VP8X" else [_picture(chunks[0])]
    out = b"WEBP" + b"".join(map(_written, kept))
    return b"RIFF" + len(out).to_bytes(4, "little") + out


def _chunks(reader: Reader) -> list[Chunk]:
    found: list[Chunk] = []
    while reader.left:
        name = reader.take(4)
        size = reader.number(4, _LITTLE)
        found.append((name, reader.take(size)))
        reader.take(size % 2)
    return found


def _written(chunk: Chunk) -> bytes:
    name, body = chunk
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def _picture(chunk: Chunk) -> Chunk:
    """A coded picture, which begins as one."""
    name, body = chunk
    if name == b"VP8 ":
        must(body[3:6] == b"\x9d\x01\x2a" and not body[0] & 1, _INEXACT)
    else:
        must(name == b"VP8L" and body[:1] == b"\x2f", _INEXACT)
    return chunk


def _coded(chunks: list[Chunk]) -> list[Chunk]:
    """Transparency and picture, one of each at most."""
    alpha = [c for c in chunks if c[0] == b"ALPH"]
    pictures = [c for c in chunks if c[0] in (b"VP8 ", b"VP8L")]
    must(len(pictures) == 1 and len(alpha) <= 1, _INEXACT)
    picture = _picture(pictures[0])
    return [*(alpha if picture[0] == b"VP8 " else []), picture]


def _extended(chunks: list[Chunk]) -> list[Chunk]:
    head = chunks[0][1]
    must(len(head) == 10, _INEXACT)  # noqa: PLR2004
    flags = head[0]
    parts = dict(reversed(chunks))  # the first of each name
    kept: list[Chunk] = []
    if flags & _ICC_FLAG and b"ICCP" in parts:
        kept.append((b"ICCP", icc.profile(parts[b"ICCP"])))
    kept += _animation(chunks, parts) if flags & _ANIMATED else _coded(chunks[1:])
    turned = b""
    if flags & _EXIF and b"EXIF" in parts:
        turned = exif.minimal(exif.orientation(parts[b"EXIF"].removeprefix(b"Exif\0\0")))
    if turned:
        kept.append((b"EXIF", turned))
    new = flags & (_ALPHA | _ANIMATED)
    new |= _ICC_FLAG if kept[0][0] == b"ICCP" else 0
    new |= _EXIF if turned else 0
    return [(b"VP8X", bytes((new, 0, 0, 0)) + head[4:]), *kept]


def _animation(chunks: list[Chunk], parts: dict[bytes, bytes]) -> list[Chunk]:
    must(len(parts.get(b"ANIM", b"")) == 6, _INEXACT)  # noqa: PLR2004
    frames = [(b"ANMF", _frame(body)) for name, body in chunks if name == b"ANMF"]
    must(bool(frames), _INEXACT)
    return [(b"ANIM", parts[b"ANIM"]), *frames]


def _frame(body: bytes) -> bytes:
    must(len(body) > _FRAME, _INEXACT)
    head = body[: _FRAME - 1] + bytes((body[_FRAME - 1] & 3,))
    return head + b"".join(map(_written, _coded(_chunks(Reader(body, _FRAME)))))
