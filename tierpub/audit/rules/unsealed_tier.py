"""A tier that the policy seals and that stands in the clear, or a bundle that is no age file.

Why it matters: whoever gets the folder reads it.

To mend it: remove the plaintext everywhere it went, and publish again.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Case, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules.shape import manifest_problems
from tierpub.seal.header import is_age


def find(case: Case) -> Iterator[Finding]:
    """Trees of sealed tiers, and bundles that are not sealed."""
    bundles = {bundle.rank for bundle in case.publication.bundles}
    for rank in case.publication.ranks:
        plain = [f for f in case.publication.files[rank].values() if not f.sealed]
        meant = case.policy.sealed(rank) if case.policy else rank in bundles
        if plain and meant:
            yield Finding(
                "unsealed-tier", "error", "high", plain[0].place, None, None,
                f"files of tier {case.tier(rank)} stand in the clear, where it is to be sealed",
            )  # fmt: skip
    for bundle in case.publication.bundles:
        if not is_age(bundle.data):
            yield Finding(
                "unsealed-tier", "error", "high", bundle.place, None, None, "this is no age file"
            )
    yield from manifest_problems(case, "unsealed-tier", "unsealed-tier")


RULE = Rule("unsealed-tier", __doc__ or "", whole=find)
