"""What stays published after notes, labels, tiers or the policy changed: nothing that today's run
would not write, and what cannot be told is refused or named by `check`."""

from __future__ import annotations

import shutil

import pyrage
import pytest
from cli_tools import POLICY, data_of, make_vault, put, snapshot
from name_tools import run as tierpub

CANARY = "quagmirely"
NOTES = {
    "Open/Desk.md": "Desk words.\n",
    "Open/Lamp.md": f"---\nconfidential: public\n---\n\nLamp {CANARY} words.\n",
    "Open/Link.md": "See [[Lamp]].\n",
}
LAMP = "_public/Open/Lamp.public.md"


@pytest.fixture
def vault(tmp_path):
    """A vault whose open tree was written, with a note that is about to go from it."""
    root = make_vault(tmp_path / "vault", NOTES)
    assert tierpub("project", "--level", "public", "--vault", root).returncode == 0
    assert CANARY in (root / LAMP).read_text()
    return root


def lamp(root):
    """The canonical note that changes."""
    return root / "_Standards/Open/Lamp.md"


def policy(root, find, write):
    """Change the policy."""
    (root / "tierpub.yaml").write_text(POLICY.replace(find, write), encoding="utf-8")


def moved(root, place):
    """Move the note."""
    new = root / "_Standards" / place
    new.parent.mkdir(parents=True, exist_ok=True)
    lamp(root).rename(new)


RAISED = {
    "its label rose": lambda root: put(root, "Open/Lamp.md", f"confidential:: secret\n{CANARY}\n"),
    "its tag rose": lambda root: put(
        root, "Open/Lamp.md", f"---\ntags: [confidential/private]\n---\n{CANARY}\n"
    ),
    "the rule that opened it went, and its label": lambda root: (
        policy(root, "note: Open/**", "note: [Open/Desk, Open/Link]"),
        put(root, "Open/Lamp.md", f"Lamp {CANARY} words.\n"),
    ),
    "a rule raised it": lambda root: policy(
        root, "  - field: phone", "  - note: Open/Lamp\n    tier: secret\n  - field: phone"
    ),
}
GONE = {
    "it was deleted": lambda root: lamp(root).unlink(),
    "it moved to a hidden folder": lambda root: moved(root, "People/Lamp.md"),
    "it moved to another folder": lambda root: moved(root, "Open/Deep/Lamp.md"),
    "it was renamed in case only": lambda root: moved(root, "Open/LAMP.md"),
    "its folder was renamed in case only": lambda root: (root / "_Standards/Open").rename(
        root / "_Standards/OPEN"
    ),
    "it became a folder": lambda root: (lamp(root).unlink(), put(root, "Open/Lamp.md/x.md", "x\n")),
    "it is ignored now": lambda root: policy(
        root, "defaults:", "vault:\n  ignore: [Lamp.md]\ndefaults:"
    ),
    "another tool hid it": lambda root: moved(root, "Open/.trash/Lamp.md"),
}


@pytest.mark.parametrize("change", [*RAISED, *GONE])
def test_what_today_would_not_be_written_is_removed(vault, change):
    """Whatever became of the note, the file that showed it is gone after the next run, and what is
    there is what a vault that never was otherwise would have."""
    (RAISED | GONE)[change](vault)
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (vault / LAMP).exists()
    tree = {k: v[0] for k, v in snapshot(vault / "_public").items()}
    shutil.rmtree(vault / "_public")
    shutil.rmtree(vault / ".tierpub")
    assert tierpub("project", "--level", "public", "--vault", vault).returncode == 0
    assert tree == {k: v[0] for k, v in snapshot(vault / "_public").items()}


@pytest.mark.parametrize("change", RAISED)
def test_a_raised_note_whose_record_is_lost_stops_the_run(vault, change):
    """The file may be ours and shows what is hidden now: nothing is written until it is gone."""
    RAISED[change](vault)
    shutil.rmtree(vault / ".tierpub")
    before = snapshot(vault)
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert done.returncode == 1
    assert f"error: {LAMP}: a file stands where no projection is any more" in done.stderr
    assert snapshot(vault) == before
    assert ("left-over", LAMP) in left_over(vault)
    shutil.rmtree(vault / "_public")
    assert tierpub("project", "--level", "public", "--vault", vault).returncode == 0
    assert left_over(vault) == []


@pytest.mark.parametrize("change", [change for change in GONE if "folder was" not in change])
def test_the_file_of_a_note_that_is_gone_is_named_when_its_record_is_lost(vault, change):
    """Without the record nobody can tell it from somebody's own file: `check` names it."""
    GONE[change](vault)
    assert left_over(vault) == []
    shutil.rmtree(vault / ".tierpub")
    assert left_over(vault) == [("left-over", LAMP)]


def left_over(root):
    """The files that `check` says are left over."""
    found = data_of(tierpub("check", "--format", "json", "--vault", root))["findings"]
    return [(f["code"], f["file"]) for f in found if f["code"] == "left-over"]


