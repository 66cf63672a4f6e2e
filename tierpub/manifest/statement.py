"""What a manifest states, and its canonical bytes: an in-toto Statement v1.

There is one way to write a statement, and what is read is written again and compared: so nothing
can stand in one that this module does not know of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tierpub.errors import Place, TierpubError, refuse
from tierpub.manifest.places import BUNDLE, MAX_DEPTH, MAX_TREE, manifest_path
from tierpub.tiers import fold

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://tierpub.invalid/publication/v1"
"""Names the form of the predicate; there is nothing to be fetched from it."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEYS = {"_type", "predicate", "predicateType", "subject"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is published for one tier."""

    level: str
    """The tier's name."""
    sealed: bool
    """Whether the tier is encrypted, and its one file a bundle."""
    tool: str
    """The version of tierpub that made it."""
    subjects: tuple[tuple[str, str], ...]
    """Path, relative to the tier's folder, and SHA-256 in hex of every file but the manifest
    itself; sorted by path."""
    tree: str
    """The folder of the tier's projections, relative to the tier's folder: `_public`."""
    time: int | None = None
    """Seconds since the epoch, as `SOURCE_DATE_EPOCH` gave them; never the clock's."""


def statement(manifest: Manifest) -> bytes:
    """The canonical bytes of the statement: JSON in UTF-8, keys sorted, no blanks.

    Raises `TierpubError` for a name that is not UTF-8.
    """
    predicate: dict[str, Any] = {
        "level": manifest.level,
        "sealed": manifest.sealed,
        "tool": {"name": "tierpub", "version": manifest.tool},
        "tree": manifest.tree,
    }
    if manifest.time is not None:
        predicate["time"] = manifest.time
    data = {
        "_type": TYPE,
        "predicate": predicate,
        "predicateType": PREDICATE,
        "subject": [
            {"digest": {"sha256": digest}, "name": path}
            for path, digest in sorted(manifest.subjects)
        ],
    }
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise refuse("bad-manifest", "a published name is not UTF-8") from None


def parse(payload: bytes, file: str) -> Manifest:
    """The manifest that a statement holds. Raises `TierpubError` (`bad-manifest`) for any other
    bytes than `statement` would write."""
    data = load(payload, file)
    if not isinstance(data, dict) or set(data) != _KEYS or data["_type"] != TYPE:
        raise bad(file, "states something else than an in-toto statement")
    if data["predicateType"] != PREDICATE:
        raise bad(file, "states something else than what tierpub published")
    try:
        manifest = _manifest(data["predicate"], data["subject"])
    except (KeyError, TypeError, ValueError):
        raise bad(file, "is not a manifest as tierpub writes them") from None
    if why := next(_faults(manifest), ""):
        raise bad(file, why)
    if statement(manifest) != payload:
        raise bad(file, "is not a manifest as tierpub writes them")
    return manifest


def _manifest(predicate: Any, subjects: Any) -> Manifest:  # noqa: ANN401 - JSON of a stranger
    found = tuple((item["name"], item["digest"]["sha256"]) for item in subjects)
    level, sealed, tree = predicate["level"], predicate["sealed"], predicate["tree"]
    tool, time = predicate["tool"]["version"], predicate.get("time")
    texts = [level, tree, tool, *(part for pair in found for part in pair)]
    if not all(isinstance(text, str) for text in texts) or not isinstance(sealed, bool):
        raise TypeError
    if time is not None and (type(time) is not int or time < 0):
        raise TypeError
    return Manifest(level, sealed, tool, found, tree, time)


def _faults(manifest: Manifest) -> Iterator[str]:
    """What makes a manifest unfit to be compared with a folder."""
    paths = [path for path, _ in manifest.subjects]
    if not clean(manifest.tree) or not clean(manifest.level) or "/" in manifest.level:
        yield "names no folder of a tier"
    if manifest.tree.count("/") >= MAX_TREE:
        yield "names a tree that is too deep"
    if not all(map(clean, paths)):
        yield "names a file outside its folder"
    if len({fold(path) for path in paths}) != len(paths):
        yield "names a file twice"
    if not all(_DIGEST.fullmatch(digest) for _, digest in manifest.subjects):
        yield "holds a digest that is none"
    if manifest_path(manifest.tree) in paths:
        yield "names itself"
    if not manifest.sealed:
        if not all(path.startswith(manifest.tree + "/") for path in paths):
            yield "names a file outside the tier's tree"
    elif paths != [manifest.tree + BUNDLE]:
        yield "states a sealed tier that is not one bundle"


def clean(path: str) -> bool:
    """Whether `path` is relative, stays below its folder, and is written in one way only."""
    parts = path.split("/")
    odd = any(part in {"", ".", ".."} or "\0" in part for part in parts)
    return not odd and len(parts) <= MAX_DEPTH


def load(data: bytes, file: str) -> Any:  # noqa: ANN401 - what JSON holds is not known yet
    """The JSON document `data`; a key that stands twice is refused, as two readers may differ."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError:
        raise bad(file, "is not UTF-8") from None
    except _TwiceError:
        raise bad(file, "holds a key twice") from None
    except (ValueError, RecursionError):
        raise bad(file, "is not JSON") from None


class _TwiceError(Exception):
    """A key stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _TwiceError
    return found


def _constant(name: str) -> None:
    raise ValueError(name)


def bad(file: str, message: str) -> TierpubError:
    """The refusal of a manifest."""
    return refuse("bad-manifest", message, Place(file) if file else None)
