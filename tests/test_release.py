"""`tierpub release`: what it puts in place, what it leaves alone, what it refuses and prints."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import pty
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyrage
import pytest
from cli_tools import NOTES, data_of, put, tierpub
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from release_tools import contents, everything, release, released, sealed_vault, sign_key, tier

from tierpub.seal import members, unseal
from tierpub.seal.identities import load_identities

ROOT = Path(__file__).parents[1]
OFFICE = "public/_public/Open/Office.public.md"
INSIDE = "internal/_internal/Open/Office.internal.md"
PLANS = "internal/_internal/Plans.internal.md"
WORDS = "open sesame"
BUNDLES = ("private/_private.tar.age", "secret/_secret.tar.age")
STOCK = shutil.which("age") is not None or os.environ.get("CI") == "true"


@pytest.fixture
def vault(tmp_path):
    """The small vault, private and secret sealed."""
    return sealed_vault(tmp_path)


@pytest.fixture
def site(tmp_path):
    """Where the release is to stand, in a folder of its own."""
    (tmp_path / "www").mkdir()
    return tmp_path / "www/site"


def leftovers(site: Path) -> set[str]:
    """What stands beside the release."""
    return {path.name for path in site.parent.iterdir()} - {site.name}


def opened(folder: Path, name: str, site: Path) -> dict[str, bytes]:
    """The files of a sealed tier, opened with its key."""
    keys = load_identities([folder / f"{name}.key"], {})
    data = (site / f"{name}/_{name}.tar.age").read_bytes()
    return {member.name: member.data for member in members(unseal(data, keys))}


# What is put in place


def test_each_tier_is_complete_in_a_folder_of_its_own(vault, site):
    """Open tiers stand as trees, sealed ones as a bundle, each with its manifest, and no more."""
    done = released(vault, site)
    assert done.stdout == (
        "public: 1 note in public/_public/\n"
        "internal: 2 notes in internal/_internal/\n"
        "private: sealed in private/_private.tar.age\n"
        "secret: sealed in secret/_secret.tar.age\n"
        "9 created\n"
    )
    assert set(contents(site)) == {
        "internal/_internal.manifest.json",
        INSIDE,
        PLANS,
        "private/_private.manifest.json",
        "public/_public.manifest.json",
        OFFICE,
        "secret/_secret.manifest.json",
        *BUNDLES,
    }
    assert leftovers(site) == set()
    assert tierpub("verify", site).returncode == 0


def test_it_is_what_project_writes(vault, site):
    """A release holds the bytes that `project` writes, sealed tiers in plain text included."""
    released(vault, site)
    assert tierpub("project", "--all", "--vault", vault).returncode == 0
    for path in (OFFICE, INSIDE, PLANS):
        assert (site / path).read_bytes() == (vault / path.partition("/")[2]).read_bytes()
    for name in ("private", "secret"):
        keys = load_identities([vault.parent / f"{name}.key"], {})
        plain = unseal((vault / f"_{name}.tar.age").read_bytes(), keys)
        assert opened(vault.parent, name, site) == {m.name: m.data for m in members(plain)}


def test_modes(vault, site):
    """Files are 0644 and folders 0755 whatever the umask is."""
    before = os.umask(0o077)
    try:
        released(vault, site)
    finally:
        os.umask(before)
    modes = {p.stat().st_mode & 0o7777 for p in site.rglob("*") if p.is_file()}
    folders = {p.stat().st_mode & 0o7777 for p in (site, *site.rglob("*")) if p.is_dir()}
    assert (modes, folders) == ({0o644}, {0o755})


@pytest.mark.skipif(not STOCK, reason="the age command is not installed")
def test_the_sample_vault_with_tools_that_are_not_ours(tmp_path):
    """Of the sample vault, stock age and tar open each bundle of a signed release, and a verifier
    of a few lines accepts each manifest and finds the digest of each file in it."""
    shutil.copytree(ROOT / "vault", tmp_path / "vault")
    text = (ROOT / "policies/default.yaml").read_text()
    lines = "tiers:\n  - public\n  - internal\n  - protect\n" + "".join(
        tier(tmp_path, name) for name in ("private", "personal", "secret")
    )
    start = text.index("tiers:")
    policy = tmp_path / "policy.yaml"
    policy.write_text(text[:start] + lines + text[text.index("\n", start) + 1 :])
    site = tmp_path / "site"
    released(tmp_path / "vault", site, "--policy", policy, "--sign-key", sign_key(tmp_path))
    public = load_ssh_public_key((tmp_path / "signer.pub").read_bytes())
    for folder in site.iterdir():
        name = folder.name
        assert stated(folder / f"_{name}.manifest.json", public) == digests(folder)
    for name in ("private", "personal", "secret"):
        out = tmp_path / f"out-{name}"
        out.mkdir()
        command = 'set -o pipefail; age -d -i "$1" "$2" | tar x -C "$3"'
        paths = (tmp_path / f"{name}.key", site / f"{name}/_{name}.tar.age", out)
        subprocess.run(["bash", "-c", command, "-", *paths], check=True)
        (out / ".tierpub-padding").unlink()
        golden = contents(ROOT / "tests/golden" / name)
        assert contents(out) == golden
    for name in ("public", "internal", "protect"):
        found = contents(site / name)
        del found[f"_{name}.manifest.json"]
        assert found == contents(ROOT / "tests/golden" / name)


def stated(file: Path, public) -> dict[str, str]:
    """Digests by name, of a manifest whose signature is good."""
    data = json.loads(file.read_bytes())
    payload, kind = base64.b64decode(data["payload"]), data["payloadType"].encode()
    pae = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    public.verify(base64.b64decode(data["signatures"][0]["sig"]), pae)
    return {s["name"]: s["digest"]["sha256"] for s in json.loads(payload)["subject"]}


def digests(folder: Path) -> dict[str, str]:
    """What stock sha256sum says of each file of a tier but its manifest."""
    files = [p for p in contents(folder) if not p.endswith(".manifest.json")]
    done = subprocess.run(["sha256sum", "-z", *files], cwd=folder, capture_output=True, check=True)
    lines = done.stdout.decode().rstrip("\0").split("\0")
    return {line[66:]: line[:64] for line in lines}


def test_trees_lie_over_one_another(vault, site, tmp_path):
    """The folders of several tiers can be laid over one another, and none loses a file."""
    released(vault, site)
    for folder in site.iterdir():
        shutil.copytree(folder, tmp_path / "all", dirs_exist_ok=True)
    assert len(contents(tmp_path / "all")) == len(contents(site))


def test_another_layout(vault, site):
    """Where the policy puts trees into folders, so does a release, and it verifies."""
    policy = vault / "tierpub.yaml"
    policy.write_text(policy.read_text() + 'vault: {projection: "out/{tier}/{path}.md"}\n')
    released(vault, site)
    assert (site / "public/out/public/Open/Office.md").is_file()
    assert (site / "private/out/private.tar.age").is_file()
    assert (site / "private/out/private.manifest.json").is_file()
    for folder in (site, site / "public"):
        assert tierpub("verify", folder).returncode == 0
    assert released(vault, site).stdout.endswith("nothing has changed\n")


@pytest.mark.parametrize(("folders", "code"), [(125, 0), (126, 1)])
def test_a_note_in_very_many_folders(vault, site, folders, code):
    """What lies deeper than a manifest can name is refused before anything is built."""
    put(vault, "Open/" + "a/" * folders + "Deep.md", "words\n")
    done = release(vault, site)
    assert (done.returncode, site.exists()) == (code, not code), done.stderr
    assert ("which no manifest can name" in done.stderr) == bool(code)
    assert code or tierpub("verify", site).returncode == 0


@pytest.mark.parametrize(("folders", "code"), [("a/b/c/d/e/f/g/", 0), ("a/b/c/d/e/f/g/h/", 1)])
def test_a_tree_in_very_many_folders(vault, site, folders, code):
    """A manifest is looked for so far down and no further: a tree below that is refused."""
    policy = vault / "tierpub.yaml"
    policy.write_text(
        f'{policy.read_text()}vault: {{projection: "{folders}{{tier}}/{{path}}.md"}}\n'
    )
    done = release(vault, site)
    assert (done.returncode, site.exists()) == (code, not code), done.stderr
    assert ("where no manifest is looked for" in done.stderr) == bool(code)
    assert code or tierpub("verify", site / "public").returncode == 0


def test_a_level_at_which_nothing_is_visible(tmp_path, site):
    """An empty tier is a folder with a manifest that names nothing, and a warning."""
    vault = sealed_vault(tmp_path, {"Plans.md": NOTES["Plans.md"]})
    done = release(vault, site)
    assert done.returncode == 0
    assert done.stderr.startswith("warning: nothing is visible at public\n")
    assert list(contents(site / "public")) == ["_public.manifest.json"]
    assert tierpub("verify", site).returncode == 0


def test_named_levels(vault, site):
    """With --level the release is those tiers; what was of another goes, and that is said."""
    released(vault, site)
    done = released(vault, site, "--level", "public", "--level", "private")
    assert {path.name for path in site.iterdir()} == {"public", "private"}
    assert "internal: removed\nsecret: removed\n4 unchanged\n" in done.stdout


def test_json(vault, site):
    """`--format json` prints one document: tiers, counts, what changed."""
    done = released(vault, site, "--format", "json", "--level", "public", "--level", "secret")
    assert data_of(done) == {
        "schema": "tierpub/release/1",
        "dry_run": False,
        "changed": True,
        "tiers": [
            {"tier": "public", "sealed": False, "notes": 1, "attachments": 0},
            {"tier": "secret", "sealed": True, "notes": None, "attachments": None},
        ],
        "removed_tiers": [],
        "files": {"created": 4, "replaced": 0, "unchanged": 0, "removed": 0},
        "signed": False,
    }


# No churn


def test_an_unchanged_vault_changes_nothing(vault, site):
    """A second run rewrites no file and no folder: inodes, times, bundles, state are the same."""
    released(vault, site, "--sign-key", sign_key(vault.parent))
    before = everything(vault.parent)
    done = released(vault, site, "--sign-key", vault.parent / "signer")
    assert done.stdout.endswith("9 unchanged\nnothing has changed\n")
    assert everything(vault.parent) == before


def test_only_what_differs_is_another_file(vault, site):
    """Of a changed note the projections are new files; all others are the ones that were there."""
    released(vault, site)
    before = everything(site)
    put(vault, "Plans.md", NOTES["Plans.md"].replace("Inside", "Other"))
    done = released(vault, site)
    assert done.stdout.endswith("6 replaced, 3 unchanged\n")
    after = everything(site)
    files = {p for p in contents(site) if before[p] != after[p]}
    manifests = {f"{t}/_{t}.manifest.json" for t in ("internal", "private", "secret")}
    assert files == {PLANS, *BUNDLES, *manifests}
    assert leftovers(site) == set()


def test_a_change_above_a_level_leaves_no_trace_in_it(vault, site):
    """Where only sealed tiers change, the others keep inodes and times of files and folders."""
    released(vault, site)
    before = everything(site / "public") | everything(site / "internal")
    put(vault, "People/Bob_Heron.md", "---\nconfidential: private\n---\n\nHe fishes.\n")
    released(vault, site)
    after = everything(site / "public") | everything(site / "internal")
    skip = {"", "_public", "_public/Open", "_internal", "_internal/Open"}
    assert {k: v for k, v in after.items() if k not in skip} == (
        {k: v for k, v in before.items() if k not in skip}
    )
    for folder in skip - {""}:
        assert after[folder][2:] == before[folder][2:]


def test_what_was_cut_now_is_gone(vault, site):
    """A note that rose is in no folder below its tier, nor is the folder it stood in."""
    released(vault, site)
    put(vault, "Open/Office.md", "---\nconfidential: private\n---\n\nx\n")
    assert release(vault, site).returncode == 0
    assert list(contents(site / "public")) == ["_public.manifest.json"]
    assert not (site / "public/_public").exists()


def test_a_lost_file_comes_back(vault, site):
    """A file that is missing is written again; nothing else changes."""
    released(vault, site)
    (site / OFFICE).unlink()
    done = released(vault, site)
    assert done.stdout.endswith("1 created, 8 unchanged\n")
    assert tierpub("verify", site).returncode == 0


def test_a_release_that_went_through_a_copy_is_ours(vault, site, tmp_path):
    """Other inodes, times and modes, as a checkout makes them, are no change; modes are mended."""
    released(vault, site)
    shutil.copytree(site, tmp_path / "copy", copy_function=shutil.copyfile)
    for path in (tmp_path / "copy").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o664)
    assert release(vault, tmp_path / "copy", "--dry-run", "--level", "public", "--level",
                   "internal").returncode == 10  # fmt: skip
    before = everything(tmp_path / "copy/public")
    assert released(vault, tmp_path / "copy", *ids(vault)).stdout.endswith("nothing has changed\n")
    assert (tmp_path / "copy" / OFFICE).stat().st_mode & 0o777 == 0o644
    assert everything(tmp_path / "copy/public")[""] == before[""]


def ids(vault: Path):
    """Options that name both identities."""
    return ("-i", vault.parent / "private.key", "-i", vault.parent / "secret.key")


def test_bundles_without_state(vault, site):
    """Without state, a bundle stays when an identity at hand opens it and finds its text, which
    tells its recipients; one that none opens is sealed anew."""
    released(vault, site)
    before = everything(site)
    shutil.rmtree(vault / ".tierpub")
    assert release(vault, site, "--dry-run").returncode == 10
    assert released(vault, site, *ids(vault)).stdout.endswith("9 unchanged\nnothing has changed\n")
    assert everything(site) == before
    assert released(vault, site).stdout.endswith("nothing has changed\n")
    shutil.rmtree(vault / ".tierpub")
    done = released(vault, site, "-i", vault.parent / "secret.key")
    assert done.stdout.endswith("nothing has changed\n")
    assert everything(site) == before
    shutil.rmtree(vault / ".tierpub")
    done = released(vault, site, "-i", vault.parent / "private.key")
    assert done.stdout.endswith("2 replaced, 7 unchanged\n")
    after = everything(site)
    assert after[BUNDLES[0]] == before[BUNDLES[0]]
    assert after[BUNDLES[1]][0] != before[BUNDLES[1]][0]


def test_a_recipient_who_left_is_told(vault, site):
    """When a recipient is removed, the run says so and seals anew what they could read."""
    policy = vault / "tierpub.yaml"
    text = policy.read_text()
    more = pyrage.x25519.Identity.generate().to_public()
    policy.write_text(text.replace("recipients: [", f"recipients: [{more}, ", 1))
    released(vault, site)
    before = everything(site)
    policy.write_text(text)
    done = release(vault, site)
    assert done.returncode == 0
    assert f"{BUNDLES[0]}: somebody who could open this" in done.stderr
    after = everything(site)
    assert after[BUNDLES[0]] != before[BUNDLES[0]]
    assert after[BUNDLES[1]] == before[BUNDLES[1]]


def test_a_recipient_who_was_exchanged_is_not_missed(vault, site):
    """With the state lost and a key exchanged for another, the bundle is sealed to the new one,
    though the old key is at hand and the number of recipients is the same."""
    released(vault, site)
    shutil.rmtree(vault / ".tierpub")
    old = (vault.parent / "secret.key").read_text()
    (vault.parent / "secret.key").unlink()
    sealed_vault(vault.parent)
    former = vault.parent / "former.key"
    former.write_text(old)
    former.chmod(0o600)
    released(vault, site, "-i", former)
    assert len(opened(vault.parent, "secret", site)) == 3
    done = tierpub("open", site / BUNDLES[1], "-i", former, "--list")
    assert "none of the identities opens" in done.stderr


def test_reseal(vault, site):
    """With --reseal bundles are encrypted anew, and nothing else is."""
    released(vault, site)
    before = contents(site)
    done = released(vault, site, "--reseal")
    assert done.stdout.endswith("4 replaced, 5 unchanged\n")
    assert {p for p, data in contents(site).items() if before[p] != data} == {
        *BUNDLES, "private/_private.manifest.json", "secret/_secret.manifest.json"}  # fmt: skip


def test_folders_keep_who_may_enter_them(vault, site):
    """Permissions that were set on the release and its tiers are those of the next release."""
    released(vault, site)
    site.chmod(0o711)
    (site / "internal").chmod(0o750)
    (site / "internal/_internal").chmod(0o700)
    put(vault, "Plans.md", "Other.\n")
    released(vault, site)
    folders = (site, site / "internal", site / "internal/_internal", site / "public")
    modes = [p.stat().st_mode & 0o777 for p in folders]
    assert modes == [0o711, 0o750, 0o700, 0o755]


# Dry runs


def test_dry_run(vault, site):
    """It exits with 10 while the release is not what the vault gives, else 0, and writes
    nothing."""
    before = everything(vault.parent)
    done = release(vault, site, "--dry-run")
    assert (done.returncode, done.stderr) == (10, "")
    assert done.stdout.endswith("would be: 9 created\n")
    assert everything(vault.parent) == before
    released(vault, site)
    assert release(vault, site, "--dry-run").returncode == 0
    put(vault, "Plans.md", "Other.\n")
    before = everything(vault.parent)
    assert release(vault, site, "--dry-run").returncode == 10
    assert release(vault, site, "--dry-run", "--level", "public").returncode == 10
    assert everything(vault.parent) == before


# Signing


def test_signing_is_a_change_and_losing_it_is_told(vault, site):
    """A key signs every manifest; without it an unchanged one keeps its signature, and a changed
    one is not signed any more, which is said."""
    key = sign_key(vault.parent)
    released(vault, site)
    assert released(vault, site, "--sign-key", key).stdout.endswith("4 replaced, 5 unchanged\n")
    assert tierpub("verify", site, "--key", f"{key}.pub").returncode == 0
    assert released(vault, site).stdout.endswith("nothing has changed\n")
    put(vault, "Plans.md", "Other.\n")
    done = release(vault, site)
    warning = "the manifest was signed, and is not any more"
    assert done.stderr.count(warning) == 3
    assert "public" not in done.stderr
    assert tierpub("verify", site, "--key", f"{key}.pub").returncode == 10


@pytest.mark.parametrize("kind", ["missing", "public"])
def test_a_signing_key_that_is_none(vault, site, kind):
    """Without a usable key nothing is built."""
    key = sign_key(vault.parent)
    path = key.with_suffix(".pub") if kind == "public" else vault.parent / "none"
    done = release(vault, site, "--sign-key", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert not site.exists()


def test_a_passphrase_where_nobody_can_be_asked(vault, site):
    """Without a terminal a wrapped key is refused, and the run does not wait."""
    key = sign_key(vault.parent, passphrase=WORDS)
    done = release(vault, site, "--sign-key", key, stdin=subprocess.DEVNULL,
                   start_new_session=True)  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {key}: needs a passphrase, and there is no terminal")


def test_a_passphrase_on_the_terminal(vault, site):
    """The passphrase of a wrapped key is asked for on the terminal, and not shown there."""
    key = sign_key(vault.parent, passphrase=WORDS)
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "tierpub", "release", "--vault", vault, "--out", site,
         "--sign-key", key],
        stdin=theirs, stderr=theirs, stdout=subprocess.DEVNULL, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - its own
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    shown = b""
    while b"Passphrase for " not in shown:
        shown += os.read(ours, 1000)
    while termios.tcgetattr(theirs)[3] & termios.ECHO:
        time.sleep(0.01)
    os.write(ours, WORDS.encode() + b"\n")
    assert run.wait(60) == 0
    os.close(theirs)
    with contextlib.suppress(OSError):  # the terminal is gone
        shown += os.read(ours, 1000)
    os.close(ours)
    assert WORDS.encode() not in shown
    assert tierpub("verify", site, "--key", f"{key}.pub").returncode == 0


def test_time(vault, site):
    """A manifest has the time that SOURCE_DATE_EPOCH gave when it last changed, and no other."""
    released(vault, site, env={"SOURCE_DATE_EPOCH": "1700000000"})
    payload = json.loads((site / "public/_public.manifest.json").read_bytes())["payload"]
    assert b'"time":1700000000' in base64.b64decode(payload)
    before = everything(site)
    released(vault, site, env={"SOURCE_DATE_EPOCH": "1800000000"})
    assert everything(site) == before
    done = release(vault, site, env={"SOURCE_DATE_EPOCH": "yesterday"})
    assert done.returncode == 1
    assert "SOURCE_DATE_EPOCH" in done.stderr


# What is not ours


@pytest.mark.parametrize("kind", ["notes", "file", "symlink", "dead", "git", "lookalike"])
def test_a_place_that_is_not_ours(vault, site, kind, tmp_path):
    """A folder of somebody's files, a file and a symlink are refused and left alone."""
    if kind == "notes":
        (site / "notes").mkdir(parents=True)
        (site / "notes/diary.md").write_text("words")
    elif kind == "file":
        site.write_text("words")
    elif kind == "git":
        released(vault, site)
        (site / ".git").mkdir()
    elif kind == "lookalike":
        (site / "public/_public").mkdir(parents=True)
        (site / "public/_public.manifest.json").write_text("{}")
    else:
        target = tmp_path / "elsewhere"
        if kind == "symlink":
            target.mkdir()
        site.symlink_to(target)
    before = everything(tmp_path)
    done = release(vault, site)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {site}")
    assert everything(tmp_path) == before


