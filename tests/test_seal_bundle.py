"""Bundles: one tar for one set of files, whose size says only a class; read strictly."""

import io
import random
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierpub.errors import TierpubError
from tierpub.seal import build, members
from tierpub.seal import tar as blocks
from tierpub.seal.bundle import size_class

NAMES = [
    "_private/UN/IOM.private.md",
    "_private/UN/Größe ✓ 日本.md",
    "_private/a",
    "_private/" + "d/" * 60 + "b.md",
    "_private/" + "ж" * 40 + "/" + "я" * 60 + ".md",
    "_private/" + "x" * 180 + "/" + "y" * 120 + ".md",
    "-rf",
    "…/ leading and trailing .md ",
    "n" * 100,
    "n/" + "m" * 99,
]
FILES = [(name, name.encode() * at) for at, name in enumerate(NAMES)]


def code(call, *args, **options) -> str:
    with pytest.raises(TierpubError) as caught:
        call(*args, **options)
    (found,) = {fault.code for fault in caught.value.faults}
    return found


def test_round_trip():
    """What was built is read again, sorted by the bytes of the names, without the padding."""
    found = [(member.name, member.data) for member in members(build(FILES))]
    assert found == sorted(FILES, key=lambda pair: pair[0].encode())


def test_deterministic():
    """The order in which files come makes no difference, and there is no time or owner."""
    shuffled = random.Random(1).sample(FILES, len(FILES))
    assert build(shuffled) == build(iter(FILES))
    with tarfile.open(fileobj=io.BytesIO(build(FILES))) as tar:
        facts = {(m.mode, m.mtime, m.uid, m.gid, m.uname, m.gname, m.type) for m in tar}
    assert facts == {(0o600, 0, 0, 0, "", "", b"0")}


def test_python_reads_the_same():
    """Python's tarfile, a reader of another make, sees the same names and bytes."""
    with tarfile.open(fileobj=io.BytesIO(build(FILES))) as tar:
        found = {m.name: tar.extractfile(m).read() for m in tar}
    padding = found.pop(".tierpub-padding")
    assert found == dict(FILES)
    assert not padding.strip(b"\0")


def test_raw_names_stand_in_the_ustar_fields():
    """A reader that skips pax records finds UTF-8 names, and no two long ones alike."""
    long = ["l" * 200 + "1", "l" * 200 + "2"]
    plain = build((name, b"") for name in [*long, "ünï/é.md"])
    assert plain.count("ünï/é.md".encode()) == 2
    names = {
        plain[at : at + 74] for at in range(0, len(plain), 512) if plain[at:][:10] == b"long-name-"
    }
    assert len(names) == 2


def test_size_is_a_class():
    """Whatever is put in, the size is the smallest class that holds it."""
    for count in (0, 1, 3, 40, 400):
        plain = build((f"{n}.md", b"x" * 700) for n in range(count))
        content = count * 3 + 3
        assert len(plain) == size_class(content) * 512


def test_few_files_look_like_none():
    """An empty tier and one of a few notes have the same size."""
    assert len(build([])) == len(build(FILES[:3])) == 65536


def test_padme():
    """Classes are Padmé's: at most 12 % more, and few of them."""
    classes = {size_class(n) for n in range(1, 100_000)}
    assert all(n <= size_class(n) <= max(128, n * 1.12) for n in range(1, 100_000))
    found = [size_class(n) for n in (0, 128, 129, 144, 145, 1000, 1025)]
    assert found == [128, 128, 144, 144, 160, 1024, 1088]
    assert len(classes) < 200


@pytest.mark.parametrize(
    "name",
    [
        "", "/etc/passwd", "..", "../a", "a/../b", "a/..", "./a", "a/./b", "a//b", "a/", ".",
        "a\\..\\b", "..\\a", "C:a", "c:/a", "a\0b", "a\nb", "a\x1b[2J", "a\x85", "a\u2028b",
        ".. /a", "a/ ", "a/.. .", "...", "a\udcff", "x" * 256, "é" * 128, "a/" * 2048 + "b",
        ".tierpub-padding", ".TIERPUB-Padding", ".tierpub-padding/x", ".tierpub-padding .",
    ],
)  # fmt: skip
def test_bad_name(name):
    """A name that some system would place elsewhere is refused, building and reading."""
    assert code(build, [(name, b"")]) == "bundle-name"


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a"), ("a", "A"), ("é.md", "e\u0301.md"), ("ß", "SS"), ("a", "a/b"), ("A/b", "a"),
        ("x/a/b", "X/A"), ("ſ", "s"), ("K", "k"),
    ],
)  # fmt: skip
def test_names_that_meet(names):
    """Two names that are one file on some system are refused, folders included."""
    assert code(build, [(name, b"") for name in names]) == "bundle-collision"


