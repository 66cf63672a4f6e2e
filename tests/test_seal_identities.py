"""Identities: where secret keys come from, and what keeps them secret."""

import base64
import hashlib
import hmac
import os
import subprocess
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tierpub.errors import TierpubError
from tierpub.seal import load_identities

KEY = pyrage.x25519.Identity.generate()
SECRET, PUBLIC = str(KEY), str(KEY.to_public())


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def wrapped(plain: bytes, passphrase: str, factor: int = 10, stated: str | None = None) -> bytes:
    """What `age -p` makes of `plain`, with a cheap work factor; `stated` stands in the header."""
    salt, file_key, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    scrypt_salt = b"age-encryption.org/v1/scrypt" + salt
    wrap = hashlib.scrypt(passphrase.encode(), salt=scrypt_salt, n=2**factor, r=8, p=1, dklen=32)
    body = ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None)
    head = f"age-encryption.org/v1\n-> scrypt {b64(salt)} {stated or factor}\n{b64(body)}\n---"
    mac = hmac.digest(HKDF(SHA256(), 32, b"", b"header").derive(file_key), head.encode(), "sha256")
    payload = ChaCha20Poly1305(HKDF(SHA256(), 32, nonce, b"payload").derive(file_key))
    return f"{head} {b64(mac)}\n".encode() + nonce + payload.encrypt(bytes(11) + b"\1", plain, None)


def armored(data: bytes) -> bytes:
    text = base64.b64encode(data).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    marks = "-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----"
    return "\n".join([marks[0], *lines, marks[1], ""]).encode()


def key_file(folder: Path, data: bytes | str, mode: int = 0o600) -> Path:
    path = folder / "key.txt"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    path.chmod(mode)
    return path


def code(paths, environ=None, **options) -> str:
    """The code of the one fault that loading raises, after looking for secrets in it."""
    with pytest.raises(TierpubError) as caught:
        load_identities(paths, environ or {}, **options)
    (fault,) = caught.value.faults
    assert SECRET[20:32] not in repr(fault)
    return fault.code


def test_file(tmp_path: Path):
    """A file as age-keygen writes it gives its key; several keys may stand in one."""
    other = pyrage.x25519.Identity.generate()
    path = key_file(
        tmp_path, f"# created: now\r\n\r\n# public key: {PUBLIC}\r\n{SECRET}\r\n{other}"
    )
    found = load_identities([path], {})
    assert [identity.recipient for identity in found] == [PUBLIC, str(other.to_public())]


def test_printing_shows_no_secret(tmp_path: Path):
    """Printing an identity shows its source and public key only."""
    (found,) = load_identities([key_file(tmp_path, SECRET)], {})
    assert SECRET[20:32] not in repr(found)
    assert PUBLIC in repr(found)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o644, 0o602])
def test_readable_by_others(tmp_path: Path, mode):
    """A key file with any right for group or others is refused, with the command that mends it."""
    path = key_file(tmp_path, SECRET, mode)
    with pytest.raises(TierpubError) as caught:
        load_identities([path], {})
    assert caught.value.faults[0].code == "open-identity"
    assert caught.value.faults[0].hint == f"chmod 600 {path}"


def test_mode_of_the_file_behind_a_link(tmp_path: Path):
    """A symlink to a key file that others may read does not hide its mode."""
    link = tmp_path / "link"
    link.symlink_to(key_file(tmp_path, SECRET, 0o644))
    assert code([link]) == "open-identity"


def test_environment_holds_the_key():
    """TIERPUB_IDENTITY may be the key itself, or the text of a whole identity file."""
    for value in (SECRET, f"# mine\n{SECRET}\n"):
        (found,) = load_identities([], {"TIERPUB_IDENTITY": value})
        assert (found.recipient, found.source) == (PUBLIC, "TIERPUB_IDENTITY")


def test_environment_holds_a_path(tmp_path: Path):
    """TIERPUB_IDENTITY may be the path of an identity file, held to the same rules."""
    path = key_file(tmp_path, SECRET)
    assert load_identities([], {"TIERPUB_IDENTITY": str(path)})[0].recipient == PUBLIC
    path.chmod(0o644)
    assert code([], {"TIERPUB_IDENTITY": str(path)}) == "open-identity"


def test_named_files_beat_the_environment(tmp_path: Path):
    """Where files are named the environment is not looked at."""
    path = key_file(tmp_path, SECRET)
    assert len(load_identities([path], {"TIERPUB_IDENTITY": "/nowhere"})) == 1


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_no_identity_is_none(value):
    """Without files and without the variable there are no identities, and no error."""
    assert load_identities([], {} if value is None else {"TIERPUB_IDENTITY": value}) == ()


