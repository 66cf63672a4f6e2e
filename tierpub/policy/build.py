"""What the words of a policy mean: tiers, places, patterns, and what contradicts what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tierpub.errors import Fault, Place
from tierpub.policy import layout
from tierpub.policy.model import Allow, Defaults, Policy, Redaction
from tierpub.policy.names import fold_field
from tierpub.policy.patterns import BadPatternError, paths
from tierpub.policy.rules import Compiled, Rule, RuleBook, compile_rule
from tierpub.policy.schema import IGNORE, MATCHERS
from tierpub.policy.shape import Record, Word, near
from tierpub.tiers import Ladder, fold

_GUARDED = ("field", "inline_field", "text")
_PLACED = ("note", "body", "attachment")
_SECRET = re.compile(r"AGE-SECRET-KEY-|-----BEGIN", re.IGNORECASE)


class Builder:
    """Turns the record of a policy file into a `Policy`, adding to `faults` what it finds."""

    def __init__(self, record: Record, faults: list[Fault]) -> None:
        self._record = record
        self._faults = faults
        self._tiers = self._tier_words()
        self._ladder = Ladder(tuple(word.text for word in self._tiers))
        self._compiled: list[Compiled] = []

    def policy(self, file: str, folder: Path, digest: str) -> Policy | None:
        """The policy, or None where it has a fault. All checks run in either case."""
        record, seal_from = self._record, self._seal_from()
        labels, vault = record.record("labels"), record.record("vault")
        label_key = self._label_key(labels)
        rules = self._rules(label_key)
        stated: dict[str, Any] = {
            "recipients": self._recipients(seal_from),
            "defaults": self._defaults(),
            "source": self._source(vault),
            "projection": self._projection(vault),
            "ignore": self._ignore(vault),
            "redaction": self._redaction(),
            "allow": self._allow(),
            "rules": rules,
        }
        if any(fault.severity == "error" for fault in self._faults):
            return None
        return Policy(
            ladder=self._ladder,
            seal_from=seal_from,
            folder=folder,
            file=file,
            digest=digest,
            label_key=label_key,
            banner=labels.choice("banner", "rollup"),
            retarget=record.record("links").choice("retarget", default=True),
            mentions=record.choice("mentions", "refuse"),
            warnings=tuple(self._faults),
            _book=RuleBook(self._compiled, label_key),
            **stated,
        )

    # tiers

    def _tier_words(self) -> list[Word]:
        """The tiers' names, without those that cannot be any."""
        words: list[Word] = []
        looks: dict[str, Word] = {}
        for item in self._record.values.get("tiers", ()):
            word = item.word("name") if isinstance(item, Record) else item
            if not isinstance(word, Word) or not self._fit(word, "a tier's name"):
                continue
            first = looks.setdefault(layout.look(word.text), word)
            if first is not word:
                message = f"the tier `{word.text}` is `{first.text}` of line {first.place.line}"
                self._fault("same-tier", message, word.place, "names are compared without case")
                continue
            words.append(word)
        return words

    def _fit(self, word: Word, called: str) -> bool:
        """Whether a name can stand in file names, tags and links."""
        why = layout.name_fault(word.text)
        if why:
            hint = "letters and digits of any script, `_`, `-` and `+`"
            self._fault("bad-name", f"{called} {why}", word.place, hint)
        return why is None

    def _rank(self, word: Word | None) -> int | None:
        """The rank of a tier by name; an unknown one is a fault."""
        if word is None:
            return None
        rank = self._ladder.rank(word.text)
        if rank is None and self._ladder.names:
            hint = near(word.text, self._ladder.names)
            self._fault("unknown-tier", f"there is no tier `{word.text}`", word.place, hint)
        return rank

    def _seal_from(self) -> int | None:
        return self._rank(self._record.word("seal_from"))

    def _recipients(self, seal_from: int | None) -> dict[int, tuple[str, ...]]:
        """The recipients of each tier that states any, as written."""
        found = {}
        for item in self._record.records("tiers"):
            name, words = item.word("name"), item.words("recipients")
            rank = self._ladder.rank(name.text) if name else None
            if rank is None or not words:
                continue
            found[rank] = tuple(word.text for word in words if self._public(word))
            if seal_from is None or rank < seal_from:
                self._open_recipients(item.places["recipients"], self._ladder.names[rank])
        return found

    def _public(self, word: Word) -> bool:
        """Whether a recipient may stand here; a secret key may not, and is not quoted."""
        if _SECRET.search(word.text):
            hint = "write the public key; make a new pair, for this one was in the open"
            self._fault("secret-key", "a secret key stands in the policy", word.place, hint)
            return False
        if any(ord(char) < ord(" ") for char in word.text):
            self._fault("bad-recipient", "a recipient holds a line break", word.place)
            return False
        return True

    def _open_recipients(self, place: Place, tier: str) -> None:
        if "seal_from" in self._record.places and self._seal_word_unknown():
            return
        message = f"the tier `{tier}` has recipients and is not sealed"
        self._fault("open-recipients", message, place, f"write `seal_from: {tier}` or remove them")

    def _seal_word_unknown(self) -> bool:
        word = self._record.word("seal_from")
        return word is None or self._ladder.rank(word.text) is None

    # places

    def _source(self, vault: Record) -> str:
        word = vault.word("source")
        if word is None:
            return "_Standards"
        text = word.text.removesuffix("/")
        for fact, hint in layout.path_faults(text):
            self._fault("bad-source", f"`source` {fact}", word.place, hint)
        return text

    def _projection(self, vault: Record) -> str:
        word = vault.word("projection")
        pattern = word.text if word else "_{tier}/{path}.{tier}.md"
        facts = list(layout.projection_faults(pattern))
        place = word.place if word else vault.place
        for fact, hint in facts:
            self._fault("bad-projection", f"`projection` {fact}", place, hint)
        if not facts:
            self._check_trees(pattern, vault, place)
        return pattern

    def _check_trees(self, pattern: str, vault: Record, place: Place) -> None:
        """No tree of projections may lie in the source or hold it."""
        word = vault.word("source")
        source = word.text.removesuffix("/") if word else "_Standards"
        for tier in self._ladder.names:
            tree = layout.tree_of(pattern, tier)
            if layout.overlap(tree, source):
                message = f"the folder `{tree}` of `{tier}` and the source `{source}` overlap"
                self._fault("bad-projection", message, place, "keep them apart")

    def _ignore(self, vault: Record) -> tuple[str, ...]:
        if "ignore" not in vault.values:
            return IGNORE
        return tuple(word.text for word in vault.words("ignore") if self._path_pattern(word))

    def _path_pattern(self, word: Word) -> bool:
        try:
            paths([word.text])
        except BadPatternError as error:
            self._fault("bad-pattern", str(error), word.place, error.hint)
            return False
        return True

    # labels, defaults, redaction, mentions

    def _label_key(self, labels: Record) -> str:
        word = labels.word("key")
        if word is None or not self._fit(word, "the label key"):
            return "confidential"
        return word.text

    def _defaults(self) -> Defaults | None:
        given = self._record.record("defaults")
        top = self._ladder.top
        found: dict[str, int | None] = {}
        for key in ("note", "body", "field", "link", "attachment", "comment"):
            word = given.word(key)
            firm = key in ("note", "comment")
            if word is None or (not firm and fold(word.text) == "inherit"):
                found[key] = top if firm else None
            elif firm and fold(word.text) == "inherit":
                message = f"`{key}` stands in nothing that it could inherit from"
                self._fault("bad-value", message, word.place, "name a tier")
            else:
                found[key] = self._rank(word)
        return None if len(found) < 6 else Defaults(**found)  # type: ignore[arg-type]  # noqa: PLR2004

    def _redaction(self) -> Redaction:
        given = self._record.record("redaction")
        word = given.word("mark")
        if word is not None:
            self._check_mark(word)
        mark = word.text if word else "[redacted]"
        return Redaction(given.choice("block", "cut"), given.choice("inline", "cut"), mark)

    def _check_mark(self, word: Word) -> None:
        rest = word.text.replace("{tier}", "").replace("{reason}", "")
        if "{" in rest or "}" in rest:
            hint = "it may hold `{tier}` and `{reason}`"
            self._fault("bad-mark", "`mark` holds an unknown placeholder", word.place, hint)
        if any(not char.isprintable() for char in word.text):
            self._fault("bad-mark", "`mark` is more than one line of visible text", word.place)

    def _allow(self) -> tuple[Allow, ...]:
        found = []
        for record in self._record.records("allow"):
            text = record.word("text")
            within = self._within(record) or ("**",)
            if text is not None:
                found.append(Allow(text.text, within, _one_line(record.word("reason"))))
        return tuple(found)

    def _within(self, record: Record) -> tuple[str, ...]:
        words = record.words("in")
        return tuple(w.text for w in words if self._path_pattern(w) and self._relative(w))

    # rules

    def _rules(self, label_key: str) -> tuple[Rule, ...]:
        for record in self._record.records("rules"):
            rule = self._rule(record)
            if rule is not None:
                self._warn(rule, record, label_key)
        return tuple(each.rule for each in self._compiled)

    def _rule(self, record: Record) -> Rule | None:
        kind = self._kind(record)
        tier = self._rank(record.word("tier"))
        within = self._within(record)
        if kind is None or not self._compiles(kind, record.words(kind)):
            return None
        guard = record.choice("guard", default=False)
        if guard and kind not in _GUARDED:
            message = f"`guard` is for values, and `{kind}` matches none"
            self._fault("bad-guard", message, record.places["guard"], "remove it")
        if tier is None or (not within and "in" in record.places):
            return None
        patterns = tuple(word.text for word in record.words(kind))
        line = record.place.line or 0
        rule = Rule(kind, patterns, tier, _one_line(record.word("reason")), within, guard, line)
        return self._compile(rule, record.places[kind])

    def _kind(self, record: Record) -> str | None:
        """The one matcher of a rule."""
        kinds = [kind for kind in record.places if kind in MATCHERS]
        if len(kinds) > 1:
            listed = " and ".join(f"`{kind}`" for kind in kinds)
            message = f"a rule has one matcher, not {listed}"
            self._fault("two-matchers", message, record.places[kinds[1]], "write a rule for each")
        if not kinds and record.whole:
            hint = "one of " + ", ".join(f"`{kind}`" for kind in MATCHERS)
            self._fault("no-matcher", "a rule lacks its matcher", record.place, hint)
        return kinds[0] if len(kinds) == 1 else None

    def _compiles(self, kind: str, words: tuple[Word, ...]) -> bool:
        """Whether each pattern compiles by itself, so that a fault has its own place."""
        good = bool(words)
        for word in words:
            try:
                compile_rule(Rule(kind, (word.text,), 0))
            except BadPatternError as error:
                self._fault("bad-pattern", str(error), word.place, error.hint)
                good = False
            if kind in _PLACED and not self._relative(word):
                good = False
        return good

    def _relative(self, word: Word) -> bool:
        """Whether a pattern over the source does not begin with the source's own name."""
        source = self._record.record("vault").word("source")
        name = source.text.removesuffix("/") if source else "_Standards"
        first, _, rest = word.text.removeprefix("!").lstrip("/").partition("/")
        if rest and fold(first) == fold(name):
            message = f"`{word.text}` names the source, and paths are relative to it"
            self._fault("bad-pattern", message, word.place, f"write `{rest}`")
            return False
        return True

    def _compile(self, rule: Rule, place: Place) -> Rule | None:
        try:
            self._compiled.append(compile_rule(rule))
        except BadPatternError as error:
            self._fault("bad-pattern", str(error), place, error.hint)
            return None
        return rule

    def _warn(self, rule: Rule, record: Record, label_key: str) -> None:
        """What is no fault and hardly meant."""
        if rule.kind == "field" and any(
            fold_field(p) == fold_field(label_key) for p in rule.patterns
        ):
            message = "the label key is under no `field` rule"
            self._fault("idle-rule", message, record.places["field"], severity="warning")
        for earlier in self._compiled[:-1]:
            if _covers(rule, earlier.rule):
                message = f"this rule leaves nothing to the one in line {earlier.rule.line}"
                place = record.places[rule.kind]
                self._fault("idle-rule", message, place, "the last match wins", "warning")

    def _fault(
        self, code: str, message: str, place: Place, hint: str = "", severity: Any = "error"
    ) -> None:
        self._faults.append(Fault(code, message, place, hint, severity))


def _covers(later: Rule, earlier: Rule) -> bool:
    """Whether `later` names all that `earlier` names, for the same notes."""
    same = (later.kind, later.within) == (earlier.kind, earlier.within)
    return same and set(earlier.patterns) <= set(later.patterns) and later.kind != "text"


def _one_line(word: Word | None) -> str:
    return " ".join(word.text.split()) if word else ""
