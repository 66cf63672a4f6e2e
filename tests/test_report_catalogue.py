"""The leak catalogue as reports: each page reads at each level as the projection does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fixtures.cases import CASES, TIERS, written
from report_tools import held_of, opened, page_of, reads
from test_fixtures import build

import tierpub
from tierpub.policy import parse_policy
from tierpub.report.site import remarks_of, site

pytestmark = pytest.mark.usefixtures("templates")

MADE = [(number % len(TIERS), case) for number, case in enumerate(CASES) if case.refused is None]


@pytest.mark.parametrize(("level", "case"), MADE, ids=[case.title for _, case in MADE])
def test_catalogue_reads_as_its_projections(tmp_path, level, case):
    """Up to some level, another one for each case, a report shows what is projected."""
    build(case, tmp_path)
    stated = parse_policy(written(case.policy), "p.yaml", tmp_path)
    policy = opened(replace(stated, mentions="off"))
    held = held_of(tmp_path, level, policy)
    pages = dict(site(held, remarks_of(held)))
    made = tierpub.project(tmp_path, policy, range(level + 1))
    shown = {
        rank: {
            policy.projection_of(note, rank): reads(page_of(pages, note), rank).encode()
            for note in held.notes
            if rank in held.projections(note)
        }
        for rank in range(level + 1)
    }
    notes = {rank: {policy.projection_of(n, rank) for n in held.notes} for rank in made}
    assert shown == {
        rank: {path: data for path, data in files.items() if path in notes[rank]}
        for rank, files in made.items()
    }
