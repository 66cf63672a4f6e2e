"""The promises on real vaults: projections of two corpora, held against a plain reading.

`TIERPUB_CORPUS_FULL=1` takes every note of the larger one, and not one in six.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from corpora import archives
from corpora.checker import Checker, Finding, spellings
from corpora.reading import BOM, Reading, split
from sharing import once

import tierpub
from tierpub.policy import load_policy

FULL = os.environ.get("TIERPUB_CORPUS_FULL") == "1"
EVERY = {"germany-bayern": 1, "europe-germany": 1 if FULL else 6}
PRIVATE = "Lahn-Dill-Kreis.md"
"""The one note that a label puts above the lowest tier."""
ABOVE = {"above", "contact", "field", "kept", "banner"}
ALTERED = {"not in the source", "value not in the source", "altered", "bom", "line ends"}
LOST = {"lost", "value lost"}
_LABEL = re.compile("confidential", re.IGNORECASE)
_TREE = re.compile(r"_(?:internal|protect|private|personal)/")
_SUFFIX = re.compile(r"\.(?:public|internal|protect|private|personal|secret)\b")
_WIKI = re.compile(r"\[\[[^\[\]|]*/([^\[\]|/]*)(\|[^\]]*)?\]\]")
corpus = pytest.mark.parametrize("name", list(archives.NOTES))


class Run(NamedTuple):
    """A corpus in a vault, its projections, and what the checker holds against them."""

    root: Path
    notes: dict[str, bytes]
    made: dict[int, dict[str, bytes]]
    findings: list[Finding]
    checker: Checker


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """A corpus, unpacked, projected and checked once for all tests of a process."""
    if reason := archives.missing():
        if archives.must_be_there():
            pytest.fail(reason)
        pytest.skip(reason)
    return functools.lru_cache(lambda name: _shared_run(name, tmp_path_factory))


def _shared_run(name: str, factory: pytest.TempPathFactory) -> Run:
    """What one process has made, for all that run tests side by side."""
    *rest, partly = once(factory, name, lambda root: _run(name, root))
    return Run(*rest, _checker(rest[1], partly))


def _checker(notes: dict[str, bytes], partly: Counter[str] | None = None) -> Checker:
    private = {n: 3 for n in notes if n.rpartition("/")[2] == PRIVATE}
    checker = Checker(load_policy(archives.POLICY), notes, private)
    checker.partly += partly or Counter()
    return checker


def _run(name: str, root: Path) -> tuple[Any, ...]:
    notes = archives.unpack(name, root, EVERY[name])
    policy = load_policy(archives.POLICY)
    made = tierpub.project(root, policy)
    checker = _checker(notes)
    findings = [f for level in made for f in checker.check(level, made[level])]
    return root, notes, made, findings, checker.partly


def told(run: Run, sorts: set[str]) -> list[Finding]:
    """The first findings of some sorts."""
    return [f for f in run.findings if f.sort in sorts][:20]


@corpus
def test_every_note_is_in_every_tree_that_may_hold_it(run, name):
    """Below private one note is missing, and nowhere else is one missing or too much."""
    found = run(name)
    assert told(found, {"tree"}) == []
    hidden = len(found.checker.tiers)
    assert [len(files) for files in found.made.values()] == [
        len(found.notes) - hidden * (level < 3) for level in range(6)
    ]
    if EVERY[name] == 1:
        assert len(found.notes) == archives.NOTES[name]
    assert hidden == (name == "europe-germany")


@corpus
def test_nothing_above_the_level_is_in_a_projection(run, name):
    """No link into a higher tree in any spelling, no field, contact or banner above the level."""
    assert told(run(name), ABOVE) == []


@corpus
def test_nothing_is_in_a_projection_that_is_not_in_the_source(run, name):
    """Each line and value stands in the source, in its order, but for the declared edits."""
    assert told(run(name), ALTERED) == []


@corpus
def test_nothing_visible_is_missing(run, name):
    """Each line and value that a plain reading takes for visible is there."""
    assert told(run(name), LOST) == []


@corpus
def test_the_top_tier_is_the_source_but_for_links_and_banner(run, name):
    """At secret the lines are those of the source, one for one, comments and all."""
    found = run(name)
    assert [f for f in told(found, {"altered"}) if f.level == "secret"] == []


@corpus
def test_few_lines_are_cut_in_part(run, name):
    """What the checker has to take on trust, the rests of lines, is next to nothing."""
    assert sum(run(name).checker.partly.values()) <= 6


@corpus
def test_the_lines_of_a_level_are_among_those_of_the_next(run, name):
    """What is visible at a level is visible above it."""
    found = run(name)
    readings = [Reading(found.checker.policy, level, set()) for level in range(6)]
    for note in found.notes:
        below: Counter[str] | None = None
        for level, reading in enumerate(readings):
            made = found.made[level].get(found.checker.path(note, level))
            assert made is not None or below is None
            above = None if made is None else Counter(_plain(reading, made))
            if below is not None:
                lost = below - above
                assert len(lost) <= 1, (note, level, lost)  # a row that regained a cell
            below = above


def _plain(reading: Reading, data: bytes) -> list[str]:
    """Lines as they read at every level; the links of a level's tree as those of the source."""
    plain = []
    for line in data.decode().split("\n"):
        if not line.strip() or _LABEL.match(line):
            continue
        line = reading.canon(line).replace("_public/", "_Standards/")  # noqa: PLW2901
        if "_" in line or "." in line:
            line = _SUFFIX.sub("", _TREE.sub("_Standards/", line))  # noqa: PLW2901
        plain.append(_WIKI.sub(r"[[\1]]", line) if "[[" in line else line)
    return plain