@pytest.mark.parametrize("change", ["extra", "changed", "symlink", "hidden", "folder"])
def test_strangers_in_a_release(vault, site, change, tmp_path):
    """A file that no manifest names, or that was changed since, stops the run before it begins:
    even a vault that cannot be read is not looked at."""
    released(vault, site)
    file = site / OFFICE
    if change == "changed":
        file.write_text("words")
    elif change == "symlink":
        file.rename(tmp_path / "moved")
        file.symlink_to(tmp_path / "moved")
    elif change == "folder":
        (site / "public/_public/Drafts").mkdir()
    else:
        (site / "public" / (".hidden" if change == "hidden" else "extra.md")).write_text("words")
    put(vault, "Plans.md", "---\nconfidential: nonsense\n---\n")
    before = everything(tmp_path)
    done = release(vault, site)
    assert done.returncode == 1
    assert done.stderr.startswith("error: public/")
    assert "fault above" not in done.stderr
    assert everything(tmp_path) == before


def test_strangers_above_the_level_are_not_named(vault, site):
    """The name of a stranger in a higher tier's folder may be a hidden note's."""
    released(vault, site)
    (site / "internal/_internal/Falcon.md").write_text("words")
    for more in (("--level", "public"), ()):
        done = release(vault, site, *more)
        assert done.returncode == 1
        assert done.stderr == "error: a fault above this level; `tierpub check` shows it\n"
    done = release(vault, site, "--level", "internal")
    assert "internal/_internal/Falcon.md" in done.stderr


