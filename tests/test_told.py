"""What a run tells beside the text of its projections: messages, their order, times of files."""

from __future__ import annotations

import os

import pytest
from cli_tools import NOTES, POLICY, make_vault, put, tierpub

from tierpub.classify.read import read_labels
from tierpub.note import Grammar, parse_note
from tierpub.tiers import Ladder

LADDER = Ladder(("public", "internal", "private", "secret"))
GRAMMAR = Grammar("confidential", ("_public/", "_internal/", "_private/", "_secret/"), LADDER.names)

FAULTY = {
    "a misspelt tier": "# T\n\nzebra [confidential:: privat zebra]\n",
    "a misspelt tier in a tag": "zebra #confidential/privat-zebra\n",
    "a misspelt tier in the frontmatter": "---\nconfidential: zebra\n---\n",
    "a misspelt key": "---\nconfidental: secret\nzebra: secret\n---\n",
    "a look-alike": "---\nc\u043enfidential: secret # zebra\n---\n",
    "a misplaced label": "---\nzebra:\n  confidential: secret # zebra\n---\n",
    "a label of an unknown field": "---\nconfidential_secret: [zebra]\n---\n",
    "a label that is a list": "---\nconfidential: [zebra, zebra]\n---\n",
    "two labels": "---\nconfidential: secret\nConfidential: secret # zebra\n---\n",
    "an unclosed pair": "%% confidential: secret %%\n\nzebra\n",
    "an unknown tier in a pair": "%% confidential: zebra %%\n\nzebra\n\n%% /confidential %%\n",
    "YAML that does not parse": "---\nzebra: [zebra\n---\n",
    "a key that stands twice": "---\nzebra: 1\nzebra: zebra\n---\n",
    "an anchor": "---\nzebra: &zebra zebra\n---\n",
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_a_fault_does_not_quote_the_note(text):
    """The message and the hint of a fault hold no word of the note that has it."""
    note = parse_note(text, "N.md", GRAMMAR)
    faults = [*note.faults, *read_labels(note, GRAMMAR, LADDER).faults]
    assert faults
    assert not [f for f in faults if "zebra" in f"{f.code} {f.message} {f.hint}".casefold()]


def test_mentions_are_told_in_the_order_of_the_visible_text(tmp_path):
    """Which hidden names are mentioned makes no difference to what a run prints of it."""
    said = []
    for first, last in (("Aster", "Zinnia"), ("Zinnia", "Aster")):
        notes = {
            "Open/Office.md": f"# Office\n\n{first} came.\n\n{last} left.\n",
            f"People/{first}.md": "x\n",
            f"People/{last}.md": "y\n",
        }
        root = make_vault(
            tmp_path / first, notes, POLICY.replace("rules:", "mentions: warn\nrules:")
        )
        done = tierpub("project", "--level", "public", "--vault", root)
        said.append((done.returncode, done.stdout, done.stderr))
    assert said[0] == said[1]
    lines = [line for line in said[0][2].splitlines() if line.startswith("warning: ")]
    assert [line.split(":")[2] for line in lines] == ["3", "5"]


def test_a_file_has_a_time_of_its_own(tmp_path):
    """When a canonical note was last changed cannot be told from its projections."""
    root = make_vault(tmp_path)
    for name in NOTES:
        os.utime(root / "_Standards" / name, (946684800, 946684800))
    assert tierpub("project", "--all", "--vault", root).returncode == 0
    made = [path for path in root.glob("_*/**/*.md") if "_Standards" not in path.parts]
    assert len(made) > len(NOTES)
    assert all(path.stat().st_mtime > 1e9 for path in made)


def test_a_note_put_in_again_keeps_the_time_of_its_projection(tmp_path):
    """A change of a hidden portion leaves the time of a file that does not show it."""
    root = make_vault(tmp_path)
    tierpub("project", "--level", "public", "--vault", root)
    file = root / "_public/Open/Office.public.md"
    before = file.stat().st_mtime_ns
    put(root, "Open/Office.md", NOTES["Open/Office.md"].replace("0100", "0199 and another"))
    assert tierpub("project", "--level", "public", "--vault", root).returncode == 0
    assert file.stat().st_mtime_ns == before
