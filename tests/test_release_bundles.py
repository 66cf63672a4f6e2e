"""When a bundle may stay that no record speaks of: only if identities prove whom it is for."""

from __future__ import annotations

import os

import pyrage
import pytest

from tierpub.manifest.places import open_file
from tierpub.publish import prover
from tierpub.seal import build, load_identities, seal

PLAIN = build([("_secret/A.secret.md", b"words")])


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Identities by letter, each with its recipient."""
    folder = tmp_path_factory.mktemp("keys")
    for letter in "abc":
        file = folder / letter
        file.write_text(f"{pyrage.x25519.Identity.generate()}\n")
        file.chmod(0o600)
    return {letter: load_identities([folder / letter], {})[0] for letter in "abc"}


@pytest.mark.parametrize(
    ("sealed_for", "wanted", "at_hand", "proven"),
    [
        ("a", "a", "a", True),
        ("ab", "ab", "ab", True),
        ("ab", "ba", "abc", True),
        ("ab", "ab", "a", False),  # nobody can say whether it is for b
        ("ab", "a", "a", False),  # b was removed, and could still open it
        ("ab", "a", "ab", False),
        ("a", "ab", "a", False),  # b was added, and could not
        ("a", "ab", "ab", False),
        ("a", "b", "ab", False),  # a was exchanged for b
        ("ab", "ac", "abc", False),
        ("a", "a", "b", False),
        ("a", "a", "", False),
        ("a", "", "a", False),
    ],
)
def test_who_can_open_it_is_proven(keys, sealed_for, wanted, at_hand, proven):
    """It stays when it is for just those for whom it should be, and all of them prove it."""
    proof = prover([keys[letter] for letter in at_hand])
    data = seal(PLAIN, [keys[letter].recipient for letter in sealed_for])
    recipients = tuple(keys[letter].recipient for letter in wanted)
    assert proof(data, PLAIN, recipients) is proven


@pytest.mark.parametrize("data", [b"", b"words", b"age-encryption.org/v1\n-> X25519 a\nb\n"])
def test_what_is_no_bundle(keys, data):
    """Bytes that are no age file prove nothing, and are no crash."""
    assert prover([keys["a"]])(data, PLAIN, (keys["a"].recipient,)) is False


def test_another_plaintext(keys):
    """A bundle of something else does not stay."""
    data = seal(build([]), [keys["a"].recipient])
    assert prover([keys["a"]])(data, PLAIN, (keys["a"].recipient,)) is False


def test_an_altered_bundle(keys):
    """A bundle that was altered at its end does not stay."""
    data = bytearray(seal(PLAIN, [keys["a"].recipient]))
    data[-1] ^= 1
    assert prover([keys["a"]])(bytes(data), PLAIN, (keys["a"].recipient,)) is False


def test_files_are_read_without_following_links(tmp_path):
    """A link that is put in a file's place after it was looked at is not followed."""
    (tmp_path / "file").write_text("words")
    (tmp_path / "link").symlink_to("file")
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        os.close(open_file("file", fd))
        with pytest.raises(OSError, match="symbolic"):
            open_file("link", fd)
    finally:
        os.close(fd)
