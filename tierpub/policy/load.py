"""From a policy file to a `Policy`, or to every fault that stands in its way.

Steps: `tree` reads the YAML, `shape` holds it against the schema, and here what the words mean is
checked: tiers, places of projections, patterns, contradictions.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tierpub.errors import Fault, Place, TierpubError, refuse
from tierpub.policy.build import Builder
from tierpub.policy.model import Policy
from tierpub.policy.shape import shape
from tierpub.policy.tree import read_tree


def load_policy(path: Path) -> Policy:
    """The policy in the file at `path`. Raises `TierpubError` with all faults at once, each with
    its line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        said = (error.strerror or "cannot be read").lower()
        hint = "run `tierpub init` for a starter policy"
        raise refuse(
            "no-policy", f"cannot read the policy: {said}", Place(str(path)), hint
        ) from None
    return _parse(_decoded(data, str(path)), data, str(path), path.parent)


def parse_policy(text: str, file: str, folder: Path) -> Policy:
    """The policy that `text` states; `file` is what faults call it and `folder` where the key
    files it names are looked for. Raises as `load_policy` does."""
    return _parse(text, text.encode("utf-8", "surrogatepass"), file, folder)


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8"
        raise refuse("not-utf8", "the policy is not UTF-8", Place(file, line), hint) from None


def _parse(text: str, data: bytes, file: str, folder: Path) -> Policy:
    tree, faults = read_tree(text, file)
    if tree is None:
        missing = Fault("empty-policy", "the policy is empty", Place(file, 1), "run `tierpub init`")
        raise TierpubError(*(faults or [missing]))
    builder = Builder(shape(tree, faults), faults)
    policy = builder.policy(file, folder, hashlib.sha256(data).hexdigest())
    errors = sorted((f for f in faults if f.severity == "error"), key=_position)
    if errors or policy is None:
        raise TierpubError(*errors)
    return policy


def _position(fault: Fault) -> tuple[int, int]:
    place = fault.place
    return (place.line or 0, place.column or 0) if place else (0, 0)
