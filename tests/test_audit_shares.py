"""The audit in several processes: what it finds is the same, and what goes wrong is told."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from audit_tools import OFFICE, TIERS, make_bench

from tierpub.audit import audit, look, run
from tierpub.audit import layout as layouts
from tierpub.audit.case import Case
from tierpub.audit.finding import Finding
from tierpub.audit.publication import File, Publication
from tierpub.audit.reading import levels
from tierpub.audit.reading.levels import read_vault
from tierpub.audit.rules import RULES
from tierpub.errors import TierpubError
from tierpub.policy import load_policy

SAMPLE = Path(__file__).parents[1] / "vault"
DEFAULT = Path(__file__).parents[1] / "policies" / "default.yaml"


@pytest.fixture
def bench(tmp_path):
    """A vault with a clean release."""
    return make_bench(tmp_path)


@pytest.fixture
def processes(monkeypatch):
    """Sets how many processes there are."""

    def use(count: int) -> None:
        monkeypatch.setenv("TIERPUB_PROCESSES", str(count))

    return use


def spoil(bench):
    """Faults of many kinds in a release."""
    bench.change(OFFICE, "Open words", "Open words. Nineteen silver coins a week")
    bench.put("public/_public/Plans.public.md", "The second harbour opens in autumn\n")
    bench.put("public/_public/Open/stranger.md", "[[_secret/People/Ann_Falconer.secret]]\n")
    (bench.out / "internal/_internal/Open/Lake.internal.md").unlink()


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("alone", [True, False])
def test_findings_are_the_same_in_any_number_of_processes(bench, processes, count, alone):
    """One process or several: the same findings in the same order, of faults of many kinds."""
    spoil(bench)
    kept = {} if alone else {"vault": bench.vault, "policy": bench.policy,
                             "identities": bench.identities}  # fmt: skip
    processes(1)
    expected = audit(bench.out, **kept)
    processes(count)
    assert audit(bench.out, **kept) == expected
    assert len({finding.rule for finding in expected}) >= (3 if alone else 5)


def painted(root, policy):
    """All that is read and painted of a vault, as far as it can be compared."""
    reading = read_vault(root, policy, layouts.of_policy(policy))
    return reading.shown, reading.settled, [
        (path, note.tier, note.prose, bytes(canvas.tiers), canvas.strokes, canvas.pieces)
        for (path, note), canvas in zip(
            reading.notes.items(), reading.canvases.values(), strict=True
        )
    ]  # fmt: skip


def test_a_vault_is_painted_the_same_in_any_number_of_processes(processes):
    """Tiers of all characters, in the order of the paths, whoever painted them."""
    policy = load_policy(DEFAULT)
    processes(1)
    expected = painted(SAMPLE, policy)
    for count in (2, 7):
        processes(count)
        assert painted(SAMPLE, policy) == expected


@pytest.mark.parametrize("every", [False, True])
def test_what_changes_when_more_is_known_is_painted_again(bench, processes, monkeypatch, every):
    """What other notes say of their headings, ids and fields counts, whether only notes with an
    answer that changed are painted again or every note in each round."""
    notes = bench.vault / "_Standards"
    (notes / "A.md").write_text(
        '---\ncode: "[[Ann_Falconer]]"\n---\n\n'
        "See `= this.code`, [[B#Sum]], [[C#^mine]] and [[B#Us]].\n"
    )
    (notes / "B.md").write_text("# B\n\n## Sum\n\n[[Ann_Falconer]]\n\n## Us\n\nwords\n")
    (notes / "C.md").write_text("# C\n\n- x [confidential:: secret] ^mine\n")
    if every:
        monkeypatch.setattr(levels, "_otherwise", lambda *_: True)
    processes(2)
    reading = read_vault(bench.vault, bench.policy, layouts.of_policy(bench.policy))
    canvas = reading.canvases["A.md"]
    tiers = {word: canvas.tiers[canvas.text.index(word)]
             for word in ("`= this", "[[B#Sum", "[[C#^mine", "[[B#Us", "See")}  # fmt: skip
    assert tiers == {"`= this": 2, "[[B#Sum": 2, "[[C#^mine": 2, "[[B#Us": 1, "See": 1}
    assert reading.settled


def a_case(bench, read):
    """A publication of four files that are read by `read`, in two processes."""
    layout = layouts.of_policy(bench.policy)
    paths = [f"_public/N{number}.public.md" for number in range(4)]
    files = {0: {path: File(0, path, path, read) for path in paths}}
    return Case(Publication(bench.out, layout, files), layout, bench.policy)


@pytest.mark.parametrize("count", [1, 2])
def test_a_file_that_cannot_be_read_is_told_as_it_is(bench, processes, count):
    """The fault of a file comes out of a process as what it is, and not as the end of it."""
    processes(count)

    def refused() -> bytes:
        raise PermissionError(13, "Permission denied", "N1.public.md")

    with pytest.raises(PermissionError, match=r"Permission denied: 'N1\.public\.md'"):
        list(look.look(a_case(bench, refused), list(RULES)))


@pytest.mark.parametrize("count", [1, 2])
def test_a_note_that_cannot_be_read_is_told_as_it_is(bench, processes, count, monkeypatch):
    """So is the fault of a canonical note."""
    processes(count)
    read = levels.Listing.read

    def refused(listing, note):
        if note == "Plans.md":
            raise PermissionError(13, "Permission denied", note)
        return read(listing, note)

    monkeypatch.setattr(levels.Listing, "read", refused)
    with pytest.raises(PermissionError, match=r"Plans\.md"):
        audit(bench.out, vault=bench.vault, policy=bench.policy)


@pytest.mark.parametrize("count", [1, 2])
def test_a_bug_in_a_rule_ends_the_audit(bench, processes, count):
    """What a rule raises in another process reaches whoever asked; no finding is made of it."""
    processes(count)

    def broken(opened):
        raise ZeroDivisionError

    rule = replace(RULES[0], file=broken)
    with pytest.raises(ZeroDivisionError):
        list(look.look(a_case(bench, lambda: b"words\n"), [rule]))


@pytest.mark.parametrize("count", [1, 2])
def test_files_that_nobody_looked_at_are_no_silence(bench, processes, count, monkeypatch):
    """An audit that did not look at every file raises, and does not call the rest clean."""
    processes(count)
    seen = look.Looker.look

    def look_away(looker):
        count, found = seen(looker)
        return count - 1, found

    look_away.__name__ = "look"
    monkeypatch.setattr(look.Looker, "look", look_away)
    with pytest.raises(TierpubError) as caught:
        list(look.look(a_case(bench, lambda: b"words\n"), list(RULES)))
    assert caught.value.faults[0].code == "unseen-files"


def test_no_process_is_forked_where_that_is_not_safe(bench, monkeypatch):
    """On systems without a safe fork the audit does all by itself."""
    spoil(bench)
    expected = audit(bench.out, vault=bench.vault, policy=bench.policy)

    def fork() -> int:
        raise AssertionError("forked")

    monkeypatch.setenv("TIERPUB_PROCESSES", "2")
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(os, "fork", fork)
    assert audit(bench.out, vault=bench.vault, policy=bench.policy) == expected


def test_findings_at_one_place_have_an_order_too():
    """Findings that differ in nothing but how sure they are come in one order."""
    sure = Finding("leaked-value", "error", "high", "a.md", 1, 1, "text above the level")
    twins = [sure, replace(sure, confidence="low"), replace(sure, severity="warning")]
    others = [*twins[1:], sure]
    assert sorted(twins, key=run.in_order) == sorted(others, key=run.in_order)


def test_many_files_are_looked_at_by_all_there_are(bench, processes):
    """More processes than notes: each file is looked at once."""
    processes(64)
    for number in range(8):
        for tier in TIERS[:2]:
            place = bench.out / tier / f"_{tier}" / "Open" / f"Lake{number}.{tier}.md"
            shutil.copy(bench.out / tier / f"_{tier}" / "Open" / f"Lake.{tier}.md", place)
    found = audit(bench.out, vault=bench.vault, policy=bench.policy)
    stale = [each.file for each in found if each.rule == "stale-file"]
    assert len(stale) == len(set(stale)) == 16