def test_projecting_twice_gives_the_same_bytes(run):
    """The same vault gives the same trees, whatever was remembered of the first run."""
    found = run("germany-bayern")
    assert tierpub.project(found.root, load_policy(archives.POLICY)) == found.made


def test_one_level_alone_gives_the_bytes_of_all(run):
    """A level does not depend on which others are made."""
    found = run("germany-bayern")
    for level in (0, 5):
        policy = load_policy(archives.POLICY)
        assert tierpub.project(found.root, policy, [level])[level] == found.made[level]


@corpus
def test_byte_order_marks_and_line_ends_stay(run, name):
    """A note with CRLF or a BOM has projections with nothing else."""
    for level, files in run(name).made.items():
        for note, data in run(name).notes.items():
            made = files.get(run(name).checker.path(note, level))
            if made and data.count(b"\n") == data.count(b"\r\n"):
                assert made.count(b"\n") == made.count(b"\r\n"), note
            if made and b"\r" not in data:
                assert b"\r" not in made, note


def test_a_mark_that_opens_a_body_behind_a_frontmatter_stays(run):
    """U+FEFF in a body is text, also on the first line after the frontmatter."""
    found = run("europe-germany")
    notes = {n: d for n, d in found.notes.items() if BOM in d.decode()}
    assert notes
    for note, data in notes.items():
        made = found.made[5][found.checker.path(note, 5)]
        assert made.decode().count(BOM) == data.decode().count(BOM), note


def test_the_checker_sees_what_is_wrong(run):
    """A leak, a loss, a changed word, a stray file: each is found in a tree that was clean."""
    found = run("germany-bayern")
    note = next(n for n, d in found.notes.items() if b"_secret/" in d and b"SpocWebEntityId" in d)
    alone = _checker({note: found.notes[note]})
    path = alone.path(note, 0)
    clean = found.made[0][path]
    assert list(alone.check(0, {path: clean})) == []
    spoilt = {
        "above": clean + b"\n[x](/%5Fsecret/A)\n",
        "field": clean.replace(b"---", b"---\nSpocWebEntityId: 1", 1),
        "contact": clean + b"a.b@example.org\n",
        "not in the source": clean + b"Words that nobody wrote\n",
        "lost": clean.replace(b"Embeds", b""),
        "value lost": re.sub(rb"\n *- [^\n]*", b"", clean, count=1),
        "banner": re.sub(rb"confidential: \w+", b"confidential: secret", clean),
    }
    for sort, data in spoilt.items():
        assert sort in {f.sort for f in alone.check(0, {path: data})}, sort
    stray = {path: clean, "_public/stray.md": b""}
    assert [f.what for f in alone.check(0, stray)] == ["extra"]


def test_the_checker_reads_escapes():
    """A path above the level is found in URL, HTML and YAML escapes, and in base64."""
    policy = load_policy(archives.POLICY)
    reading = Reading(policy, 0, set())
    for spelt in (
        b"/_secret/A", b"/%5Fsecret%2FA", b"/%255Fsecret/A", b"&#95;secret&#47;A",
        b"&lowbar;secret/A", rb"\_secret/A", rb'"\x5fsecret\x2fA"', b"_SECRET\\A",
        b"A.secret.md", b"[[A.secret|A]]",
        b"L19zZWNyZXQvQQ==", b"eC9fc2VjcmV0L0E=", b"eHgvX3NlY3JldC9B",
    ):  # fmt: skip
        assert list(Checker.above(reading, spelt)), spelt
    for fine in (b"/_public/A", b"a secret/thing", b"the secret.", b"_secretary/A"):
        assert not list(Checker.above(reading, fine)), fine
    assert len(spellings(b"plain")) == 1


# What `check` says of them.


@pytest.fixture(scope="module")
def checked(run):
    """What `tierpub check` prints of a corpus."""
    return functools.lru_cache(lambda name: _check(run(name).root))


def _check(root: Path) -> dict[str, list[str]]:
    """The files that each sort of finding is about."""
    command = [sys.executable, "-m", "tierpub", "check", "--format", "json", "--vault", str(root)]
    command += ["--policy", str(archives.POLICY)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        found.setdefault(finding["code"], []).append(Path(finding["file"]).name)
    return found


def test_check_lists_labels_in_other_spelling(checked):
    """Fourteen notes write `Confidential:` in their frontmatter."""
    assert len(checked("europe-germany")["label-spelling"]) == 14


def test_check_lists_labels_with_one_colon(run, checked):
    """`confidential: public` on a line of the body: 333 notes of the larger corpus have it."""
    bodies = ["".join(split(d.decode())[1]) for d in run("europe-germany").notes.values()]
    lines = sum(bool(re.search(r"(?m)^confidential: *\w+ *\r?$", body)) for body in bodies)
    assert lines == 333 or not FULL
    assert len(checked("europe-germany")["single-colon-label"]) == lines


def test_check_lists_what_was_left_open(checked):
    """A `%%` and a fence without an end are read safely, and mentioned."""
    found = checked("europe-germany")
    assert found["unclosed-comment"] == [PRIVATE]
    assert found["unclosed-fence"] == ["Lorsch.md"]


def test_check_lists_the_link_that_leaves_the_vault(checked):
    """One link leads out of the source to a folder that no rule speaks of."""
    assert checked("europe-germany")["outside-link"] == ["ReadMe.md"]
