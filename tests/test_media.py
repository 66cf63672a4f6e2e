"""Images taken apart and put together: the same pixels, nothing else, and hostile files refused."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from fixtures import pictures
from fixtures.pictures import (
    FRAME,
    JFIF,
    LOSSLESS,
    PNG_END,
    PNG_HEADER,
    PNG_PIXELS,
    SCAN,
    SECRET,
    TABLES,
    TIFF,
    png_chunk,
    riff,
    segment,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from tierpub.media import NotExact, exif, image_type, remux, sniff
from tierpub.media.icc import profile

NAMES = ("a.png", "a.jpg", "a.gif", "a.webp")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def noise(mode, size=(37, 23)):
    """A picture whose every byte counts."""
    dice = random.Random(5)  # noqa: S311 - no secret
    count = len(Image.new(mode, size).tobytes())
    return Image.frombytes(mode, size, bytes(dice.randrange(256) for _ in range(count)))


def exif_of(turned):
    """EXIF with an orientation, a description and a place."""
    block = Image.Exif()
    block[0x0112] = turned
    block[0x010E] = "SECRET words"
    block[0x8825] = {1: "N", 2: (46.0, 12.0, 0.0)}
    return block.tobytes()


def saved(picture, kind, **options):
    """The bytes of a picture."""
    out = io.BytesIO()
    picture.save(out, format=kind, **options)
    return out.getvalue()


def frames(data):
    """All that a viewer shows: mode, size, pixels and delay of each frame, loops, orientation."""
    picture = Image.open(io.BytesIO(data))
    shown = []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        pixels = picture.convert("RGBA").tobytes()
        shown.append((picture.mode, picture.size, pixels, picture.info.get("duration")))
    return shown, picture.info.get("loop"), picture.getexif().get(0x0112, 1)


MORE = [noise("RGB").rotate(turn) for turn in (90, 180, 270)]
TEXT = PngImagePlugin.PngInfo()
TEXT.add_text("Author", "SECRET")
TEXT.add_itxt("XML:com.adobe.xmp", "SECRET")
TEXT.add_text("Comment", "SECRET", zip=True)
SAVED = {
    "baseline": ("a.jpg", "JPEG", "RGB", {"exif": exif_of(6), "comment": SECRET}),
    "progressive": ("a.jpg", "JPEG", "RGB", {"progressive": True, "exif": exif_of(3)}),
    "restarts": ("a.jpg", "JPEG", "RGB", {"restart_marker_blocks": 1}),
    "grey": ("a.jpeg", "JPEG", "L", {"exif": exif_of(8)}),
    "cmyk": ("a.jpg", "JPEG", "CMYK", {"comment": SECRET}),
    "profile": ("a.jpg", "JPEG", "RGB", {"icc_profile": SRGB}),
    "png": ("a.png", "PNG", "RGBA", {"pnginfo": TEXT, "exif": exif_of(6), "icc_profile": SRGB}),
    "grey png": ("a.PNG", "PNG", "LA", {"pnginfo": TEXT, "dpi": (72, 72)}),
    "deep png": ("a.png", "PNG", "I;16", {"pnginfo": TEXT}),
    "apng": ("a.png", "PNG", "RGB", {
        "save_all": True, "append_images": MORE, "duration": [10, 20, 30, 40], "loop": 2}),
    "gif": ("a.gif", "GIF", "RGB", {"comment": SECRET}),
    "animated gif": ("a.gif", "GIF", "RGB", {
        "save_all": True, "append_images": MORE, "duration": 50, "loop": 3, "comment": SECRET}),
    "webp": ("a.webp", "WEBP", "RGB", {}),
    "lossless webp": ("a.webp", "WEBP", "RGBA", {
        "lossless": True, "exif": exif_of(5), "xmp": b"SECRET", "icc_profile": SRGB}),
    "webp with alpha": ("a.webp", "WEBP", "RGBA", {"exif": exif_of(2), "xmp": b"SECRET"}),
    "animated webp": ("a.webp", "WEBP", "RGB", {
        "save_all": True, "append_images": MORE, "duration": 70, "loop": 4, "xmp": b"SECRET"}),
}  # fmt: skip


@pytest.mark.parametrize("case", SAVED)
def test_pixels_are_untouched(case):
    """What another decoder shows is the same in each pixel, frame, delay and turn; none of the
    words that went with it is left."""
    name, kind, mode, options = SAVED[case]
    data = saved(noise(mode), kind, **options) + b"PK\3\4" + SECRET
    made = remux(name, data)
    assert frames(made) == frames(data)
    assert SECRET not in made
    assert SECRET not in b"".join(_unpacked(made))


def _unpacked(data):
    """Everything in `data` that unpacks as zlib."""
    for at in range(len(data)):
        try:
            yield zlib.decompressobj().decompress(data[at:])
        except zlib.error:
            continue


@pytest.mark.parametrize("case", SAVED)
def test_twice_is_once(case):
    """What was put together is put together again as it is."""
    name, kind, mode, options = SAVED[case]
    made = remux(name, saved(noise(mode), kind, **options))
    assert remux(name, made) == made


@pytest.mark.parametrize("name", NAMES)
def test_metadata_makes_no_difference(name):
    """With all that a file can carry along or without it: the same bytes, in which none is left."""
    dirty, clean = pictures.dirty(name), pictures.clean(name)
    assert dirty.count(SECRET) >= 3
    assert remux(name, dirty) == remux(name, clean) == clean


@pytest.mark.parametrize("name", NAMES)
def test_cut_short(name):
    """A file that ends before its picture does is refused, wherever that is."""
    data = pictures.clean(name)
    for end in range(len(data)):
        with pytest.raises(NotExact):
            remux(name, data[:end])


@settings(max_examples=400)
@given(st.sampled_from(NAMES), st.data())
def test_damaged(name, data):
    """Bytes turned over: refused, or a picture that is put together again as it is. No other
    error, and none of the words that the file carried along."""
    raw = bytearray(pictures.dirty(name))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = remux(name, bytes(raw))
    except NotExact:
        return
    assert remux(name, made) == made
    assert len(made) <= len(raw)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", pictures.clean("a.jpg")),
        ("a.jpg", pictures.clean("a.png")),
        ("a.webp", pictures.clean("a.gif")),
        ("a.gif", b"<html>"),
        ("a.png", b""),
        ("a.svg", pictures.clean("a.png")),
        ("png", pictures.clean("a.png")),
    ],
)
def test_name_and_bytes_must_agree(name, data):
    """A file is an image only where its extension and its first bytes say so alike."""
    with pytest.raises(NotExact):
        remux(name, data)


def test_types_by_name():
    """Extensions count in any case, alone they are none."""
    assert [image_type(n) for n in ("a.JPG", "a.jfif", "a.apng", ".png", "a.png.pdf", "png")] == [
        "jpeg", "jpeg", "png", "", "", "",
    ]  # fmt: skip
    assert sniff(b"\xff\xd8\xff") == "jpeg"
    assert not sniff(b"%PDF")


def test_a_message_quotes_nothing():
    """What is said of a file that is refused holds nothing of the file."""
    with pytest.raises(NotExact) as caught:
        remux("a.jpg", b"\xff\xd8" + SECRET)
    assert "SECRET" not in str(caught.value)


# JPEG.

HEAD = b"\xff\xd8" + segment(0xE0, JFIF + bytes(2))
END = b"\xff\xd9"
LAST_OF_A_SEGMENT = 0xFFFF - 2


def jpeg(*parts):
    """A JPEG of such parts."""
    return b"".join((HEAD, *parts))


@pytest.mark.parametrize(
    "data",
    [
        jpeg(FRAME, TABLES, END),  # no picture
        jpeg(TABLES, SCAN, END),  # no frame
        jpeg(FRAME, FRAME, TABLES, SCAN, END),
        jpeg(FRAME, TABLES, SCAN, b"\xff\xd8", END),  # another image within
        jpeg(FRAME, b"xx", TABLES, SCAN, END),  # bytes between segments
        jpeg(FRAME, TABLES, b"\xff\xc4\xff\xff\0", SCAN, END),  # beyond the end
        jpeg(FRAME, TABLES, b"\xff\xc4\0\1", SCAN, END),
        jpeg(FRAME, segment(0xDB, b"\0" + bytes(64) + SECRET), TABLES, SCAN, END),
        jpeg(FRAME, segment(0xC4, b"\0" + bytes(16) + SECRET), SCAN, END),
        jpeg(FRAME, TABLES, segment(0xDD, b"\0\1\0"), SCAN, END),
        jpeg(segment(0xC0, b"\x08\0\0\0\x08\x01\x01\x11\0"), TABLES, SCAN, END),  # no height
        jpeg(segment(0xC0, b"\x08\0\x08\0\x08\x01\x01\x11\0" + SECRET), TABLES, SCAN, END),
        jpeg(segment(0xC5, b"\x08\0\x08\0\x08\x01\x01\x11\0"), TABLES, SCAN, END),
        jpeg(segment(0xDE, b"\x08\0\x08\0\x08\x01\x01\x11\0"), FRAME, TABLES, SCAN, END),
        jpeg(FRAME, TABLES, segment(0xDC, b"\0\x08"), SCAN, END),
        jpeg(FRAME, TABLES, segment(0xDA, b"\x01\x01\0\0\x3f\0" + SECRET), b"\x3f", END),
        jpeg(FRAME, TABLES, segment(0xDA, b"\x02\x01\0\x01\0\0\x3f\0"), b"\x3f", END),
        jpeg(segment(0xE2, b"ICC_PROFILE\0\1\2" + SRGB), FRAME, TABLES, SCAN, END),
        jpeg(segment(0xE2, b"ICC_PROFILE\0\1\1" + SECRET), FRAME, TABLES, SCAN, END),
        jpeg(segment(0xEE, b"Adobe\0"), FRAME, TABLES, SCAN, END),
        b"\xff\xd8" + segment(0xE0, JFIF + b"\1\1") + FRAME + TABLES + SCAN + END,
    ],
)  # fmt: skip
def test_hostile_jpegs(data):
    """Segments that lead beyond the end, hold more than they say, or come out of turn: refused."""
    with pytest.raises(NotExact):
        remux("a.jpg", data)


def test_jpeg_application_data_are_dropped_wherever_they_stand():
    """Thumbnails, maker's data and comments go, between scans, too; restarts and fill bytes are
    read over."""
    junk = b"".join(segment(n, SECRET) for n in (*range(0xE0, 0xF0), 0xFE))
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x3f\xff\0\xff\xd0\x3f"
    data = jpeg(junk, FRAME, junk, b"\xff\xff", TABLES, scan, b"\xff\xff", junk, scan, junk, END)
    assert remux("a.jpg", data) == jpeg(FRAME, TABLES, scan, scan, END)


def test_many_fill_bytes_take_no_time():
    """A megabyte of fill bytes is read once."""
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\xff" * (1 << 20) + b"\0"
    with pytest.raises(NotExact):
        remux("a.jpg", jpeg(FRAME, TABLES, scan))


def test_adobe_colours_stay_and_its_version_goes():
    """Of Adobe's segment the colour transform alone is kept."""
    data = jpeg(
        segment(0xEE, b"Adobe\0\x65" + b"\1\2\3\4" + b"\2" + SECRET), FRAME, TABLES, SCAN, END
    )
    kept = segment(0xEE, b"Adobe\0\x64\0\0\0\0\2")
    assert remux("a.jpg", data) == jpeg(kept, FRAME, TABLES, SCAN, END)