@pytest.mark.parametrize("value", [SECRET[1:], SECRET[:-1], SECRET[20:], SECRET + "\0"])
def test_mangled_key_is_not_quoted(value):
    """A key that was mangled on its way into the variable is refused and not quoted."""
    assert code([], {"TIERPUB_IDENTITY": value}) == "bad-identity"


def test_key_on_the_command_line():
    """A key in the place of a path is refused and not quoted."""
    assert code([Path(SECRET)]) == "secret-key"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        PUBLIC,
        SECRET[:-1],
        f"{SECRET} {SECRET}",
        "AGE-PLUGIN-YUBIKEY-1QQQQQQQQQQQQQ",
        "AGE-SECRET-KEY-PQ-1QQQQQQQQQQQ",
        f"{SECRET}\nnonsense",
        b"\xff\xfe\0",
        "x" * (1 << 20) + "x",
    ],
)
def test_bad_file(tmp_path: Path, text):
    """A file that is no identity file, or only partly one, is refused."""
    assert code([key_file(tmp_path, text)]) == "bad-identity"


def test_missing_file_and_folder(tmp_path: Path):
    """A missing file and a folder are refused."""
    assert code([tmp_path / "none"]) == "bad-identity"
    assert code([tmp_path]) == "bad-identity"


@pytest.mark.parametrize("dress", [bytes, armored])
def test_passphrase(tmp_path: Path, dress):
    """A file wrapped by a passphrase, armored or not, opens by the passphrase asked for."""
    path = key_file(tmp_path, dress(wrapped(SECRET.encode(), "pw")))
    asked = []
    (found,) = load_identities([path], {}, ask=lambda file: asked.append(file) or "pw")
    assert (found.recipient, asked) == (PUBLIC, [str(path)])


def test_wrapped_file_must_not_be_open(tmp_path: Path):
    """A wrapped file that others may read is refused as well."""
    path = key_file(tmp_path, wrapped(SECRET.encode(), "pw"), 0o644)
    assert code([path], ask=lambda _: "pw") == "open-identity"


def test_wrong_passphrase(tmp_path: Path):
    """A wrong passphrase is one clear error."""
    path = key_file(tmp_path, wrapped(SECRET.encode(), "pw"))
    assert code([path], ask=lambda _: "pW") == "wrong-passphrase"


@pytest.mark.parametrize("ask", [None, lambda _: None, lambda _: ""])
def test_nobody_to_ask(tmp_path: Path, ask):
    """Without a passphrase a wrapped file is refused."""
    assert code([key_file(tmp_path, wrapped(b"", "pw"))], ask=ask) == "no-passphrase"


@pytest.mark.parametrize("stated", ["21", "23", "64", "999"])
def test_work_factor_too_high(tmp_path: Path, stated):
    """A work factor above 20 is refused before anybody is asked for a passphrase."""
    path = key_file(tmp_path, wrapped(b"", "pw", stated=stated))
    assert code([path], ask=lambda _: pytest.fail("asked")) == "work-factor"


@pytest.mark.parametrize("stated", ["0", "010", "-1", "1e1", "10 10", "9999999999"])
def test_work_factor_malformed(tmp_path: Path, stated):
    """A work factor that is not plainly a number is refused before anybody is asked."""
    path = key_file(tmp_path, wrapped(b"", "pw", stated=stated))
    assert code([path], ask=lambda _: pytest.fail("asked")) == "damaged"


def test_passphrase_beside_a_key(tmp_path: Path):
    """A scrypt stanza that does not stand alone is refused before anybody is asked."""
    data = wrapped(b"", "pw").replace(b"\n---", b"\n-> X25519 abc\nabc\n---", 1)
    assert code([key_file(tmp_path, data)], ask=lambda _: pytest.fail("asked")) == "damaged"


def test_identity_sealed_to_a_key(tmp_path: Path):
    """An identity file that is sealed to a key is refused."""
    data = pyrage.encrypt(SECRET.encode(), [KEY.to_public()])
    assert code([key_file(tmp_path, data)], ask=lambda _: "pw") == "bad-identity"


def test_wrapped_file_in_a_wrapped_file(tmp_path: Path):
    """Only one wrapping is taken off."""
    data = wrapped(wrapped(SECRET.encode(), "pw"), "pw")
    assert code([key_file(tmp_path, data)], ask=lambda _: "pw") == "bad-identity"


def test_ssh_key_needs_opt_in(tmp_path: Path):
    """An ssh private key is an identity only when allowed, and only without a passphrase."""
    for name, phrase in (("plain", ""), ("locked", "pw")):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-f", tmp_path / name]
        subprocess.run(command, check=True)
    assert code([tmp_path / "plain"]) == "ssh-identity"
    assert len(load_identities([tmp_path / "plain"], {}, ssh=True)) == 1
    assert code([tmp_path / "locked"], ssh=True) == "bad-identity"
