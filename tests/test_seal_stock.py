"""Stock tools: what we seal opens with `age` and `tar`, and for nobody else."""

import os
import random
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest

from tierpub.seal import build, load_recipients, recipients_for, seal, unseal
from tierpub.seal.identities import load_identities

if shutil.which("age") is None and os.environ.get("CI") != "true":
    pytest.skip("the age command is not installed", allow_module_level=True)

NAMES = [
    "_private/UN/IOM.private.md",
    "_private/UN/Größe ✓ 日本.md",
    "_private/" + "ж" * 40 + "/" + "я" * 60 + ".md",
    "_private/" + "x" * 180 + "/" + "y" * 120 + ".md",
    "_private/-rf",
]
FILES = {name: f"Canary {name}\n".encode() for name in NAMES}
PIPE = 'set -o pipefail; age -d -i "$1" "$2" | tar x -C "$3"'


@pytest.fixture
def vault(tmp_path: Path):
    """Six keys, one a tier, in files; and the recipients of each tier, of which 3 and up seal."""
    keys = [pyrage.x25519.Identity.generate() for _ in range(6)]
    for rank, key in enumerate(keys):
        (tmp_path / f"{rank}.key").write_text(f"{key}\n")
        (tmp_path / f"{rank}.key").chmod(0o600)
    by_tier = {n: load_recipients([str(k.to_public())], tmp_path) for n, k in enumerate(keys)}
    return tmp_path, by_tier


def stock(folder: Path, rank: int, data: bytes, locale: str = "C.UTF-8"):
    """Open `data` with age and tar by the key of `rank`; the process, and what was laid out."""
    (folder / "x.tar.age").write_bytes(data)
    out = folder / f"out{rank}{locale}"
    out.mkdir()
    command = ["bash", "-c", PIPE, "-", folder / f"{rank}.key", folder / "x.tar.age", out]
    environ = os.environ | {"LC_ALL": locale}
    run = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    return run, {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_own_tier_and_above_open(vault):
    """The identity of the tier and of every tier above opens it, without a word from the tools."""
    folder, by_tier = vault
    data = seal(build(FILES.items()), recipients_for(3, by_tier, 3))
    for rank in (3, 4, 5):
        run, found = stock(folder, rank, data)
        assert (run.returncode, run.stderr) == (0, "")
        assert not found.pop(".tierpub-padding").strip(b"\0")
        assert found == FILES


def test_lower_tiers_do_not_open(vault):
    """The identity of a lower tier does not open it, and no file comes of trying."""
    folder, by_tier = vault
    data = seal(build(FILES.items()), recipients_for(4, by_tier, 3))
    for rank in (0, 2, 3):
        run, found = stock(folder, rank, data)
        assert run.returncode != 0
        assert found == {}


def test_plain_locale(vault):
    """Names come out the same where the locale knows no UTF-8."""
    folder, by_tier = vault
    run, found = stock(folder, 5, seal(build(FILES.items()), by_tier[5]), "C")
    assert (run.returncode, run.stderr) == (0, "")
    assert set(found) == {*FILES, ".tierpub-padding"}


@pytest.mark.parametrize("size", [0, 1, 60_000, 65_536, 300_000, 1_000_000, 2_500_000])
def test_pipefail_at_every_size(vault, size):
    """The pipe ends cleanly at any size: tar reads to the end and age is not cut off."""
    folder, by_tier = vault
    blob = random.Random(size).randbytes(size)
    run, found = stock(folder, 5, seal(build([("a.md", blob)]), by_tier[5]))
    assert (run.returncode, run.stderr) == (0, "")
    assert found["a.md"] == blob


def test_tampered_end_is_noticed(vault):
    """A byte altered at the very end, in the padding, makes the pipe fail."""
    folder, by_tier = vault
    data = bytearray(seal(build([("a.md", b"x" * 500_000)]), by_tier[5]))
    data[-1] ^= 1
    assert stock(folder, 5, bytes(data))[0].returncode != 0


def test_we_open_what_stock_age_seals(vault):
    """What stock age seals to a key opens here."""
    folder, by_tier = vault
    plain = build(FILES.items())
    command = ["age", "-r", by_tier[5][0]]
    data = subprocess.run(command, input=plain, capture_output=True, check=True).stdout
    assert unseal(data, load_identities([folder / "5.key"], {})) == plain