# PNG.


def png(*parts):
    """A PNG of such parts."""
    return b"".join((SIGNATURE, *parts))


def pixels(data):
    """A chunk of packed pixels."""
    return png_chunk(b"IDAT", data)


def profiled(data):
    """A chunk with a packed profile."""
    return png_chunk(b"iCCP", b"x\0\0" + data)


ROWS = b"\0" + bytes(range(6)) + b"\0" + bytes(6)
WRONG = PNG_PIXELS[:-1] + bytes((PNG_PIXELS[-1] ^ 1,))
HUGE = png_chunk(b"IHDR", struct.pack(">IIBBBBB", (1 << 31) - 1, (1 << 31) - 1, 16, 6, 0, 0, 0))


@pytest.mark.parametrize(
    "data",
    [
        png(PNG_HEADER, WRONG, PNG_END),  # a checksum
        png(PNG_HEADER, PNG_END),
        png(PNG_PIXELS, PNG_END),
        png(PNG_HEADER, PNG_HEADER, PNG_PIXELS, PNG_END),
        png(HUGE, PNG_PIXELS, PNG_END),
        png(PNG_HEADER, b"\x7f\xff\xff\xffIDAT", PNG_PIXELS, PNG_END),
        png(PNG_HEADER, png_chunk(b"CODE", SECRET), PNG_PIXELS, PNG_END),  # critical
        png(PNG_HEADER, png_chunk(b"tRNS", SECRET * 99), PNG_PIXELS, PNG_END),
        png(PNG_HEADER, png_chunk(b"gAMA", SECRET), PNG_PIXELS, PNG_END),
        png(PNG_HEADER, PNG_PIXELS, png_chunk(b"tEXt", b"a\0b"), PNG_PIXELS, PNG_END),
        png(PNG_HEADER, pixels(zlib.compress(ROWS) + SECRET), PNG_END),  # behind the stream
        png(PNG_HEADER, pixels(zlib.compress(ROWS)), pixels(SECRET), PNG_END),
        png(PNG_HEADER, pixels(zlib.compress(ROWS + SECRET)), PNG_END),  # more rows than stated
        png(PNG_HEADER, pixels(zlib.compress(ROWS[:-1])), PNG_END),
        png(PNG_HEADER, pixels(zlib.compress(ROWS)[:-1]), PNG_END),
        png(PNG_HEADER, pixels(zlib.compress(bytes(1 << 24), 9)), PNG_END),  # a bomb
        png(PNG_HEADER, pixels(SECRET), PNG_END),
        png(PNG_HEADER, profiled(zlib.compress(bytes(1 << 24))), PNG_PIXELS, PNG_END),
        png(PNG_HEADER, profiled(zlib.compress(SRGB) + SECRET), PNG_PIXELS, PNG_END),
        png(PNG_HEADER, PNG_PIXELS, png_chunk(b"fdAT", b"\0\0\0\0" + SECRET), PNG_END),
        png(PNG_HEADER, PNG_PIXELS, png_chunk(b"IEND", SECRET)),
        png(png_chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 3, 0, 0, 0)), PNG_PIXELS, PNG_END),
    ],
)  # fmt: skip
def test_hostile_pngs(data):
    """Wrong checksums and sizes, bytes behind a stream's end, chunks out of turn: refused."""
    with pytest.raises(NotExact):
        remux("a.png", data)


