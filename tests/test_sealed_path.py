"""The sealed tiers of the sample vault, from the command line to stock `age` and `tar`."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_tools import tierpub

from tierpub.policy import load_policy

ROOT = Path(__file__).parents[1]
SEALED = ("private", "personal", "secret")

if shutil.which("age") is None and os.environ.get("CI") != "true":
    pytest.skip("the age command is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """The sample vault with all tiers written, and the key of each sealed tier in a file; the
    temporary folder that the run was given is beside them."""
    folder = tmp_path_factory.mktemp("sealed")
    shutil.copytree(ROOT / "vault/_Standards", folder / "vault/_Standards")
    (folder / "tmp").mkdir()
    (folder / "keys").mkdir()
    text = (ROOT / "policies/default.yaml").read_text()
    lines = ["tiers:", "  - public", "  - internal", "  - protect"]
    for tier in SEALED:
        done = tierpub("keygen", "-o", folder / "keys" / tier)
        key = re.search(r"age1\w+", done.stderr)[0]
        lines.append(f"  - {{name: {tier}, recipients: [{key}]}}")
    policy = folder / "policy.yaml"
    policy.write_text(re.sub(r"(?m)^tiers: .*$", "\n".join(lines), text))
    done = run(folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def run(folder):
    """Write all tiers of the vault in `folder`."""
    arguments = (
        "project",
        "--all",
        "--vault",
        folder / "vault",
        "--policy",
        folder / "policy.yaml",
    )
    return tierpub(*arguments, env={"TMPDIR": str(folder / "tmp")})


def opened(folder, bundle, key, out):
    """What stock tools lay out of a bundle with a key; the process, and bytes by path."""
    out.mkdir()
    command = 'set -o pipefail; age -d -i "$1" "$2" | tar x -C "$3"'
    paths = (folder / "keys" / key, folder / "vault" / f"_{bundle}.tar.age", out)
    done = subprocess.run(["bash", "-c", command, "-", *paths], capture_output=True, check=False)
    files = [p for p in out.rglob("*") if p.is_file() and p.name != ".tierpub-padding"]
    return done, {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


def golden(tier):
    """What the golden tree holds for a tier."""
    folder = ROOT / "tests/golden" / tier
    files = [p for p in folder.rglob("*") if p.is_file()]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


@pytest.mark.parametrize(
    ("bundle", "key"), [(b, k) for i, b in enumerate(SEALED) for k in SEALED[i:]]
)
def test_own_and_higher_keys_open(sealed, tmp_path, bundle, key):
    """The key of a tier and of each above it opens the tier's bundle: all of it, byte for byte."""
    done, files = opened(sealed, bundle, key, tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, b"")
    assert files == golden(bundle)


@pytest.mark.parametrize(
    ("bundle", "key"), [(b, k) for i, b in enumerate(SEALED) for k in SEALED[:i]]
)
def test_lower_keys_do_not_open(sealed, tmp_path, bundle, key):
    """The key of a lower tier opens nothing of a higher one."""
    done, files = opened(sealed, bundle, key, tmp_path / "out")
    assert done.returncode != 0
    assert files == {}


def test_no_plain_text_of_a_sealed_tier_is_on_disk(sealed):
    """What only sealed tiers hold is in no file that the run wrote, names and state included."""
    policy = load_policy(sealed / "policy.yaml")
    open_tiers = b"\n".join(
        path.encode() + data
        for tier in policy.ladder.names[:3]
        for path, data in golden(tier).items()
    )
    hidden = {
        word
        for path, data in golden("secret").items()
        for word in re.findall(rb"(?<!\w)[^\W_]\w{8,}", path.encode() + data)
        if word not in open_tiers
    }
    written = [
        path
        for folder in (sealed / "vault", sealed / "tmp")
        for path in folder.rglob("*")
        if "_Standards" not in path.parts
    ]
    assert len(hidden) > 30
    for path in written:
        data = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        assert not [word for word in hidden if word in data], path


def test_an_unchanged_bundle_keeps_its_bytes(sealed):
    """A second run over an unchanged vault leaves every bundle as it is."""
    bundles = {tier: (sealed / "vault" / f"_{tier}.tar.age").read_bytes() for tier in SEALED}
    assert run(sealed).returncode == 0
    assert bundles == {
        tier: (sealed / "vault" / f"_{tier}.tar.age").read_bytes() for tier in SEALED
    }
