"""`tierpub diff` as an author meets it."""

from __future__ import annotations

import pytest
from cli_tools import POLICY, data_of, make_vault, put, snapshot, tierpub

EXPECTED = """\
--- Open/Office.md at private
+++ Open/Office.md at public
@@ -1,8 +1,7 @@
 ---
 name: Office
-phone: 555 0100
 ---
 \n # Office
 \n-Open words. See [[Ann_Falcon|her page]] and [[Plans]].
+Open words. See and.
# internal: the field “phone: 555 0100” in line 3 falls under the rule `field: phone` in line 13
#   of tierpub.yaml: how somebody is reached
# private: the link “[[Ann_Falcon|her page]]” in line 8 leads to People/Ann_Falcon.md, which is
#   private by its label in line 2
# internal: the link “[[Plans]]” in line 8 leads to Plans.md, which is internal by `defaults.note`
"""


@pytest.fixture
def vault(tmp_path):
    """A vault with something to hide."""
    return make_vault(tmp_path / "vault", policy=POLICY)


def diff(root, note, before, after, *more):
    """The ended process of a `diff`."""
    return tierpub("diff", note, "--from", before, "--to", after, "--vault", root, *more)


def test_a_diff_with_its_reasons(vault):
    """A unified diff, and below each hunk what was cut, its tier and why."""
    done = diff(vault, "Open/Office", "private", "public")
    assert done.returncode == 0
    assert done.stdout == EXPECTED


def test_names_of_projections_make_no_difference(vault):
    """Link targets and banner read otherwise at every level and are no difference."""
    put(vault, "Open/New.md", "---\nconfidential: public\n---\n\n[[Office]] and %% x %%\n")
    done = diff(vault, "Open/New", "private", "public")
    assert (done.returncode, done.stdout) == (0, "")
    assert "private and public read the same\n" in done.stderr


def test_upwards(vault):
    """The other way round lines are added, for the same reasons."""
    done = diff(vault, "Open/Office", "public", "private")
    assert "\n+phone: 555 0100\n" in done.stdout
    assert "\n# internal: the field" in done.stdout


def test_a_note_that_goes_whole(vault):
    """Where the lower level does not get the note, all of it goes, for the note's reason."""
    done = diff(vault, "Plans", "internal", "public")
    assert "\n-# Plans\n" in done.stdout
    assert done.stdout.endswith(
        "# internal: the note is under neither label nor rule, only under `defaults.note`\n"
    )


def test_neither_gets_the_note(vault):
    """Where neither level gets the note, that is said."""
    done = diff(vault, "People/Ann_Falcon", "internal", "public")
    assert (done.returncode, done.stdout) == (0, "")
    assert "neither internal nor public gets this note\n" in done.stderr


def test_each_hunk_has_its_own_reasons(vault):
    """What was cut far apart is told below the hunk it made, and nowhere else."""
    middle = "".join(f"words {n}\n\n" for n in range(20))
    put(vault, "Open/New.md", f"[[Ann_Falcon]] first\n\n{middle}%% last %%\n\nend\n")
    done = diff(vault, "Open/New", "secret", "public", "--format", "json")
    told = [
        [(c["kind"], c["line"], c["tier"]) for c in hunk["because"]]
        for hunk in data_of(done)["hunks"]
    ]
    assert told == [[("link", 1, "private")], [("comment", 43, "secret")]]


def test_only_what_is_between_the_levels(vault):
    """What neither level sees is not told."""
    put(vault, "Open/New.md", "a [[Ann_Falcon]] b\n\n%% closed %%\n")
    done = diff(vault, "Open/New", "private", "public")
    assert "closed" not in done.stdout
    assert "Ann_Falcon" in done.stdout


def test_json(vault):
    """JSON names note and levels and holds the same hunks."""
    data = data_of(diff(vault, "Open/Office", "private", "public", "--format", "json"))
    assert (data["note"], data["from"], data["to"]) == ("Open/Office.md", "private", "public")
    assert data["hunks"][0]["lines"][2] == "-phone: 555 0100"
    assert data["hunks"][0]["because"][0]["tier"] == "internal"


def test_it_writes_nothing(vault):
    """Looking changes no file."""
    before = snapshot(vault)
    diff(vault, "Open/Office", "private", "public")
    assert snapshot(vault) == before


def test_a_tier_that_is_none(vault):
    """A level that the policy does not have is refused."""
    done = diff(vault, "Open/Office", "private", "open")
    assert done.returncode == 1
    assert "error: the policy has no tier `open`" in done.stderr
