"""tierpub publishes one set of Markdown notes to audiences of different clearance.

The path: a policy (`tierpub.policy`) ranks the tiers and says what has which; a vault
(`tierpub.vault`) holds the canonical notes; each note (`tierpub.note`) is read into portions
with exact spans; `tierpub.classify` gives every portion its tier and the reason for it;
`tierpub.cut` removes for a level what is above it; `tierpub.seal` encrypts the higher tiers and
`tierpub.publish` writes what is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tierpub.path import project
    from tierpub.policy import load_policy
    from tierpub.vault import Vault, scan

__version__ = "0.1.0"
__all__ = ["Vault", "__version__", "load_policy", "project", "scan"]

_HOMES = {
    "load_policy": "tierpub.policy",
    "project": "tierpub.path",
    "scan": "tierpub.vault",
    "Vault": "tierpub.vault",
}


def __getattr__(name: str) -> object:
    """Import the public names where they are used: the command line starts without them."""
    from importlib import import_module  # noqa: PLC0415

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
