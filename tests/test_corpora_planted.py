"""Secrets planted in real vaults: what stands in their place cannot be told at a level.

`TIERPUB_CORPUS_FULL=1` takes every note. How much was planted is printed.
"""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

import pytest
from corpora import archives
from corpora.planted import TIERS, hides, policy_text, twin
from sharing import once
from test_corpora import EVERY

import tierpub
from tierpub.policy import parse_policy

Trees = dict[int, dict[str, bytes]]
corpus = pytest.mark.parametrize("name", list(archives.NOTES))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory):
    """The notes of a corpus and their projections under the policy that plants secrets."""
    if reason := archives.missing():
        if archives.must_be_there():
            pytest.fail(reason)
        pytest.skip(reason)

    @functools.lru_cache
    def made(name: str) -> tuple[dict[str, bytes], Trees]:
        return once(tmp_path_factory, f"planted-{name}", lambda root: _planted(name, root))

    return made


def _planted(name: str, root: Path) -> tuple[dict[str, bytes], Trees]:
    notes = archives.unpack(name, root, EVERY[name])
    return notes, _projected(root)


def _projected(root: Path, levels: list[int] | None = None) -> Trees:
    return tierpub.project(root, parse_policy(policy_text(), "tierpub.yaml", root), levels)


def _of(notes: dict[str, bytes], root: Path, levels: list[int]) -> Trees:
    """The projections of `notes`."""
    for path, data in notes.items():
        file = root / "_Standards" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    made = _projected(root, levels)
    shutil.rmtree(root / "_Standards")
    return made


@corpus
@pytest.mark.parametrize("level", range(5), ids=TIERS[:5])
def test_what_is_planted_cannot_be_told(planted, name, level, tmp_path, capfd):
    """A corpus and its twin for a level, other in all that is above it, give it the same bytes.
    At the level above they do not: the comparison would see it."""
    notes, made = planted(name)
    other = twin(notes, level)
    assert other.changed["fields"] > 0
    assert other.changed["notes"] > 0
    with capfd.disabled():
        print(f"\n{name} at {TIERS[level]}: {dict(sorted(other.changed.items()))}")  # noqa: T201
    trees = _of(other.notes, tmp_path, [level, level + 1])
    told = trees[level]
    assert sorted(told) == sorted(made[level])
    assert [path for path in told if told[path] != made[level][path]] == []
    assert trees[level + 1] != made[level + 1]


@pytest.mark.parametrize("level", range(5), ids=TIERS[:5])
def test_what_is_planted_in_the_sample_cannot_be_told(level, tmp_path):
    """The sample vault's notes and their twin for a level give it the same bytes."""
    source = Path(__file__).parents[1] / "vault/_Standards"
    notes = {p.relative_to(source).as_posix(): p.read_bytes() for p in source.rglob("*.md")}
    other = twin(notes, level)
    assert min(other.changed["notes"], other.changed["fields"], other.changed["sections"]) > 0
    assert _of(other.notes, tmp_path, [level]) == _of(notes, tmp_path, [level])


@corpus
def test_notes_that_rules_hide_are_in_no_lower_tree(planted, name):
    """Each tree holds the notes that the planted rules leave to it, and no other."""
    notes, made = planted(name)
    label = "Lahn-Dill-Kreis.md"
    for level, tree in made.items():
        tier = TIERS[level]
        right = {
            f"_{tier}/{note.removesuffix('.md')}.{tier}.md"
            for note in notes
            if not hides(note, level) and not (note.endswith(label) and level < 3)
        }
        assert right == set(tree)
