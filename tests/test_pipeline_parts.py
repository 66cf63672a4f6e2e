"""What other tools run of tierpub: a hook before commits, an action, a job."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cli_tools import NOTES, make_vault, put

ROOT = Path(__file__).parents[1]
VERBS = importlib.import_module("tierpub.cli.main").VERBS
PAGE = (ROOT / "docs/pipelines.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
HOSTILE = """x"'`$(touch pwned)`;touch pwned #{0}"""
FAKE = """#!{python}
import json, os, pathlib, sys
with open(os.environ["CALLS"], "a") as file:
    keys = [k for k in os.environ if k == "SIGN_KEY"]
    file.write(json.dumps([pathlib.Path(sys.argv[0]).name, sys.argv[1:], keys]) + "\\n")
if sys.argv[1] == "release":
    (pathlib.Path(sys.argv[sys.argv.index("--out") + 1]) / "public").mkdir(parents=True)
    if "--sign-key" in sys.argv:
        key = pathlib.Path(sys.argv[sys.argv.index("--sign-key") + 1])
        assert key.stat().st_mode & 0o077 == 0 and "PRIVATE KEY" in key.read_text()
"""


def git(folder, *arguments):
    """What git prints."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.invalid", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder) -> int | None:
    """Run the hook on what is staged as pre-commit does; None where no staged file concerns it."""
    staged = git(folder, "diff", "--cached", "--name-only").splitlines()
    files = [name for name in staged if re.search(HOOK["files"], name)]
    if not files:
        return None
    command = [*shlex.split(HOOK["entry"]), *(files if HOOK.get("pass_filenames", True) else [])]
    assert command[0] == "tierpub"
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    return done.returncode


def test_hook_before_a_commit(tmp_path):
    """The hook passes good notes, stops a commit with a bad label wherever it stands, and does not
    run where no note or policy is staged."""
    root = make_vault(tmp_path / "vault", NOTES)
    git(root, "init", "-q")
    git(root, "add", "-A")
    assert commit(root) == 0
    git(root, "commit", "-qm", "notes")
    (root / "picture.png").write_bytes(b"x")
    git(root, "add", "-A")
    assert commit(root) is None
    put(root, "Open/Bad.md", "a [confidential:: publik]\n")
    git(root, "add", "-A")
    assert commit(root) == 10


def test_hook_is_installed_as_a_python_package():
    """pre-commit installs the project and finds the entry among its scripts."""
    assert HOOK["language"] == "python"
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'tierpub = "tierpub.cli:main"' in text


def value(text: str, inputs: dict, outputs: dict) -> str:
    """An expression of the action with its values put in, as the runner does."""
    given = {f"inputs.{k}": v for k, v in inputs.items()}
    given |= {f"steps.tier.outputs.{k}": v for k, v in outputs.items()}
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda m: given[m[1]], text)


def play(folder: Path, path: list[Path], **inputs):
    """Run the action's scripts one after the other, as a runner does; the code of the first that
    failed or 0, and what the uploading step would have got."""
    inputs = {k: v.get("default", "") for k, v in ACTION["inputs"].items()} | inputs
    for name in ("work", "temp"):
        (folder / name).mkdir(exist_ok=True)
    outputs: dict[str, str] = {}
    for step in STEPS:
        if "uses" in step:
            upload = {k: value(str(v), inputs, outputs) for k, v in step["with"].items()}
            continue
        script = folder / "script"
        script.write_text(step["run"])
        (folder / "output").write_text("")
        env = {k: v for k, v in os.environ.items() if not k.startswith("TIERPUB")} | {
            "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(folder / "output"),
            "RUNNER_TEMP": str(folder / "temp"),
            "CALLS": str(folder / "calls"),
            **{k: value(v, inputs, outputs) for k, v in step.get("env", {}).items()},
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", script]
        done = subprocess.run(
            command, cwd=folder / "work", env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return done.returncode, done.stdout + done.stderr
        if step.get("id") == "tier":
            outputs = dict(
                line.split("=", 1) for line in (folder / "output").read_text().splitlines()
            )
    return 0, upload


@pytest.fixture
def fakes(tmp_path):
    """Programs that only note how they are called, in the place of `tierpub` and `python`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("tierpub", "python"):
        (folder / name).write_text(FAKE.replace("{python}", sys.executable))
        (folder / name).chmod(0o755)
    return folder


