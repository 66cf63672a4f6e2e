"""A bundle: the files of one sealed tier as one tar, the same bytes for the same files.

Its size is a size class (Padmé, from the paper on PURBs: at most 12 % more, and the size of n
bytes tells only about log log n bits), reached by a last member of zeros. Zeros *behind* the end
mark would make `tar` stop early, so that `age` is killed by the closed pipe and a tampered end
goes unreported. The first of those zeros may be a digest of the recipients, so that whoever opens
a bundle can tell whether it was sealed to the people of today.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from tierpub.errors import Fault, Place, TierpubError, refuse
from tierpub.seal.names import PADDING, check_names, printable
from tierpub.seal.tar import BLOCK, MAX_SIZE, NotOurs, header, padded, read_header

SMALLEST = 128
"""Blocks of the smallest bundle, 64 KiB: an empty tier and one of a few notes look the same."""

_END = bytes(2 * BLOCK)
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a bundle."""

    name: str
    """POSIX path relative to where the bundle is opened."""
    data: bytes = field(repr=False)


def build(members: Iterable[tuple[str, bytes]], recipients: Iterable[str] = ()) -> bytes:
    """Build the bundle of `members`, pairs of name and bytes in any order.

    Sorted by the UTF-8 bytes of their names. With `recipients` it is bound to them: the bundle of
    the same files for others has other bytes. Raises `TierpubError` for names that are not clean
    or would meet, and for members of eight gigabytes.
    """
    pairs = list(members)
    check_names(name for name, _ in pairs)
    parts: list[bytes] = []
    for name, data in sorted(pairs, key=lambda pair: pair[0].encode()):
        if len(data) > MAX_SIZE:
            raise refuse("bundle-too-large", "is too large for a bundle", Place(printable(name)))
        parts += (header(name, len(data)), data, bytes(-len(data) % BLOCK))
    bond = _bond(recipients)
    filler = _padding(sum(map(len, parts)), bound=bool(bond))
    return b"".join((*parts, header(PADDING, filler), bond.ljust(filler, b"\0"), _END))


def size_class(blocks: int) -> int:
    """Round up to the smallest Padmé number that is not below `blocks` nor below `SMALLEST`."""
    blocks = max(blocks, SMALLEST)
    exponent = blocks.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (blocks + mask) & ~mask


def members(plain: bytes, *, root: str | None = None, file: str = "") -> list[Member]:
    """Read the files of the bundle `plain`, as `build` wrote it, without the padding.

    Where `root` is given, every name must stand below that folder. `file` names the bundle in
    messages. Whoever knows a tier's public keys can seal a tar of their own, so anything that
    `build` would not have written is refused: links, devices, folders, names that climb or meet,
    a missing end. Raises `TierpubError`: `foreign-bundle`, `bundle-name`, `bundle-collision`,
    `bundle-root`.
    """
    try:
        found = _read(plain)
    except NotOurs as error:
        hint = "look into it with `age -d -i KEY FILE | tar t`"
        place = Place(file) if file else None
        raise refuse("foreign-bundle", str(error), place, hint) from None
    check_names(member.name for member in found)
    if root is not None:
        _check_root(found, root.rstrip("/") + "/")
    return found


def same_files(one: bytes, other: bytes) -> bool:
    """Whether two plaintexts are bundles of the same files, for whomever each is."""
    try:
        return members(one) == members(other)
    except TierpubError:
        return False


def _padding(content: int, *, bound: bool) -> int:
    """Bytes of padding, at least a block where it is to hold something, that bring `content`
    bytes of members to a size class."""
    blocks = content // BLOCK + 1 + len(_END) // BLOCK
    filler = (size_class(blocks + bound) - blocks) * BLOCK
    if filler > MAX_SIZE:
        raise refuse("bundle-too-large", "the tier is too large for one bundle")
    return filler


def _bond(recipients: Iterable[str]) -> bytes:
    """What binds a bundle to its recipients, with a check of its own; nothing for nobody."""
    names = sorted({name.encode() for name in recipients})
    if not names:
        return b""
    return _checked(hashlib.sha256(b"tierpub recipients\n" + b"\n".join(names)).digest())


def _checked(digest: bytes) -> bytes:
    return digest + hashlib.sha256(b"tierpub bond\n" + digest).digest()


def _is_filler(data: bytes, content: int) -> bool:
    """Whether `data` is padding as `build` writes it, bound or not, behind `content` bytes."""
    bond = _checked(data[:_DIGEST])
    bound = data.startswith(bond)
    rest = data[len(bond) :] if bound else data
    return len(data) == _padding(content, bound=bound) and not rest.strip(b"\0")


def _read(plain: bytes) -> list[Member]:
    found: list[Member] = []
    at, limit = 0, len(plain) - len(_END)
    while True:
        if at >= limit:
            raise NotOurs("is a bundle without its end")
        name, size, at = read_header(plain, at)
        if at + padded(size) > limit:
            raise NotOurs("is a bundle whose last file is cut short")
        data, gap = plain[at : at + size], plain[at + size : at + padded(size)]
        at += padded(size)
        if gap.strip(b"\0"):
            raise NotOurs("is not a bundle as tierpub writes them")
        if name == PADDING:
            _check_end(plain, data, found, at)
            return found
        found.append(Member(name, data))


def _check_end(plain: bytes, filler: bytes, found: list[Member], at: int) -> None:
    """Pass when the padding is what `build` would have written, and nothing comes after it."""
    names = [member.name.encode() for member in found]
    content = at - len(filler) - BLOCK
    right = _is_filler(filler, content) and plain[at:] == _END
    if not right or names != sorted(names):
        raise NotOurs("is not a bundle as tierpub writes them")


def _check_root(found: list[Member], root: str) -> None:
    faults = [
        Fault("bundle-root", "stands outside the bundle's folder", Place(printable(member.name)))
        for member in found
        if not member.name.startswith(root)
    ]
    if faults:
        raise TierpubError(*faults)
