"""Attachments from the command line to the disk, and what may not depend on them."""

from __future__ import annotations

import itertools
import os
import subprocess

import pytest
from cli_tools import POLICY, data_of, make_vault, put, snapshot, tierpub
from fixtures import pictures
from fixtures.pictures import SECRET
from hypothesis import given, settings
from hypothesis import strategies as st

from tierpub import project
from tierpub.errors import TierpubError
from tierpub.path import Run
from tierpub.policy import parse_policy
from tierpub.vault import scan

NOTES = {
    "Open/Office.md": "Our ![[logo.png]] and [the plan](../Art/plan.pdf). See [[Ann]].\n",
    "Plans.md": "Inside ![[floor.jpg]]\n",
    "People/Ann.md": "![[face.png]] ![](../Open/logo.png)\n",
}
FILES = {
    "Art/logo.png": pictures.dirty("a.png"),
    "Art/floor.jpg": pictures.dirty("a.jpg"),
    "Art/plan.pdf": b"%PDF by Ann",
    "People/face.png": pictures.dirty("a.png"),
}
PUBLIC, INTERNAL = "_public/Art/logo.png", "_internal/Art/floor.jpg"


@pytest.fixture
def vault(tmp_path):
    """A vault with attachments, nothing projected."""
    return build(tmp_path / "vault")


def build(root, notes=NOTES, files=FILES, policy=POLICY):
    """Write notes and attachments."""
    make_vault(root, notes, policy)
    for name, data in files.items():
        put(root, name, data)
    return root


def run(root, *arguments):
    """Project; the process must end well."""
    done = tierpub("project", "--vault", root, *arguments)
    assert done.returncode == 0, done.stderr
    return done


def trees(root, policy=POLICY):
    """What all levels get, by level and path."""
    return project(root, parse_policy(policy, "tierpub.yaml", root))


def test_copies_are_written_without_what_they_carried(vault):
    """Each level gets what it refers to, and no byte of metadata; counts say how many."""
    done = run(vault, "--level", "public", "--level", "internal")
    assert done.stdout == (
        "public: 1 note and 1 attachment in _public/\n"
        "internal: 2 notes and 2 attachments in _internal/\n6 created\n"
    )
    assert (vault / PUBLIC).read_bytes() == pictures.clean("a.png")
    assert (vault / INTERNAL).read_bytes() == pictures.clean("a.jpg")
    made = [p for tree in ("_public", "_internal") for p in (vault / tree).rglob("*.*")]
    assert sorted(p.name for p in made if p.suffix != ".md") == [
        "floor.jpg",
        "logo.png",
        "logo.png",
    ]
    assert not any(SECRET in p.read_bytes() for p in made)
    assert "![[_public/Art/logo.png]]" in (vault / "_public/Open/Office.public.md").read_text()


def test_copies_have_the_mode_of_what_is_published(vault):
    """Modes of the originals are not taken along."""
    (vault / "_Standards/Art/logo.png").chmod(0o700)
    run(vault, "--level", "public")
    assert (vault / PUBLIC).stat().st_mode & 0o777 == 0o644


def test_a_second_run_writes_nothing(vault):
    """Copies that are as they should be stay, also when metadata alone changed."""
    run(vault, "--level", "public")
    put(vault, "Art/logo.png", pictures.clean("a.png"))
    before = snapshot(vault / "_public")
    assert run(vault, "--level", "public").stdout.endswith("2 unchanged\n")
    assert snapshot(vault / "_public") == before


def test_dry_run(vault):
    """A dry run tells of copies and writes none."""
    done = tierpub("project", "--vault", vault, "--level", "public", "--dry-run")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (10, "would be: 2 created")
    assert not (vault / "_public").exists()


def test_json_counts(vault):
    """Counts of attachments are in the JSON document."""
    done = run(vault, "--level", "internal", "--format", "json")
    assert data_of(done)["tiers"] == [
        {"tier": "internal", "sealed": False, "notes": 2, "attachments": 2}
    ]


