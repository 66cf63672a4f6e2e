"""Texts are searched decoded: as mail, pages, addresses and code encode and escape them."""

# ruff: noqa: S311 - the same noise each time

from __future__ import annotations

import base64
import quopri
import random
import unicodedata
from urllib.parse import quote, quote_plus

import pytest

from benchmarks.encoded import ENCODED
from tierpub.audit.encodings import texts
from tierpub.audit.hit import Hit, confidence
from tierpub.audit.needles import DEPTH, NeedleSet
from tierpub.audit.pieces import runs
from tierpub.audit.views import wide_texts

HIDDEN = "Zoë Müller's boathouse key"


def needles(*strings: str, visible: str = "") -> NeedleSet:
    """Strings that are hidden, but from where `visible` has them."""
    found = NeedleSet()
    for text in strings or (HIDDEN,):
        found.add(text, "value", 2, "A.md", 0)
    found.close()
    if visible:
        found.seen(visible, None, 0)
    found.settle()
    return found


def hits(text: str | bytes, found: NeedleSet | None = None) -> list[Hit]:
    """What stands in a text for the lowest level."""
    data = text if isinstance(text, bytes) else text.encode()
    return list((found or needles()).hits(data, 0))


def b64(text: str) -> str:
    """Base64 of a text."""
    return base64.b64encode(text.encode()).decode()