def test_png_chunks_that_nobody_knows_are_dropped():
    """Private and new chunks go, with their text, before the pixels and after them."""
    junk = b"".join(
        png_chunk(n, SECRET) for n in (b"prVt", b"tEXt", b"zTXt", b"iTXt", b"sPLT", b"caBX")
    )
    assert remux("a.png", png(PNG_HEADER, junk, PNG_PIXELS, junk, PNG_END)) == png(
        PNG_HEADER, PNG_PIXELS, PNG_END
    )


# GIF and WebP.

GIF = pictures.clean("a.gif")
SCREEN = GIF[:19]
IMAGE = b"\x2c\0\0\0\0\1\0\1\0\0\x02\x02\x44\x01\0"


@pytest.mark.parametrize(
    "data",
    [
        SCREEN + b"\x3b",
        SCREEN + IMAGE,
        SCREEN + b"\x21\xf9\x05" + bytes(6) + IMAGE + b"\x3b",
        SCREEN + b"xx" + IMAGE + b"\x3b",
        SCREEN + b"\x2c\0\0\0\0\1\0\1\0\0\x63\x02\x44\x01\0\x3b",
        SCREEN + b"\x2c\0\0\0\0\1\0\1\0\0\x02\0\x3b",
        b"GIF88a" + SCREEN[6:] + IMAGE + b"\x3b",
        b"GIF89a\0\0\1\0\0\0\0" + IMAGE + b"\x3b",
    ],
)
def test_hostile_gifs(data):
    """No picture, no end, blocks of a wrong size: refused."""
    with pytest.raises(NotExact):
        remux("a.gif", data)