def test_a_copy_goes_with_its_last_link(vault):
    """What nothing visible refers to any more is removed, with the folder left empty."""
    run(vault, "--level", "public")
    put(vault, "Open/Office.md", "No picture.\n")
    assert "1 removed" in run(vault, "--level", "public").stdout
    assert not (vault / "_public/Art").exists()


def test_a_copy_goes_when_its_rule_rises(vault):
    """A file that was put above the level is removed, and the link to it is cut."""
    run(vault, "--level", "public")
    rule = "  - attachment: Art/logo.png\n    tier: private\n"
    (vault / "tierpub.yaml").write_text(POLICY + rule)
    run(vault, "--level", "public")
    assert not (vault / PUBLIC).exists()
    assert "logo" not in (vault / "_public/Open/Office.public.md").read_text()


def test_one_note_lets_go_of_a_copy_that_rose(vault):
    """A run for one note removes the copies of what it names that are above the level now."""
    run(vault, "--level", "public")
    rule = "  - attachment: Art/logo.png\n    tier: private\n"
    (vault / "tierpub.yaml").write_text(POLICY + rule)
    run(vault, "--level", "public", "Open/Office")
    assert not (vault / PUBLIC).exists()


def test_a_file_that_became_a_symlink_is_refused(vault):
    """What was a file when the vault was walked and is a symlink when it is read is not read."""
    policy = parse_policy(POLICY, "p", vault)
    with Run(scan(vault, policy), policy) as run:
        (vault / "_Standards/Art/logo.png").unlink()
        (vault / "_Standards/Art/logo.png").symlink_to("floor.jpg")
        with pytest.raises(TierpubError, match="an attachment cannot be read"):
            list(run.copies([0]))


def test_stdout_says_what_is_written(vault):
    """One note alone reads as among all, whether or not its images were looked at before."""
    put(vault, "Art/broken.png", b"none")
    put(vault, "Open/Office.md", "![[_Standards/Art/broken.png]] ![[logo.png]]\n")
    done = run(vault, "--level", "public", "--stdout", "Open/Office")
    run(vault, "--level", "public")
    written = (vault / "_public/Open/Office.public.md").read_text()
    assert done.stdout == written == "![[_Standards/Art/broken.png]] ![[_public/Art/logo.png]]\n"


def test_a_stale_copy_that_no_record_names_is_refused(vault):
    """Where the record is lost, a copy of what is above the level now is not left alone."""
    run(vault, "--level", "public")
    rule = "  - attachment: Art/logo.png\n    tier: private\n"
    (vault / "tierpub.yaml").write_text(POLICY + rule)
    for path in sorted((vault / ".tierpub").iterdir()):
        path.unlink()
    done = tierpub("project", "--vault", vault, "--level", "public")
    assert done.returncode == 1
    assert PUBLIC in done.stderr
    assert (vault / PUBLIC).exists()


def test_a_stranger_in_the_place_of_a_copy(vault):
    """A file that tierpub did not write is never overwritten; `check` tells of it before."""
    (vault / "_public/Art").mkdir(parents=True)
    (vault / PUBLIC).write_bytes(b"mine")
    assert "stands where a copy of an attachment goes" in tierpub("check", "--vault", vault).stdout
    assert tierpub("project", "--vault", vault, "--level", "public").returncode == 1
    assert (vault / PUBLIC).read_bytes() == b"mine"


def test_one_note_takes_its_attachments_along(vault):
    """A run for one note writes its copies, and leaves those of others."""
    run(vault, "--level", "internal", "Plans")
    assert (vault / INTERNAL).exists()
    assert not (vault / "_internal/Art/logo.png").exists()
    run(vault, "--level", "internal")
    run(vault, "--level", "internal", "Plans")
    assert (vault / "_internal/Art/logo.png").exists()


def test_one_note_leaves_a_copy_that_others_refer_to(vault):
    """A copy stays where the named note hides its link and another note still shows one."""
    put(vault, "Open/Two.md", "![[logo.png]] [confidential:: secret]\n\nopen\n")
    run(vault, "--level", "public")
    run(vault, "--level", "public", "Open/Two")
    assert (vault / PUBLIC).exists()


