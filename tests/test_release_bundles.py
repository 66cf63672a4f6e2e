"""When a bundle may stay that no record speaks of: only if its text tells whom it is for."""

from __future__ import annotations

import os

import pyrage
import pytest

from tierpub.manifest.places import open_file
from tierpub.publish import Sealed
from tierpub.publish.bundles import is_same
from tierpub.seal import build, load_identities, seal, unseal

MEMBERS = [("_secret/A.secret.md", b"words")]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Identities by letter, each with its recipient."""
    folder = tmp_path_factory.mktemp("keys")
    for letter in "abc":
        file = folder / letter
        file.write_text(f"{pyrage.x25519.Identity.generate()}\n")
        file.chmod(0o600)
    return {letter: load_identities([folder / letter], {})[0] for letter in "abc"}


def readers(keys, letters):
    """The recipients that letters stand for."""
    return tuple(keys[letter].recipient for letter in letters)


@pytest.mark.parametrize(
    ("sealed_for", "wanted", "stays"),
    [
        ("a", "a", True),
        ("ab", "ab", True),
        ("ab", "ba", True),
        ("ab", "a", False),  # b was removed, and could still open it
        ("a", "ab", False),  # b was added, and could not
        ("ab", "ac", False),  # b was exchanged for c
    ],
)
def test_who_can_open_it_is_told_by_its_text(keys, sealed_for, wanted, stays):
    """It stays when it was made for just those for whom it should be, whoever of them opens it."""
    data = seal(build(MEMBERS, readers(keys, sealed_for)), readers(keys, sealed_for))
    wanted = readers(keys, wanted)
    output = Sealed("_secret.tar.age", 5, build(MEMBERS, wanted), wanted, bound=True)
    assert is_same(data, unseal(data, [keys["a"]]), output) is stays


def test_one_more_reader_than_its_text_tells(keys):
    """A bundle that somebody sealed to one more does not stay, though its text is the same."""
    plain = build(MEMBERS, readers(keys, "a"))
    output = Sealed("_secret.tar.age", 5, plain, readers(keys, "a"), bound=True)
    data = seal(plain, readers(keys, "ab"))
    assert not is_same(data, unseal(data, [keys["a"]]), output)


def test_another_plaintext(keys):
    """A bundle of something else does not stay, nor one that does not open."""
    plain = build(MEMBERS, readers(keys, "a"))
    output = Sealed("_secret.tar.age", 5, plain, readers(keys, "a"), bound=True)
    data = seal(build([], readers(keys, "a")), readers(keys, "a"))
    assert not is_same(data, unseal(data, [keys["a"]]), output)
    assert not is_same(data, None, output)


def test_text_that_tells_no_recipients(keys):
    """A bundle whose text tells no recipients does not stay."""
    plain = build(MEMBERS)
    data = seal(plain, readers(keys, "a"))
    output = Sealed("_secret.tar.age", 5, plain, readers(keys, "a"))
    assert not is_same(data, plain, output)


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