def test_gif_extensions_are_dropped():
    """Comments, texts, XMP, profiles and unknown extensions go; loops are written anew."""
    junk = b"".join(
        (b"\x21", label, b"\x06", SECRET, b"\x06", SECRET, b"\0")[n]
        for label in (b"\xfe", b"\x01", b"\x77")
        for n in range(7)
    )
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\1\0\0\x06" + SECRET + b"\0"
    made = remux("a.gif", SCREEN + junk + loop + junk + IMAGE + junk + b"\x3b" + SECRET)
    assert made == SCREEN + b"\x21\xff\x0bNETSCAPE2.0\x03\1\0\0\0" + IMAGE + b"\x3b"


VP8X = (b"VP8X", bytes(10))
VP8L = (b"VP8L", LOSSLESS)


@pytest.mark.parametrize(
    "data",
    [
        riff(VP8L)[:4] + b"\xff\xff\xff\x7f" + riff(VP8L)[8:],  # a wrong size
        riff(VP8L)[:4] + struct.pack("<I", 20) + riff(VP8L)[8:],
        riff(),
        riff((b"EXIF", TIFF)),
        riff(VP8X),
        riff(VP8X, VP8L, VP8L),
        riff((b"VP8X", bytes(9)), VP8L),
        riff((b"VP8 ", SECRET)),
        riff((b"VP8L", SECRET)),
        riff((b"VP8X", b"\x02" + bytes(9)), (b"ANIM", bytes(6))),
        riff((b"VP8X", b"\x02" + bytes(9)), (b"ANIM", bytes(6)), (b"ANMF", SECRET)),
        riff((b"VP8X", b"\x20" + bytes(9)), (b"ICCP", SECRET), VP8L),
    ],
)
def test_hostile_webps(data):
    """Wrong sizes, no picture or two, frames that are none: refused."""
    with pytest.raises(NotExact):
        remux("a.webp", data)


