"""Data that pictures and documents hold about themselves."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DATA = {b"eXIf": "EXIF data", b"tEXt": "text", b"zTXt": "text", b"iTXt": "text",
             b"tIME": "a time"}  # fmt: skip
_SEGMENTS = {0xFE: "a comment", 0xE1: "XMP data", 0xED: "IPTC data"}
_SCAN, _MARK = 0xDA, 0xFF
_APPLICATION = {*range(0xE3, 0xF0)} - {0xEE, *_SEGMENTS}
"""Segments of applications; the colour profile and what decoders need are not among them."""
_END = "bytes after its end"


def metadata(data: bytes) -> list[str]:
    """What a file holds besides what is seen, each sort once; empty for a type we do not know."""
    if data.startswith(_PNG):
        found = _png(data)
    elif data.startswith(b"\xff\xd8\xff"):
        found = _jpeg(data)
    elif data.startswith((b"GIF87a", b"GIF89a")):
        found = _gif(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = _webp(data)
    elif data.startswith(b"%PDF-"):
        found = _pdf(data)
    elif b"<svg" in data[:1024]:
        found = _svg(data)
    else:
        found = iter(())
    return list(dict.fromkeys(found))


def _png(data: bytes) -> Iterator[str]:
    at = len(_PNG)
    while at + 8 <= len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        if kind in _PNG_DATA:
            yield _PNG_DATA[kind]
        at += 12 + length
        if kind == b"IEND":
            break
    if at < len(data):
        yield _END


def _jpeg(data: bytes) -> Iterator[str]:
    at = 2
    while at + 4 <= len(data) and data[at] == _MARK and data[at + 1] != _SCAN:
        marker = data[at + 1]
        if marker in _SEGMENTS:
            exif = data[at + 4 : at + 8] == b"Exif"
            yield "EXIF data" if exif else _SEGMENTS[marker]
        elif marker in _APPLICATION:
            yield "application data"
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    end = data.rfind(b"\xff\xd9")
    if end >= 0 and data[end + 2 :].strip(b"\0"):
        yield _END


def _gif(data: bytes) -> Iterator[str]:
    if b"\x21\xfe" in data:
        yield "a comment"
    if b"XMP DataXMP" in data:
        yield "XMP data"
    if not data.endswith(b"\x3b"):
        yield _END


def _webp(data: bytes) -> Iterator[str]:
    size = int.from_bytes(data[4:8], "little") + 8
    at = 12
    while at + 8 <= min(size, len(data)):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"EXIF", b"XMP "):
            yield "EXIF data" if kind == b"EXIF" else "XMP data"
        at += 8 + length + length % 2
    if len(data) > size:
        yield _END


def _pdf(data: bytes) -> Iterator[str]:
    if re.search(rb"/(?:Author|Creator|Producer|Title|Subject|Keywords)\s*[(<]", data):
        yield "an author, a title or the like"
    if b"<x:xmpmeta" in data or b"/Metadata" in data:
        yield "XMP data"


def _svg(data: bytes) -> Iterator[str]:
    for pattern, what in (
        (rb"<metadata\b", "metadata"), (rb"<!--", "a comment"), (rb"<desc\b", "a description"),
        (rb"\b(?:inkscape|sodipodi):", "data of an editor"),
    ):  # fmt: skip
        if re.search(pattern, data):
            yield what
