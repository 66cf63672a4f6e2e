"""The manifest: what it states, who signed it, and what a hostile one may not do."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
import sharing
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_public_key,
)
from release_tools import sign_key

from tierpub.errors import TierpubError
from tierpub.manifest import (
    Manifest,
    check,
    envelope,
    load_public_key,
    load_signer,
    manifest_path,
    read,
    statement,
)
from tierpub.seal import build, parse_recipient, seal

SHA = hashlib.sha256(b"x").hexdigest()
PLAIN = Manifest("public", False, "1.2.3", (("_public/A.md", SHA), ("_public/ü/B.md", SHA)),
                 "_public")  # fmt: skip
MINE = "_public.manifest.json"
WORDS = "open sesame"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A folder with two signing keys, `signer` and `other`."""
    folder = tmp_path_factory.mktemp("keys")
    sign_key(folder)
    sign_key(folder, "other")
    return folder


@pytest.fixture
def tier(tmp_path):
    """The folder of a tier as PLAIN states it, with an unsigned manifest."""
    folder = tmp_path / "public"
    (folder / "_public/ü").mkdir(parents=True)
    for path, _ in PLAIN.subjects:
        (folder / path).write_bytes(b"x")
    (folder / MINE).write_bytes(envelope(PLAIN, None))
    return folder


def codes(folder: Path, key: Path | None = None, **options) -> list[tuple[str, str]]:
    """Code and path of each problem."""
    return [(p.code, p.path) for p in check(folder, key, **options)]


def wrapped(payload: bytes, /, **changes) -> bytes:
    """An envelope around any payload, with members of it changed."""
    text = base64.b64encode(payload).decode()
    data = {"payload": text, "payloadType": "application/vnd.in-toto+json", "signatures": []}
    return json.dumps(data | changes).encode()


def refused(data: bytes) -> str:
    """The message with which a manifest is refused."""
    with pytest.raises(TierpubError) as caught:
        read(data, "m.json")
    (fault,) = caught.value.faults
    assert (fault.code, fault.place.file) == ("bad-manifest", "m.json")
    return fault.message


def test_statement_is_in_toto():
    """A statement has the type, subjects and predicate of in-toto v1, in canonical bytes."""
    data = json.loads(statement(PLAIN))
    assert data == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "_public/A.md", "digest": {"sha256": SHA}},
            {"name": "_public/ü/B.md", "digest": {"sha256": SHA}},
        ],
        "predicateType": "https://tierpub.invalid/publication/v1",
        "predicate": {
            "level": "public",
            "sealed": False,
            "tool": {"name": "tierpub", "version": "1.2.3"},
            "tree": "_public",
        },
    }
    assert statement(replace(PLAIN, subjects=PLAIN.subjects[::-1])) == statement(PLAIN)
    assert b"\\u" not in statement(PLAIN)
    assert b": " not in statement(PLAIN)


def test_time_only_where_it_is_given():
    """A statement without a time has no word of one."""
    assert b"time" not in statement(PLAIN)
    assert json.loads(statement(replace(PLAIN, time=0)))["predicate"]["time"] == 0


@pytest.mark.parametrize("signer", [None, "signer"])
def test_what_is_written_is_read(keys, signer):
    """A manifest comes back as it was, signed or not."""
    made = envelope(PLAIN, load_signer(keys / signer) if signer else None)
    assert read(made) == PLAIN
    assert made.endswith(b"\n")
    assert made.count(b"\n") == 1


def test_same_key_same_bytes(keys):
    """Signing twice gives the same bytes."""
    assert len({envelope(PLAIN, load_signer(keys / "signer")) for _ in range(2)}) == 1


def test_signature_verifies_without_us(keys):
    """A verifier made of `cryptography` alone, with the encoding of DSSE written out by hand,
    accepts the signature, and not that of another payload."""
    data = json.loads(envelope(PLAIN, load_signer(keys / "signer")))
    payload = base64.b64decode(data["payload"])
    kind = data["payloadType"].encode()
    encoded = b" ".join((b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload))
    public = load_ssh_public_key((keys / "signer.pub").read_bytes())
    signature = base64.b64decode(data["signatures"][0]["sig"])
    public.verify(signature, encoded)
    with pytest.raises(InvalidSignature):
        public.verify(signature, encoded + b" ")


