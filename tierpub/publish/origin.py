"""What a remembered run is good for: this code, this policy, this vault in this place.

Where anything of it is another, nothing that is remembered counts. A copy of the state is known
by its key file, which is made once: no copy has its number and its time.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def origin(root: Path, folder: Path, policy: str) -> bytes | None:
    """A digest of all that what is remembered of the vault at `root` rests on, with its state in
    `folder` and the `policy` of that digest. None where the program itself cannot be read."""
    hasher = hashlib.blake2b(digest_size=32)
    try:
        key, vault = os.lstat(folder / "key"), Path(root).stat()
        code = _code()
    except OSError:
        return None
    words = (
        policy, os.fsdecode(os.path.realpath(root)), key.st_ino, key.st_ctime_ns, vault.st_ino,
        sys.version, sys.implementation.cache_tag, *_installed(),
    )  # fmt: skip
    for word in words:
        hasher.update(f"{word}\0".encode("utf-8", "surrogatepass"))
    hasher.update(code)
    return hasher.digest()


def _code() -> bytes:
    """A digest of the program's own text: a version number stays the same while it is worked on."""
    hasher = hashlib.blake2b(digest_size=32)
    for folder, folders, files in os.walk(_PACKAGE):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".py"):
                with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123 - hot
                    text = file.read()
                hasher.update(f"{folder[len(str(_PACKAGE)) :]}/{name}\0{len(text)}\0".encode())
                hasher.update(text)
    if not (_PACKAGE / "errors.py").is_file():
        raise FileNotFoundError  # it runs from somewhere that is no folder of files
    return hasher.digest()


def _installed() -> list[str]:
    """The names of what is installed, versions included: another parser reads otherwise."""
    found: set[str] = set()
    for place in dict.fromkeys(sys.path):
        try:
            names = os.listdir(place or ".")  # noqa: PTH208 - hot
        except OSError:
            continue
        found.update(name for name in names if name.endswith((".dist-info", ".egg-info")))
    return sorted(found)
