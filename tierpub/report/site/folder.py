"""The folder of a site: written beside the old one and put in its place, whole or not at all.

A list names all that a run wrote, in the form of `sha256sum`. A folder with such a list, and
with nothing in it that the list does not name in just that form, is ours; any other is not
touched. What another run left half done is removed by the next.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tierpub.errors import Fault, Place, TierpubError, refuse

LIST = "tierpub-report.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
_FEW = 5
_HINT = "move it away, or name a folder that holds nothing else"
Files = Iterable[tuple[str, bytes]]
Change = Literal["created", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a site."""

    change: Change
    files: int
    """How many it has, its list not counted."""


def write(out: Path, files: Files, *, dry_run: bool = False) -> Written:
    """Have just `files`, paths and bytes, stand in `out`, and a list of them.

    Folders get mode 0700, files 0600. Raises `TierpubError` where something stands in `out` that
    no such run wrote, or where it cannot be written; then all is as it was before. With
    `dry_run` nothing is written at all.
    """
    old = _owned(out)
    if dry_run:
        digests = {path: _digest(data) for path, data in files}
        return Written(_change(old, digests), len(digests))
    try:
        digests, change = _replace(out, old, files)
    except OSError as error:
        why = (os.strerror(error.errno) if error.errno else "an error").lower()
        raise refuse("write-failed", f"the report cannot be written: {why}", Place(str(out)),
                     "what stood there before is unchanged") from None  # fmt: skip
    return Written(change, len(digests))


def _replace(out: Path, old: dict[str, str] | None, files: Files) -> tuple[dict[str, str], Change]:
    new, gone = _beside(out, "new"), _beside(out, "old")
    if old is None and not out.exists() and _is_ours(gone):
        gone.rename(out)  # a run was killed between its two renames
        old = _owned(out)
    _discard(new)
    _discard(gone)
    try:
        digests = _fill(new, files)
        change = _change(old, digests)
        if change != "unchanged":
            _swap(out, new, gone)
    except BaseException:
        with contextlib.suppress(OSError):
            _discard(new)
        raise
    _discard(new)
    _discard(gone)
    return digests, change


def _change(old: dict[str, str] | None, new: dict[str, str]) -> Change:
    if old is None:
        return "created"
    return "unchanged" if old == new else "replaced"


def _beside(out: Path, what: str) -> Path:
    """Where the next site is built, or the last one goes: on the same file system."""
    whole = out.absolute()
    return whole.parent / f".{whole.name}.tierpub-{what}"


# What stands there.


def _owned(out: Path) -> dict[str, str] | None:
    """The files of the site that stands in `out`, by their digests; None where none does.

    Raises `TierpubError` where anything else stands there.
    """
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise refuse("stranger", "something that is no folder stands where the report goes",
                     Place(str(out)), _HINT)  # fmt: skip
    if not out.exists() or not any(out.iterdir()):
        return None
    listed = _listed(out)
    present: dict[str, str] = {}
    strangers = []
    for path, digest in _present(out):
        if digest and listed.get(path) == digest:
            present[path] = digest
        elif path != LIST:
            strangers.append(path)
    if strangers or not listed:
        raise TierpubError(*_strangers(out, strangers or ["."]))
    whole = present == listed and _is_private(out, present)
    return present if whole else {}


def _strangers(out: Path, paths: list[str]) -> Iterator[Fault]:
    paths.sort()
    for path in paths[:_FEW]:
        message = "this is no file of a report, or one that was changed since it was written"
        yield Fault("stranger", message, Place(str(out / path)), _HINT)
    if len(paths) > _FEW:
        message = f"{len(paths) - _FEW:,} more files that no report wrote"
        yield Fault("stranger", message, Place(str(out)), _HINT)


def _listed(out: Path) -> dict[str, str]:
    """What the list in `out` names; nothing where it is no list."""
    try:
        if (out / LIST).is_symlink():
            return {}
        lines = (out / LIST).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = [_LINE.fullmatch(line) for line in lines]
    return {m[2]: m[1] for m in found if m} if all(found) else {}


def _present(out: Path) -> Iterator[tuple[str, str]]:
    """Each file below `out` with its digest; empty for what is no regular file, and for a folder
    that holds nothing."""
    for folder, folders, names in os.walk(out):
        at = Path(folder)
        inside = [name for name in folders if (at / name).is_symlink()]
        if not (names or folders):
            yield at.relative_to(out).as_posix(), ""
        for name in (*names, *inside):
            file = at / name
            data = file.read_bytes() if stat.S_ISREG(file.lstat().st_mode) else None
            yield file.relative_to(out).as_posix(), _digest(data) if data is not None else ""


def _is_private(out: Path, paths: Iterable[str]) -> bool:
    """Whether nobody else may read the site as it stands there."""
    folders = {out, *(out / path.rpartition("/")[0] for path in paths)}
    every = [*folders, out / LIST, *(out / path for path in paths)]
    return all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in every)


# What is to stand there.


def _fill(folder: Path, files: Files) -> dict[str, str]:
    """Write `files` below `folder`, which is new, and their list before them all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _make(folder)
    _put(folder / LIST, b"")  # says whose it is, should we not come to the end
    digests: dict[str, str] = {}
    known = {""}
    for path, data in files:
        above = path.rpartition("/")[0]
        if above not in known:
            _make(folder / above)
            known.add(above)
        _put(folder / path, data)
        digests[path] = _digest(data)
    (folder / LIST).unlink()
    lines = [f"{digest}  {path}\n" for path, digest in sorted(digests.items())]
    _put(folder / LIST, "".join(lines).encode())
    return digests


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    folder.chmod(0o700)


def _put(file: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(file, flags, 0o600), "wb") as opened:  # noqa: PTH123 - a descriptor
        opened.write(data)
        os.fchmod(opened.fileno(), 0o600)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _swap(out: Path, new: Path, gone: Path) -> None:
    """Put `new` in the place of `out`; where that fails `out` is as before."""
    if not out.exists():
        new.rename(out)
        return
    out.rename(gone)
    try:
        new.rename(out)
    except BaseException:
        gone.rename(out)
        raise


def _discard(folder: Path) -> None:
    """Remove what a run left beside the site."""
    if not folder.is_symlink() and not folder.exists():
        return
    if not _is_ours(folder):
        raise refuse("stranger", "something stands where the report is built", Place(str(folder)),
                     "move it away")  # fmt: skip
    shutil.rmtree(folder)


def _is_ours(folder: Path) -> bool:
    """Whether a run may have left the folder beside its site: it has a list, or nothing at all."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return (folder / LIST).is_file() or not any(folder.iterdir())
