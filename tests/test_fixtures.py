"""The leak catalogue: readable cases in `tests/fixtures`, run against `tierpub.project`.

`tests/fixtures/README.md` describes the format. A case compares whole trees, in both directions:
a file too many fails like a file too few.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from fixtures.cases import CASES, OPEN, TIERS, Case, content

import tierpub
from tierpub import project
from tierpub.errors import TierpubError
from tierpub.policy import parse_policy

if TYPE_CHECKING:
    from pathlib import Path

ROWS = {f"F{n}" for n in range(1, 7)} | {f"B{n}" for n in range(1, 9)} | {"M", "T", "W"}
ROWS |= {f"L{n}" for n in (1, 2, 3, 4, 6, 7, 8, 9)} | {"V1", "V4", "V6"}

Trees = dict[int, dict[str, bytes]]


def build(case: Case, root: Path) -> None:
    """Write the case's vault."""
    for name, data in case.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for name, target in case.links.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)


def run(case: Case, root: Path) -> Trees:
    """Return what `tierpub.project` makes of the case."""
    root.mkdir(exist_ok=True)
    build(case, root)
    policy = parse_policy(yaml.safe_dump(case.policy, allow_unicode=True), "policy.yaml", root)
    return {rank: dict(tree) for rank, tree in project(root, policy).items()}


def show(data: bytes) -> list[str]:
    """Return bytes as lines in which nothing is invisible."""
    text = data.decode("utf-8", "backslashreplace").replace("\r", "␍").replace("\t", "→")
    shown = re.sub(r" +(?=\n|$)", lambda m: "·" * len(m[0]), text)
    shown = re.sub("[\ufeff\u00a0\u2028\u0085\u200b]", lambda m: f"⟨U+{ord(m[0]):04X}⟩", shown)
    return shown.split("\n")


def differences(expected: dict[int, dict[str, bytes | None]], got: Trees) -> list[str]:
    """Tell every file that is missing, too many, or other than expected, over all tiers."""
    found: dict[str, list[str]] = {}
    for rank, tier in enumerate(TIERS):
        want, have = expected.get(rank, {}), got.get(rank, {})
        for path in sorted(want.keys() | have.keys()):
            if text := difference(path, want, have):
                found.setdefault(text.replace(tier, "«tier»"), []).append(tier)
    return [f"at {', '.join(tiers)}: {text}" for text, tiers in found.items()]


def difference(path: str, want: dict[str, bytes | None], have: dict[str, bytes]) -> str:
    """Tell how one file differs; empty where it does not, or where anything may stand."""
    wanted, had = want.get(path, b""), have.get(path, b"")
    if wanted is OPEN:
        return ""
    if path not in have:
        return f"{path} is missing"
    if path not in want:
        return "\n".join([f"{path} should not be there:", *show(had)])
    diff = difflib.unified_diff(show(wanted), show(had), "expected", path, lineterm="")
    return "\n".join([f"{path} differs:", *list(diff)[2:]]) if wanted != had else ""


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_catalogue(case: Case, tmp_path: Path) -> None:
    """Each tier holds what the case says, byte for byte, and nothing else."""
    if case.refused is None:
        found = differences(case.expected, run(case, tmp_path / "vault"))
        assert not found, "\n".join([case.place, *found])
        return
    with pytest.raises(TierpubError) as caught:
        run(case, tmp_path / "vault")
    assert_refusal(case, caught.value.faults)


def assert_refusal(case: Case, faults: tuple[Any, ...]) -> None:
    """Find a fault that stands where the case says and is of the sort it says."""
    assert case.refused is not None
    file, line, word = case.refused
    said = [f"{f.code}: {f}" for f in faults]
    fitting = [
        f
        for f in faults
        if f.place is not None
        and f.place.file in (file, file.removeprefix("_Standards/"))
        and (line is None or f.place.line == line)
        and re.search(word, f"{f.code} {f.message} {f.hint}")
    ]
    assert fitting, f"{case.place}: no fault {word!r} at {file}:{line} among {said}"


def test_project_is_public() -> None:
    """`tierpub.project` is the function, however often and in whatever order it is imported."""
    assert tierpub.project is project
    assert tierpub.project is project


def test_every_row_has_a_case() -> None:
    """Every row of the catalogue that fixtures can hold has at least one."""
    assert {case.title.split()[0] for case in CASES} == ROWS


def test_titles_are_unique() -> None:
    """A case can be named by its title."""
    titles = [case.title for case in CASES]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_case_is_complete(case: Case) -> None:
    """A case says of each note what each tier holds of it, unless it is refused."""
    notes = {p.removeprefix("_Standards/") for p in case.files if p.startswith("_Standards/")}
    wanted = {(rank, note) for note in notes if note.endswith(".md") for rank in range(len(TIERS))}
    if case.refused is None:
        assert wanted <= case.seen


def test_comparison_sees_both_directions() -> None:
    """A missing file, an extra file and another byte are each a difference."""
    assert not differences({0: {"a": b"x"}}, {0: {"a": b"x"}})
    assert differences({0: {"a": b"x"}}, {0: {}})
    assert differences({0: {}}, {0: {"a": b"x"}})
    assert differences({0: {"a": b"x"}}, {0: {"a": b"x\n"}})
    assert differences({}, {5: {"a": b""}})


def test_markers_stand_for_bytes() -> None:
    """The visible markers of the format become the bytes that they stand for."""
    assert content(["a··", "⏎", "b␍", "⟨U+FEFF⟩→c⊣", ""]) == "a  \n\nb\r\n\ufeff\tc".encode()
    assert content(["«tier»", "⏎", "", ""], "secret") == b"secret\n\n"