def test_a_folder_as_it_was_published(tier):
    """Nothing is wrong with a folder that is as its manifest states."""
    assert codes(tier) == []
    assert codes(tier, level="public") == []


def test_signed_by_the_key(tier, keys):
    """A signature counts by key: neither none, nor another's, nor an altered one."""
    (tier / MINE).write_bytes(envelope(PLAIN, load_signer(keys / "signer")))
    assert codes(tier, keys / "signer.pub") == []
    assert codes(tier, keys / "other.pub") == [("bad-signature", MINE)]
    data = json.loads((tier / MINE).read_bytes())
    data["payload"] = base64.b64encode(statement(replace(PLAIN, tool="9"))).decode()
    (tier / MINE).write_text(json.dumps(data))
    assert codes(tier, keys / "signer.pub") == [("bad-signature", MINE)]
    assert codes(tier) == []


def test_unsigned_with_a_key(tier, keys):
    """With a key, an unsigned manifest is a problem."""
    assert codes(tier, keys / "signer.pub") == [("bad-signature", MINE)]


@pytest.mark.parametrize("first", ["signer", "other"])
def test_two_signatures(tier, keys, first):
    """Of two signatures one by the key is enough, whatever their order and their names."""
    second = "other" if first == "signer" else "signer"
    made = [json.loads(envelope(PLAIN, load_signer(keys / name))) for name in (first, second)]
    data = made[0] | {"signatures": [made[0]["signatures"][0], made[1]["signatures"][0]]}
    data["signatures"][0]["keyid"] = "same"
    data["signatures"][1]["keyid"] = "same"
    (tier / MINE).write_text(json.dumps(data))
    assert codes(tier, keys / "signer.pub") == []
    for item in data["signatures"]:
        del item["keyid"]
    (tier / MINE).write_text(json.dumps(data))
    assert codes(tier, keys / "signer.pub") == []


def test_the_name_of_a_key_proves_nothing(tier, keys):
    """A signature by another key under the right key's name is none."""
    right = json.loads(envelope(PLAIN, load_signer(keys / "signer")))["signatures"][0]["keyid"]
    data = json.loads(envelope(PLAIN, load_signer(keys / "other")))
    data["signatures"][0]["keyid"] = right
    (tier / MINE).write_text(json.dumps(data))
    assert codes(tier, keys / "signer.pub") == [("bad-signature", MINE)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t: (t / "_public/A.md").write_bytes(b"y"), ("changed-file", "_public/A.md")),
        (lambda t: (t / "_public/A.md").unlink(), ("missing-file", "_public/A.md")),
        (lambda t: (t / "_public/C.md").write_bytes(b"x"), ("unexpected-file", "_public/C.md")),
        (lambda t: (t / ".hidden").write_bytes(b""), ("unexpected-file", ".hidden")),
        (lambda t: (t / "_public/.git").mkdir(), ("unexpected-file", "_public/.git")),
        (lambda t: (t / "link").symlink_to("_public"), ("unexpected-file", "link")),
        (lambda t: (t / "dead").symlink_to("/nowhere"), ("unexpected-file", "dead")),
        (lambda t: os.mkfifo(t / "_public/pipe"), ("unexpected-file", "_public/pipe")),
        (lambda t: replaced(t, "symlink"), ("changed-file", "_public/A.md")),
        (lambda t: replaced(t, "pipe"), ("changed-file", "_public/A.md")),
        (lambda t: replaced(t, "folder"), ("changed-file", "_public/A.md")),
        (lambda t: (t / MINE).unlink(), ("no-manifest", "")),
        (lambda t: (t / MINE).write_bytes(b"{"), ("bad-manifest", MINE)),
        (lambda t: (t / MINE).rename(t / "_x.manifest.json"),
         ("bad-manifest", "_x.manifest.json")),
    ],
)  # fmt: skip
def test_whatever_is_not_as_published_is_found(tier, change, expected):
    """What was altered, taken away, added, hidden or swapped for a link is told, and only that."""
    change(tier)
    assert codes(tier) == [expected]