def test_names_that_do_not_meet():
    """Folders may differ by case or hold names like those beside them."""
    assert members(build([("A/b", b""), ("a/c", b""), ("a.md", b""), ("a/a", b"")]))


def test_all_bad_names_at_once():
    """Every bad name is named, and no control character of it gets into a message."""
    with pytest.raises(TierpubError) as caught:
        build([("../a", b""), ("b\x1b", b""), ("c", b"")])
    assert [str(fault.place) for fault in caught.value.faults] == ["../a", "b\\x1b"]


def test_root():
    """A bundle whose files stand outside the folder that is expected is refused."""
    plain = build([("_private/a", b""), ("_privateer/b", b"")])
    assert code(members, plain, root="_private") == "bundle-root"
    assert len(members(build([("_private/a", b"")]), root="_private")) == 1


def test_huge_size_is_refused():
    """A header that states more than eight gigabytes, or more than there is, is refused."""
    plain = bytearray(build([("a", b"x")]))
    sizes = b"77777777777\0", b"\x80" + b"\0" * 10 + b"\x01", b"-0000000001\0", b"00000002777\0"
    for size in sizes:
        plain[124:136] = size
        plain[148:156] = b" " * 8
        plain[148:156] = b"%06o\0 " % sum(plain[:512])
        assert code(members, bytes(plain)) == "foreign-bundle"


def foreign(fill, form=tarfile.USTAR_FORMAT) -> bytes:
    """A tar that `fill` makes, with the padding and end that ours has."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as tar:
        fill(tar)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.DIRTYPE, "folder"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "pipe"),
        (tarfile.CONTTYPE, "other than files"),
        (tarfile.GNUTYPE_SPARSE, "other than files"),
        (tarfile.XGLTYPE, "other than files"),
    ],
)
def test_no_file(kind, says):
    """Links, folders, devices and whatever else a tar can hold are refused by name."""
    info = tarfile.TarInfo("a")
    info.type, info.linkname, info.mode = kind, "/etc/passwd", 0o600
    plain = foreign(lambda tar: tar.addfile(info))
    with pytest.raises(TierpubError, match=says):
        members(plain)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_foreign_tar(form):
    """A tar that another tool wrote is refused even where its names are clean."""

    def fill(tar):
        tar.addfile(tarfile.TarInfo("x" * 90))

    assert code(members, foreign(fill, form)) == "foreign-bundle"


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", "a\\b"])
def test_climbing_name_in_a_bundle(name):
    """A bundle made by hand with a name that climbs is refused when it is read."""
    assert code(members, by_hand([(name, b"x")])) == "bundle-name"


def by_hand(pairs: list[tuple[str, bytes]]) -> bytes:
    """A bundle as `build` makes it, but for its checks."""
    body = b"".join(
        blocks.header(name, len(data)) + data + bytes(-len(data) % 512) for name, data in pairs
    )
    filler = (128 - len(body) // 512 - 3) * 512
    return body + blocks.header(".tierpub-padding", filler) + bytes(filler + 1024)


def test_by_hand_is_what_build_makes():
    """The tests' own maker of bundles makes what `build` makes, so that it tests its checks."""
    assert by_hand([("a", b"1"), ("b", b"22")]) == build([("a", b"1"), ("b", b"22")])


@pytest.mark.parametrize("pairs", [["b", "a"], ["a", "a"], ["a", "A"]])
def test_order_and_duplicates_in_a_bundle(pairs):
    """A bundle made by hand, unsorted or with names that meet, is refused when it is read."""
    wanted = {"foreign-bundle", "bundle-collision"}
    assert code(members, by_hand([(name, b"") for name in pairs])) in wanted


def test_every_truncation_is_refused():
    """A bundle that ends early, at any block or within one, is refused."""
    plain = build([("a", b"x" * 600), ("ünï", b"y")])
    for end in [*range(0, len(plain), 512), len(plain) - 1, 100, 513]:
        assert code(members, plain[:end]) == "foreign-bundle"


def test_something_after_the_end():
    """Bytes behind the end mark, zeros included, are refused."""
    plain = build([("a", b"x")])
    for more in (b"\0", bytes(512), plain):
        assert code(members, plain + more) == "foreign-bundle"


@given(st.integers(0, 65535), st.integers(1, 255))
def test_no_byte_goes_unread(at, change):
    """A byte changed anywhere in a bundle is noticed, or is a byte of a file or of its name."""
    plain = bytearray(BUNDLE)
    plain[at] ^= change
    try:
        found = members(bytes(plain))
    except TierpubError:
        return
    assert build((member.name, member.data) for member in found) == bytes(plain)


BUNDLE = build(FILES)


@given(st.binary(max_size=2048))
def test_any_bytes_are_refused(data):
    """No bytes of chance are a bundle, and nothing but our own error comes of them."""
    assert code(members, data) == "foreign-bundle"