def test_sealed_tiers_hold_their_copies(tmp_path):
    """A bundle opens to notes and copies; no plain byte of either is on the disk."""
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True)
    key = made.stderr.split()[-1]
    policy = POLICY.replace("secret]", f"{{name: secret, recipients: [{key}]}}]", 1)
    vault = build(tmp_path / "vault", policy=policy + "seal_from: secret\n")
    run(vault, "--level", "secret")
    (tmp_path / "key").write_text(made.stdout)
    (tmp_path / "key").chmod(0o600)
    bundle, out = vault / "_secret.tar.age", tmp_path / "out"
    done = tierpub("open", bundle, "-i", tmp_path / "key", "-o", out)
    assert done.returncode == 0, done.stderr
    held = sorted(p.relative_to(out).as_posix() for p in out.rglob("*.*g"))
    assert held == ["_secret/Art/floor.jpg", "_secret/Art/logo.png", "_secret/People/face.png"]
    assert (out / held[0]).read_bytes() == pictures.clean("a.jpg")
    assert not (vault / "_secret").exists()


def test_check_tells_what_becomes_of_attachments(vault):
    """Withheld types, images that are none, and files that go as they are: each with its place."""
    put(vault, "Art/broken.png", b"none")
    put(vault, "Art/video.mp4", b"mp4")
    put(vault, "Open/Office.md", "[a](../Art/plan.pdf)\n\n![[broken.png]]\n\n![[video.mp4]]\n")
    rule = '  - attachment: "**/*.mp4"\n    tier: public\n'
    (vault / "tierpub.yaml").write_text(POLICY + rule)
    done = tierpub("check", "--vault", vault, "--format", "json")
    found = {f["code"]: (f["file"], f["line"], f["message"]) for f in data_of(done)["findings"]}
    office = "_Standards/Open/Office.md"
    assert found["withheld-attachment"][:2] == (office, 1)
    assert found["unfit-image"][:2] == (office, 3)
    assert found["metadata-goes-along"][:2] == (office, 5)
    assert "Art/broken.png (its name and its bytes" in found["unfit-image"][2]
    assert done.returncode == 0


def test_check_names_a_mention_in_a_file_name(vault):
    """A hidden note's name in that of a visible attachment is an error, and `allow` lets it be."""
    put(vault, "People/Bea Falcon.md", "She.\n")
    put(vault, "Art/portrait-BeaFalcon.png", pictures.dirty("a.png"))
    put(vault, "Open/Office.md", "![[portrait-BeaFalcon.png]]\n")
    assert "mentions" in tierpub("check", "--vault", vault).stdout
    refused = tierpub("project", "--vault", vault, "--level", "public")
    assert refused.returncode == 1
    assert "Falcon" not in refused.stderr + refused.stdout
    allow = "allow:\n  - text: Bea Falcon\n    reason: she agreed\n"
    (vault / "tierpub.yaml").write_text(POLICY + allow)
    run(vault, "--level", "public")


def test_explain_says_why_a_link_to_an_attachment_is_hidden(vault):
    """The folder or rule behind the tier of an attachment is told."""
    put(vault, "Open/Office.md", "![[face.png]] words\n")
    done = tierpub("explain", "Open/Office", "--vault", vault)
    assert "leads into the folder People, in which no note is lower" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_refused(vault):
    """A copy that could not be made is no copy that was withheld: nothing is written."""
    (vault / "_Standards/Art/logo.png").chmod(0)
    assert tierpub("project", "--vault", vault, "--level", "public").returncode == 1


def test_pipes_and_symlinks_are_never_copied(vault):
    """What is no regular file is outside, and links to it are cut."""
    os.mkfifo(vault / "_Standards/Art/pipe.png")
    (vault / "_Standards/Art/link.png").symlink_to("logo.png")
    put(vault, "Open/Office.md", "![[pipe.png]] ![[link.png]] ![[logo.png]] words\n")
    made = trees(vault)
    assert [p for p in made[0] if p.endswith("png")] == [PUBLIC]
    assert "link.png" not in made[0]["_public/Open/Office.public.md"].decode()


