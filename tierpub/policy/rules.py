"""Rules at work: which rule of a kind speaks last of a subject.

Names repeat thousands of times in a vault, so every answer about one is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tierpub.policy.names import Predicate, Regex, fold_field
from tierpub.policy.paths import paths
from tierpub.policy.patterns import SEP, compile_patterns
from tierpub.policy.text import Composed, Gate, Span, compile_text, encode, merge, spans

_ANCHOR = re.compile(r"\^|\$|\\[AazZB]")
MEMO = 1 << 16
"""So many answers are kept for a kind of subject before all are forgotten."""

_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the policy."""

    kind: str
    """Its matcher: `note`, `field`, `text` …"""
    patterns: tuple[str, ...]
    """As written in the policy."""
    tier: int
    reason: str = ""
    within: tuple[str, ...] = ()
    """Patterns of the notes it is for; empty where it is for all."""
    guard: bool = False
    """Whether the value it matches joins the mention gate."""
    line: int = 0
    """Where it stands in the policy file."""


class _Memo(dict[_K, Rule | None]):
    """Answers by subject; asks `find` for those it has not heard of."""

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[_K], Rule | None]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, subject: _K) -> Rule | None:
        if len(self) >= MEMO:
            self.clear()
        found = self[subject] = self._find(subject)
        return found


class NoteRules:
    """The rules that are for one note. Each question is answered by the last rule of its kind
    that matches, or by None."""

    def __init__(self, compiled: list[Compiled], label_key: str) -> None:
        self._label = fold_field(label_key)
        self._rules = _by_kind(compiled)
        self._text = self._rules.get("text", [])[::-1]
        self.has_text = bool(self._text)
        """Whether `text` can find anything."""
        patterns = [p for each in self._text for p in each.rule.patterns]
        self._gate = Gate(patterns)
        self._anchored = any(_ANCHOR.search(pattern) for pattern in patterns)
        self._names = {kind: _Memo(self._finder(kind)) for kind in _REPEATED & self._rules.keys()}
        self._fields: _Memo[tuple[str, ...]] | None = None
        if "field" in self._rules:
            self._fields = _Memo(self._find_field)

    def has(self, kind: str) -> bool:
        """Whether there is any rule of `kind`."""
        return kind in self._rules

    def note(self, path: str) -> Rule | None:
        """The rule over the note at `path`, relative to the source."""
        return self._name("note", path)

    def body(self, path: str) -> Rule | None:
        """The rule over the body of the note at `path`, relative to the source."""
        return self._find("body", path)

    def attachment(self, path: str) -> Rule | None:
        """The rule over the attachment at `path`, relative to the source."""
        return self._name("attachment", path)

    def comment(self, text: str) -> Rule | None:
        """The rule over a comment's text."""
        return self._find("comment", text)

    def section(self, text: str) -> Rule | None:
        """The rule over the section below a heading that reads `text`."""
        return self._name("section", text)

    def inline_field(self, key: str) -> Rule | None:
        """The rule over an inline field, its key as it stands in the note."""
        return self._name("inline_field", key)

    def link(self, target: str) -> Rule | None:
        """The rule over a link to `target`: a path relative to the vault root, or a URL."""
        return self._name("link", target)

    def tag(self, tag: str) -> Rule | None:
        """The rule over a tag, with or without its `#`."""
        return self._name("tag", tag)

    def code(self, language: str) -> Rule | None:
        """The rule over a code block in `language`."""
        return self._name("code", language)

    def callout(self, type: str) -> Rule | None:  # noqa: A002 - the word of its users
        """The rule over a callout of `type`."""
        return self._name("callout", type)

    def field(self, path: tuple[str, ...]) -> Rule | None:
        """The rule over a frontmatter value, by the keys that lead to it from the top. An item
        of a list has its list's path. The label key at the top is under no rule."""
        return self._fields[path] if self._fields is not None else None

    def text(self, text: str) -> list[tuple[int, int, Rule]]:
        """Start, end and rule of each match, by start; those of one rule do not overlap."""
        if not self._text:
            return []
        text, encoded = encode(text)
        composed = None if len(text) == len(encoded) else Composed.needed(text)
        if not self._may_match(text, encoded, composed):
            return []
        found = [
            (start, end, each.rule)
            for each in self._text
            for start, end in merge(each.spans(text, composed))
        ]
        return sorted(found, key=lambda match: match[:2])

    def silent(self, whole: str) -> bool:
        """Whether no `text` rule matches anywhere in `whole`, nor in any line or value of it as
        it is written. False where that is not sure: a pattern may ask where a text begins."""
        if self._anchored:
            return False
        text, encoded = encode(whole)
        composed = None if len(text) == len(encoded) else Composed.needed(text)
        return not self._may_match(text, encoded, composed)

    def _may_match(self, text: str, encoded: bytes, composed: Composed | None) -> bool:
        if self._gate.opens(text, encoded):
            return True
        return composed is not None and self._gate.opens(composed.text, composed.text.encode())

    def _name(self, kind: str, name: str) -> Rule | None:
        memo = self._names.get(kind)
        return None if memo is None else memo[name]

    def _finder(self, kind: str) -> Callable[[str], Rule | None]:
        return lambda subject: self._find(kind, subject)

    def _find(self, kind: str, subject: str) -> Rule | None:
        for each in self._rules.get(kind, ()):
            if each.matches(subject):
                return each.rule
        return None

    def _find_field(self, path: tuple[str, ...]) -> Rule | None:
        if len(path) == 1 and fold_field(path[0]) == self._label:
            return None
        return self._find("field", SEP.join(key.replace(SEP, " ") for key in path))


