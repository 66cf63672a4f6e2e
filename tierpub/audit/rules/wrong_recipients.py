"""A sealed tier that others can open than the policy says.

A bundle shows how many keys it is sealed to, not whose: the number is held against the policy. With
identities each is tried: one that opens a tier it is no recipient of, or does not open its own.

Why it matters: a forgotten or removed recipient reads on; a new one cannot.

To mend it: `tierpub project --reseal`, or publish again; what they have already stays readable.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub import seal
from tierpub.audit.case import Case, Rule
from tierpub.audit.finding import Confidence, Finding
from tierpub.audit.publication import Bundle
from tierpub.errors import TierpubError
from tierpub.seal.header import dearmor, is_age, read_header


def find(case: Case) -> Iterator[Finding]:
    """Bundles that are sealed to others than the policy names."""
    for bundle in case.publication.bundles:
        if not is_age(bundle.data):
            continue
        for message, sure in _wrong(case, bundle):
            confidence: Confidence = "high" if sure else "medium"
            yield Finding(
                "wrong-recipients", "error", confidence, bundle.place, None, None, message
            )


def _wrong(case: Case, bundle: Bundle) -> Iterator[tuple[str, bool]]:
    try:
        stanzas = read_header(dearmor(bundle.data))
    except TierpubError:
        yield "its header cannot be read", True
        return
    known = [s for s in stanzas if s.type in ("X25519", "ssh-ed25519", "ssh-rsa")]
    if any(stanza.type == "scrypt" for stanza in stanzas):
        yield "it is sealed by a passphrase", True
    if bundle.fault and bundle.fault != "wrong-identity":
        yield "it cannot be opened as a bundle of tierpub's", True
    keys = _keys(case, bundle.rank)
    if keys is None:
        return
    if len(known) != len(keys):
        yield f"it is sealed to {len(known)} keys, where the policy names {len(keys)}", True
    for identity in case.identities:
        opens = _opens(bundle, identity)
        if identity.recipient in keys and not opens:
            yield "a recipient of the policy cannot open it", True
        if identity.recipient is not None and identity.recipient not in keys and opens:
            yield "a key that is no recipient by the policy opens it", True


def _keys(case: Case, rank: int) -> set[str] | None:
    """Whom the policy seals a tier for; None without one."""
    if case.policy is None or case.policy.seal_from is None:
        return None
    loaded = {
        tier: seal.load_recipients(raw, case.policy.folder)
        for tier, raw in case.policy.recipients.items()
    }
    return set(seal.recipients_for(rank, loaded, case.policy.seal_from))


def _opens(bundle: Bundle, identity: seal.Identity) -> bool:
    try:
        seal.unseal(bundle.data, [identity])
    except TierpubError:
        return False
    return True


RULE = Rule("wrong-recipients", __doc__ or "", whole=find)
