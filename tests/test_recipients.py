"""Who may open a sealed tier, from one run to the next; and whence the keys come that open it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
import sharing
from cli_tools import NOTES, POLICY, make_vault, snapshot, tierpub

from tierpub.publish.digests import of_bundle, someone_left
from tierpub.seal import build, members, seal

KEYS = [pyrage.x25519.Identity.generate() for _ in range(4)]
SAID = "is no longer a recipient; copies of it from before today stay readable to them"


def policy(private, secret):
    """The tests' policy, its upper two tiers sealed to these of the keys."""
    lists = [", ".join(str(KEYS[n].to_public()) for n in some) for some in (private, secret)]
    tiers = "{{name: private, recipients: [{}]}}, {{name: secret, recipients: [{}]}}]"
    text = POLICY.replace("private, secret]", tiers.format(*lists))
    return text.replace("defaults:", "seal_from: private\ndefaults:")


def project(root, private, secret, *options):
    """Write all tiers for these recipients."""
    (root / "tierpub.yaml").write_text(policy(private, secret))
    done = tierpub("project", "--all", *options, "--vault", root)
    assert done.returncode in {0, 10}, done.stderr
    return done


@pytest.fixture
def vault(tmp_path):
    """A vault written for key 0 at private and key 1 at secret."""
    root = make_vault(tmp_path / "vault", NOTES, policy([0], [1]))
    project(root, [0], [1])
    return root


def bundles(root):
    """The bytes of each bundle."""
    return {name: (root / f"_{name}.tar.age").read_bytes() for name in ("private", "secret")}


def readers(data: bytes) -> set[int]:
    """The keys that open a bundle."""
    found = set()
    for number, key in enumerate(KEYS):
        try:
            pyrage.decrypt(data, [key])
        except pyrage.DecryptError:
            continue
        found.add(number)
    return found


@pytest.mark.parametrize(
    ("private", "secret", "changed", "left"),
    [
        ([0, 2], [1], {"private"}, set()),
        ([0], [1, 2], {"private", "secret"}, set()),
        ([1], [1], {"private"}, {"private"}),
        ([2], [1], {"private"}, {"private"}),
        ([0], [2], {"private", "secret"}, {"private", "secret"}),
        ([2, 3], [1], {"private"}, {"private"}),
        ([0, 2, 3], [1], {"private"}, set()),
        ([0], [1, 0], {"secret"}, set()),
        ([0], [1], set(), set()),
    ],
)
def test_exactly_the_tiers_concerned(vault, private, secret, changed, left):
    """A change of recipients seals those tiers anew that they can read, no other, and says so of
    each that somebody could open before and cannot any more."""
    before = bundles(vault)
    files = {p: s for p, s in snapshot(vault).items() if p.startswith(("_public", "_internal"))}
    done = project(vault, private, secret)
    after = bundles(vault)
    assert {name for name in after if after[name] != before[name]} == changed
    assert readers(after["private"]) == {*private, *secret}
    assert readers(after["secret"]) == set(secret)
    told = {line.partition("_")[2].partition(".")[0] for line in done.stderr.splitlines()
            if SAID in line}  # fmt: skip
    assert told == left
    assert "age1" not in done.stderr + done.stdout
    assert {p: s for p, s in snapshot(vault).items() if p in files} == files


def test_a_dry_run_says_it_too(vault):
    """Before anything is written a dry run tells that somebody will have been removed."""
    before = snapshot(vault)
    (vault / "tierpub.yaml").write_text(policy([2], [1]))
    done = tierpub("project", "--all", "--dry-run", "--vault", vault)
    assert (done.returncode, done.stderr.count(SAID)) == (10, 1)
    assert {p: s for p, s in snapshot(vault).items() if p != "tierpub.yaml"} == {
        p: s for p, s in before.items() if p != "tierpub.yaml"
    }


def test_the_lowest_level_may_read_it(vault, tmp_path):
    """What is said of recipients is the same whatever the sealed notes hold."""
    other = make_vault(tmp_path / "other", {**NOTES, "People/Bob.md": "Bob\n"}, policy([0], [1]))
    project(other, [0], [1])
    said = {project(root, [2], [1]).stderr for root in (vault, other)}
    assert len(said) == 1


def test_the_record_names_nobody(vault):
    """The record holds no key, nor a digest that the keys alone would make."""
    data = b"".join(p.read_bytes() for p in (vault / ".tierpub").iterdir() if p.name != "key")
    for key in KEYS:
        assert str(key.to_public()).encode() not in data
    assert b"age1" not in data


