"""Where the corpora are, and how they come to stand in a vault."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

_ROOT = Path(__file__).parents[2]
SHARED = _ROOT.parent / "shared"
FOLDER = Path(os.environ.get("TIERPUB_CORPUS") or SHARED / "corpus")
POLICY = _ROOT / "policies" / "default.yaml"
NOTES = {"germany-bayern": 452, "europe-germany": 2526}
"""Each corpus, and how many notes are in it."""
_GERMANY = "_Standards/Earth/Continent/Europe/Europe~Central/Germany"
_HOMES = {"germany-bayern": f"{_GERMANY}/Germany~West/Bayern", "europe-germany": _GERMANY}
_TAKEN = {"Lahn-Dill-Kreis.md", "Lorsch.md", "License.md", "ReadMe.md"}
"""Of a sample: notes with something that few others have."""


def missing() -> str | None:
    """Why the corpora cannot be used; None where they can."""
    lost = [name for name in NOTES if not (FOLDER / f"{name}.tar.gz").is_file()]
    return f"no {', '.join(lost)} in {FOLDER}; set TIERPUB_CORPUS" if lost else None


def must_be_there() -> bool:
    """Whether to fail rather than skip: where tests run by themselves, beside what they need."""
    return os.environ.get("CI") == "true" and SHARED.exists()


def unpack(name: str, root: Path, every: int = 1) -> dict[str, bytes]:
    """Write a corpus into the vault at `root`: its notes by path relative to the source.

    Of `every` n notes one is taken, and each that is special.
    """
    notes: dict[str, bytes] = {}
    with tarfile.open(FOLDER / f"{name}.tar.gz") as archive:
        members = sorted((m for m in archive if m.isfile()), key=lambda m: m.name)
        for number, member in enumerate(members):
            data = archive.extractfile(member).read()  # type: ignore[union-attr]
            if number % every and not _is_special(member.name, data):
                continue
            path = root / _HOMES[name] / member.name
            if not path.resolve().is_relative_to(root.resolve()):
                raise ValueError("a member that leaves the vault")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            notes[path.relative_to(root / "_Standards").as_posix()] = data
    return notes


def _is_special(name: str, data: bytes) -> bool:
    return (
        Path(name).name in _TAKEN
        or data.startswith((b"\xef\xbb\xbf", b"\r\n"))
        or b"\nConfidential:" in data
        or b"@" in data
        or b"%%" in data
        or "New folder.secret" in data.decode()
    )
