"""The only writer: outputs → plan (what differs from what stands there) → apply (file by file).

`plan` reads and refuses; `apply` writes. Between a refusal and the next run nothing has changed
on disk. A release is planned by `plan_release` beside what `inspect` found, and `put_in_place`
builds it and swaps it in whole. What tierpub wrote is known from `State`, by keyed digests, and
in a release from its manifests; what it did not write is never overwritten and never removed.
"""

from __future__ import annotations

from tierpub.publish.again import Again, Task
from tierpub.publish.keeping import Keeping
from tierpub.publish.outputs import Counts, Output, Scope, Sealed
from tierpub.publish.planning import plan
from tierpub.publish.recall import Recall
from tierpub.publish.release import Release, Terms, plan_release
from tierpub.publish.staging import put_in_place
from tierpub.publish.standing import Standing, inspect
from tierpub.publish.state import State, open_state
from tierpub.publish.steps import Plan
from tierpub.publish.workshop import recover
from tierpub.publish.writing import apply

__all__ = [
    "Again",
    "Counts",
    "Keeping",
    "Output",
    "Plan",
    "Recall",
    "Release",
    "Scope",
    "Sealed",
    "Standing",
    "State",
    "Task",
    "Terms",
    "apply",
    "inspect",
    "open_state",
    "plan",
    "plan_release",
    "put_in_place",
    "recover",
]