def test_a_file_that_is_no_projection_is_not_called_one(vault):
    """Other files in a tier's tree are others' business."""
    for name in ("_public/README.md", "_public/Open/x.png", "_public/Open/Desk.internal.md"):
        (vault / name).write_text("mine\n", encoding="utf-8")
    shutil.rmtree(vault / ".tierpub")
    assert left_over(vault) == []


def test_a_level_that_is_not_made_is_left_as_it_is(vault):
    """A run touches the trees of its own levels: the public one is stale until it is made."""
    RAISED["its label rose"](vault)
    assert tierpub("project", "--level", "internal", "--vault", vault).returncode == 0
    assert (vault / LAMP).exists()
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    assert not (vault / LAMP).exists()


def test_a_run_for_another_note_leaves_it(vault):
    """Naming a note limits what is removed to that note."""
    GONE["it was deleted"](vault)
    assert tierpub("project", "Desk", "--level", "public", "--vault", vault).returncode == 0
    assert (vault / LAMP).exists()
    done = tierpub("project", "Open/Lamp", "--level", "public", "--vault", vault)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (vault / LAMP).exists()


def test_links_of_other_notes_follow(vault):
    """What led to the note is cut in the same run."""
    RAISED["its label rose"](vault)
    tierpub("project", "--level", "public", "--vault", vault)
    assert (vault / "_public/Open/Link.public.md").read_text() == "See.\n"


def test_a_field_that_rose_is_gone_from_the_file(vault):
    """A part that rose is as gone as a note that did."""
    put(vault, "Open/Lamp.md", f"---\nphone: {CANARY}\nname: lamp\n---\n")
    tierpub("project", "--level", "public", "--vault", vault)
    assert (vault / LAMP).read_text() == "---\nname: lamp\n---\n"


def sealed(text, key, first="private"):
    """The policy with its upper tiers sealed."""
    tiers = f"public, internal, private, {{name: secret, recipients: [{key}]}}]\nseal_from: {first}"
    return text.replace("public, internal, private, secret]", tiers)


@pytest.fixture(scope="module")
def key():
    """A public key."""
    return str(pyrage.x25519.Identity.generate().to_public())


PRIVATE = "_private/Open/Lamp.private.md"


def test_a_tier_that_is_sealed_now_leaves_no_plaintext(vault, key):
    """Its tree of open files goes with the run that seals it."""
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    (vault / "tierpub.yaml").write_text(sealed(POLICY, key), encoding="utf-8")
    done = tierpub("project", "--all", "--vault", vault)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in vault.glob("_p*")} == {"_public", "_private.tar.age"}
    assert not (vault / "_secret").exists()


def test_a_tier_that_is_sealed_now_with_its_record_lost(vault, key):
    """The open files of the tier may be ours and are plaintext: the run is refused for each."""
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    shutil.rmtree(vault / ".tierpub")
    (vault / "tierpub.yaml").write_text(sealed(POLICY, key), encoding="utf-8")
    before = snapshot(vault)
    done = tierpub("project", "--level", "private", "--vault", vault)
    assert done.returncode == 1
    assert f"error: {PRIVATE}: a file stands where no projection is any more" in done.stderr
    assert snapshot(vault) == before
    assert ("left-over", PRIVATE) in left_over(vault)


def test_a_tier_that_is_open_now_leaves_no_bundle(vault, key):
    """A bundle of an earlier run goes when its tier is written openly."""
    (vault / "tierpub.yaml").write_text(sealed(POLICY, key), encoding="utf-8")
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    (vault / "tierpub.yaml").write_text(sealed(POLICY, key, "secret"), encoding="utf-8")
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    assert not (vault / "_private.tar.age").exists()
    assert (vault / PRIVATE).is_file()


def test_a_bundle_is_made_anew_when_a_note_leaves_it(vault, key):
    """A note that rose above a sealed tier is in its bundle no more."""
    (vault / "tierpub.yaml").write_text(sealed(POLICY, key), encoding="utf-8")
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    before = (vault / "_private.tar.age").read_bytes()
    RAISED["its label rose"](vault)
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    assert (vault / "_private.tar.age").read_bytes() != before


def test_another_pattern_of_projections(vault):
    """Where projections stand elsewhere now, those of the old pattern go."""
    policy(vault, "defaults:", 'vault:\n  projection: "out_{tier}/{path}.md"\ndefaults:')
    assert tierpub("project", "--level", "public", "--vault", vault).returncode == 0
    assert (vault / "out_public/Open/Lamp.md").is_file()
    assert not (vault / "_public").exists()


def test_a_tier_that_is_no_more(vault):
    """The tree of a tier that left the policy goes with the next run."""
    text = POLICY.replace("[public, ", "[open, ").replace("tier: public", "tier: open")
    (vault / "tierpub.yaml").write_text(text, encoding="utf-8")
    put(vault, "Open/Lamp.md", "Lamp.\n")
    assert tierpub("project", "--level", "open", "--vault", vault).returncode == 0
    assert not (vault / "_public").exists()
    assert (vault / "_open/Open/Lamp.open.md").is_file()
