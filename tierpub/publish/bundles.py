"""Whether the bundle of an earlier run can stay: encrypting anew would change every byte of it.

It stays when it was made of this plaintext for these recipients, and that must be certain: a
keyed digest in the state says so, or else an identity at hand opens it and finds just that text,
which itself tells whom it was sealed to.
"""

from __future__ import annotations

from collections.abc import Callable

from tierpub.errors import Fault, Place
from tierpub.publish.outputs import Sealed
from tierpub.seal import recipient_count

Unseal = Callable[[bytes], bytes | None]
"""Opens a bundle with the identities at hand; None where they do not open it."""


def is_same(data: bytes, plain: bytes | None, output: Sealed) -> bool:
    """Whether a bundle that opened to `plain` is certainly `output`: its text, which names its
    recipients, and as many who can open it."""
    return (
        output.bound
        and plain == output.plain
        and recipient_count(data) == len(set(output.recipients))
    )


def who_left(path: str) -> Fault:
    """The warning that somebody could open the old bundle at `path` and cannot open the new."""
    message = (
        "somebody who could open this is no longer a recipient; copies of it from before"
        " today stay readable to them"
    )
    hint = "what they must not know any more has to change, not only who it is sealed to"
    return Fault("recipient-removed", message, Place(path), hint, "warning", 0)