def test_a_hidden_file_that_cannot_be_read_makes_no_difference(vault):
    """What only hidden links refer to is not even opened for a level below them."""
    policy = parse_policy(POLICY, "p", vault)
    with Run(scan(vault, policy), policy) as run:
        (vault / "_Standards/People/face.png").unlink()
        (vault / "_Standards/People/face.png").mkdir()
        assert run.uses()["People/face.png"].level == 2
        for level in (0, 1):
            assert list(run.copies([level]))
            assert list(run.projections([level]))
        with pytest.raises(TierpubError, match="an attachment cannot be read"):
            list(run.copies([2]))


def test_names_that_meet_where_case_does_not_count_are_refused(vault):
    """Two copies that one file could stand for are told, not laid over one another."""
    put(vault, "Art/LOGO.png", pictures.dirty("a.png"))
    put(vault, "Open/Office.md", "![](../Art/LOGO.png) ![](../Art/logo.png)\n")
    refused = tierpub("project", "--vault", vault, "--level", "public")
    names = {p.name for p in (vault / "_Standards/Art").iterdir()}
    assert refused.returncode == (1 if {"LOGO.png", "logo.png"} <= names else 0)


# What visible links read as does not depend on what is hidden.

HIDDEN = (
    ("People/Bea.md", "![[logo.png]] ![[floor.jpg]] ![](../Art/plan.pdf)\n"),
    ("Open/Hid.md", "---\nconfidential: secret\n---\n\n![[_Standards/Art/logo.png]] ![[x.png]]\n"),
    ("Open/x.png", pictures.dirty("a.png")),
    ("Open/floor.jpg", pictures.dirty("a.jpg")),
    ("People/logo.gif", pictures.dirty("a.gif")),
    ("Vault/logo.png", pictures.dirty("a.png")),
    ("Vault/plan.pdf", b"%PDF"),
    ("Vault/broken.png", b"none"),
    ("Quiet/Deep/face.png", pictures.dirty("a.png")),
)
"""Notes above public, and attachments that nothing public refers to or that a rule hides."""
LINKS = (
    "![[_Standards/Art/logo.png|20]]", "![a](../Art/logo.png)", "![a](/_Standards/Art/logo.png)",
    '<img src="../Art/logo.png">', "[[Art/logo.png]]", "![[near.png]]", "[f](./near.png)",
    "![[_Standards/Art/plan.pdf]]", "![](../Art/broken.png)",
)  # fmt: skip
TWIN_POLICY = POLICY + '  - attachment: "Vault/**"\n    tier: secret\n'


@settings(max_examples=60, deadline=None)
@given(
    links=st.lists(st.sampled_from(LINKS), min_size=1, max_size=4),
    more=st.lists(st.sampled_from(LINKS), max_size=2),
    hidden=st.sets(st.sampled_from(HIDDEN)),
    level=st.integers(0, 1),
)
def test_twins(tmp_path_factory, links, more, hidden, level):
    """A vault with hidden notes and attachments gives a level the tree that one without gives."""
    text = " ".join(links) + "\n\n" + " ".join(more) + " [confidential:: secret]\n\nopen\n"
    notes = {"Open/N.md": text, "Art/A.md": "confidential:: public\n\nwords\n"}
    files = {
        "Art/logo.png": pictures.dirty("a.png"),
        "Art/plan.pdf": b"%PDF",
        "Art/broken.png": b"none",
        "Open/near.png": pictures.dirty("a.png"),
    }
    made = []
    for more_files in ({}, dict(hidden)):
        root = tmp_path_factory.mktemp("twin")
        build(root, notes, files | more_files, TWIN_POLICY)
        made.append(trees(root, TWIN_POLICY)[level])
    assert made[0] == made[1]


def test_monotone_and_free_of_order(vault):
    """What is copied at a level is copied above it, the same bytes; one level alone gets what it
    gets among all."""
    made = trees(vault)
    policy = parse_policy(POLICY, "tierpub.yaml", vault)
    for low, high in itertools.pairwise(made):
        copied = {p.partition("/")[2]: d for p, d in made[low].items() if not p.endswith(".md")}
        above = {p.partition("/")[2]: d for p, d in made[high].items() if not p.endswith(".md")}
        assert copied.items() <= above.items()
    for level, tree in made.items():
        assert project(vault, policy, [level]) == {level: tree}
