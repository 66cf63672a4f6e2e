"""Recipients: what counts as a public key, and who may read a tier."""

from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tierpub.errors import Place, TierpubError
from tierpub.seal import load_recipients, parse_recipient, recipients_for

SSH = (
    Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    .decode()
)


def new_key() -> tuple[str, str]:
    """A fresh secret key and its public key."""
    key = pyrage.x25519.Identity.generate()
    return str(key), str(key.to_public())


SECRET, PUBLIC = new_key()


def codes(error: TierpubError) -> list[str]:
    return [fault.code for fault in error.faults]


def test_key_is_canonical():
    """Blanks around a key and capital letters do not make another key."""
    assert parse_recipient(f"  {PUBLIC.upper()}\n") == PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        PUBLIC[:-1],
        PUBLIC + "q",
        PUBLIC[:20].upper() + PUBLIC[20:],
        "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
        f"{PUBLIC} {PUBLIC}",
        # The point zero: whatever is sealed to it, anybody can open.
        "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",
    ],
)
def test_no_key(text):
    """What is no age key of the plain kind is refused, and not quoted."""
    with pytest.raises(TierpubError) as caught:
        parse_recipient(text)
    assert codes(caught.value) == ["bad-recipient"]
    assert not text[8:] or text[8:] not in str(caught.value)


@pytest.mark.parametrize("text", [SECRET, SECRET.lower(), f"# {SECRET}", f"age1{SECRET}"])
def test_secret_key_is_refused(text):
    """A secret key is named as such wherever it stands, and not quoted."""
    with pytest.raises(TierpubError) as caught:
        parse_recipient(text)
    assert codes(caught.value) == ["secret-key"]
    assert SECRET[16:30].lower() not in repr(caught.value.faults).lower()


def test_ssh_key_needs_opt_in():
    """An ssh key is refused unless allowed, and then loses its comment."""
    with pytest.raises(TierpubError) as caught:
        parse_recipient(SSH)
    assert codes(caught.value) == ["ssh-recipient"]
    assert parse_recipient(f"{SSH} ann@example.org", ssh=True) == SSH


@pytest.mark.parametrize("text", ["ssh-rsa AAAAB3NzaC1yc2E=", "ssh-ed25519", SSH[:-8], SSH + "AA"])
def test_bad_ssh_key(text):
    """Of ssh keys only whole ssh-ed25519 ones are recipients."""
    with pytest.raises(TierpubError) as caught:
        parse_recipient(text, ssh=True)
    assert codes(caught.value) == ["bad-recipient"]


def test_file_of_keys(tmp_path: Path):
    """A file of keys may hold comments, blank lines, a BOM and CRLF; duplicates collapse."""
    other = new_key()[1]
    text = f"\ufeff# team\r\n{PUBLIC}\r\n\r\n  # Ann\r\n{other}\r\n"
    (tmp_path / "team.txt").write_text(text, encoding="utf-8", newline="")
    found = load_recipients([PUBLIC, "team.txt", PUBLIC.upper()], tmp_path)
    assert found == tuple(sorted({PUBLIC, other}))


def test_order_is_canonical(tmp_path: Path):
    """The order in which recipients are written does not matter."""
    keys = [new_key()[1] for _ in range(5)]
    assert load_recipients(keys, tmp_path) == load_recipients(keys[::-1], tmp_path)


def test_all_faults_with_their_lines(tmp_path: Path):
    """Every bad line of every file is named at once, by file and line."""
    (tmp_path / "a.txt").write_text(f"# x\nage1wrong\n{PUBLIC}\nnonsense\n")
    where = Place("policy.yaml", 9)
    with pytest.raises(TierpubError) as caught:
        load_recipients(["a.txt", "missing.txt"], tmp_path, place=where)
    assert [f.place for f in caught.value.faults] == [Place("a.txt", 2), Place("a.txt", 4), where]


@pytest.mark.parametrize("line", ["{}", "# was {}", "{}  # mine"])
def test_secret_key_in_a_file(tmp_path: Path, line):
    """A file of keys that holds a secret key, even in a comment, is refused at its line."""
    (tmp_path / "a.txt").write_text(f"{PUBLIC}\n{line.format(SECRET)}\n")
    with pytest.raises(TierpubError) as caught:
        load_recipients(["a.txt"], tmp_path)
    assert codes(caught.value) == ["secret-key"]
    assert caught.value.faults[0].place == Place("a.txt", 2)
    assert SECRET[16:30] not in repr(caught.value.faults)


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe", b"age-encryption.org/v1\n"])
def test_file_without_keys(tmp_path: Path, content):
    """A file of keys that holds none, or is another kind of file, is refused."""
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(TierpubError) as caught:
        load_recipients(["a.txt"], tmp_path)
    assert caught.value.faults[0].place == Place("a.txt")


@pytest.mark.parametrize("name", ["/etc/hostname", "../a.txt", "x/../../a.txt", "", ".", "a\0b"])
def test_file_of_keys_stands_beside_the_policy(tmp_path: Path, name):
    """A file of keys is looked for below the policy's folder only."""
    (tmp_path / "a.txt").write_text(PUBLIC)
    folder = tmp_path / "policy"
    folder.mkdir()
    with pytest.raises(TierpubError) as caught:
        load_recipients([name], folder)
    assert codes(caught.value) == ["bad-recipient"]


def test_mangled_secret_is_not_quoted(tmp_path: Path):
    """Part of a secret key, too mangled to be noticed, is not quoted as a file's name."""
    part = SECRET[10:]
    with pytest.raises(TierpubError) as caught:
        load_recipients([part], tmp_path)
    assert part[10:20] not in repr(caught.value.faults)


def test_recipients_include_those_above():
    """A tier is sealed for its own recipients and for those of every tier above, no others."""
    by_tier = {2: ("age1c",), 3: ("age1b", "age1d"), 5: ("age1a", "age1b")}
    assert recipients_for(3, by_tier, 3) == ("age1a", "age1b", "age1d")
    assert recipients_for(4, by_tier, 3) == ("age1a", "age1b")


def test_unsealed_tier_has_no_recipients():
    """Below `seal_from`, or without it, nothing is sealed."""
    assert recipients_for(2, {2: ("age1a",)}, 3) == ()
    assert recipients_for(2, {2: ("age1a",)}, None) == ()


def test_sealed_tier_without_recipients():
    """A sealed tier that nobody of its own or above could open is refused."""
    with pytest.raises(TierpubError) as caught:
        recipients_for(4, {3: ("age1a",), 5: ()}, 3)
    assert codes(caught.value) == ["tier-without-recipients"]
    assert caught.value.faults[0].tier == 4
