"""The envelope around a statement: DSSE, through securesystemslib.

A signature is by key and not by name: the key identifiers in an envelope are not signed, so they
choose nothing here. Every signature is tried with the one key that was asked for, and what is
read is the very bytes that were signed.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from tierpub.manifest.statement import Manifest, bad, load, parse, statement

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import Key, Signature, Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_SIZE = 1 << 26
"""Bytes of an envelope: a quarter of a million files."""
MAX_SIGNATURES = 16

__all__ = ["envelope", "is_signed", "read", "signed_by"]


def envelope(manifest: Manifest, signer: Signer | None) -> bytes:
    """The manifest as it is published: one line of JSON, signed where there is a signer.

    The same manifest and Ed25519 key give the same bytes.
    """
    from securesystemslib.dsse import Envelope  # noqa: PLC0415 - a run of `project` needs none

    made = Envelope(statement(manifest), PAYLOAD_TYPE, {})
    if signer is not None:
        made.sign(signer)
    text = json.dumps(made.to_dict(), sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def read(data: bytes, file: str = "") -> Manifest:
    """The manifest in an envelope, whether or not it is signed.

    `file` names it in messages. Raises `TierpubError` (`bad-manifest`) for anything that could be
    read in two ways or is not what `envelope` writes, but for the order and number of signatures.
    """
    return parse(_open(data, file).payload, file)


def is_signed(data: bytes, file: str = "") -> bool:
    """Whether an envelope holds a signature, by whomever."""
    return bool(_open(data, file).signatures)


def signed_by(data: bytes, key: Key, file: str = "") -> bool:
    """Whether one of the signatures of an envelope is by `key`. Raises as `read` does."""
    from securesystemslib.exceptions import UnverifiedSignatureError  # noqa: PLC0415
    from securesystemslib.signer import Signature  # noqa: PLC0415

    opened = _open(data, file)
    for signature in opened.signatures.values():
        try:
            key.verify_signature(Signature(key.keyid, signature.signature), opened.pae())
        except UnverifiedSignatureError:
            continue
        return True
    return False


def _open(data: bytes, file: str) -> Envelope:
    from securesystemslib.dsse import Envelope  # noqa: PLC0415

    if len(data) > MAX_SIZE:
        raise bad(file, "is too large for a manifest")
    found = load(data, file)
    if not isinstance(found, dict) or set(found) != {"payload", "payloadType", "signatures"}:
        raise bad(file, "is not a DSSE envelope")
    if found["payloadType"] != PAYLOAD_TYPE:
        raise bad(file, "is an envelope around something else than an in-toto statement")
    signatures = found["signatures"]
    if not isinstance(signatures, list) or len(signatures) > MAX_SIGNATURES:
        raise bad(file, "holds signatures that are none")
    payload = _bytes(found["payload"], file)
    numbered = {str(n): _signature(item, file) for n, item in enumerate(signatures)}
    return Envelope(payload, PAYLOAD_TYPE, numbered)


def _signature(item: Any, file: str) -> Signature:  # noqa: ANN401 - JSON of a stranger
    from securesystemslib.signer import Signature  # noqa: PLC0415

    if not isinstance(item, dict) or not {"sig"} <= set(item) <= {"sig", "keyid"}:
        raise bad(file, "holds signatures that are none")
    name = item.get("keyid", "")
    if not isinstance(name, str):
        raise bad(file, "holds signatures that are none")
    return Signature(name, _bytes(item["sig"], file).hex())


def _bytes(text: Any, file: str) -> bytes:  # noqa: ANN401 - JSON of a stranger
    """What base64 says, written in the one way there is."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise bad(file, "holds base64 that is none") from None
    if base64.b64encode(data).decode() != text:
        raise bad(file, "holds base64 that is none")
    return data
