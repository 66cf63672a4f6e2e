"""Projections and what is hidden from them to mentions: the last gate before anything is written.

A gate looks at every projection and says yes or no. It never changes one: what is visible does
not depend on what is hidden, but for the refusal itself.
"""

from tierpub.mentions.gate import Gate, Mention, verdict
from tierpub.mentions.gather import gather, leads_of
from tierpub.mentions.needles import Called, Names, Needle, choose, join, names_of
from tierpub.mentions.search import Search, excusing

__all__ = [
    "Called", "Gate", "Mention", "Names", "Needle", "Search", "choose", "excusing",
    "gather", "join", "leads_of", "names_of", "verdict",
]  # fmt: skip
