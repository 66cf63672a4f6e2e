"""All leaks that are planted."""

from __future__ import annotations

from mutants.in_cuts import IN_CUTS
from mutants.in_links import IN_LINKS
from mutants.in_runs import IN_RUNS
from mutants.in_tiers import IN_TIERS

MUTANTS = (*IN_TIERS, *IN_LINKS, *IN_CUTS, *IN_RUNS)
