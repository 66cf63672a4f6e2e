"""The fixed small policy of the property tests: one rule of every kind for each tier.

Names are odd on purpose (`Rprivate/`, `lprivate`), so that nothing a rule speaks of can be met
by chance in a vault, and so that no folder name is also a word of the visible text.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

TIERS = ("public", "internal", "protect", "private", "personal", "secret")
TOP = len(TIERS) - 1
SOURCE = "_Standards"

_RULES = r"""
  - {{ note: "R{t}/**", tier: {t} }}
  - {{ attachment: "R{t}/**", tier: {t} }}
  - {{ field: "*_{t}_f", tier: {t}, reason: "a field of the {t} sort" }}
  - {{ inline_field: "k{t}", tier: {t} }}
  - {{ section: "Hs{t}*", tier: {t} }}
  - {{ link: "https://{t}.example/**", tier: {t} }}
  - {{ tag: "g{t}/**", tier: {t} }}
  - {{ text: '\bXQ{r}[a-z0-9]+', tier: {t} }}
  - {{ code: "l{t}", tier: {t} }}
  - {{ callout: "c{t}", tier: {t} }}
"""


def policy_text(default: str) -> str:
    """The policy whose notes have the tier `default` where neither label nor rule speaks."""
    rules = "".join(_RULES.format(t=name, r=rank).lstrip("\n") for rank, name in enumerate(TIERS))
    return (
        f"version: 1\ntiers: [{', '.join(TIERS)}]\nvault:\n  source: {SOURCE}\n"
        f"defaults: {{ note: {default}, comment: secret }}\nrules:\n{rules}"
    )


@cache
def _parsed(default: str) -> Any:
    from tierpub.policy import parse_policy  # noqa: PLC0415 - the generator works without it

    return parse_policy(policy_text(default), "tierpub.yaml", Path())


def policy(default: str, folder: Path) -> Any:
    """That policy, as if parsed anew: its rules are compiled once, but what they answered to one
    vault is not there for the next."""
    parsed = _parsed(default)
    book = copy.copy(parsed._book)  # noqa: SLF001 - the only thing of a policy that remembers
    book._known = {}  # noqa: SLF001
    return replace(parsed, folder=folder, _book=book)
