"""The rules of a policy file, checked and compiled."""

from __future__ import annotations

from tierpub.policy.names import BadPatternError, fold_field
from tierpub.policy.reading import Reading, one_line
from tierpub.policy.rules import Compiled, Rule, compile_rule
from tierpub.policy.schema import MATCHERS
from tierpub.policy.shape import Record, Word

_GUARDED = ("field", "inline_field", "text")
_PLACED = ("note", "body", "attachment")


class RuleBuilder:
    """Compiles the rules of a reading, adding to its faults what cannot be used."""

    def __init__(self, reading: Reading, label_key: str) -> None:
        self._reading = reading
        self._label_key = fold_field(label_key)
        self._compiled: list[Compiled] = []

    def rules(self) -> list[Compiled]:
        """The rules that are without fault, in the order of the file."""
        for record in self._reading.record.records("rules"):
            compiled = self._rule(record)
            if compiled is not None:
                self._warn(compiled.rule, record)
                self._compiled.append(compiled)
        return self._compiled

    def _rule(self, record: Record) -> Compiled | None:
        kind = self._kind(record)
        tier = self._reading.rank(record.word("tier"))
        within = self._reading.within(record)
        if kind is None:
            return None
        guard = self._guard(record, kind)
        patterns = tuple(word.text for word in record.words(kind))
        reason, line = one_line(record.word("reason")), record.place.line or 0
        rule = Rule(kind, patterns, tier or 0, reason, within, guard, line)
        compiled = self._compile(rule, record.words(kind))
        # whatever is missing here has left a fault, so that the policy is refused
        return compiled if tier is not None else None

    def _guard(self, record: Record, kind: str) -> bool:
        guard = record.choice("guard", default=False)
        if guard and kind not in _GUARDED:
            message = f"`guard` is for values, and `{kind}` matches none"
            self._reading.fault("bad-guard", message, record.places["guard"], "remove it")
        return guard

    def _kind(self, record: Record) -> str | None:
        """The one matcher of a rule."""
        kinds = [kind for kind in record.places if kind in MATCHERS]
        if len(kinds) > 1:
            listed = " and ".join(f"`{kind}`" for kind in kinds)
            message = f"a rule has one matcher, not {listed}"
            self._reading.fault(
                "two-matchers", message, record.places[kinds[1]], "write a rule for each"
            )
        if not kinds and record.whole:
            hint = "one of " + ", ".join(f"`{kind}`" for kind in MATCHERS)
            self._reading.fault("no-matcher", "a rule lacks its matcher", record.place, hint)
        return kinds[0] if len(kinds) == 1 else None

    def _compile(self, rule: Rule, words: tuple[Word, ...]) -> Compiled | None:
        """The rule compiled; where that fails, each pattern by itself for the fault's place."""
        relative = [self._reading.relative(w) for w in words if rule.kind in _PLACED]
        if not words or not all(relative):
            return None
        try:
            return compile_rule(rule)
        except BadPatternError as error:
            failing = [word for word in words if self._fails(rule.kind, word)]
            if not failing:
                self._reading.fault("bad-pattern", str(error), words[0].place, error.hint)
            return None

    def _fails(self, kind: str, word: Word) -> bool:
        """Whether a pattern cannot be used by itself; says so if it cannot."""
        try:
            compile_rule(Rule(kind, (word.text,), 0))
        except BadPatternError as error:
            self._reading.fault("bad-pattern", str(error), word.place, error.hint)
            return True
        return False

    def _warn(self, rule: Rule, record: Record) -> None:
        """What is no fault and hardly meant."""
        place, fault = record.places[rule.kind], self._reading.fault
        if rule.kind == "field" and any(fold_field(p) == self._label_key for p in rule.patterns):
            message = "the label key is under no `field` rule"
            fault("idle-rule", message, place, severity="warning")
        for earlier in self._compiled:
            if _covers(rule, earlier.rule):
                message = f"this rule leaves nothing to the one in line {earlier.rule.line}"
                fault("idle-rule", message, place, "the last match wins", "warning")


def _covers(later: Rule, earlier: Rule) -> bool:
    """Whether `later` names all that `earlier` names, for the same notes."""
    same = (later.kind, later.within) == (earlier.kind, earlier.within) and later.kind != "text"
    plain = not any(pattern.startswith("!") for pattern in later.patterns)
    return same and plain and set(earlier.patterns) <= set(later.patterns)
