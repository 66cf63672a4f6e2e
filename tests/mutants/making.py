"""Publications of every case of the leak catalogue and of the sample vault, made by the code that
this is run with: `python making.py FILE VAULT` writes them, for the auditor of another process, and
projects VAULT twice, a note of it gone in between."""

from __future__ import annotations

import pickle
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = "the sample vault"
Trees = dict[int, dict[str, bytes]]


def lay_vault(case, root: Path) -> None:
    """Write the canonical vault of a case."""
    for path, data in case.files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for path, target in case.links.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(target)


def policy_of(case, root: Path):
    """The policy of a case, with no tier sealed and the mention gate open."""
    from fixtures import cases  # noqa: PLC0415 - it needs the tests' folder on the path

    from tierpub.policy import parse_policy  # noqa: PLC0415 - the code that this is run with

    text = cases.written(case.policy)
    return replace(parse_policy(text, "p", root), seal_from=None, mentions="off")


def all_cases():
    """The catalogue."""
    from fixtures import cases  # noqa: PLC0415 - it needs the tests' folder on the path

    paths = sorted((ROOT / "tests/fixtures").glob("*.md"))
    return [case for path in paths if path.name != "README.md" for case in cases.load(path)]


def made_of(case, root: Path) -> Trees | None:
    """The projections of a case; None where it is refused."""
    import tierpub  # noqa: PLC0415 - the code that this is run with

    lay_vault(case, root)
    try:
        policy = policy_of(case, root)
        return {rank: dict(tree) for rank, tree in tierpub.project(root, policy).items()}
    except tierpub.errors.TierpubError:
        return None


def everything() -> dict[str, Trees | None]:
    """By the place of each case, and of the sample vault."""
    import tierpub  # noqa: PLC0415 - the code that this is run with
    from tierpub.policy import load_policy  # noqa: PLC0415

    made = {}
    for case in all_cases():
        with tempfile.TemporaryDirectory() as folder:
            made[case.place] = made_of(case, Path(folder))
    policy = replace(load_policy(ROOT / "policies/default.yaml"), seal_from=None, mentions="off")
    made[SAMPLE] = {r: dict(t) for r, t in tierpub.project(ROOT / "vault", policy).items()}
    return made


def project_twice(vault: Path) -> None:
    """Write all tiers below the vault's root, take a note away, and write them again."""
    from tierpub.cli.main import run  # noqa: PLC0415 - the code that this is run with

    command = ["project", "--all", "--vault", str(vault)]
    run(command)
    (vault / "_Standards/Open/Gone.md").unlink()
    run(command)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    Path(sys.argv[1]).write_bytes(pickle.dumps(everything()))
    project_twice(Path(sys.argv[2]))
