"""The only writer: outputs → plan (what differs from what stands there) → apply (file by file).

`plan` reads and refuses; `apply` writes. Between a refusal and the next run nothing has changed
on disk. What tierpub wrote is known from `State`, by keyed digests; what it did not write is
never overwritten and never removed.
"""

from __future__ import annotations

from tierpub.publish.outputs import Counts, Output, Scope, Sealed
from tierpub.publish.planning import plan
from tierpub.publish.state import State, open_state
from tierpub.publish.steps import Plan
from tierpub.publish.writing import apply

__all__ = ["Counts", "Output", "Plan", "Scope", "Sealed", "State", "apply", "open_state", "plan"]
