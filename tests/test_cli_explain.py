"""`tierpub explain` as an author meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_tools import POLICY, data_of, make_vault, put, tierpub

from tierpub.classify import survey
from tierpub.policy import load_policy
from tierpub.report.because import Because
from tierpub.vault import scan

WORDS = {"is", "says", "falls", "leads", "names", "holds", "goes", "asks", "speaks", "stands"}
"""What a reason begins with."""

CLEARED = "note: this output is for readers who may see the whole vault\n"


RULES = """\
  - tag: hr/**
    tier: secret
  - section: Wages
    tier: secret
"""


@pytest.fixture
def vault(tmp_path):
    """A vault with one note of many portions."""
    root = make_vault(tmp_path / "vault", policy=POLICY + RULES)
    put(root, "Money.md", "# Money\n\nx\n\n## Wages\n\nNine.\n")
    put(root, "Many.md",
        "---\nphone: 555\nnick: Many\nconfidential_private: [nick]\n---\n\n# Many\n\n"
        "Open. %% closed %% [[Ann_Falcon|her]]\n\nx #hr/pay\n\n[[Money#Wages]]\n\n"
        "`= this.nick` and[^a]\n\n[^a]: note\n[^b]: unused\n\n"
        "## Pay [confidential:: private]\n\nNine.\n\n## [[Ann_Falcon]]\n\nBelow.\n")  # fmt: skip
    return root


def sentence(root, line, note="Many"):
    """What is said of the first portion in a line, on one line."""
    done = tierpub("explain", f"{note}:{line}", "--vault", root)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()[1:]
    end = next((i for i, text in enumerate(said) if text.startswith("    ")), len(said))
    return " ".join(" ".join(said[:end]).split())


def portions(root, note="Many"):
    """Kind, excerpt, tier and source of what is told of a note."""
    data = data_of(tierpub("explain", note, "--format", "json", "--vault", root))
    return [
        (p["kind"], p["excerpt"], p["tier"], p["reason"] and p["reason"]["source"])
        for p in data["portions"]
    ]


def test_the_note_itself(vault):
    """The first lines name the note, its tier and why."""
    done = tierpub("explain", "Many", "--vault", vault)
    assert done.stderr == CLEARED
    assert done.stdout.startswith(
        "_Standards/Many.md  internal\n"
        "  is under neither label nor rule, only under `defaults.note`\n"
    )


def test_by_rule_with_line_and_reason(vault):
    """A rule is named with its matcher, its line in the policy and the reason it states."""
    done = tierpub("explain", "Open/Office", "--vault", vault)
    assert "falls under the rule `note: Open/**` in line 7 of tierpub.yaml: for everybody" in (
        done.stdout
    )
    data = data_of(tierpub("explain", "Open/Office", "--format", "json", "--vault", vault))
    assert data["reason"]["rule"]["line"] == 7
    assert data["reason"]["rule"]["reason"] == "for everybody"


def test_by_the_target_and_its_label(vault):
    """A link says where it leads, and why that has its tier."""
    said = tierpub("explain", "Open/Office:8", "--vault", vault).stdout
    words = "private, because the link leads to People/Ann_Falcon.md, which is private by its label"
    assert words in " ".join(said.split())


def test_every_source_of_a_tier(vault):
    """Each portion is told with the tier and the sort of reason that gave it."""
    told = portions(vault)
    for expected in [
        ("field", "phone: 555", "internal", "rule"),
        ("field", "nick: Many", "private", "label"),
        ("entry", "nick", "private", "reference"),
        ("comment", "%% closed %%", "secret", "default"),
        ("link", "[[Ann_Falcon|her]]", "private", "target"),
        ("section", "## Pay [confidential:: private] Nine.", "private", "label"),
        ("section", "## [[Ann_Falcon]] Below.", "private", "content"),
        ("paragraph", "x #hr/pay", "secret", "rule"),
        ("link", "[[Money#Wages]]", "secret", "target"),
        ("query", "`= this.nick`", "private", "reference"),
        ("footnote", "[^b]: unused", "secret", "reference"),
    ]:
        assert expected in told


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (2, "internal, because the field falls under the rule `field: phone` in line 13"),
        (3, "private, because the field is labelled so in line 4"),
        (11, "for the tag in line 11"),
        (13, "secret, because the text holds nothing lower: the link “[[Money#Wages]]” in line 13"),
        (18, "secret, because the footnote is referred to by nothing, so it counts as a comment"),
        (22, "private, because the text stands in the section “Pay [confidential:: private]” in"),
        (
            26,
            "in line 24, which holds nothing lower: the link “[[Ann_Falcon]]” in line 24 leads to",
        ),
    ],
)
def test_reasons_in_words(vault, line, words):
    """The reason of a line's first portion is a sentence, followed to its end."""
    assert words in sentence(vault, line)


def test_a_link_to_a_heading_above_its_note(vault):
    """A link that is as high as a heading says so."""
    said = " ".join(tierpub("explain", "Many:13", "--vault", vault).stdout.split())
    assert "the link leads to a heading that is secret: #Wages in Money.md" in said


def test_a_line_shows_what_it_stands_in(vault):
    """With a line the whole chain of containers is shown, outwards, each with its tier."""
    said = tierpub("explain", "Many:22", "--vault", vault).stdout
    chain = [line.split("  in ")[0].split() for line in said.splitlines() if "  in " in line]
    assert [tier for (tier,) in chain] == ["private", "private", "internal", "internal"]
    assert said.index("in the section “Pay [") < said.index("in the section “Many”")
    assert said.index("in the section “Many”") < said.index("in the note")


def test_nesting_is_indented(vault):
    """A portion is indented below the one it stands in."""
    lines = tierpub("explain", "Many", "--vault", vault).stdout.splitlines()
    text = next(line for line in lines if "text Open." in line)
    link = next(line for line in lines if "link [[Ann_Falcon|her]]" in line)
    assert link.index("link") == text.index("text") + 2


@pytest.mark.parametrize("line", [0, 999])
def test_a_line_that_is_not_there(vault, line):
    """A line beyond the note is refused with how many there are."""
    done = tierpub("explain", f"Many:{line}", "--vault", vault)
    assert done.returncode == 1
    assert "the note has 26 lines" in done.stderr


def test_a_blank_line(vault):
    """Of a blank line it is said that nothing stands there."""
    assert "nothing stands in this line" in tierpub("explain", "Many:8", "--vault", vault).stdout


def test_a_note_that_is_none(vault):
    """A misspelt name is refused with the one probably meant."""
    done = tierpub("explain", "People/Ann_Falkon", "--vault", vault)
    assert done.returncode == 1
    assert "no canonical note is called `People/Ann_Falkon`" in done.stderr
    assert "hint: did you mean `People/Ann_Falcon.md`?" in done.stderr


def test_a_name_two_notes_have(vault):
    """A bare name that two notes have is refused with both."""
    put(vault, "Open/Plans.md", "x\n")
    put(vault, "People/Plans.md", "x\n")
    done = tierpub("explain", "plans.md", "--vault", vault)
    assert done.returncode == 0  # a path below the source counts first
    (vault / "_Standards/Plans.md").unlink()
    done = tierpub("explain", "plans", "--vault", vault)
    assert "hint: which of `Open/Plans.md`, `People/Plans.md`?" in done.stderr


def test_a_note_with_a_colon_in_its_name(vault):
    """A name may hold a colon and digits; then it is no line."""
    put(vault, "At 10:30.md", "x\n")
    assert tierpub("explain", "At 10:30", "--vault", vault).stdout.startswith(
        "_Standards/At 10:30.md"
    )


def test_a_note_that_cannot_be_read(vault):
    """A note with a fault is refused, and the way to see it named."""
    put(vault, "Many.md", "---\na: [\n---\n")
    done = tierpub("explain", "Many", "--vault", vault)
    assert done.returncode == 1
    assert "hint: run `tierpub check`" in done.stderr


def test_faults_elsewhere_do_not_matter(vault):
    """A note can be explained while another has a fault."""
    put(vault, "Plans.md", "---\na: [\n---\n")
    assert tierpub("explain", "Open/Office", "--vault", vault).returncode == 0


def test_what_adds_nothing_is_left_out(vault):
    """A link as high as the text around it is shown only with -v, and in JSON."""
    put(vault, "People/Ben.md", "See [[Ann_Falcon]].\n")
    assert "  link " not in tierpub("explain", "Ben", "--vault", vault).stdout
    assert "  link [[Ann_Falcon]]" in tierpub("explain", "Ben", "-v", "--vault", vault).stdout
    assert ("link", "[[Ann_Falcon]]", "private", "target") in portions(vault, "Ben")


def test_every_portion_of_every_sample_note_is_explained():
    """Nothing in the sample vault is without a tier and a reason in words."""
    root = Path(__file__).parents[1]
    policy = load_policy(root / "policies/default.yaml")
    found = survey(scan(root / "vault", policy), policy)
    because = Because(found)
    for note in found.notes.values():
        for index in range(len(note.note.portions)):
            words = because.clause(note, index)
            assert words.split()[0] in WORDS, words
            assert len(words) < 1000
