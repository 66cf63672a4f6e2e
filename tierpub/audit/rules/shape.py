"""What the rules about files share."""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Case
from tierpub.audit.finding import Finding
from tierpub.audit.publication import File


def manifest_problems(case: Case, code: str, rule: str) -> Iterator[Finding]:
    """Problems of one code as findings of a rule. The words are the manifest layer's own."""
    folder = case.publication.folder
    for rank, problems in case.problems.items():
        at = case.publication.tier_folders[rank]
        prefix = f"{at.name}/" if at != folder else ""
        for problem in problems:
            if problem.code == code:
                yield Finding(
                    rule, "error", "high", prefix + problem.path, None, None, problem.message
                )


def attachment_expected(case: Case, file: File) -> bool:
    """Whether a file that is no projection is one of the vault's own attachments."""
    if case.reading is None:
        return True
    below = file.path.removeprefix(case.layout.tree(file.rank) + "/")
    forms = {below, f"{case.reading.listing.source}/{below}"}
    return not forms.isdisjoint(case.reading.listing.others)
