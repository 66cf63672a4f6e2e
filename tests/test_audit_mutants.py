"""The auditor on the output of a splitter that is broken on purpose.

Every mutant of `mutants` makes the publications of the leak catalogue, of the sample vault and of a
small sealed vault, in a copy of the code; the auditor here is the true one. Each has to be found,
but for those that an auditor cannot see, which are named with the reason. By default a few are
tried; `TIERPUB_MUTANTS_FULL=1` tries all, which takes many minutes.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from mutants import making
from mutants.planted import MUTANTS
from mutants.planting import Mutant, changed, copy_project
from release_tools import sealed_vault
from sharing import once

from tierpub.audit import at_least, audit
from tierpub.policy import load_policy
from tierpub.seal import load_identities

FULL = bool(os.environ.get("TIERPUB_MUTANTS_FULL"))
FEW = {
    "a comment is kept",
    "an anchor to a hidden heading is kept",
    "a picture is copied with its metadata",
    "a tier is sealed to the readers of lower ones",
    "the mention gate is open",
}
"""What is tried by default: text, links, files, seals, and one that nobody can see."""
LOG = "it changes what is printed, and no file"
GATE = "the gate refuses; what it lets through is not above the level by label, rule or link"
UNSEEN = {
    "the name of a copied file is not looked at": GATE,
    "the mention gate is open": GATE,
    "a hidden value is not looked for": GATE,
    "what is hidden is counted in the output": LOG,
    "warnings come in the order of what they hide": LOG,
    "a fault above the level is told": LOG,
    "a fault is told at the lowest tier wherever it stands": LOG,
    "a message quotes the note": LOG,
    "a file has the time of its source": "times are no part of what is published: archives and "
    "checkouts set their own",
    "a comment that ends in another item is only warned of": "what is refused, for other readers "
    "differ, both read alike: as a comment to the end of its item",
    "the plain text of a sealed tier is on the disk": "it lies elsewhere than the publication",
}
"""What an auditor of a publication cannot see, and why."""
NOTES = {
    "Open/Office.md": "# Office\n\nOpen words. See [[Ann_Falcon]].\n",
    "Open/Gone.md": "# Gone\n\nWords that are taken back.\n",
    "Plans.md": "# Plans\n\nInside words.\n\n## Pay [confidential:: secret]\n\nNine coins.\n",
    "people/Ann_Falcon.md": "# Ann\n\nShe works at [[Office]], by the lake.\n",
}
Made = dict[str, making.Trees | None]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project."""
    return copy_project(tmp_path_factory.mktemp("audited") / "tierpub-copy")


@pytest.fixture(scope="module")
def clean(copy, tmp_path_factory):
    """What the code as it is makes; nothing is found in its sealed vault."""

    def made(folder: Path) -> Made:
        trees = make(copy, folder)
        assert findings_in_vault(folder) == []
        return trees

    return once(tmp_path_factory, "clean", made)


def make(copy: Path, folder: Path) -> Made:
    """What the code of the copy makes; the sealed vault stands in `folder`."""
    vault = sealed_vault(folder, NOTES)
    policy = vault / "tierpub.yaml"
    policy.write_text(policy.read_text() + 'mentions: "off"\n')
    file = folder / "made"
    done = subprocess.run(
        [sys.executable, copy / "tests/mutants/making.py", file, vault],
        env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return pickle.loads(file.read_bytes())  # noqa: S301 - from our own copy


def findings_in_vault(folder: Path):
    """What is surely wrong with the projections of the sealed vault, by its highest key."""
    vault = folder / "vault"
    keys = load_identities([folder / "secret.key"], {})
    return sure(audit(vault, vault=vault, policy=load_policy(vault / "tierpub.yaml"),
                      identities=keys))  # fmt: skip


def sure(found):
    """Errors of which the auditor is sure enough to refuse a release."""
    return [f for f in found if f.severity == "error" and at_least(f, "medium")]


def findings(place: str, trees: making.Trees, root: Path):
    """What is surely wrong with the publication of one case."""
    if place == making.SAMPLE:
        vault = making.ROOT / "vault"
        policy = replace(load_policy(making.ROOT / "policies/default.yaml"), seal_from=None)
    else:
        vault = root / "vault"
        case = next(case for case in making.all_cases() if case.place == place)
        making.lay_vault(case, vault)
        policy = making.policy_of(case, vault)
    for rank, tree in trees.items():
        base = root / "out" / policy.ladder.names[rank]
        (base / policy.tree(rank)).mkdir(parents=True)
        for path, data in tree.items():
            (base / path).parent.mkdir(parents=True, exist_ok=True)
            (base / path).write_bytes(data)
    return sure(audit(root / "out", vault=vault, policy=policy))


def is_found(made: Made, clean: Made, folder: Path) -> bool:
    """Whether anything that a mutant made otherwise is found."""
    if findings_in_vault(folder):
        return True
    others = [place for place, trees in made.items() if trees and trees != clean[place]]
    return any(
        findings(place, made[place] or {}, folder / f"case-{number}")
        for number, place in enumerate(others)
    )


@pytest.mark.parametrize(
    "mutant", [m for m in MUTANTS if FULL or m.leak in FEW], ids=lambda mutant: mutant.leak
)
def test_a_broken_splitter_is_found(mutant: Mutant, copy: Path, clean: Made, tmp_path: Path):
    """What is made by it differs, and the auditor says so with an error it is sure of."""
    file = copy / mutant.file
    with changed(file, mutant.plant(file.read_text(encoding="utf-8"))):
        made = make(copy, tmp_path)
    assert is_found(made, clean, tmp_path) is (mutant.leak not in UNSEEN)


def test_what_cannot_be_seen_is_named():
    """Every exception is a mutant that there is, and has a reason."""
    assert {mutant.leak for mutant in MUTANTS} >= UNSEEN.keys() | FEW
    assert all(UNSEEN.values())
