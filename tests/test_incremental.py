"""A run that does only what has changed, against one that does everything: nothing differs."""

from __future__ import annotations

import os

import pytest
from incremental_tools import Vaults, Watch

from tierpub.publish import glance

EDITS = int(os.environ.get("TIERPUB_EDITS", "120"))
"""Steps of the property, over all sequences."""
SEQUENCE = 30
FIRST = int(os.environ.get("TIERPUB_EDITS_FROM", "0"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + max(1, EDITS // SEQUENCE)))
def test_any_edits(tmp_path, monkeypatch, seed, tell):
    """After any edits a run prints, writes and leaves alone what a run without memory does."""
    watch = Watch(monkeypatch)
    if seed % 2:  # trust what is not younger than the run itself
        monkeypatch.setattr(glance, "FINE_SLACK", 0)
    vaults = Vaults(tmp_path, seed)
    done = []
    for _ in range(SEQUENCE):
        try:
            done.append(vaults.step())
        except AssertionError as error:
            error.add_note(f"seed {seed}, edits {done}")
            raise
    tell(f"edits {seed:4}: {watch.partial} incremental, {watch.whole} whole")
