"""The auditor who trusts nobody: would find out if tierpub itself were wrong.

`audit` reads a publication, and the canonical vault where the auditor has it, by a reader of its
own (`reading`): python-frontmatter and markdown-it where the splitter has its own and pyromark,
paint where that has a tree of portions. Three things are held against what was published: text
laid beside text (`compare`), strings that must not be there in any form (`hidden`, `needles`,
`forms`), and the shape of the whole (`publication`). Each rule is one file of `rules`.
"""

from __future__ import annotations

from tierpub.audit.case import Problem, Rule, Statements
from tierpub.audit.finding import CONFIDENCES, Confidence, Finding, Severity, at_least
from tierpub.audit.rules import RULES, rule_called
from tierpub.audit.run import audit

__all__ = [
    "CONFIDENCES",
    "RULES",
    "Confidence",
    "Finding",
    "Problem",
    "Rule",
    "Severity",
    "Statements",
    "at_least",
    "audit",
    "rule_called",
]
