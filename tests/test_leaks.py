"""The page of the leak catalogue against fixtures and tests, in both directions."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from fixtures.cases import CASES, FIXTURES
from fixtures.run_cases import RUN_CASES, RUNS

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs/leaks.md").read_text(encoding="utf-8")
DESIGNED = {
    *(f"F{n}" for n in range(1, 7)),
    *(f"B{n}" for n in range(1, 9)),
    *(f"L{n}" for n in range(1, 9)),
    *(f"V{n}" for n in range(1, 6)),
}
"""The rows that the project set out with."""
EVERY = [*CASES, *RUN_CASES]
"""The cases of one projection, and those of several runs."""

_ROW = re.compile(r"^\| ([A-Z]\d*) \|(.*)\|$", re.MULTILINE)
_FILE = re.compile(r"`([\w.-]+\.md)`: ((?:\*[^*]+\*(?:, )?)+)")
_TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


class Row(NamedTuple):
    """One row of the table."""

    name: str
    where: str
    does: str
    cases: str
    tests: str

    @property
    def named(self) -> dict[str, list[str]]:
        """The titles that the row names, by file."""
        return {file: re.findall(r"\*([^*]+)\*", said) for file, said in _FILE.findall(self.cases)}


ROWS = [
    Row(found[1], *(cell.strip() for cell in re.split(r"(?<!\\)\|", found[2])))
    for found in _ROW.finditer(PAGE)
]


def cases_of(file: str) -> set[str]:
    """The titles of a fixture file."""
    return {case.title for case in EVERY if case.place.startswith(f"{file}:")}


@cache
def functions() -> dict[str, set[str]]:
    """The test functions of each test file."""
    return {
        path.name: {
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        for path in TESTS.rglob("test_*.py")
    }


def test_every_row_is_there_once() -> None:
    """The rows are those set out with and those found since; a case has a row."""
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert set(names) >= DESIGNED
    assert {case.title.split()[0] for case in EVERY} <= set(names)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_says_all_it_should(row: Row) -> None:
    """Where it leaks, what is done, a case that one can read, and a test."""
    assert row.where
    assert row.does
    assert _TEST.findall(row.tests)
    assert any(row.named.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_cases_of_a_row_exist(row: Row) -> None:
    """Each case is in the file named, under the row's letter or the one it is given with."""
    rest = _FILE.sub("", row.cases)
    assert not rest.strip("; "), f"not understood: {rest}"
    for file, titles in row.named.items():
        assert titles
        for title in titles:
            assert {title, f"{row.name} {title}"} & cases_of(file), f"{file} has no case {title!r}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_tests_of_a_row_exist(row: Row) -> None:
    """Each function is in the file named."""
    rest = _TEST.sub("", row.tests)
    assert not rest.strip(", "), f"not understood: {rest}"
    for file, function in _TEST.findall(row.tests):
        assert function in functions().get(file, set()), f"{file} has no {function}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_names_each_file_that_has_its_cases(row: Row) -> None:
    """No case of a row stands in a file that the row does not name."""
    files = {c.place.partition(":")[0] for c in EVERY if c.title.split()[0] == row.name}
    assert files <= row.named.keys()


def test_every_fixture_file_is_named() -> None:
    """No file of the fixtures is missing from the page."""
    files = {path.name for folder in (FIXTURES, RUNS) for path in folder.glob("*-*.md")}
    assert files == {file for row in ROWS for file in row.named}


def test_no_table_row_goes_unread() -> None:
    """Whatever stands in a table of the page is a row of the catalogue."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    heads = [line for line in lines if line.startswith(("| row |", "| --- |"))]
    assert len(lines) == len(heads) + len(ROWS)
