"""`tierpub verify`: what it says of a release, and of one that is not as it was published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_tools import data_of, tierpub
from release_tools import everything, released, sealed_vault, sign_key

UNSIGNED = (
    "warning: no signature was checked: whoever can write here can have written all of it\n"
    "  hint: name the public key with --key\n"
)
OFFICE = "public/_public/Open/Office.public.md"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A signed release of four tiers, `site`, beside the keys."""
    folder = tmp_path_factory.mktemp("verify")
    vault = sealed_vault(folder)
    released(vault, folder / "site", "--sign-key", sign_key(folder))
    sign_key(folder, "other")
    return folder


@pytest.fixture
def site(made, tmp_path):
    """A copy of the release that a test may change."""
    return Path(shutil.copytree(made / "site", tmp_path / "site", symlinks=True))


def verify(folder: Path, *more):
    """Run `tierpub verify`."""
    return tierpub("verify", folder, *more)


def test_a_release_as_it_was_published(made):
    """Each tier is told to be as published and signed, and nothing is written."""
    before = everything(made)
    done = verify(made / "site", "--key", made / "signer.pub")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "internal: 2 files, as published, signed by this key\n"
        "private: sealed, as published, signed by this key\n"
        "public: 1 file, as published, signed by this key\n"
        "secret: sealed, as published, signed by this key\n"
    )
    assert everything(made) == before


def test_one_tier(made):
    """The folder of one tier can be verified by itself."""
    done = verify(made / "site/private", "--key", made / "signer.pub")
    assert (done.returncode, done.stdout) == (
        0, "private: sealed, as published, signed by this key\n")  # fmt: skip


def test_without_a_key_it_says_so(made):
    """Without a key the signature is said to be unchecked, in text and in JSON."""
    done = verify(made / "site/public")
    assert (done.returncode, done.stderr) == (0, UNSIGNED)
    assert done.stdout == "public: 1 file, as published, signature not checked\n"
    assert data_of(verify(made / "site", "--format", "json"))["signature_checked"] is False


def test_another_key(made):
    """A release signed by another key is not as published."""
    done = verify(made / "site", "--key", made / "other.pub")
    assert done.returncode == 10
    assert done.stdout.count("bad-signature: ") == 4


def test_an_unsigned_release_with_a_key(made, tmp_path):
    """With a key, a release that nobody signed is not as published."""
    released(made / "vault", tmp_path / "plain")
    assert verify(tmp_path / "plain").stdout.count("unsigned") == 4
    done = verify(tmp_path / "plain", "--key", made / "signer.pub")
    assert done.returncode == 10
    assert done.stdout.count("is not signed") == 4


def test_findings(site, made):
    """What was changed, added and removed is told with its place, and the exit code is 10."""
    (site / OFFICE).write_text("words")
    (site / "internal/_internal/Plans.internal.md").unlink()
    (site / "secret/.note.md").write_text("words")
    (site / "stray.txt").write_text("words")
    done = verify(site, "--key", made / "signer.pub")
    assert done.returncode == 10
    assert done.stdout == (
        "unexpected-file: stray.txt: stands beside the tiers and belongs to none\n"
        "missing-file: internal/_internal/Plans.internal.md: a file of the manifest is not there\n"
        f"changed-file: {OFFICE}: its bytes are not those that were published\n"
        "unexpected-file: secret/.note.md: a file that the manifest does not name\n"
        "internal: not as published, 1 problem\n"
        "private: sealed, as published, signed by this key\n"
        "public: not as published, 1 problem\n"
        "secret: not as published, 1 problem\n"
    )


def test_findings_as_json(site, made):
    """JSON has every problem with its code and place, and what each tier is."""
    (site / OFFICE).write_text("words")
    done = verify(site / "public", "--key", made / "signer.pub", "--format", "json")
    assert done.returncode == 10
    assert data_of(done) == {
        "schema": "tierpub/verify/1",
        "signature_checked": True,
        "tiers": [{"tier": "public", "sealed": False, "files": 1, "signed": True, "problems": 1}],
        "problems": [{
            "code": "changed-file",
            "path": OFFICE,
            "message": "its bytes are not those that were published",
        }],
    }  # fmt: skip


def test_a_tier_under_another_name(site, made):
    """What is handed out as public must be public, though all of it is signed."""
    shutil.rmtree(site / "public")
    shutil.copytree(site / "internal", site / "public")
    for folder in (site, site / "public"):
        done = verify(folder, "--key", made / "signer.pub")
        assert done.returncode == 10
        assert "states the tier `internal` and not `public`" in done.stdout


def test_a_tier_in_a_folder_of_ones_own(site, made):
    """A tier that was put elsewhere is verified by saying which it must be."""
    (site / "public").rename(site.parent / "handout")
    key = ("--key", made / "signer.pub")
    assert verify(site.parent / "handout", *key).returncode == 10
    assert verify(site.parent / "handout", *key, "--level", "public").returncode == 0


def test_a_sealed_tier_that_is_not(site):
    """A bundle that is no age file, and a plain note beside one, are found."""
    (site / "private/_private.tar.age").write_bytes(b"plain")
    (site / "secret/_secret").mkdir()
    (site / "secret/_secret/Plans.secret.md").write_text("words")
    done = verify(site)
    assert done.returncode == 10
    assert "unsealed-tier: private/_private.tar.age: " in done.stdout
    assert "unexpected-file: secret/_secret/Plans.secret.md: " in done.stdout


def test_a_tier_without_its_manifest(site):
    """A folder without a manifest is no tier, and told."""
    (site / "public/_public.manifest.json").unlink()
    done = verify(site)
    assert done.returncode == 10
    assert "no-manifest: public: no manifest stands here\n" in done.stdout


def test_a_missing_tier_is_nobodys_claim(site):
    """A release is what stands there: a tier less is a release of fewer tiers."""
    shutil.rmtree(site / "secret")
    assert verify(site).returncode == 0


@pytest.mark.parametrize("kind", ["empty", "missing", "file", "symlink"])
def test_what_is_no_release(site, kind):
    """Where no tier is, nothing was verified: an error and never a success."""
    folder = site.parent / kind
    if kind == "empty":
        folder.mkdir()
    elif kind == "file":
        folder.write_text("words")
    elif kind == "symlink":
        folder.symlink_to(site)
    done = verify(folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {folder}: ")


def test_a_tier_that_is_a_link(site):
    """A tier behind a symlink is not looked at."""
    (site / "public").rename(site.parent / "elsewhere")
    (site / "public").symlink_to(site.parent / "elsewhere")
    done = verify(site)
    assert done.returncode == 10
    assert "unexpected-file: public: stands beside the tiers" in done.stdout


def test_names_cannot_steer_the_terminal(site):
    """A file name with control characters is escaped."""
    (site / "public/\x1b[2J\n.md").write_text("words")
    done = verify(site)
    assert r"unexpected-file: public/\x1b[2J\n.md: " in done.stdout


def test_a_key_that_is_none(site, made):
    """Without a usable key nothing is verified."""
    for key in (made / "signer", made / "missing", site / OFFICE):
        done = verify(site, "--key", key)
        assert (done.returncode, done.stdout) == (1, "")


def test_wrong_usage():
    """A folder must be named."""
    assert tierpub("verify").returncode == 2