def replaced(tier: Path, kind: str):
    """Swap a published file for something that reads the same, or hangs."""
    file = tier / "_public/A.md"
    file.rename(tier.parent / "A.md")
    if kind == "symlink":
        file.symlink_to(tier.parent / "A.md")
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()


def test_a_folder_swapped_for_a_link_is_not_followed(tier):
    """A symlink in the place of a folder is not entered, though it leads to the same files."""
    (tier / "_public").rename(tier.parent / "elsewhere")
    (tier / "_public").symlink_to(tier.parent / "elsewhere")
    assert codes(tier) == [
        ("unexpected-file", "_public"),
        ("missing-file", "_public/A.md"),
        ("missing-file", "_public/ü/B.md"),
    ]


def test_a_tier_of_another_name(tier):
    """A folder that holds another tier than it must is found out, signature or not."""
    assert codes(tier, level="internal") == [("bad-manifest", MINE)]


def test_two_manifests(tier):
    """Where two files could be the manifest, neither is."""
    (tier / "_a.manifest.json").write_bytes((tier / MINE).read_bytes())
    assert codes(tier) == [("bad-manifest", "_a.manifest.json"), ("bad-manifest", MINE)]


def test_a_published_file_called_like_a_manifest(tmp_path):
    """A file in the tree that is called like a manifest is just a file."""
    folder = tmp_path / "public"
    made = replace(PLAIN, subjects=(("_public/x.manifest.json", SHA),))
    (folder / "_public").mkdir(parents=True)
    (folder / "_public/x.manifest.json").write_bytes(b"x")
    (folder / MINE).write_bytes(envelope(made, None))
    assert codes(folder) == []


def test_a_tree_below_folders(tmp_path):
    """Where the policy puts trees into folders, the manifest stands in them, and is found."""
    folder = tmp_path / "public"
    made = replace(PLAIN, tree="out/public", subjects=(("out/public/A.md", SHA),))
    (folder / "out/public").mkdir(parents=True)
    (folder / "out/public/A.md").write_bytes(b"x")
    (folder / manifest_path(made.tree)).write_bytes(envelope(made, None))
    assert codes(folder) == []


def sealed_folder(folder: Path, data: bytes) -> Path:
    """A sealed tier whose one file has the bytes `data`, as its manifest states."""
    folder.mkdir()
    made = Manifest("private", True, "1", (("_private.tar.age", hashlib.sha256(data).hexdigest()),),
                    "_private")  # fmt: skip
    (folder / "_private.tar.age").write_bytes(data)
    (folder / "_private.manifest.json").write_bytes(envelope(made, None))
    return folder


def test_sealed_is_sealed(tmp_path, tmp_path_factory):
    """A bundle that is an age file to keys passes; a plain tar under its name does not."""
    key = str(pyrage.x25519.Identity.generate().to_public())
    bundle = build([("_private/A.md", b"x")])
    good = seal(bundle, [parse_recipient(key)])
    assert codes(sealed_folder(tmp_path / "good", good)) == []
    wrong = [("unsealed-tier", "_private.tar.age")]
    assert codes(sealed_folder(tmp_path / "plain", bundle)) == wrong
    assert codes(sealed_folder(tmp_path / "empty", b"")) == wrong
    _, by_word = sharing.wrapped(tmp_path_factory)
    assert codes(sealed_folder(tmp_path / "passphrase", by_word)) == wrong


def test_a_plain_note_beside_a_bundle(tmp_path):
    """A plaintext note in the folder of a sealed tier is found."""
    key = str(pyrage.x25519.Identity.generate().to_public())
    folder = sealed_folder(tmp_path / "private", seal(build([]), [key]))
    (folder / "_private").mkdir()
    (folder / "_private/A.private.md").write_bytes(b"x")
    assert codes(folder) == [
        ("unexpected-file", "_private"),
        ("unexpected-file", "_private/A.private.md"),
    ]


