"""Does the suite see a leak? Leaks are planted one at a time in a copy of the code.

Each must be killed: by the tests that it names or, where those miss it, by any other. The run
ends with a list of which test killed which. `TIERPUB_MUTANTS_FULL=1` lets the whole suite look
for each from the start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from mutants.planted import MUTANTS
from mutants.planting import CRASHES, Mutant, Outcome, Runner, changed, copy_project, holds

FULL = bool(os.environ.get("TIERPUB_MUTANTS_FULL"))
REST = "--ignore tests/test_mutants.py tests"
LEAST = 40
CRASH = "tierpub failed in a way it should not"
"""What the command line says of an error that is not its user's."""


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, one for each process that runs tests."""
    return copy_project(tmp_path_factory.mktemp("mutants") / "tierpub-copy")


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    """What runs the tests of a copy."""
    made = Runner()
    yield made
    made.close()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.leak for mutant in MUTANTS])
def test_leak_is_found(mutant: Mutant, copy: Path, runner: Runner, tell) -> None:
    """A planted leak makes a test fail."""
    file = copy / mutant.file
    with changed(file, mutant.plant(file.read_text(encoding="utf-8"))):
        found = hunt(mutant, copy, runner)
    assert found.code != 0, "the suite does not see this leak"
    assert (found.code, bool(found.test)) == (1, True), f"no test could run\n{found.output}"
    crashed = CRASHES.match(found.why) or CRASH in found.output
    assert not crashed, f"it crashes, and leaks nothing\n{found.output}"
    tell(f"killed: {mutant.leak:52} by {found.test}")


def hunt(mutant: Mutant, copy: Path, runner: Runner) -> Outcome:
    """The first run of tests that fails on the copy; the last where none does."""
    found = None
    for selection in () if FULL else mutant.killers:
        found = runner.run(copy, selection)
        if found.code != 0:
            return found
    return runner.run(copy, REST)


@pytest.mark.parametrize(
    "selection", ["tests/test_fixtures.py -k worked", "tests/test_cli_project.py -k json"]
)
def test_a_copy_without_a_leak_passes(selection: str, copy: Path, runner: Runner) -> None:
    """What kills a mutant is the leak: the copy as it is passes its tests."""
    found = runner.run(copy, REST if FULL else selection)
    assert (found.code, found.test) == (0, ""), found.output


def test_tests_run_on_the_copy(copy: Path, runner: Runner) -> None:
    """The code that is tested is the copy's, in processes that tests start as well."""
    file = copy / "tierpub/errors.py"
    with changed(file, "raise RuntimeError('the copy')\n"):
        found = runner.run(copy, "tests/test_cli_project.py -k json")
    assert found.code == 1


def test_each_text_of_a_module_is_compiled(copy: Path, runner: Runner) -> None:
    """Texts of one length that follow within a second are not taken for each other."""
    file = copy / "tierpub/errors.py"
    whole = file.read_text(encoding="utf-8")
    codes = []
    for end in ("assert 1\n", "assert 0\n"):
        with changed(file, whole + end):
            os.utime(file, (1, 1))
            codes.append(runner.run(copy, "tests/test_cli_project.py -k json").code)
    assert codes == [0, 1]


def test_a_mutant_without_its_place_is_an_error() -> None:
    """Where the code has moved, planting fails and says what is missing."""
    gone = Mutant("x", "tierpub.errors", "refuse_all", "def mutant(): ...", ())
    twice = Mutant("x", "tierpub.errors", "self", "me", ())
    for mutant in (gone, twice):
        with pytest.raises(LookupError, match=r"x: tierpub/errors\.py"):
            mutant.plant("class A:\n    def f(self): self\n")


def test_places_are_found_by_their_names() -> None:
    """Functions, methods and tables are places; what only mentions a name is none."""
    source = "T = {}\nU: int = 1\ndef f(): g()\nclass A:\n    def m(self): ...\n"
    assert all(holds(source, place) for place in ("f", "A.m", "T", "T[1]", "U"))
    assert not any(holds(source, place) for place in ("g", "A.f", "m", "f.m", "V[1]"))


def test_there_are_mutants_enough() -> None:
    """Each leak has a name of its own, and there are many."""
    names = {mutant.leak for mutant in MUTANTS}
    assert len(names) == len(MUTANTS) >= LEAST
