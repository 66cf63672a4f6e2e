"""What is clean is found clean: the golden trees, and the leak catalogue's expected trees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from fixtures import cases

from tierpub.audit import audit
from tierpub.audit.compare import compare
from tierpub.audit.layout import of_policy
from tierpub.audit.reading.levels import read_vault
from tierpub.audit.tokens import tokenizer
from tierpub.policy import load_policy, parse_policy

ROOT = Path(__file__).parents[1]
POLICY = replace(load_policy(ROOT / "policies/default.yaml"), seal_from=None)
CASES = [
    case for path in sorted((ROOT / "tests/fixtures").glob("*.md")) if path.name != "README.md"
    for case in cases.load(path) if not case.refused
]  # fmt: skip
DIFFER = {
    "B5 a footnote goes with its last reference",
    "B8 the marker of an item whose first line is empty",
    "F1 where comments are open, those above and beside a hidden field go with it",
    "F6 a value whose link cannot be rewritten goes whole where its anchor reads otherwise",
    "F6 escapes stay as they were typed when a link is retargeted",
    "L1 a link that another link's brackets cut short is a link to other readers",
    "L1 links in links, and marks of code in them",
    "L3 Obsidian names a heading by the target and the alias of its links",
    "L3 an encoded anchor to a heading that reads otherwise goes as a plain one does",
    "L3 each part of an anchor counts, and a block's wherever it stands",
    "M items have one mark in a row, and their numbers are hidden with them",
    "T a match in any dress",
    "T the type of a callout",
    "T what is rendered of a link's title, of HTML and of a URL",
}
"""Cases that the auditor's reader reads otherwise than the splitter: it finds something where
nothing is wrong. Each is to go; none may come."""
DIFFER |= {
    "L5 its own rule raises it, and every link to it",
    "L5 a picture in a folder of hidden notes is as hidden as they are",
    "L5 what a text rule finds in its path raises the link",
    "L5 a link is pointed at the copy in its own tree",
    "L5 in frontmatter, as a link and as a mere name",
    "L5 a leaflet block refers to an image and to folders",
    "L5 the same name elsewhere, hidden, makes no difference where it is clear which is meant",
    "L5 ignored files and files outside the source are not copied",
    "L5 a name that escapes hide from the source text",
    "L5 links in a table's cell, in a quote, in a heading, and several on a line",
    "L5 signs in names that a link could not hold",
    "L5 what a text rule finds in its path alone raises the link",
    "L7 a hidden picture that a style and a diagram show",
    "L9 a note that is called like a projection of another",
    "V3 canvases, bases, drawings and unknown types are withheld, whatever refers to them",
    "V6 what was thrown away hides no link to what has its name now",
}
"""What it does not know yet: which attachments a rule or a text in their path hides, those that
frontmatter and leaflet blocks name, and names that look like a projection's."""


def told(found):
    """The findings, but for the file that tells git of the golden trees."""
    return [each for each in found if each.file != ".gitattributes"]


def test_the_golden_trees_are_clean():
    """All six tiers of the sample vault, with everything the auditor can do."""
    assert told(audit(ROOT / "tests/golden", vault=ROOT / "vault", policy=POLICY)) == []


def test_the_golden_trees_are_clean_alone():
    """Without the vault only comments that the policy lets through are pointed out."""
    found = told(audit(ROOT / "tests/golden", policy=POLICY))
    assert {each.rule for each in found if each.confidence != "low"} <= {"leaked-comment"}
    assert all(each.confidence != "high" for each in found)


def differences(case, root):
    """What the auditor holds against the expected trees of a case, of high confidence."""
    for path, data in case.files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    policy = parse_policy(yaml.safe_dump(case.policy, allow_unicode=True), "p", root)
    layout = of_policy(policy)
    found = []
    reading = read_vault(root, policy, layout)
    others = reading.listing.others
    for note, canvas in reading.canvases.items():
        for rank in range(len(policy.ladder)):
            expected = case.expected.get(rank, {})
            path = layout.projection(note, rank)
            if path not in expected:
                found += [] if canvas.ground > rank else [("missing", note, rank)]
            elif canvas.ground > rank:
                found.append(("hidden", note, rank))
            elif expected[path] is not None:
                text, name = expected[path].decode(), note.removesuffix(".md").rpartition("/")[2]
                found += [
                    (each.sort, each.words, rank)
                    for each in compare(canvas, text, rank, tokenizer(layout, rank, others), name,
                                        policy.redaction.mark)
                    if each.sure
                ]  # fmt: skip
    return found


@pytest.mark.parametrize("case", CASES, ids=[case.place for case in CASES])
def test_the_catalogue_is_read_as_the_splitter_reads_it(case, tmp_path):
    """Two readers that share no code agree on every attack but those that are listed."""
    found = differences(case, tmp_path)
    if case.title in DIFFER:
        assert found, f"{case.title} is read alike now: take it off the list"
    else:
        assert found == []
