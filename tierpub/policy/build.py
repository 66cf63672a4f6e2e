"""What the words of a policy mean: tiers, places, patterns, and what contradicts what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tierpub.errors import Fault, Place
from tierpub.policy import layout
from tierpub.policy.build_rules import RuleBuilder
from tierpub.policy.model import Allow, Defaults, Policy, Redaction
from tierpub.policy.reading import Reading, one_line
from tierpub.policy.rules import RuleBook
from tierpub.policy.schema import IGNORE
from tierpub.policy.shape import Record, Word
from tierpub.tiers import Ladder, fold

_SECRET = re.compile(r"AGE-SECRET-KEY-|-----BEGIN", re.IGNORECASE)
_OBSIDIAN = frozenset(("tag", "tags", "alias", "aliases", "cssclass", "cssclasses"))
"""Keys that Obsidian reads itself; tags in frontmatter are read as tags before as a label."""


class Builder:
    """Turns the record of a policy file into a `Policy`, adding to `faults` what it finds."""

    def __init__(self, record: Record, faults: list[Fault]) -> None:
        ladder = Ladder(tuple(word.text for word in _tier_words(record, faults)))
        self._reading = Reading(record, ladder, faults)

    def policy(self, file: str, folder: Path, digest: str) -> Policy | None:
        """The policy, or None where it has a fault. All checks run in either case."""
        record, seal_from = self._reading.record, self._seal_from()
        labels, vault = record.record("labels"), record.record("vault")
        label_key = self._label_key(labels)
        compiled = RuleBuilder(self._reading, label_key).rules()
        stated: dict[str, Any] = {
            "recipients": self._recipients(seal_from),
            "defaults": self._defaults(),
            "source": self._source(vault),
            "projection": self._projection(vault),
            "ignore": self._ignore(vault),
            "redaction": self._redaction(),
            "allow": self._allow(),
            "rules": tuple(each.rule for each in compiled),
        }
        if any(fault.severity == "error" for fault in self._reading.faults):
            return None
        return Policy(
            ladder=self._reading.ladder,
            seal_from=seal_from,
            folder=folder,
            file=file,
            digest=digest,
            label_key=label_key,
            banner=labels.choice("banner", "rollup"),
            retarget=record.record("links").choice("retarget", default=True),
            mentions=record.choice("mentions", "refuse"),
            warnings=tuple(self._reading.faults),
            _book=RuleBook(compiled, label_key),
            **stated,
        )

    # tiers

    def _seal_from(self) -> int | None:
        return self._reading.rank(self._reading.record.word("seal_from"))

    def _recipients(self, seal_from: int | None) -> dict[int, tuple[str, ...]]:
        """The recipients of each tier that states any, as written."""
        found = {}
        for item in self._reading.record.records("tiers"):
            name, words = item.word("name"), item.words("recipients")
            rank = self._reading.ladder.rank(name.text) if name else None
            if rank is None or not words:
                continue
            found[rank] = tuple(word.text for word in words if self._public(word))
            if seal_from is None or rank < seal_from:
                self._open_recipients(item.places["recipients"], self._reading.ladder.names[rank])
        return found

    def _public(self, word: Word) -> bool:
        """Whether a recipient may stand here; a secret key may not, and is not quoted."""
        if _SECRET.search(word.text):
            hint = "write the public key; make a new pair, for this one was in the open"
            self._reading.fault("secret-key", "a secret key stands in the policy", word.place, hint)
            return False
        if any(ord(char) < ord(" ") for char in word.text):
            self._reading.fault("bad-recipient", "a recipient holds a line break", word.place)
            return False
        return True

    def _open_recipients(self, place: Place, tier: str) -> None:
        if "seal_from" in self._reading.record.places and self._seal_word_unknown():
            return
        message = f"the tier `{tier}` has recipients and is not sealed"
        self._reading.fault(
            "open-recipients", message, place, f"write `seal_from: {tier}` or remove them"
        )

    def _seal_word_unknown(self) -> bool:
        word = self._reading.record.word("seal_from")
        return word is None or self._reading.ladder.rank(word.text) is None

    # places

    def _source(self, vault: Record) -> str:
        word = vault.word("source")
        if word is None:
            return "_Standards"
        text = word.text.removesuffix("/")
        for fact, hint in layout.path_faults(text):
            self._reading.fault("bad-source", f"`source` {fact}", word.place, hint)
        return text

    def _projection(self, vault: Record) -> str:
        word = vault.word("projection")
        pattern = word.text if word else "_{tier}/{path}.{tier}.md"
        facts = list(layout.projection_faults(pattern))
        place = word.place if word else vault.place
        for fact, hint in facts:
            self._reading.fault("bad-projection", f"`projection` {fact}", place, hint)
        if not facts:
            self._check_trees(pattern, place)
        return pattern

    def _check_trees(self, pattern: str, place: Place) -> None:
        """No tree of projections may lie in the source or hold it."""
        source = self._reading.source()
        for tier in self._reading.ladder.names:
            tree = layout.tree_of(pattern, tier)
            if layout.overlap(tree, source):
                message = f"the folder `{tree}` of `{tier}` and the source `{source}` overlap"
                self._reading.fault("bad-projection", message, place, "keep them apart")

    def _ignore(self, vault: Record) -> tuple[str, ...]:
        if "ignore" not in vault.values:
            return IGNORE
        return tuple(
            word.text for word in vault.words("ignore") if self._reading.path_pattern(word)
        )

    # labels, defaults, redaction, mentions

    def _label_key(self, labels: Record) -> str:
        word = labels.word("key")
        if word is None or not _fit(word, "the label key", self._reading.faults):
            return "confidential"
        if fold(word.text) in _OBSIDIAN:
            message = f"Obsidian has `{word.text}` for itself: no label could be told from it"
            self._reading.fault("bad-name", message, word.place, "name another key")
        return word.text

    def _defaults(self) -> Defaults | None:
        given = self._reading.record.record("defaults")
        top = self._reading.ladder.top
        found: dict[str, int | None] = {}
        for key in ("note", "body", "field", "link", "attachment", "comment"):
            word = given.word(key)
            firm = key in ("note", "comment")
            if word is None or (not firm and fold(word.text) == "inherit"):
                found[key] = top if firm else None
            elif firm and fold(word.text) == "inherit":
                message = f"`{key}` stands in nothing that it could inherit from"
                self._reading.fault("bad-value", message, word.place, "name a tier")
            else:
                found[key] = self._reading.rank(word)
        return None if len(found) < 6 else Defaults(**found)  # type: ignore[arg-type]  # noqa: PLR2004

    def _redaction(self) -> Redaction:
        given = self._reading.record.record("redaction")
        word = given.word("mark")
        if word is not None:
            self._check_mark(word)
        mark = word.text if word else "[redacted]"
        return Redaction(given.choice("block", "cut"), given.choice("inline", "cut"), mark)

    def _check_mark(self, word: Word) -> None:
        rest = word.text.replace("{tier}", "").replace("{reason}", "")
        if "{" in rest or "}" in rest:
            hint = "it may hold `{tier}` and `{reason}`"
            self._reading.fault("bad-mark", "`mark` holds an unknown placeholder", word.place, hint)
        if any(not char.isprintable() for char in word.text):
            self._reading.fault(
                "bad-mark", "`mark` is more than one line of visible text", word.place
            )

    def _allow(self) -> tuple[Allow, ...]:
        found = []
        for record in self._reading.record.records("allow"):
            text = record.word("text")
            within = self._reading.within(record) or ("**",)
            if text is not None:
                found.append(Allow(text.text, within, one_line(record.word("reason"))))
        return tuple(found)


def _tier_words(record: Record, faults: list[Fault]) -> list[Word]:
    """The tiers' names, without those that cannot be any."""
    words: list[Word] = []
    looks: dict[str, Word] = {}
    for item in record.values.get("tiers", ()):
        word = item.word("name") if isinstance(item, Record) else item
        if not isinstance(word, Word) or not _fit(word, "a tier's name", faults):
            continue
        first = looks.setdefault(layout.look(word.text), word)
        if first is word:
            words.append(word)
            continue
        message = f"the tier `{word.text}` is `{first.text}` of line {first.place.line}"
        faults.append(Fault("same-tier", message, word.place, "names are compared without case"))
    return words


def _fit(word: Word, called: str, faults: list[Fault]) -> bool:
    """Whether a name can stand in file names, tags and links."""
    why = layout.name_fault(word.text)
    if why:
        hint = "letters and digits of any script, `_`, `-` and `+`"
        faults.append(Fault("bad-name", f"{called} {why}", word.place, hint))
    return why is None