def sign_key(folder: Path) -> str:
    """The text of a new signing key."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "k"], check=True)
    return (folder / "k").read_text()


def test_inputs_are_never_part_of_a_script():
    """No script of the action holds an expression, and each names its shell."""
    for step in STEPS:
        if "run" in step:
            assert "${{" not in step["run"]
            assert step["shell"] == "bash"
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)


def test_action_runs_its_steps(fakes, tmp_path):
    """The action installs, releases, verifies by the key it signed with, uploads the one tier, and
    leaves the signing key nowhere."""
    code, upload = play(
        tmp_path, [fakes], tier="public", vault="v", **{"sign-key": sign_key(tmp_path)}
    )
    assert code == 0, upload
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    key = str(tmp_path / "temp/tierpub-sign-key")
    assert [(name, arguments) for name, arguments, _ in calls] == [
        ("python", ["-m", "pip", "install", "--quiet", str(ROOT)]),
        ("tierpub", ["release", "--out", "tierpub-release", "--vault", "v", "--sign-key", key]),
        ("tierpub", ["verify", "tierpub-release", "--key", key + ".pub"]),
    ]
    assert not any(keys for *_, keys in calls)
    assert upload["path"] == "tierpub-release/public"
    assert upload["name"] == "public"
    assert not Path(key).exists()


def test_hostile_inputs_are_only_text(fakes, tmp_path):
    """Whatever an input holds, it is one argument and nothing runs."""
    inputs = dict.fromkeys(("vault", "policy", "identity"), HOSTILE)
    code, _ = play(tmp_path, [fakes], tier="public", **inputs)
    assert code == 0
    calls = [json.loads(line)[1] for line in (tmp_path / "calls").read_text().splitlines()]
    assert calls[1] == [
        "release",
        "--out",
        "tierpub-release",
        "--vault",
        HOSTILE,
        "--policy",
        HOSTILE,
    ]
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize(
    "inputs",
    [
        {"tier": ""}, {"tier": "."}, {"tier": ".."}, {"tier": "../secret"}, {"tier": "a/b"},
        {"tier": "public\nfolder=/"}, {"tier": "public", "out": "x\nfolder=/"},
        {"tier": "public", "out": "*"}, {"tier": "public", "out": ""},
        {"tier": "public", "artifact": "a\nfolder=/"}, {"tier": "secret"},
    ],
)  # fmt: skip
def test_no_more_than_one_tier(fakes, tmp_path, inputs):
    """What is not the name of one tier of the release uploads nothing."""
    code, _ = play(tmp_path, [fakes], **inputs)
    assert code != 0


@pytest.mark.skipif(
    not {"release", "verify"} <= set(VERBS), reason="these verbs are not part of this build"
)
def test_action_with_the_real_verbs(fakes, tmp_path):
    """With tierpub itself the action builds, verifies and uploads one tier of a real vault."""
    (fakes / "tierpub").write_text(f'#!/bin/sh\nexec {sys.executable} -m tierpub "$@"\n')
    root = make_vault(tmp_path / "vault", NOTES)
    code, upload = play(
        tmp_path, [fakes], tier="public", vault=str(root), **{"sign-key": sign_key(tmp_path)}
    )
    assert code == 0, upload
    names = {p.name for p in (tmp_path / "work" / upload["path"]).rglob("*") if p.is_file()}
    assert "Office.public.md" in names


def test_page_names_the_inputs():
    """The page has each input of the action as the action describes it."""
    found = re.findall(r"^\| `([\w-]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    assert found == [(k, v["description"]) for k, v in ACTION["inputs"].items()]


BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CALLS = [shlex.split(call) for block in BLOCKS for call in re.findall(r"- (tierpub .*)", block)]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_page_is_yaml(block):
    """Each example of the page parses, and what it names of ours is there."""
    data = yaml.safe_load(block)
    assert isinstance(data, dict)
    text = str(data)
    assert "tierpub" in text
    for given in re.findall(r"'with': (\{.*?\})", text):
        assert set(re.findall(r"'([\w-]+)':", given)) <= set(ACTION["inputs"])
    for hook in re.findall(r"'id': '([\w-]+)'", text):
        assert hook == HOOK["id"]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_page_calls_what_is_there(call):
    """Each call of tierpub on the page is a verb with options that it has."""
    if call[1] not in VERBS:
        assert call[1] in {"release", "verify"}
        pytest.skip(f"{call[1]} is not part of this build")
    command = importlib.import_module(f"tierpub.cli.{VERBS[call[1]][0]}").command
    known = {name for option in command.params for name in option.opts}
    assert {word for word in call if word.startswith("-")} <= known


def test_pre_commit_itself(tmp_path):
    """Where pre-commit is installed it takes the hook's file for valid."""
    tool = shutil.which("pre-commit")
    if tool is None:
        pytest.skip("pre-commit is not installed")
    subprocess.run([tool, "validate-manifest", ROOT / ".pre-commit-hooks.yaml"], check=True)