def test_an_empty_folder_is_taken(vault, site):
    """A folder with nothing in it gives way, and keeps its permissions."""
    site.mkdir(mode=0o750)
    released(vault, site)
    assert site.stat().st_mode & 0o777 == 0o750
    assert tierpub("verify", site).returncode == 0


def test_folders_above_are_made(vault, tmp_path):
    """Where the folder above does not exist it is made."""
    released(vault, tmp_path / "a/b/site")
    assert tierpub("verify", tmp_path / "a/b/site").returncode == 0


@pytest.mark.parametrize("where", ["vault", "vault/site", "vault/_Standards/site", "vault/_public"])
def test_not_in_the_vault(vault, where):
    """A release in the vault would be read as part of it: refused."""
    before = everything(vault)
    done = release(vault, vault.parent / where)
    assert (done.returncode, done.stdout) == (1, "")
    assert everything(vault) == before


def test_wrong_usage(vault):
    """A release needs a place."""
    assert tierpub("release", "--vault", vault).returncode == 2
    assert tierpub("release", "--vault", vault, "--out", "x", "--level", "none").returncode == 1


# Interrupted, or at once


def test_leftovers_of_a_killed_run_are_removed(vault, site, tmp_path):
    """What a killed run left is removed, and no symlink in it is followed."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").write_text("words")
    left = site.parent / ".site.tierpub"
    (left / "new/public").mkdir(parents=True)
    left.chmod(0o700)
    (left / "new/public/link").symlink_to(tmp_path / "precious")
    (left / "new/part").write_text("words")
    released(vault, site)
    assert leftovers(site) == set()
    assert (tmp_path / "precious/file").read_text() == "words"


@pytest.mark.parametrize("kind", ["open", "file", "symlink", "other"])
def test_what_only_looks_like_a_leftover(vault, site, kind, tmp_path):
    """Something of that name which tierpub did not make is refused and left alone."""
    left = site.parent / ".site.tierpub"
    if kind == "file":
        left.write_text("words")
    elif kind == "symlink":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        left.symlink_to(tmp_path / "elsewhere")
    else:
        left.mkdir()
        left.chmod(0o755 if kind == "open" else 0o700)
        (left / "diary").write_text("words")
    before = everything(tmp_path)
    done = release(vault, site)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {left}: ")
    assert everything(tmp_path) == before


def test_a_release_that_was_moved_aside_comes_back(vault, site):
    """A run that was killed between two renames is undone: the old release is back first."""
    released(vault, site)
    before = everything(site)
    left = site.parent / ".site.tierpub"
    left.mkdir(mode=0o700)
    (left / "new").mkdir()
    site.rename(left / "old")
    done = released(vault, site)
    assert done.stdout.endswith("nothing has changed\n")
    assert everything(site) == before
    assert leftovers(site) == set()


def test_another_run_is_at_work(vault, site):
    """While another run releases there, this one is refused and touches nothing of it."""
    left = site.parent / ".site.tierpub"
    left.mkdir(mode=0o700)
    (left / "new").mkdir()
    fd = os.open(left, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        done = release(vault, site)
    finally:
        os.close(fd)
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {site}: another run is releasing here\n"
        "  hint: wait until it has ended, then run again\n"
    )
    assert (left / "new").is_dir()


def test_two_at_once(vault, site, tmp_path):
    """Of runs from two vaults into one place each succeeds or is refused, and what stands there
    is whole."""
    other = shutil.copytree(vault, tmp_path / "other")
    put(other, "Plans.md", "Other words.\n")
    released(vault, site)
    command = [sys.executable, "-m", "tierpub", "release", "--out", site, "--vault"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(3):
        runs = [
            subprocess.Popen([*command, root], env=environment, stderr=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, text=True)
            for root in (other, vault)
        ]  # fmt: skip
        for run in runs:
            _, said = run.communicate(timeout=60)
            assert run.returncode in {0, 1}
            assert not run.returncode or "during the run" in said or "another run" in said, said
        assert tierpub("verify", site).returncode == 0
        assert leftovers(site) == set()


def test_two_from_one_vault(vault, site):
    """While another run writes from this vault, this one is refused."""
    fd = os.open(vault, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        done = release(vault, site)
    finally:
        os.close(fd)
    assert done.returncode == 1
    assert "another run of tierpub is writing from this vault" in done.stderr


# What it prints


def test_nothing_hidden_in_the_log(tmp_path, site):
    """With a hidden note that is broken, a hidden name that is mentioned and a hidden folder, no
    word of what is hidden stands in what a release prints."""
    notes = {
        **NOTES,
        "People/Heron_Bay.md": "---\nconfidential: private\nconfidential: secret\n---\nEel.\n",
        "People/Quiet_Harbour/Osprey.md": "---\nconfidential: private\n---\nPike.\n",
        "Open/Words.md": "---\nconfidential: public\n---\n\nCall Ann Falcon about it.\n",
    }
    words = ("Heron", "Harbour", "Osprey", "Eel", "Pike", "Falcon", "Ann", "People")
    vault = sealed_vault(tmp_path, notes)
    for broken in (True, False):
        for more in ((), ("--dry-run",), ("--format", "json"), ("--level", "public")):
            done = release(vault, site, *more)
            assert done.returncode == 1
            assert done.stdout == ""
            assert not [word for word in words if word in done.stderr], done.stderr
            assert done.stderr
        if broken:
            (vault / "_Standards/People/Heron_Bay.md").unlink()
    assert not site.exists()
    (vault / "_Standards/Open/Words.md").unlink()
    done = released(vault, site)
    assert not [word for word in words if word in done.stdout]


def test_two_vaults_that_look_the_same(tmp_path, site):
    """What the public may see is the same bytes, tree, log and manifest, whatever is hidden."""
    more = {"People/Bob_Heron.md": "x\n", "Plans.md": "Other.\n", "Deep/Er.md": "y\n"}
    seen = []
    for number, notes in enumerate(({**NOTES, "Plans.md": "# Plans\n"}, {**NOTES, **more})):
        vault = sealed_vault(tmp_path / str(number), notes)
        done = released(vault, site, "--level", "public")
        seen.append((done.stdout, contents(site)))
        shutil.rmtree(site)
    assert seen[0] == seen[1]
