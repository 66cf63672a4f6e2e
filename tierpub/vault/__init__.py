"""A vault: walking it, reading its notes, and what their links name, by Obsidian's rules.

`scan` walks a vault once and gives a `Vault`. `Vault.resolve` takes a link's destination as it
is written through `links.decode` (every way to read it) and `index.Index` (everything that
stands there) to a `Target`; `Vault.retarget` writes the destination for one tier.
"""

from tierpub.vault.links import Destination, decode
from tierpub.vault.resolve import Sort, Target
from tierpub.vault.vault import Vault
from tierpub.vault.walk import Layout, scan

__all__ = ["Destination", "Layout", "Sort", "Target", "Vault", "decode", "scan"]
