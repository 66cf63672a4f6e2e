"""The published age test vectors (C2SP CCTV), where they are at hand.

They are no part of this project. `npm pack cctv-age` ships them; TIERPUB_AGE_VECTORS names its
`index.js`, or a folder with the single files.
"""

import base64
import hashlib
import os
import re
import zlib
from collections import defaultdict
from pathlib import Path

import pyrage
import pytest

from tierpub.errors import TierpubError, refuse
from tierpub.seal import load_identities, unseal
from tierpub.seal.guard import guarded
from tierpub.seal.header import check_work_factor, dearmor, read_header

WHERE = os.environ.get("TIERPUB_AGE_VECTORS")
ENTRY = re.compile(r'// \.\./testdata/(\S+)\nvar \w+ = __toBinary\("([^"]*)"\)')

UNSUPPORTED = {
    "armor_hybrid", "hybrid", "hybrid_and_x25519", "hybrid_grease", "hybrid_multiple_recipients",
}  # fmt: skip
"""Vectors that ought to open and do not: they need a post-quantum identity."""


def vectors() -> dict[str, bytes]:
    if WHERE is None:
        return {}
    path = Path(WHERE)
    if path.is_dir():
        return {file.name: file.read_bytes() for file in path.iterdir()}
    return {name: base64.b64decode(text) for name, text in ENTRY.findall(path.read_text())}


VECTORS = vectors()


def opened(facts: dict[str, list[str]], data: bytes) -> bytes:
    """The plaintext, by the code that reads bundles or the code that reads wrapped identities."""
    if not facts["passphrase"]:
        text = "\n".join(facts["identity"])
        return unseal(data, load_identities([], {"TIERPUB_IDENTITY": text}))
    data = dearmor(data)
    check_work_factor(read_header(data))
    with guarded(lambda _: refuse("wrong-passphrase", "")):
        return pyrage.passphrase.decrypt(data, facts["passphrase"][0])


@pytest.mark.skipif(WHERE is None, reason="TIERPUB_AGE_VECTORS does not name the test vectors")
def test_all_vectors_are_here():
    """There are at least as many vectors as when this was written."""
    assert len(VECTORS) >= 143


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_vector(name):
    """A vector opens when it should, to the right bytes, and is refused by our error otherwise."""
    head, data = VECTORS[name].split(b"\n\n", 1)
    facts = defaultdict(list)
    for line in head.decode().splitlines():
        key, _, value = line.partition(": ")
        facts[key].append(value)
    data = zlib.decompress(data) if facts["compressed"] else data
    if facts["expect"] != ["success"] or name in UNSUPPORTED:
        with pytest.raises(TierpubError):
            opened(facts, data)
    else:
        assert hashlib.sha256(opened(facts, data)).hexdigest() == facts["payload"][0]
