"""The policy: what the file may say, and which rule speaks of what.

A file is read strictly into a tree (`tree`), held against the schema (`schema`, `shape`), and its
words are checked and compiled (`build`, `layout`, `patterns`, `text`) into a `Policy` (`model`),
which hands out the rules for a note (`rules`). Every fault is found in one reading.
"""

from __future__ import annotations

from tierpub.policy.load import load_policy, parse_policy
from tierpub.policy.model import Allow, Defaults, Policy, Redaction
from tierpub.policy.names import fold_field
from tierpub.policy.rules import NoteRules, Rule
from tierpub.policy.schema import policy_schema

__all__ = [
    "Allow",
    "Defaults",
    "NoteRules",
    "Policy",
    "Redaction",
    "Rule",
    "fold_field",
    "load_policy",
    "parse_policy",
    "policy_schema",
]