_REPEATED = {
    "note", "attachment", "section", "inline_field", "link", "tag", "code", "callout",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule with its patterns compiled."""

    rule: Rule
    matches: Predicate
    """Whether the rule matches a subject; of no use for `text`."""
    regexes: tuple[Regex, ...] = ()
    """The expressions of a `text` rule."""

    def spans(self, text: str, composed: Composed | None) -> list[Span]:
        """Where a `text` rule matches the text as it is, or as it reads in NFC."""
        found = [span for regex in self.regexes for span in spans(regex, text)]
        if composed is not None:
            found += [
                composed.span(s) for regex in self.regexes for s in spans(regex, composed.text)
            ]
        return found


class RuleBook:
    """All rules of a policy, compiled once, handed out by note."""

    def __init__(self, rules: list[Compiled], label_key: str) -> None:
        self._rules = rules
        self._label_key = label_key
        wheres = {each.rule.within for each in rules if each.rule.within}
        self._within = {where: paths(list(where)) for where in wheres}
        self._known: dict[frozenset[tuple[str, ...]], NoteRules] = {}

    def rules_for(self, note: str) -> NoteRules:
        """The rules for `note`, a path relative to the source; one object for all notes that
        have the same."""
        here = frozenset(where for where, matches in self._within.items() if matches(note))
        if here not in self._known:
            active = [r for r in self._rules if not r.rule.within or r.rule.within in here]
            self._known[here] = NoteRules(active, self._label_key)
        return self._known[here]


def compile_rule(rule: Rule) -> Compiled:
    """`rule` ready for work. Raises `BadPatternError`."""
    if rule.kind == "text":
        regexes = tuple(compile_text(pattern) for pattern in rule.patterns)
        return Compiled(rule, lambda _: False, regexes)
    return Compiled(rule, compile_patterns(rule.kind, rule.patterns))


def _by_kind(compiled: list[Compiled]) -> dict[str, list[Compiled]]:
    """The rules by kind, last first."""
    kinds: dict[str, list[Compiled]] = {}
    for each in reversed(compiled):
        kinds.setdefault(each.rule.kind, []).append(each)
    return kinds