FORMS = {
    **ENCODED,
    "URL, every byte": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "URL, of a form": quote_plus,
    "URL, old": lambda text: "".join(f"%u{ord(c):04X}" for c in text),
    "URL, Latin-1": lambda text: quote(text.encode("latin-1")),
    "URL twice": lambda text: quote(quote(text)),
    "HTML, not ended": lambda text: "".join(f"&#{ord(c)}" for c in text),
    "JSON of accents": lambda text: text.encode("ascii", "backslashreplace").decode(),
    "code, every byte": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "code, octal": lambda text: "".join(f"\\{byte:03o}" for byte in text.encode()),
    "code, braces": lambda text: "".join(f"\\u{{{ord(c):x}}}" for c in text),
    "code, wide": lambda text: "".join(f"\\U{ord(c):08x}" for c in text),
    "Markdown": lambda text: text.replace("'", "\\'").replace(" ", "\\_"),
    "quoted-printable, whole": lambda text: quopri.encodestring(text.encode()).decode(),
    "hex, upper case": lambda text: text.encode().hex().upper(),
    "hex, half a byte before": lambda text: "f" + text.encode().hex(),
    "hex, in twos": lambda text: text.encode().hex(" ", 2),
    "hex, as code": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "hex, over lines": lambda text: text.encode().hex("\n", -10),
    "hex of UTF-16": lambda text: text.encode("utf-16-be").hex(),
    "hex of Latin-1": lambda text: text.encode("latin-1").hex(),
    "base64 in URL": lambda text: quote(b64(">>?" + text), safe=""),
    "base64 in JSON": lambda text: b64("??? " + text).replace("/", "\\/"),
    "base64, quoted": lambda text: "> " + base64.encodebytes((30 * "a " + text).encode())
        .decode().replace("\n", "\r\n> "),
    "base64 of the other UTF-16": lambda text: b64("\0x") + base64.b64encode(
        ("a" + text).encode("utf-16-be")).decode(),
    "within other base64": lambda text: base64.b64encode(
        random.Random(1).randbytes(400) + text.encode() + b"\0" * 300).decode(),
    "a whole file in UTF-16": lambda text: text,
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_an_encoded_string_is_found_where_it_stands(form):
    """In each form, with high confidence, by the line on which it begins."""
    if form.startswith("a whole file"):
        data = f"one\ntwo\n\nthree: {HIDDEN}\n".encode("utf-16")
    else:
        data = f"one\ntwo\n\n{FORMS[form](HIDDEN)}\n".encode()
    found = hits(data)
    assert found
    assert {confidence(hit) for hit in found} == {"high"}
    assert {hit.line for hit in found} <= {4, 5}


@pytest.mark.parametrize("form", ENCODED)
def test_a_part_of_it_is_found(form):
    """Any words of a hidden text, which was encoded with visible ones around it."""
    found = needles(*runs("owner: the landlord wants to sell in spring, says the captain"))
    said = "when the landlord wants to sell in spring, the"
    assert hits(ENCODED[form](said), found)


@pytest.mark.parametrize("form", ENCODED)
def test_what_is_visible_encoded_is_visible(form):
    """A visible note may hold an encoded text; then its words are no secret in any form."""
    visible = ENCODED[form](HIDDEN)
    assert hits(HIDDEN, needles(visible=visible)) == []
    assert hits(visible, needles(visible=visible)) == []


def test_what_is_hidden_encoded_is_not_visible():
    """Tiers go along into what a text says when it is decoded."""
    for form in (b64, quote, lambda text: text.encode().hex()):
        found = NeedleSet()
        found.add(HIDDEN, "value", 2, "A.md", 0)
        found.close()
        text = "open words " + form(HIDDEN)
        found.seen(text, bytes([0] * 11 + [2] * (len(text) - 11)), 0)
        found.settle()
        assert hits(text, found)


def test_where_only_the_escape_is_hidden_it_is_not_visible():
    """What an escape stands for has the tier of the escape."""
    found = NeedleSet()
    found.add("the boathouse", "value", 2, "A.md", 0)
    found.close()
    found.seen("the%20boathouse", bytes([0] * 3 + [2] * 3 + [0] * 9), 0)
    found.settle()
    assert hits("the boathouse", found)


@pytest.mark.parametrize("before", ["", "Q", "Qk", "Qkx", "/", "id_", "key="])
def test_base64_is_found_behind_other_letters_of_its_alphabet(before):
    """At each of four places in a group of four."""
    assert hits(before + b64(HIDDEN))


def test_one_word_that_somebody_encoded_is_surer_than_one_in_plain_text():
    """Common words are anywhere, but not encoded."""
    found = needles("Falconers")
    assert {confidence(hit) for hit in hits("see Falconers there", found)} == {"medium"}
    assert {confidence(hit) for hit in hits(b64("see Falconers there"), found)} == {"high"}


def test_short_strings_are_not_looked_for_in_encoded_runs():
    """Any run of letters decodes to something."""
    found = needles("Bob", "1987")
    assert hits("Bob 1987", found)
    assert hits(b64("and Bob in 1987 and"), found) == []
    assert hits("and%20Bob%20in", found)
    assert hits(b64("the captain and%20Bob%20in"), found) == []


def test_a_name_in_a_script_without_blanks_is_found_encoded():
    """Three signs are enough there."""
    found = needles("王小明")
    assert hits(b64("见王小明说"), found)
    assert hits("见王小明说".encode().hex(), found)


def test_words_are_whole_in_escaped_text():
    """An escape may be a part of a word, which is another word then."""
    found = needles("Schönsee")
    assert hits("in Sch&ouml;nsee.", found)
    assert hits("in Ober&shy;sch&ouml;nsee.", found) == []
    assert [confidence(hit) for hit in hits("in Sch&ouml;nsee.", found)] == ["medium"]


def test_columns_are_those_of_the_text():
    """An escape before a string does not move it."""
    (hit,) = hits("a\n%20%20 see Zo%C3%AB M%C3%BCller's%20boathouse key")
    assert (hit.line, hit.column) == (2, 12)
    assert hit.form == "URL"


def test_the_way_to_it_is_told():
    """The form names all encodings around it, the innermost first."""
    assert {hit.form for hit in hits(b64(quote(HIDDEN)))} == {"URL in base64"}
    assert {hit.form for hit in hits(HIDDEN.encode().hex())} == {"hex"}


def test_as_deep_as_stated_and_no_deeper():
    """Encodings around one another are undone up to a depth."""
    text = HIDDEN
    for _ in range(DEPTH):
        text = b64(text)
    assert hits(text)
    assert hits(b64(text)) == []
    assert hits(b64(quote(quote(HIDDEN))))


def test_random_data_says_nothing():
    """Decoded noise holds no needle, and hardly any text."""
    data = random.Random(2).randbytes(60_000)
    found = needles(HIDDEN, "Falconer", "harbour", "+41 22 555 01 77")
    for text in (data, base64.b64encode(data), data.hex().encode()):
        assert hits(text, found) == []
    assert sum(len(said) for said, _ in texts(data)) < len(data) / 50


def test_words_that_look_like_base64_are_none():
    """Paths and long words are remembered as dull, and what hides among them is found."""
    found = needles()
    dull = "Earth/Continent/Europe/Germany Donaudampfschifffahrt 2024-01-01T10-20-30 "
    assert hits(dull * 50, found) == []
    assert hits(dull + b64(HIDDEN), found)
    assert hits(dull * 50 + b64(HIDDEN) + dull, found)


def test_composed_or_not_it_is_found_encoded():
    """Evening comes after decoding."""
    for form in ("NFC", "NFD"):
        for text in (HIDDEN, HIDDEN.upper()):
            assert hits(b64(unicodedata.normalize(form, text)))


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", [b"", b"\x07"])
def test_utf_16_is_read_in_both_orders_from_both_bytes(order, before):
    """Whatever stands before it; text of single bytes is not taken for it."""
    said = "Отчёт о встрече за май, и ещё один"
    assert any(said in text for text in wide_texts(before + said.encode(order)))
    assert wide_texts(said.encode()) == []
    assert wide_texts(b"") == []


@pytest.mark.parametrize(
    "text",
    ["%", "&", "\\", "+", "=", "%4", "&#;", "&#99999999;", "&#xffffffff", "\\u", "\\ud800",
     "\\ud83d\\ude00", "\\U00110000x", "\\u{110000}", "%ud800", "=\n", "\\777", "&nosuch;",
     "a" * 13, "=" * 99, "0x" * 40, "-" * 50, "A" * 41, "\x00" * 9, "%FF%FE%00"],
)  # fmt: skip
def test_what_is_no_escape_is_no_fault(text):
    """Broken escapes are text, alone, at the end, and around a hidden string."""
    assert hits(text) == []
    assert hits(f"x {text}\n{HIDDEN}\n{text}")
    assert hits(f"x {text}\n{quote(HIDDEN)}\n{text}")
