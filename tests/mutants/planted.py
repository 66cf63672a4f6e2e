"""All leaks that are planted, and those that wait for what they leak through."""

from __future__ import annotations

from mutants.in_cuts import IN_CUTS
from mutants.in_links import IN_LINKS
from mutants.in_runs import IN_RUNS
from mutants.in_tiers import IN_TIERS

MUTANTS = (*IN_TIERS, *IN_LINKS, *IN_CUTS, *IN_RUNS)

AWAITED = {
    "an attachment is copied that nothing visible refers to": "the writer of attachments",
    "a picture is copied with its metadata": "the re-muxing of pictures",
}
"""Leaks that cannot be planted yet, each with what has to be there first."""
