"""What is clean is found clean: the golden trees, and the leak catalogue's expected trees."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from fixtures import cases, pictures

import tierpub
from tierpub.audit import audit
from tierpub.audit.compare import compare
from tierpub.audit.layout import of_policy
from tierpub.audit.marks import mark_pattern
from tierpub.audit.reading.levels import read_vault
from tierpub.audit.tokens import tokenizer
from tierpub.policy import load_policy, parse_policy

ROOT = Path(__file__).parents[1]
POLICY = replace(load_policy(ROOT / "policies/default.yaml"), seal_from=None)
CASES = [
    case for path in sorted((ROOT / "tests/fixtures").glob("*.md")) if path.name != "README.md"
    for case in cases.load(path) if not case.refused
]  # fmt: skip
UNDECIDED = {
    "B8 a block that would become another goes whole",
    "B8 cells are emptied, rows go, the table keeps its shape",
    "B8 no paragraph becomes a definition",
    "L1 links in links, and marks of code in them",
    "M a mark never becomes part of a link",
}
"""Cases in which a block went whole, and its visible words with it, for what was left would have
read as something else. How much of it has to go is a judgement: the auditor says so, unsure."""


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
    policy = parse_policy(cases.written(case.policy), "p", root)
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
                                        mark_pattern(policy))
                    if each.confidence != "low"
                ]  # fmt: skip
    return found


@pytest.mark.parametrize("case", CASES, ids=[case.place for case in CASES])
def test_the_catalogue_is_read_as_it_is_written(case, tmp_path):
    """Two readers that share no code agree on every attack: what the catalogue expects is what
    the auditor expects."""
    assert differences(case, tmp_path) == []


def lay(trees, policy, out):
    """Write a release."""
    for rank, tree in trees.items():
        (out / policy.ladder.names[rank] / policy.tree(rank)).mkdir(parents=True)
        for path, data in tree.items():
            place = out / policy.ladder.names[rank] / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)


@pytest.mark.parametrize("case", CASES, ids=[case.place for case in CASES])
def test_no_rule_finds_anything_in_the_catalogue(case, tmp_path):
    """The projections of every attack, searched by all rules: nothing, but where a block that
    would have become another went whole, and that is said without being sure."""
    for path, data in case.files.items():
        place = tmp_path / "vault" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for path, target in case.links.items():
        (tmp_path / "vault" / path).symlink_to(target)
    policy = parse_policy(cases.written(case.policy), "p", tmp_path)
    policy = replace(policy, seal_from=None, mentions="off")
    lay(tierpub.project(tmp_path / "vault", policy), policy, tmp_path / "out")
    found = audit(tmp_path / "out", vault=tmp_path / "vault", policy=policy)
    assert [each for each in found if each.confidence != "low"] == []
    assert any(each.rule == "lost-text" for each in found) is (case.title in UNDECIDED)


OTHERS = {
    "strict": (ROOT / "policies/strict.yaml").read_text(),
    "tlp": (ROOT / "policies/tlp.yaml").read_text(),
    "marks": """\
version: 1
tiers: [public, internal, protect, private, personal, secret]
defaults: {note: internal, body: protect, field: internal, link: internal, comment: private,
           attachment: protect}
redaction: {block: mark, inline: mark, mark: "[{tier} {reason}]"}
rules:
  - {note: ["WikiData/**", "UN*/**", "Earth/**"], tier: public}
  - {note: ["People/**", "Partners/**"], tier: private}
  - {section: "Salar*", tier: personal, reason: pay is nobody's business}
  - {section: "*", tier: public}
  - {link: "https://*.wikipedia.org/**", tier: private, reason: wiki}
  - {field: ["*name*", aliases], tier: public}
  - {text: '\\b[0-9]{5,}\\b', tier: personal, reason: numbers}
  - {tag: "has_*/**", tier: protect}
""",
}
OTHERS["aliases"] = OTHERS["marks"].replace("block: mark, inline: mark", "inline: alias")


@pytest.mark.parametrize("name", OTHERS)
def test_under_other_policies_nothing_is_found_either(name, tmp_path):
    """Default-deny, another ladder, defaults for everything, marks with tiers and reasons, links
    that keep their words: the sample vault is clean under each."""
    policy = replace(parse_policy(OTHERS[name], name, ROOT), seal_from=None, mentions="off")
    lay(tierpub.project(ROOT / "vault", policy), policy, tmp_path)
    assert audit(tmp_path, vault=ROOT / "vault", policy=policy) == []


def test_copies_made_under_another_ladder_are_no_leak(tmp_path):
    """A tree of a tier that the ladder has no more may stand in the vault: its pictures have the
    bytes of those that are published today."""
    vault, out = tmp_path / "vault", tmp_path / "out"
    shutil.copytree(ROOT / "vault/_Standards", vault / "_Standards")
    for path, data in tierpub.project(vault, POLICY, [1])[1].items():
        file = vault / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    policy = replace(parse_policy(OTHERS["tlp"], "tlp", ROOT), seal_from=None, mentions="off")
    lay(tierpub.project(vault, policy), policy, out)
    assert audit(out, vault=vault, policy=policy) == []


def test_a_picture_that_stands_elsewhere_as_well_is_no_leak(tmp_path):
    """What a visible attachment shows is no secret because a hidden one has the same bytes; the
    bytes of a hidden one alone are, in whatever place."""
    vault, out = tmp_path / "vault", tmp_path / "out"
    face, lake = pictures.clean("a.png"), pictures.clean("a.gif")
    files = {"Open/N.md": b"![[lake.png]]\n", "Open/lake.png": face, "People/ann.png": face,
             "People/boat.gif": lake}  # fmt: skip
    for path, data in files.items():
        file = vault / "_Standards" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    rules = "rules: [{note: Open/**, tier: public}, {attachment: People/**, tier: secret}]"
    stated = f"version: 1\ntiers: [public, secret]\n{rules}\n"
    policy = parse_policy(stated, "tierpub.yaml", vault)
    lay(tierpub.project(vault, policy), policy, out)
    assert audit(out, vault=vault, policy=policy) == []
    (out / "public/_public/Open/lake.png").write_bytes(lake)
    found = audit(out, vault=vault, policy=policy)
    assert "leaked-attachment" in {each.rule for each in found if each.confidence == "high"}
