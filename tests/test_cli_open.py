"""The commands `keygen` and `open`."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner

from tierpub.cli.keygen import command as keygen
from tierpub.cli.open_ import command as open_
from tierpub.errors import TierpubError
from tierpub.seal import build, load_identities, seal

FILES = {"_private/Ann.private.md": b"Canary\n", "_private/UN/ü.private.md": b"Canary 2\n"}


def run(command, *args, **options):
    return CliRunner().invoke(command, [str(arg) for arg in args], **options)


def refused(command, *args, **options) -> str:
    """The code of the one fault; nothing secret or sealed in it, in stdout or in stderr."""
    result = run(command, *args, **options)
    assert isinstance(result.exception, TierpubError), result.output
    assert result.stdout == ""
    (fault,) = result.exception.faults
    assert "Canary" not in result.stderr + repr(fault)
    return fault.code


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def sealed(tmp_path: Path):
    """A folder with the key of a tier, another key, and the tier sealed to the first."""
    for name in ("key", "other"):
        assert run(keygen, "-o", tmp_path / name).exit_code == 0
    public = load_identities([tmp_path / "key"], {})[0].recipient
    (tmp_path / "x.tar.age").write_bytes(seal(build(FILES.items()), [public]))
    return tmp_path


@pytest.fixture(autouse=True)
def temp_stays_clean(tmp_path_factory, monkeypatch):
    """Whatever a command does, it leaves nothing in the folder for temporary files."""
    temp = tmp_path_factory.mktemp("temp")
    monkeypatch.setenv("TMPDIR", str(temp))
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    monkeypatch.delenv("TIERPUB_IDENTITY", raising=False)
    yield
    assert list(temp.iterdir()) == []


def test_keygen_writes_a_new_file(tmp_path: Path):
    """`keygen -o` creates a file of mode 0600 and shows only the public key, on stderr."""
    old = os.umask(0)
    try:
        result = run(keygen, "-o", tmp_path / "key")
    finally:
        os.umask(old)
    (identity,) = load_identities([tmp_path / "key"], {})
    assert (result.stdout, result.stderr) == ("", f"Public key: {identity.recipient}\n")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_keygen_form(tmp_path: Path):
    """The file has the three lines of age-keygen's."""
    text = run(keygen).stdout.splitlines()
    assert [line.split(" ")[:2] for line in text[:1]] == [["#", "created:"]]
    assert text[1].startswith("# public key: age1")
    assert str(pyrage.x25519.Identity.from_str(text[2]).to_public()) == text[1][14:]
    assert len(text) == 3


def test_keygen_to_stdout():
    """Without `-o` the identity goes to stdout, and nothing secret to stderr."""
    result = run(keygen)
    assert "AGE-SECRET-KEY-1" in result.stdout
    assert "AGE-SECRET-KEY" not in result.stderr
    assert result.stderr.startswith("Public key: age1")


@pytest.mark.parametrize("how", ["file", "link"])
def test_keygen_never_overwrites(tmp_path: Path, how):
    """A file or a symlink that is there is not touched, nor what it points to."""
    there, other = tmp_path / "key", tmp_path / "other"
    there.symlink_to(other) if how == "link" else there.write_text("mine")
    before = tree(tmp_path)
    assert refused(keygen, "-o", there) == "keygen-failed"
    assert tree(tmp_path) == before


def test_keygen_into_a_missing_folder(tmp_path: Path):
    """A missing folder is an error."""
    assert refused(keygen, "-o", tmp_path / "none/key") == "keygen-failed"


def test_keygen_failure_leaves_no_file(tmp_path: Path, monkeypatch):
    """When writing fails no half a key is left."""

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    assert refused(keygen, "-o", tmp_path / "key") == "keygen-failed"
    assert tree(tmp_path) == {}


@pytest.mark.skipif(
    shutil.which("age-keygen") is None and os.environ.get("CI") != "true",
    reason="the age-keygen command is not installed",
)
def test_age_keygen_reads_it(tmp_path: Path):
    """Stock age-keygen finds the same public key in the file."""
    result = run(keygen, "-o", tmp_path / "key")
    command = ["age-keygen", "-y", tmp_path / "key"]
    public = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert result.stderr == f"Public key: {public}"


