"""Sealing and opening in memory: every way in which a file can be wrong is one clear error."""

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierpub.errors import TierpubError
from tierpub.seal import age, load_identities, seal, unseal
from tierpub.seal.header import read_header

KEY, OTHER = (
    load_identities([], {"TIERPUB_IDENTITY": str(k)})[0]
    for k in (pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate())
)
PLAIN = b"Canary " * 30_000
SEALED = seal(PLAIN, [KEY.recipient])


def code(data: bytes, *keys, **options) -> str:
    with pytest.raises(TierpubError) as caught:
        unseal(data, keys or [KEY], **options)
    (fault,) = caught.value.faults
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert "Canary" not in repr(fault)
    return fault.code


def test_each_recipient_opens():
    """Each recipient opens what was sealed, with other identities beside the right one or not."""
    data = seal(PLAIN, [KEY.recipient, OTHER.recipient])
    assert unseal(data, [KEY]) == unseal(data, [OTHER]) == PLAIN
    assert unseal(SEALED, [OTHER, KEY]) == PLAIN


def test_nothing_is_sealed_for_nobody():
    """Without a recipient sealing is refused."""
    with pytest.raises(TierpubError, match="nobody"):
        seal(PLAIN, [])


def test_bad_recipient_is_refused():
    """One recipient that cannot be used refuses the whole."""
    with pytest.raises(TierpubError):
        seal(PLAIN, [KEY.recipient, "age1wrong"])


def test_duplicates_are_wrapped_once():
    """A recipient named twice gets one stanza."""
    stanzas = read_header(seal(b"", [KEY.recipient, KEY.recipient]))
    assert [stanza.type for stanza in stanzas].count("X25519") == 1


def test_wrong_number_of_stanzas_is_refused(monkeypatch):
    """A sealed file that wraps the key for others than those asked for is not returned."""
    monkeypatch.setattr(age.pyrage, "encrypt", lambda *_: SEALED)
    with pytest.raises(TierpubError, match="1 recipients, not 2"):
        seal(PLAIN, [KEY.recipient, OTHER.recipient])


def test_wrong_identity():
    """An identity it was not sealed to is named as that."""
    assert code(SEALED, OTHER) == "wrong-identity"


def test_no_identity():
    """Without an identity there is an error that says how to name one."""
    with pytest.raises(TierpubError) as caught:
        unseal(SEALED, [])
    assert caught.value.faults[0].code == "no-identity"
    assert "TIERPUB_IDENTITY" in caught.value.faults[0].hint


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", PLAIN, b" " + SEALED, SEALED[1:], b"age-enc"])
def test_no_age_file(data):
    """Something else than an age file is named as that."""
    assert code(data, file="x.tar.age") == "not-age"


def test_other_version():
    """An age file of a later version is named as that."""
    assert code(SEALED.replace(b"/v1", b"/v2", 1)) == "age-version"


def test_truncated():
    """A file cut short anywhere, at a chunk's end too, is refused."""
    payload = SEALED.index(b"\n--- ") + 49
    chunk = payload + 16 + 65552
    for end in (30, 60, payload - 1, payload, payload + 9, chunk, chunk + 1, len(SEALED) - 1):
        assert code(SEALED[:end]) == "damaged"


def test_appended():
    """Bytes after the end are refused."""
    assert code(SEALED + b"\0") == "damaged"


@given(st.integers(22, len(SEALED) - 1), st.integers(1, 255))
def test_tampered(at, change):
    """A file altered anywhere is refused."""
    data = bytearray(SEALED)
    data[at] ^= change
    assert code(bytes(data)) in {"damaged", "wrong-identity", "foreign-recipients"}


def test_passphrase_is_refused_unasked():
    """A bundle sealed by a passphrase is refused without trying scrypt, however dear."""
    data = b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 23\nAAAA\n--- " + b"A" * 43
    assert code(data + b"\n" + bytes(64)) == "sealed-by-passphrase"


def test_foreign_recipients():
    """A file for recipients of unknown kinds only is named as that."""
    data = b"age-encryption.org/v1\n-> piv-p256 abc def\nAAAA\n--- " + b"A" * 43 + b"\n" + bytes(64)
    assert code(data) == "foreign-recipients"


def test_endless_header():
    """A header of more than a megabyte is refused."""
    data = (
        b"age-encryption.org/v1\n" + b"-> X25519 a\nAAAA\n" * 70_000 + b"--- " + b"A" * 43 + b"\n"
    )
    assert code(data) == "damaged"


def test_armored_file_opens():
    """A bundle that somebody armored opens; with a line out of shape it does not."""
    data = pyrage.encrypt(PLAIN, [pyrage.x25519.Recipient.from_str(KEY.recipient)], armored=True)
    assert unseal(data, [KEY]) == unseal(b"\n" + data.replace(b"\n", b"\r\n"), [KEY]) == PLAIN
    lines = data.split(b"\n")
    for bad in (lines[:-2], [lines[0], lines[1] + lines[2], *lines[3:]], lines[1:], [*lines, b"x"]):
        assert code(b"\n".join(bad)) in {"damaged", "not-age"}


class PanicException(BaseException):
    """What pyrage raises when it panics, by its name."""


def test_panic_is_an_error(monkeypatch):
    """A panic inside pyrage, which is no Exception, becomes one of our errors."""

    def panic(*_):
        raise PanicException("Canary")

    monkeypatch.setattr(age.pyrage, "decrypt", panic)
    assert code(SEALED) == "damaged"


def test_interrupt_is_no_error(monkeypatch):
    """An interrupt while pyrage works stays an interrupt."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(age.pyrage, "decrypt", interrupt)
    with pytest.raises(KeyboardInterrupt):
        unseal(SEALED, [KEY])
