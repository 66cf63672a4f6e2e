"""A run of `tierpub project` that does only what has changed, where that is certain."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from tierpub.cli.making import Tally
from tierpub.cli.output import warn
from tierpub.cli.workspace import Workspace
from tierpub.errors import TierpubError

if TYPE_CHECKING:
    from tierpub.publish import Again, Counts, State, Task


class Incremental(Tally):
    """The steps: `is_certain`, and where it is, `write`. It tells what a whole run tells."""

    def __init__(
        self,
        stack: contextlib.ExitStack,
        space: Workspace,
        ranks: list[int],
        out: Path,
        recipients: dict[int, tuple[str, ...]],
    ) -> None:
        """Reads what is remembered. Until `stack` is closed the vault is locked; where another
        run has it, or nothing is remembered, nothing is certain."""
        from tierpub import publish

        super().__init__(space.policy, ranks)
        self._recall = publish.Recall(space.root, space.policy, out, ranks, recipients)
        self._state: State | None = None
        self._again: Again | None = None
        with contextlib.suppress(TierpubError, OSError, ValueError):
            self._state = stack.enter_context(publish.open_state(space.root, load=False))
            stack.callback(self._recall.close)
            self._recall.start(self._state)

    def is_certain(self, task: Task) -> bool:
        """Whether what there is to do can be told from what is remembered; nothing is done yet."""
        self._recall.see(task)
        if self._state is not None:
            self._again = self._recall.again(self._state)
        return self._again is not None

    def write(self, *, dry_run: bool) -> tuple[Counts, bool]:
        """Do it; what was done, and whether a published file changed."""
        from tierpub import publish, seal

        again, state = self._again, self._state
        if again is None or state is None:
            raise RuntimeError("what is not certain is not written")
        counts = again.plan.counts if dry_run else publish.apply(again.plan, seal.seal)
        if not dry_run:
            self._recall.noted(state, again)
        warn(state.warnings)
        self.counts, self.copied = again.notes, again.attachments
        warn(self.empty_levels())
        return counts, again.plan.changes