def test_list(sealed: Path):
    """`--list` prints the names, without the padding, and writes nothing."""
    before = tree(sealed)
    result = run(open_, sealed / "x.tar.age", "-i", sealed / "key", "--list")
    assert result.stdout.splitlines() == sorted(FILES)
    assert (result.stderr, result.exit_code) == ("", 0)
    assert tree(sealed) == before


def test_extract(sealed: Path):
    """`-o` lays the files out below a folder, and says so on stderr only."""
    out = sealed / "out"
    result = run(
        open_, sealed / "x.tar.age", "-i", sealed / "other", "-i", sealed / "key", "-o", out
    )
    assert (result.stdout, result.exit_code) == ("", 0)
    assert "2 files" in result.stderr
    assert tree(out) == FILES


def test_identity_from_the_environment(sealed: Path):
    """Without `-i` the key comes from TIERPUB_IDENTITY."""
    environ = {"TIERPUB_IDENTITY": (sealed / "key").read_text()}
    assert run(open_, sealed / "x.tar.age", "--list", env=environ).exit_code == 0


@pytest.mark.parametrize("more", [(), ("--list", "-o", "out")])
def test_one_of_list_and_output(sealed: Path, more):
    """Neither or both of `--list` and `-o` is a usage error, and opens nothing."""
    result = run(open_, sealed / "x.tar.age", "-i", sealed / "key", *more)
    assert (result.exit_code, result.stdout) == (2, "")


def damage(data: bytes, how: str) -> bytes:
    changed = data[:-1] + bytes([data[-1] ^ 1])
    return {"short": data[:-100], "tampered": changed, "foreign": b"PK\3\4", "empty": b""}[how]


@pytest.mark.parametrize(
    ("how", "code"),
    [("short", "damaged"), ("tampered", "damaged"), ("foreign", "not-age"), ("empty", "not-age")],
)
def test_damage_leaves_nothing(sealed: Path, how, code):
    """A file that is cut short, altered or foreign is one error, and nothing is on disk after."""
    path = sealed / "x.tar.age"
    path.write_bytes(damage(path.read_bytes(), how))
    before = tree(sealed)
    assert refused(open_, path, "-i", sealed / "key", "-o", sealed / "out") == code
    assert tree(sealed) == before
    assert not (sealed / "out").exists()


def test_wrong_key_leaves_nothing(sealed: Path):
    """A key it was not sealed to is one error, and not even the folder is made."""
    args = (sealed / "x.tar.age", "-i", sealed / "other", "-o", sealed / "out")
    assert refused(open_, *args) == "wrong-identity"
    assert not (sealed / "out").exists()


def test_no_key(sealed: Path):
    """Without a key there is an error that says so."""
    assert refused(open_, sealed / "x.tar.age", "--list") == "no-identity"


def test_open_key_file(sealed: Path):
    """A key file that others may read is refused."""
    (sealed / "key").chmod(0o644)
    assert refused(open_, sealed / "x.tar.age", "-i", sealed / "key", "--list") == "open-identity"


def test_missing_file(sealed: Path):
    """A missing bundle is an error."""
    assert refused(open_, sealed / "none", "-i", sealed / "key", "--list") == "open-failed"


def test_no_bundle_inside(sealed: Path):
    """A sealed file that holds no bundle is refused, and what it holds is not shown."""
    public = load_identities([sealed / "key"], {})[0].recipient
    (sealed / "y.age").write_bytes(seal(b"Canary", [public]))
    assert refused(open_, sealed / "y.age", "-i", sealed / "key", "--list") == "foreign-bundle"


def test_nothing_is_overwritten(sealed: Path):
    """Opening twice into one folder is refused the second time and changes nothing."""
    args = (sealed / "x.tar.age", "-i", sealed / "key", "-o", sealed / "out")
    assert run(open_, *args).exit_code == 0
    before = tree(sealed)
    assert refused(open_, *args) == "extract-failed"
    assert tree(sealed) == before