def stated(**changes) -> bytes:
    """A statement as a stranger writes it, by changing members of the predicate or of the whole."""
    data = json.loads(statement(PLAIN))
    predicate = {k: v for k, v in changes.items() if k in {"level", "sealed", "tree", "time"}}
    data["predicate"] |= predicate
    data |= {k: v for k, v in changes.items() if k not in predicate}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode(errors="surrogatepass")


def subject(*paths, digest=SHA):
    """Subjects with these names."""
    return [{"digest": {"sha256": digest}, "name": path} for path in paths]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (stated(subject=subject("_public/../../x")), "outside"),
        (stated(subject=subject("/etc/passwd")), "outside"),
        (stated(subject=subject("_public//x")), "outside"),
        (stated(subject=subject("_public/./x")), "outside"),
        (stated(subject=subject("_public/\0")), "outside"),
        (stated(subject=subject("_internal/x")), "outside"),
        (stated(subject=subject("/".join(["_public"] * 300))), "outside"),
        (stated(subject=subject("_public/a", "_public/a")), "twice"),
        (stated(subject=subject("_public/A", "_public/a")), "twice"),
        (stated(subject=subject("_public/e\u0301", "_public/é")), "twice"),
        (stated(subject=subject("_public/b", "_public/a")), "as tierpub writes"),
        (stated(subject=subject("_public/a", digest="0" * 63)), "digest"),
        (stated(subject=subject("_public/a", digest="A" * 64)), "digest"),
        (stated(subject=subject("_public/a", digest=7)), "as tierpub writes"),
        (stated(subject=subject(7)), "as tierpub writes"),
        (stated(subject={}), "as tierpub writes"),
        (stated(subject=[[]]), "as tierpub writes"),
        (stated(subject=subject("_public/\ud800")), "UTF-8"),
        (stated(sealed=True), "not one bundle"),
        (stated(sealed=1), "as tierpub writes"),
        (stated(tree="../x", subject=[]), "no folder"),
        (stated(tree="", subject=[]), "no folder"),
        (stated(tree="a/b/c/d/e/f/g/h/i", subject=[]), "too deep"),
        (stated(level="a/b"), "no folder"),
        (stated(level=None), "as tierpub writes"),
        (stated(time=-1), "as tierpub writes"),
        (stated(time=True), "as tierpub writes"),
        (stated(time=1.5), "as tierpub writes"),
        (stated(more=1), "something else"),
        (stated(_type="https://in-toto.io/Statement/v0.1"), "something else"),
        (stated(predicateType="https://slsa.dev/provenance/v1"), "something else"),
        (stated(predicate=[]), "as tierpub writes"),
        (stated() + b" ", "as tierpub writes"),
        (stated().replace(b'"level":"public"', b'"level":"public","level":"secret"'), "twice"),
        (stated().replace(b'"name":"tierpub"', b'"name":"other"'), "as tierpub writes"),
        (b"[" * 100_000, "not JSON"),
        (b"9" * 10_000, "not JSON"),
        (b"NaN", "not JSON"),
        (b"\xff", "UTF-8"),
        (b"[]", "something else"),
        (b"", "not JSON"),
    ],
)
def test_hostile_statements(payload, message):
    """A statement that tierpub would not write is refused in plain words."""
    assert message in refused(wrapped(payload))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (wrapped(statement(PLAIN), payloadType="text/plain"), "something else"),
        (wrapped(statement(PLAIN), payload="%%"), "base64"),
        (wrapped(statement(PLAIN), payload=7), "base64"),
        (wrapped(statement(PLAIN), payload="é"), "base64"),
        (wrapped(statement(PLAIN), payload="YQ"), "base64"),
        (wrapped(statement(PLAIN), payload="YR=="), "base64"),
        (wrapped(statement(PLAIN), signatures={}), "signatures"),
        (wrapped(statement(PLAIN), signatures=[7]), "signatures"),
        (wrapped(statement(PLAIN), signatures=[{"keyid": "a"}]), "signatures"),
        (wrapped(statement(PLAIN), signatures=[{"sig": "", "keyid": 7}]), "signatures"),
        (wrapped(statement(PLAIN), signatures=[{"sig": "", "note": "words"}]), "signatures"),
        (wrapped(statement(PLAIN), signatures=[{"sig": ""}] * 17), "signatures"),
        (wrapped(statement(PLAIN), note="words"), "DSSE"),
        (wrapped(statement(PLAIN))[:-1] + b', "payload": ""}', "twice"),
        (b'{"payload": ""}', "DSSE"),
        (b"words", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"{}" + b" " * (1 << 26), "too large"),
    ],
)
def test_hostile_envelopes(data, message):
    """An envelope that could be read in two ways, or is none, is refused in plain words."""
    assert message in refused(data)


