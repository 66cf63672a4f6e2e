"""The sample vault at every level, as it was last read by a human being.

`tests/golden/<tier>/` holds what that tier gets, in plain text, sealed tiers too. Renew it with
`TIERPUB_RENEW_GOLDEN=1 pytest tests/test_golden.py`, then read the diff as each audience would.
"""

from __future__ import annotations

import difflib
import os
from functools import cache
from pathlib import Path

import pytest

import tierpub
from tierpub.policy import load_policy

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests/golden"
POLICY = load_policy(ROOT / "policies/default.yaml")
TIERS = POLICY.ladder.names
LINES = 60
"""Of a diff, to be shown of one file."""


@cache
def made():
    """For each tier, the projections that the sample vault has today, by path."""
    by_rank = tierpub.project(ROOT / "vault", POLICY)
    return {TIERS[rank]: files for rank, files in by_rank.items()}


def stored(tier):
    """What the golden tree holds for a tier, by path."""
    folder = GOLDEN / tier
    files = [path for path in folder.rglob("*") if not path.is_dir()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def compare(golden, today):
    """What differs between two trees, in both directions, as text for a reader."""
    told = [f"missing: {path}" for path in sorted(golden.keys() - today.keys())]
    told += [f"extra: {path}" for path in sorted(today.keys() - golden.keys())]
    for path in sorted(golden.keys() & today.keys()):
        if golden[path] != today[path]:
            told += [f"different: {path}", *diff(golden[path], today[path])]
    return told


def diff(golden, today):
    """The lines that differ; where they look alike, their line ends and marks made visible."""
    sides = [side.decode("utf-8", "backslashreplace") for side in (golden, today)]
    lines = [side.split("\n") for side in sides]
    shown = [[ascii(line)[1:-1] if "\r" in line or "\ufeff" in line else line for line in side]
             for side in lines]  # fmt: skip
    found = list(difflib.unified_diff(*shown, "golden", "today", n=1, lineterm=""))[2:]
    return [*found[:LINES], *(["…"] if len(found) > LINES else [])]


def renew(tier):
    """Make the golden tree of a tier what is projected today."""
    folder, today = GOLDEN / tier, made()[tier]
    for path in stored(tier).keys() - today.keys():
        (folder / path).unlink()
    for path, data in today.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


@pytest.mark.parametrize("tier", TIERS)
def test_golden(tier):
    """Each tier of the sample vault gets exactly the files and bytes that were read and stored."""
    if os.environ.get("TIERPUB_RENEW_GOLDEN"):
        renew(tier)
        pytest.fail("renewed, read the diff", pytrace=False)
    told = compare(stored(tier), made()[tier])
    if told:
        pytest.fail("\n".join([f"{tier} is not as stored:", *told]), pytrace=False)


def test_golden_has_no_other_tiers():
    """Nothing lies in the golden folder that is not compared."""
    assert {path.name for path in GOLDEN.iterdir()} == {*TIERS, ".gitattributes"}


def test_comparison_sees_both_directions():
    """A file too few, one too many and one that differs by a line end are all told."""
    told = compare({"a": b"x\n", "b": b"1\r\n"}, {"b": b"1\n", "c": b"y\n"})
    assert told[:3] == ["missing: a", "extra: c", "different: b"]
    assert told[4:] == ["-1\\r", "+1", " "]


def test_canonical_notes_are_stored_with_their_own_bytes():
    """The checkout has not changed the line ends that the comparison is about."""
    golden = stored("secret")
    ilo = "_secret/UN(United_Nations)/ILO(International_Labour_Organization).secret.md"
    assert b"\r\n" in golden[ilo]
    treaty = "_secret/UN(United_Nations)/Treaties/1951_Refugee_Convention.secret.md"
    assert golden[treaty].startswith(b"\xef\xbb\xbf")
