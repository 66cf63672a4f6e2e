"""The manifest: a signed statement of which files one tier of a publication consists of.

An in-toto Statement v1 in a DSSE envelope, so that verifiers that are not ours read it. It stands
beside the tier's tree (`_public.manifest.json` beside `_public/`), names every published file of
the tier with its SHA-256, and nothing that depends on what was left out. `statement` and
`envelope` write it, `read` reads one that may be hostile, `check` holds a folder against it.
Nothing here writes to disk, and nothing needs an age identity.
"""

from tierpub.manifest.checking import Problem, Tier, check, examine
from tierpub.manifest.envelope import envelope, is_signed, read, signed_by
from tierpub.manifest.keys import PublicKey, load_public_key, load_signer
from tierpub.manifest.places import BUNDLE, locate, manifest_path, opened
from tierpub.manifest.publication import Publication, examine_publication, is_tier
from tierpub.manifest.statement import Manifest, statement

__all__ = [
    "BUNDLE",
    "Manifest",
    "Problem",
    "PublicKey",
    "Publication",
    "Tier",
    "check",
    "envelope",
    "examine",
    "examine_publication",
    "is_signed",
    "is_tier",
    "load_public_key",
    "load_signer",
    "locate",
    "manifest_path",
    "opened",
    "read",
    "signed_by",
    "statement",
]
