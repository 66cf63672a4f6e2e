"""A policy that remembers which of its rules decided something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields

from tierpub.policy import NoteRules, Policy, Rule


@dataclass(frozen=True, slots=True)
class WatchedPolicy(Policy):
    """A policy whose rules are watched; all else is as in the policy it was made of."""

    used: set[int] = field(default_factory=set, compare=False)
    """Lines of the rules that answered at least once."""
    _watched: dict[int, NoteRules] = field(default_factory=dict, repr=False, compare=False)

    def rules_for(self, note: str) -> NoteRules:
        """As `Policy.rules_for`; each answer is remembered."""
        rules = Policy.rules_for(self, note)  # a class with slots is made twice: no `super()`
        known = self._watched.get(id(rules))
        if known is None:
            known = self._watched[id(rules)] = _WatchedRules(rules, self.used)
        return known


def watched(policy: Policy) -> WatchedPolicy:
    """`policy`, watched from here on."""
    return WatchedPolicy(**{f.name: getattr(policy, f.name) for f in fields(policy)})


_Ask = Callable[..., Rule | None]


class _WatchedRules(NoteRules):
    """The rules for one note, each question passed on and each answer remembered."""

    def __init__(self, rules: NoteRules, used: set[int]) -> None:
        self._inner = rules
        self._used = used
        self.has_text = rules.has_text
        self.has = rules.has  # type: ignore[method-assign]
        self.silent = rules.silent  # type: ignore[method-assign]
        for name in ("note", "body", "attachment", "comment", "section", "inline_field", "link",
                     "tag", "code", "callout", "field"):  # fmt: skip
            setattr(self, name, self._watch(getattr(rules, name)))

    def _watch(self, ask: _Ask) -> _Ask:
        used = self._used

        def asked(subject: object) -> Rule | None:
            rule = ask(subject)
            if rule is not None:
                used.add(rule.line)
            return rule

        return asked

    def text(self, text: str) -> list[tuple[int, int, Rule]]:
        """As `NoteRules.text`."""
        found = self._inner.text(text)
        self._used.update(rule.line for _, _, rule in found)
        return found
