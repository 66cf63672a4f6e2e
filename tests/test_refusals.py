"""Wrong input, one by one: what `check` says of it, and that `project` writes nothing."""

from __future__ import annotations

import pytest
from cli_tools import NOTES, POLICY, make_vault, put, snapshot, tierpub

from tierpub.cli.output import ABOVE

WRONG = {
    "unknown-tier": ("a\n\n## X [confidential:: privat]\n\nb\n", 3),
    "yaml-duplicate-key": ("---\nconfidential: secret\nconfidential: public\n---\n", 3),
    "yaml-syntax": ("---\na: [b\n---\n\ntext\n", 3),
    "yaml-character": ("---\na: b\u2028confidential: secret\n---\n", 2),
    "not-utf-8": (b"a\n\nb \xff c\n", 3),
    "nul-byte": (b"a\n\nb \x00 c\n", 3),
    "unclosed-region": ("a\n\n%% confidential: private %%\n\nb\n", 3),
    "unopened-region": ("a\n\nb\n\n%% /confidential %%\n", 5),
    "unknown-field": ("---\na: b\nconfidential_private: [c]\n---\n", 3),
    "misspelt-label": ("---\nconfidental: secret\n---\n\ntext\n", 2),
}
"""Fault code: a note that has it, and the line it stands in."""


@pytest.fixture
def vault(tmp_path):
    """A vault whose public tree was written before."""
    root = make_vault(tmp_path / "vault")
    assert tierpub("project", "--level", "public", "--vault", root).returncode == 0
    assert (root / "_public/Open/Office.public.md").is_file()
    return root


@pytest.mark.parametrize("code", WRONG)
def test_check_names_file_line_and_fault(vault, code):
    """`check` names file and line of each fault in a note, and exits with 10."""
    text, line = WRONG[code]
    put(vault, "People/Ann_Falcon.md", text)
    done = tierpub("check", "--vault", vault)
    assert done.returncode == 10
    assert f"error: _Standards/People/Ann_Falcon.md:{line}:" in done.stdout
    assert f"  {code}\n" in done.stdout


@pytest.mark.parametrize("code", WRONG)
def test_a_refused_run_leaves_everything_as_it_was(vault, code):
    """A fault anywhere refuses the run: nothing is written, and what was there stays."""
    put(vault, "People/Ann_Falcon.md", WRONG[code][0])
    put(vault, "Open/Office.md", NOTES["Open/Office.md"] + "\nNew words.\n")
    before = snapshot(vault)
    done = tierpub("project", "--level", "public", "--level", "internal", "--vault", vault)
    assert done.returncode == 1
    assert done.stdout == ""
    assert snapshot(vault) == before


@pytest.mark.parametrize("code", WRONG)
def test_a_fault_above_the_level_is_one_fixed_sentence(vault, code):
    """Whoever projects a level learns of a fault above it nothing but that there is one."""
    put(vault, "People/Ann_Falcon.md", WRONG[code][0])
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {ABOVE}\n")


def test_a_fault_at_the_level_is_named(vault):
    """A fault in what the level may see is shown with its place and a hint."""
    put(vault, "Open/New.md", "a\n\nb [confidential:: publik]\n")
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert done.returncode == 1
    assert "error: _Standards/Open/New.md:3:" in done.stderr
    assert "  hint: did you mean `public`?\n" in done.stderr


def test_a_fault_in_a_hidden_portion_of_a_visible_note(vault):
    """Of a fault inside a hidden section not even the line is told."""
    text = "a\n\n## X [confidential:: secret]\n\nb [confidential:: secrte]\n"
    put(vault, "Open/New.md", text)
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert done.stderr == f"error: {ABOVE}\n"


def test_all_faults_at_once(vault):
    """`check` lists the faults of all notes in one run, by file and line."""
    put(vault, "B.md", "x [confidential:: no]\n\ny [confidential:: nor]\n")
    put(vault, "A.md", b"\xff")
    done = tierpub("check", "--vault", vault)
    places = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert [place.split(":")[0] for place in places] == [
        "_Standards/A.md", "_Standards/B.md", "_Standards/B.md",
    ]  # fmt: skip
    assert "3 errors" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("find", "write", "line"),
    [
        ("    tier: private\n", "    tier: privat\n", 11),
        ("defaults:\n", "defaults:\n  note: public\n", 5),
        ("version: 1\n", "version: 1\nnonsense: 2\n", 2),
        ("  - field: phone\n", "  - fields: phone\n", 13),
    ],
)
def test_a_faulty_policy(vault, find, write, line):
    """A fault of the policy is named with its line by every verb, and stops all of them."""
    (vault / "tierpub.yaml").write_text(POLICY.replace(find, write), encoding="utf-8")
    before = snapshot(vault)
    done = tierpub("check", "--vault", vault)
    assert done.returncode == 10
    assert f"tierpub.yaml:{line}:" in done.stdout
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert done.returncode == 1
    assert f"tierpub.yaml:{line}:" in done.stderr
    assert snapshot(vault) == before