@pytest.mark.parametrize("signature", ["", "AAAA", base64.b64encode(b"x" * 64).decode()])
def test_signatures_that_are_none(tier, keys, signature):
    """Bytes that are no signature are a bad signature and no crash."""
    (tier / MINE).write_bytes(wrapped(statement(PLAIN), signatures=[{"sig": signature}]))
    assert codes(tier, keys / "signer.pub") == [("bad-signature", MINE)]


def test_keys_in_pem(keys, tmp_path):
    """The public key may be a PEM file."""
    key = load_ssh_public_key((keys / "signer.pub").read_bytes())
    pem = tmp_path / "key.pem"
    pem.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert load_public_key(pem) == load_public_key(keys / "signer.pub")


def fault_of(function, *arguments) -> str:
    """The code of the one fault with which a key is refused; no line of the file is quoted."""
    with pytest.raises(TierpubError) as caught:
        function(*arguments)
    (fault,) = caught.value.faults
    text = arguments[0].read_text(errors="replace") if arguments[0].is_file() else "-----"
    lines = [line for line in text.splitlines() if len(line) > 8]
    assert not any(line in str(fault) + fault.hint for line in lines)
    return fault.code


def test_keys_that_are_none(keys, tmp_path):
    """A key file of another kind, or none, is refused by a code of its own."""
    rsa = sign_key(tmp_path, "rsa", kind="rsa")
    (tmp_path / "words").write_text("some words that are no key\n")
    (tmp_path / "words").chmod(0o600)
    big = tmp_path / "big"
    big.write_bytes(b"a" * 70_000)
    big.chmod(0o600)
    assert fault_of(load_signer, rsa) == "bad-sign-key"
    assert fault_of(load_signer, keys / "signer.pub") == "open-sign-key"
    for file in (tmp_path / "words", big, tmp_path / "missing", tmp_path):
        assert fault_of(load_signer, file) == "bad-sign-key"
        assert fault_of(load_public_key, file) == "bad-key"
    assert fault_of(load_public_key, keys / "signer") == "bad-key"
    assert fault_of(load_public_key, rsa.with_suffix(".pub")) == "bad-key"


def test_a_signing_key_that_others_may_read(keys, tmp_path):
    """A signing key is for its owner alone."""
    copy = tmp_path / "copy"
    copy.write_bytes((keys / "signer").read_bytes())
    copy.chmod(0o640)
    assert fault_of(load_signer, copy) == "open-sign-key"


def test_a_wrapped_signing_key(tmp_path):
    """A passphrase is asked for where the key has one, and a wrong one is told."""
    path = sign_key(tmp_path, passphrase=WORDS)
    asked = []
    signer = load_signer(path, lambda file: asked.append(file) or WORDS)
    assert asked == [str(path)]
    assert read(envelope(PLAIN, signer)) == PLAIN
    assert fault_of(load_signer, path, lambda _: "wrong") == "wrong-passphrase"
    assert fault_of(load_signer, path, lambda _: None) == "no-passphrase"
    assert fault_of(load_signer, path) == "no-passphrase"