def test_webp_extras_are_dropped_from_frames_too():
    """Chunks that are neither picture nor transparency go, in an animation's frames as well."""
    frame = bytes(15) + b"\xff"
    inner = riff((b"what", SECRET), VP8L, (b"EXIF", TIFF))[12:]
    head = (b"VP8X", b"\x0e" + b"\xff" * 3 + bytes(6))
    data = riff(head, (b"ANIM", bytes(6)), (b"ANMF", frame + inner), (b"XMP ", SECRET))
    clean = (b"ANMF", bytes(15) + b"\x03" + riff(VP8L)[12:])
    assert remux("a.webp", data) == riff((b"VP8X", b"\x02" + bytes(9)), (b"ANIM", bytes(6)), clean)


# Orientation and profiles.


@pytest.mark.parametrize("turned", range(1, 9))
def test_orientation_alone_is_left_of_exif(turned):
    """All eight ways to turn a picture are read, and nothing else is written."""
    block = exif_of(turned).removeprefix(b"Exif\0\0")
    assert exif.orientation(block) == turned
    made = exif.minimal(turned)
    assert exif.orientation(made) == turned if made else turned == 1
    assert len(made) <= 26


@pytest.mark.parametrize(
    "block",
    [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", TIFF, b"II*\0\x08\0\0\0\xff\xff", SECRET,
     b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 3, 1, 99)],
)  # fmt: skip
def test_orientation_that_cannot_be_read_is_upright(block):
    """A block that leads beyond its end, or says what there is not, turns nothing."""
    assert exif.orientation(block) == 1


def test_a_profile_keeps_its_numbers_and_loses_its_words():
    """Colours come out the same; description, copyright, date and maker are gone."""
    words = bytearray(SRGB)
    words[24:36], words[48:56], words[80:84] = b"SECRET SECRE", b"SECRETSE", b"SECR"
    made = profile(bytes(words))
    assert b"SECR" not in made
    assert b"sRGB" not in made
    assert b"FIXME" not in made
    assert profile(made) == made
    lab = ImageCms.createProfile("LAB")
    shown = [
        ImageCms.profileToProfile(
            noise("RGB"), ImageCms.ImageCmsProfile(io.BytesIO(p)), lab, outputMode="LAB"
        ).tobytes()
        for p in (SRGB, made)
    ]
    assert shown[0] == shown[1]


@settings(max_examples=200)
@given(st.data())
def test_damaged_profiles(data):
    """A profile that was tampered with is refused, or computes with its numbers alone."""
    raw = bytearray(SRGB)
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = profile(bytes(raw))
    except NotExact:
        return
    assert profile(made) == made
