"""Projections and what is hidden from them to mentions: the last gate before anything is written.

A gate looks at every projection and says yes or no. It never changes one: what is visible does
not depend on what is hidden, but for the refusal itself.
"""

from tierpub.mentions.gate import Gate, Mention
from tierpub.mentions.needles import Needle

__all__ = ["Gate", "Mention", "Needle"]
