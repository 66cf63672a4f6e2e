"""`tierpub check` as an author meets it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from cli_tools import POLICY, data_of, make_vault, put, snapshot, tierpub

ROOT = Path(__file__).parents[1]
CLEARED = "note: this output is for readers who may see the whole vault\n"


@pytest.fixture
def vault(tmp_path):
    """A vault in which nothing is wrong."""
    return make_vault(tmp_path / "vault", policy=POLICY)


def found(root, *more):
    """Code, place and detail of each finding."""
    data = data_of(tierpub("check", "--format", "json", "--vault", root, *more))
    return [
        (f["code"], f"{f['file']}:{f['line']}:{f['column']}".replace(":None", ""), f["message"])
        for f in data["findings"]
    ]


def test_nothing_to_mend(vault):
    """A clean vault: exit 0, and only what a default decided is told."""
    done = tierpub("check", "--vault", vault)
    assert done.returncode == 0
    assert done.stderr == CLEARED
    assert done.stdout == (
        "decided by a default alone\n  1 note  internal  _Standards/Plans.md\n\n"
        "3 notes read: nothing to mend\n"
    )


def test_it_writes_nothing(vault):
    """Looking changes no file."""
    before = snapshot(vault)
    tierpub("check", "--vault", vault)
    assert snapshot(vault) == before


WARNINGS = {
    "single-colon-label": ("a\n\nconfidential: private\n", 3),
    "label-spelling": ("---\nConfidential: private\n---\n\na\n", 2),
    "unclosed-comment": ("a\n\n%% b\n\nc\n", 3),
    "unclosed-fence": ("a\n\n```py\nb\n", 3),
    "missing-anchor": ("a\n\nb [[Plans#Costs]]\n", 3),
    "outside-link": ("a\n\nb [c](/other/c.md)\n", 3),
    "withheld-attachment": ("a\n\n![[map.svg]]\n", 3),
    "data-uri": ("a\n\n![b](data:image/png;base64,AAAA)\n", 3),
    "numbering-gap": ("1. a\n2. [[Ann_Falcon]]\n3. c\n", 3),
}
"""Code: a note that earns the warning, and the line it stands in."""


@pytest.mark.parametrize("code", WARNINGS)
def test_warnings(vault, code):
    """Each warning names its place; warnings alone are no failure, but with --strict."""
    (vault / "other").mkdir()
    (vault / "other/c.md").write_text("c\n", encoding="utf-8")
    (vault / "_Standards/map.svg").write_text("<svg/>", encoding="utf-8")
    text, line = WARNINGS[code]
    put(vault, "Open/New.md", text)
    places = [place for name, place, _ in found(vault) if name == code]
    assert [place.rpartition(":")[0] for place in places] == [f"_Standards/Open/New.md:{line}"]
    assert tierpub("check", "--vault", vault).returncode == 0
    assert tierpub("check", "--strict", "--vault", vault).returncode == 10


@pytest.mark.parametrize(
    "text",
    [
        "```py\nb\n```\n\n~~~\nc\n~~~~\n",
        "> ```\n> b\n> ```\n\n- ```\n  b\n  ```\n\n    indented\n",
        "1. a\n1. [[Ann_Falcon]]\n1. c\n",
        "1. a\n2. b\n3. [[Ann_Falcon]]\n",
        "2. a\n4. b\n",
        "# Costs\n\n[[#Costs]] [[Plans#Plans]] b ^c\n\n[[#^c]] [[Plans#^d]]\n",
        "[[Plans#Plans#^d]] [[Plans#Plans^D]]\n",
        "[[Plans#Pay confidential secret]]\n",
        "[a](https://example.org/#b)\n",
    ],
)
def test_no_false_warnings(vault, text):
    """Closed fences, lists without a visible gap and anchors that are there earn no warning."""
    put(vault, "Plans.md", "# Plans\n\na ^d\n\n## Pay [confidential:: secret]\n\nb\n")
    put(vault, "Open/New.md", text)
    assert found(vault) == []


def test_an_anchor_nearly_right(vault):
    """A link to a heading that is not there comes with the heading probably meant."""
    put(vault, "Plans.md", "# Plans\n\n## Costs of travel\n\nx\n")
    put(vault, "Open/New.md", "[[Plans#Plan]]\n\n[[Plans#Costs]]\n")
    done = tierpub("check", "--vault", vault)
    assert "a link to a heading that is not there" in done.stdout
    assert "#Plan in Plans.md" in done.stdout
    assert "did you mean `#Plans`?" in done.stdout
    assert "did you mean `#Costs of travel`?" in done.stdout


def test_numbering_gap_names_level_and_numbers(vault):
    """The gap is told at the lowest level that sees it, with the numbers around it."""
    put(vault, "Open/New.md", "1. a\n2. [[Ann_Falcon]]\n3. c\n")
    ((_, _, message),) = found(vault)
    assert message.endswith("at public they go from 1 to 3")


def test_an_idle_rule(vault):
    """A rule that matches nothing is told with its line in the policy; one that does is not."""
    policy = POLICY + "  - field: telefone\n    tier: secret\n"
    (vault / "tierpub.yaml").write_text(policy, encoding="utf-8")
    (only,) = found(vault)
    assert only[0] == "idle-rule"
    assert only[1].endswith("tierpub.yaml:16")
    assert only[2].endswith("field: telefone")


def test_a_projection_that_was_edited(vault):
    """A projection changed by hand is told before the next run refuses it."""
    tierpub("project", "--level", "public", "--vault", vault)
    assert found(vault) == []
    (vault / "_public/Open/Office.public.md").write_text("mine\n", encoding="utf-8")
    ((code, place, _),) = found(vault)
    assert (code, place) == ("edited-projection", "_public/Open/Office.public.md")


def test_repeated_warnings_are_one_group(vault):
    """Warnings of one sort stand together: three places and how many more; -v shows all."""
    for number in range(9):
        put(vault, f"Open/N{number}.md", "confidential: public\n")
    done = tierpub("check", "--vault", vault)
    assert "warning: 9 × a label written with one colon  single-colon-label\n" in done.stdout
    assert done.stdout.count("_Standards/Open/N") == 3
    assert "    6 more; -v shows all\n" in done.stdout
    assert tierpub("check", "-v", "--vault", vault).stdout.count("_Standards/Open/N") == 9
    assert len(found(vault)) == 9


def test_findings_are_sorted(vault):
    """JSON holds all findings by file, line and column."""
    put(vault, "Open/B.md", "confidential: public\n\n%% c\n")
    put(vault, "Open/A.md", "a\n\nb [confidential:: no]\n")
    assert [place for _, place, _ in found(vault)] == [
        "_Standards/Open/A.md:3:18", "_Standards/Open/B.md:1:1", "_Standards/Open/B.md:3:1",
    ]  # fmt: skip


def test_what_a_default_decided(vault):
    """What neither label nor rule speaks of is counted by kind, with tier and places."""
    put(vault, "Plans.md", "# Plans\n\nInside. %% why %%\n")
    put(vault, "Open/New.md", "<!-- c -->\n")
    data = data_of(tierpub("check", "--format", "json", "--vault", vault))
    assert [(d["kind"], d["tier"], d["count"]) for d in data["defaults"]] == [
        ("note", "internal", 1), ("comment", "secret", 2),
    ]  # fmt: skip
    assert data["defaults"][1]["places"][1] == {
        "file": "_Standards/Plans.md", "line": 3, "column": 9,
    }  # fmt: skip


def test_json_of_errors(vault):
    """JSON counts errors and warnings, and carries a hint for each finding."""
    put(vault, "Open/New.md", "a [confidential:: publik]\n")
    done = tierpub("check", "--format", "json", "--vault", vault)
    data = data_of(done)
    assert done.returncode == 10
    assert (data["schema"], data["notes"], data["errors"], data["warnings"]) == (
        "tierpub/check/1", 4, 1, 0,
    )  # fmt: skip
    assert data["findings"][0]["hint"] == "did you mean `public`?"


def test_names_cannot_steer_the_terminal(vault):
    """Control characters of a note's text are escaped in text output."""
    put(vault, "Open/New.md", "[[Plans#\u202eCosts\x1b[2J]]\n")
    done = tierpub("check", "--vault", vault)
    assert "\u202e" not in done.stdout
    assert "\x1b" not in done.stdout
    assert "\\u202eCosts" in done.stdout


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_only_on_a_terminal_that_wants_it(vault, env, coloured):
    """Output is coloured on a terminal, unless `NO_COLOR` is set."""
    ours, theirs = pty.openpty()
    plain = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    subprocess.run(
        [sys.executable, "-m", "tierpub", "check", "--vault", vault],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**plain, "PYTHONPATH": str(ROOT), "TERM": "xterm", **env},
        check=False,
    )
    os.close(theirs)
    printed = os.read(ours, 100_000)
    os.close(ours)
    assert (b"\x1b[" in printed) == coloured


def test_a_reader_that_goes_away(vault):
    """A closed pipe ends the run quietly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tierpub", "check", "--vault", vault],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    process.stdout.close()
    assert process.stderr.read().decode() == CLEARED
    assert process.wait(30) == 141
    process.stderr.close()


def test_the_sample_vault():
    """The sample vault has no error; its warnings are those that its tour names."""
    done = tierpub("check", "--format", "json", "--vault", ROOT / "vault")
    codes = {finding["code"] for finding in data_of(done)["findings"]}
    assert done.returncode == 0
    assert codes == {
        "unclosed-comment", "single-colon-label", "label-spelling", "numbering-gap",
        "withheld-attachment", "idle-rule", "tier-without-recipients",
    }  # fmt: skip
