"""Images without what they carry along: bytes in, bytes out.

`remux` takes a JPEG, PNG, GIF or WebP apart by its own strict parser and puts together anew what
decides how it is shown: coded pixels, tables, palette, colour profile, orientation, frames. What
else a file may hold (EXIF, GPS, XMP, IPTC, comments, thumbnails, further images, whatever stands
behind the end) is not looked for and taken out: it is never copied. What does not parse exactly
is refused, for what a parser of ours does not understand another program may read.

The coded pixels themselves are not decoded but for PNG, where the stream must have exactly the
length that its header states.
"""

from __future__ import annotations

from collections.abc import Callable

from tierpub.media.gif import gif
from tierpub.media.jpeg import jpeg
from tierpub.media.png import png
from tierpub.media.reader import NotExact
from tierpub.media.webp import webp

_REMUXERS: dict[str, Callable[[bytes], bytes]] = {
    "jpeg": jpeg,
    "png": png,
    "gif": gif,
    "webp": webp,
}
_EXTENSIONS = {
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "jpe": "jpeg",
    "jfif": "jpeg",
    "png": "png",
    "apng": "png",
    "gif": "gif",
    "webp": "webp",
}


def image_type(name: str) -> str:
    """What the end of a file name says it is: `jpeg`, `png`, `gif`, `webp`, or nothing."""
    stem, _, extension = name.rpartition(".")
    return _EXTENSIONS.get(extension.strip().lower(), "") if stem else ""


def sniff(data: bytes) -> str:
    """What the first bytes of a file say it is: `jpeg`, `png`, `gif`, `webp`, or nothing."""
    if data.startswith(b"\xff\xd8"):
        return "jpeg"
    if data.startswith(b"\x89PNG"):
        return "png"
    if data.startswith(b"GIF8"):
        return "gif"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def remux(name: str, data: bytes) -> bytes:
    """The image `data`, which a file `name` holds, without anything that its picture does not need.

    Raises `NotExact` where name and bytes do not agree on one of the four formats, or where the
    bytes do not parse to the last one that counts.
    """
    kind = image_type(name)
    if not kind or sniff(data) != kind:
        raise NotExact("its name and its bytes say different things of its type")
    return _REMUXERS[kind](data)


__all__ = ["NotExact", "image_type", "remux", "sniff"]