@pytest.mark.parametrize(
    ("before", "now", "left"),
    [
        ("abc", "abc", False),
        ("abc", "abcd", False),
        ("abc", "abde", True),
        ("abc", "ab", True),
        ("abc", "abd", True),
        ("a", "bcdefghij", True),
        ("abcdefghij", "abcdefghijklmnopqrstuvwxyz", True),
        ("", "ab", False),
    ],
)
def test_who_left(before, now, left):
    """Whether somebody left is found out from a digest of all; where that is too dear it is yes."""
    made_of = of_bundle(b"key", b"plain", before)
    assert someone_left(b"key", made_of, len(before), tuple(now)) == left
    assert not someone_left(b"key", None, len(before), tuple(now))


def test_bundle_is_bound_to_its_recipients():
    """The same files for other recipients, in any order, are the same bytes for the same people
    and other bytes for others; what is read of them is the same."""
    files = [("a", b"1"), ("b", b"2")]
    one, two = build(files, ["age1x", "age1y"]), build(files, ["age1y"])
    assert one == build(files, ["age1y", "age1x", "age1x"])
    assert one not in (two, build(files))
    assert len(one) == len(two) == len(build(files))
    assert members(one) == members(two) == members(build(files))
    for at in (len(one) - 1024 - 1, one.index(b".tierpub-padding") + 512, -1):
        changed = bytearray(one)
        changed[at] ^= 1
        with pytest.raises(Exception, match="not a bundle as tierpub writes them"):
            members(bytes(changed))


@pytest.mark.parametrize("content", [61440, 61441, 61952, 62464, 63488, 64000, 70000])
def test_there_is_always_room_for_the_bond(content):
    """At every size, a full class included, a bundle says whom it is for."""
    blobs = {build([("a", bytes(content))], [name]) for name in ("age1x", "age1y")}
    assert len(blobs) == 2
    assert all(members(blob)[0].data == bytes(content) for blob in blobs)


@pytest.fixture
def wrapped(tmp_path, tmp_path_factory):
    """A bundle, and its key in a file that a passphrase wraps."""
    word, file = sharing.wrapped(tmp_path_factory)
    identity = pyrage.x25519.Identity.from_str(word)
    (tmp_path / "x.tar.age").write_bytes(
        seal(build([("_private/a.md", b"Canary")]), [str(identity.to_public())])
    )
    key = tmp_path / "key.age"
    key.write_bytes(file)
    key.chmod(0o600)
    return tmp_path


def test_no_terminal_no_passphrase(wrapped):
    """Where there is no terminal a wrapped key is a clear error; nothing piped in is taken."""
    done = tierpub(
        "open", wrapped / "x.tar.age", "-i", wrapped / "key.age", "--list",
        input="pass words\n", start_new_session=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "needs a passphrase, and there is no terminal to ask for it" in done.stderr
    assert done.stderr.count("\n") == 2


def test_passphrase_is_asked_for_on_the_terminal(wrapped):
    """On a terminal the passphrase is asked for, not echoed, and opens the key."""
    child, ours = pty.fork()
    if not child:
        command = [sys.executable, "-m", "tierpub", "open", "x.tar.age", "-i", "key.age", "--list"]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        os.chdir(wrapped)
        os.execve(sys.executable, command, env)  # noqa: S606
    said = b""
    while b"Passphrase for key.age:" not in said:
        said += os.read(ours, 1000)
    os.write(ours, b"pass words\n")
    while True:
        try:
            more = os.read(ours, 1000)
        except OSError:
            break
        if not more:
            break
        said += more
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(ours)
    assert b"pass words" not in said
    assert b"_private/a.md" in said


def test_no_option_takes_a_passphrase():
    """No verb has an option by which a passphrase could stand on a command line."""
    for verb in ("open", "project", "keygen"):
        options = tierpub(verb, "--help").stdout.lower()
        assert "passphrase" not in options
        assert "password" not in options


def test_ssh_keys_by_opt_in(tmp_path):
    """An ssh key opens what is sealed to it with --ssh, and without it is refused and says so."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "k"], check=True
    )
    public = (tmp_path / "k.pub").read_text().rsplit(" ", 1)[0]
    (tmp_path / "x.age").write_bytes(seal(build([("a.md", b"x")]), [public]))
    common = ("open", tmp_path / "x.age", "-i", tmp_path / "k", "--list")
    assert tierpub(*common, "--ssh").stdout == "a.md\n"
    refused = tierpub(*common)
    assert refused.returncode == 1
    assert "--ssh" in refused.stderr
