"""Each published file before each rule, in one process or several.

A note's files at all levels are one share of the work and stay together. Processes are forked when
the vault is read and painted, so that nothing of it is sent; findings are sent back. The auditor
counts: files that no process looked at are an error and never silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tierpub.audit.case import Case, Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.publication import File
from tierpub.audit.shares import at_work, in_all, in_share
from tierpub.crew import helpful
from tierpub.errors import refuse

_SHARE = 250
"""Fewer files than this are not worth a process of their own."""


class Looker:
    """Looks at its share of the files."""

    def __init__(self, case: Case, rules: list[Rule], groups: list[list[File]]) -> None:
        self._case = case
        self._by_file = [rule.file for rule in rules if rule.file]
        self._by_note = [rule.note for rule in rules if rule.note]
        self._groups = groups

    def look(self) -> tuple[int, list[Finding]]:
        """How many files were looked at, and all that was found."""
        found: list[Finding] = []
        count = 0
        with in_share():
            for group in self._groups:
                count += len(group)
                found += self._of_group(group)
        return count, found

    def _of_group(self, files: list[File]) -> Iterator[Finding]:
        opened = [Opened(self._case, file) for file in files]
        for each in opened:
            for look in self._by_file:
                yield from look(each)
        for together in self._by_note:
            yield from together(self._case, opened)


def look(case: Case, rules: list[Rule]) -> Iterator[Finding]:
    """What the rules find, in no order. Raises `unseen-files` where some were not looked at."""
    groups = _groups(case)
    files = sum(map(len, groups))
    seen = 0
    for count, found in _asked(case, rules, groups, helpful(files, _SHARE)):
        seen += count
        yield from found
    if seen != files:
        message = f"{files - seen} of {files} files were not looked at"
        raise refuse("unseen-files", message, None, "this is a bug: please report it")
    for rule in rules:
        if rule.whole:
            yield from rule.whole(case)


def _asked(
    case: Case, rules: list[Rule], groups: list[list[File]], processes: int
) -> list[tuple[int, list[Finding]]]:
    """The answers of all processes."""
    for rank in case.publication.ranks:
        case.tokenizer(rank)  # made once for all
    shares = [groups[first::processes] for first in range(processes)]
    with in_all(), at_work([partial(Looker, case, rules, share) for share in shares]) as crew:
        return crew.each(Looker.look)


def _groups(case: Case) -> list[list[File]]:
    """Files by the note they are projections of, lowest level first; every other alone."""
    groups: dict[str, list[File]] = {}
    for file in case.publication.every():
        note = case.layout.note_of(file.path, file.rank)
        key = note if note is not None else f"\0{file.rank}\0{file.path}"
        groups.setdefault(key, []).append(file)
    return list(groups.values())
