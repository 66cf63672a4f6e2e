"""Keys, age and bundles: how a tier is sealed for the people who may read it.

One sealed tier is one bundle: `build` joins its files into a tar whose size says only a class,
`seal` encrypts that to the tier's `recipients_for`, `unseal`, `members` and `extract` go back.
Nothing here knows what a note is, and only `extract` writes.

Keys live in Python strings and in pyrage's objects and cannot be wiped from memory.
"""

from tierpub.seal.age import recipient_count, seal, unseal
from tierpub.seal.bundle import Member, build, members, same_files
from tierpub.seal.extract import extract
from tierpub.seal.identities import Identity, load_identities
from tierpub.seal.keys import load_recipients, parse_recipient, recipients_for

__all__ = [
    "Identity",
    "Member",
    "build",
    "extract",
    "load_identities",
    "load_recipients",
    "members",
    "parse_recipient",
    "recipient_count",
    "recipients_for",
    "same_files",
    "seal",
    "unseal",
]