def test_a_symlink_out_of_the_vault(vault, tmp_path):
    """A symlink in the source that leads out of the vault refuses the run; its name is not told."""
    (tmp_path / "elsewhere").mkdir()
    (vault / "_Standards/People/Falcon_Files").symlink_to(tmp_path / "elsewhere")
    before = snapshot(vault)
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert (done.returncode, done.stderr) == (1, f"error: {ABOVE}\n")
    assert snapshot(vault) == before
    done = tierpub("check", "--vault", vault)
    assert done.returncode == 10
    assert "error: _Standards/People/Falcon_Files: " in done.stdout


def test_a_vault_without_notes(tmp_path):
    """A vault without notes is an error for every verb, and nothing is written."""
    root = make_vault(tmp_path, {})
    before = snapshot(root)
    for verb in (["project", "--level", "public"], ["check"], ["explain", "x"]):
        done = tierpub(*verb, "--vault", root)
        assert done.returncode == 1
        assert "error: _Standards: the source holds no notes\n" in done.stderr
    assert snapshot(root) == before


def test_no_vault(tmp_path):
    """Where there is no vault every verb says so and how to name one."""
    done = tierpub("check", cwd=tmp_path)
    assert done.returncode == 1
    assert "  hint: run in a vault or name one with --vault DIR\n" in done.stderr


SEALED = POLICY.replace("defaults:", "seal_from: private\ndefaults:")


def test_a_sealed_tier_without_recipients(tmp_path):
    """A tier that nobody could open is refused when it is to be written, before anything is."""
    root = make_vault(tmp_path, policy=SEALED)
    before = snapshot(root)
    done = tierpub("project", "--all", "--vault", root)
    assert done.returncode == 1
    assert "a sealed tier has no recipient" in done.stderr
    assert snapshot(root) == before


def test_a_sealed_tier_without_recipients_that_is_not_written(tmp_path):
    """Levels that are not sealed need no recipients of those that are."""
    root = make_vault(tmp_path, policy=SEALED)
    done = tierpub("project", "--level", "internal", "--vault", root)
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / "_internal/Plans.internal.md").is_file()


def test_check_warns_of_sealed_tiers_without_recipients(tmp_path):
    """`check` says which tiers could not be written; that alone is no error."""
    done = tierpub("check", "--vault", make_vault(tmp_path, policy=SEALED))
    assert done.returncode == 0
    assert "sealed tiers that have no recipient" in done.stdout
    assert "private, secret" in done.stdout


def test_a_strangers_file(tmp_path):
    """A file that tierpub did not write is never overwritten, and the run is refused whole."""
    root = make_vault(tmp_path)
    stranger = root / "_internal/Plans.internal.md"
    stranger.parent.mkdir()
    stranger.write_text("mine\n", encoding="utf-8")
    before = snapshot(root)
    done = tierpub("project", "--level", "internal", "--vault", root)
    assert done.returncode == 1
    assert "error: _internal/Plans.internal.md: " in done.stderr
    assert snapshot(root) == before
    done = tierpub("check", "--vault", root)
    assert "    _internal/Plans.internal.md\n" in done.stdout
    assert "stranger" in done.stdout
    assert snapshot(root) == before


def test_a_strangers_file_at_a_higher_level(tmp_path):
    """Of a file in the way of a higher level the lowest level of the run is told nothing."""
    root = make_vault(tmp_path)
    stranger = root / "_private/People/Ann_Falcon.private.md"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("mine\n", encoding="utf-8")
    done = tierpub("project", "--level", "public", "--level", "private", "--vault", root)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {ABOVE}\n")
    assert not (root / "_public").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["project"],
        ["project", "--all", "--level", "public"],
        ["project", "--stdout", "--level", "public"],
        ["explain"],
        ["diff", "Plans", "--from", "public"],
        ["check", "--format", "sarif"],
    ],
)
def test_wrong_usage(vault, arguments):
    """A wrong usage exits with 2 and writes nothing."""
    before = snapshot(vault)
    done = tierpub(*arguments, "--vault", vault)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert snapshot(vault) == before


def test_a_tier_that_is_none(vault):
    """A level that the policy does not have is refused with the one probably meant."""
    done = tierpub("project", "--level", "pubilc", "--vault", vault)
    assert done.returncode == 1
    assert done.stderr == (
        "error: the policy has no tier `pubilc`\n  hint: did you mean `public`?\n"
    )
