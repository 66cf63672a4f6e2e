"""Why a portion has its tier, in words: the rule, label, target or default behind it.

A clause has no subject: `leads to People/Ann.md, which is private by its label in line 2`.
Chains of reasons are followed to their end.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from tierpub.classify import Classified, Reason, Survey
from tierpub.classify.context import blocks_named
from tierpub.note import Kind
from tierpub.policy import Rule
from tierpub.report.places import WORDS, Lines, beginning, excerpt

_DEPTH = 6
"""A chain longer than this is cut short; a real one has three links at most."""
_REFERRED = {Kind.FOOTNOTE: Kind.FOOTNOTE_REF, Kind.DEFINITION: Kind.LINK}


class Because:
    """Finds the words for the portions of one vault."""

    def __init__(self, found: Survey) -> None:
        """`found` must not change any more."""
        self.found = found
        self.ctx = found.context
        self.names = found.context.policy.ladder.names
        self._lines: dict[str, Lines] = {}
        self._children: dict[str, dict[int, list[int]]] = {}

    def clause(self, note: Classified, index: int, depth: int = 0) -> str:
        """What gives a portion its tier."""
        reason = note.reasons.get(index)
        if reason is None or depth > _DEPTH:
            return self._inherited(note, index, depth)
        say = _SAY[reason.source]
        return say(self, note, index, reason, depth)

    def brief(self, note: Classified, index: int) -> str:
        """As `clause`, for a reader who sees the reasons of what is inside below it."""
        reason = note.reasons.get(index)
        if reason is None or reason.source not in ("content", "part"):
            return self.clause(note, index)
        cause = self._cause(note, index, reason.tier)
        if cause is None or cause not in note.reasons:
            return self.clause(note, index)
        if reason.source == "content":
            return f"holds nothing that is lower than {self.names[reason.tier]}"
        kind = WORDS[note.note.portions[cause].kind]
        return f"goes as one with the {kind} in line {self.line(note, cause)}"

    def line(self, note: Classified, index: int) -> int:
        """The line in which a portion begins."""
        return self.at(note, index)[0]

    def at(self, note: Classified, index: int) -> tuple[int, int]:
        """The line and column at which a portion's own words begin."""
        lines = self._lines.get(note.path)
        if lines is None:
            lines = self._lines[note.path] = Lines(note.note.text)
        return lines.at(beginning(note.note, index))

    def called(self, note: Classified, index: int) -> str:
        """A portion with its article, a few of its words and its line."""
        portion = note.note.portions[index]
        if portion.kind == Kind.NOTE:
            return "the note"
        words = portion.name if portion.kind in _NAMED and portion.name else ""
        shown = words or excerpt(note.note, index, 32)
        return f"the {WORDS[portion.kind]} “{shown}” in line {self.line(note, index)}"

    def children(self, note: Classified, index: int) -> list[int]:
        """The portions directly below one."""
        known = self._children.get(note.path)
        if known is None:
            known = self._children[note.path] = {}
            for child, portion in enumerate(note.note.portions[1:], 1):
                known.setdefault(portion.parent, []).append(child)
        return known.get(index, [])

    def rule(self, rule: Rule) -> str:
        """A rule by its matcher, its line and the reason it states."""
        patterns = ", ".join(rule.patterns[:2]) + (", …" if len(rule.patterns) > 2 else "")  # noqa: PLR2004
        why = f": {rule.reason}" if rule.reason else ""
        file = PurePath(self.ctx.policy.file).name
        return f"the rule `{rule.kind}: {patterns}` in line {rule.line} of {file}{why}"

    # One for each source of a reason.

    def label(self, note: Classified, index: int, reason: Reason, depth: int) -> str:
        """By hand: where the label stands."""
        del depth
        if reason.portion == index:
            return f"says so itself, in line {self.line(note, index)}"
        return f"is labelled so in line {self.line(note, reason.portion)}"

    def by_rule(self, note: Classified, index: int, reason: Reason, depth: int) -> str:
        """By a rule of the policy, with the reason it states."""
        del depth, index
        if reason.rule is None:
            return "falls under a rule"
        through = ""
        if reason.portion >= 0:
            through = f", for the tag in line {self.line(note, reason.portion)}"
        return f"falls under {self.rule(reason.rule)}{through}"

    def default(self, note: Classified, index: int, reason: Reason, depth: int) -> str:
        """By the policy's default for its kind."""
        del note, index, depth
        return f"is under neither label nor rule, only under `defaults.{reason.detail}`"

    def target(self, note: Classified, index: int, reason: Reason, depth: int) -> str:
        """By what a link leads to."""
        if reason.portion >= 0:
            where = self.called(note, reason.portion)
            return f"leads where {where} says, and that is {self.names[reason.tier]}"
        target = note.targets.get(index)
        tier = self.names[reason.tier]
        led_to = self.found.notes.get(reason.detail)
        if led_to is not None and target is not None:
            if reason.tier > led_to.tiers[0]:
                what = "block" if blocks_named(target.anchor) else "heading"
                return f"leads to a {what} that is {tier}: #{target.anchor} in {reason.detail}"
            return f"leads to {reason.detail}, which is {tier} {self._by(led_to, depth)}"
        if target is not None and target.sort == "folder":
            return f"leads to the folder {reason.detail}, in which no note is lower"
        if target is not None and target.sort == "attachment":
            return f"leads into the folder {reason.detail}, in which no note is lower"
        return f"names a path in the tree of {tier}"

    def content(self, note: Classified, index: int, reason: Reason, depth: int) -> str:
        """By all that it holds."""
        cause = self._cause(note, index, reason.tier)
        if cause is None:
            return f"holds nothing that is lower than {self.names[reason.tier]}"
        clause = self.clause(note, cause, depth + 1)
        return f"holds nothing lower: {self.called(note, cause)} {clause}"

    def part(self, note: Classified, index: int, reason: Reason, depth: int) -> str:
        """By the highest thing in what goes or stays as one."""
        cause = self._cause(note, index, reason.tier)
        if cause is None:
            return f"goes as one with something in it that is {self.names[reason.tier]}"
        clause = self.clause(note, cause, depth + 1)
        return f"goes as one with what is in it: {self.called(note, cause)} {clause}"

    def reference(self, note: Classified, index: int, reason: Reason, depth: int) -> str:
        """By what refers to it, or by what it asks for."""
        del depth
        portion = note.note.portions[index]
        if reason.portion >= 0:
            verb = "asks for" if portion.kind == Kind.QUERY else "speaks of"
            return f"{verb} {self.called(note, reason.portion)}, which is {self.names[reason.tier]}"
        if self._is_referred(note, index):
            return f"is referred to by nothing lower than {self.names[reason.tier]}"
        return "is referred to by nothing, so it counts as a comment"

    def outside(self, note: Classified, index: int, reason: Reason, depth: int) -> str:
        """By leading to what is not published."""
        del note, index, depth
        return (
            f"leads to {reason.detail}, which is outside the source or ignored, and under no rule"
        )

    # What those above lean on.

    def _by(self, note: Classified, depth: int) -> str:
        """The reason of a whole note, as it ends a sentence about it."""
        reason = note.reasons[0]
        if reason.source == "label":
            return f"by its label in line {self.line(note, reason.portion)}"
        if reason.source == "rule" and reason.rule:
            return f"by {self.rule(reason.rule)}"
        if reason.source == "default":
            return "by `defaults.note`"
        return f"because it {self.clause(note, 0, depth + 1)}"

    def _cause(self, note: Classified, index: int, tier: int) -> int | None:
        """What in a portion its tier comes from: the first of that tier whose reason is not
        itself something in it."""
        cause: int | None = None
        while True:
            inside = [c for c in self.children(note, index) if note.tiers[c] == tier]
            found = next((c for c in inside if c in note.reasons), None)
            if found is None:
                return cause if cause is not None or not inside else inside[0]
            if note.reasons[found].source not in ("content", "part"):
                return found
            cause = index = found

    def _inherited(self, note: Classified, index: int, depth: int) -> str:
        above = self.container(note, index)
        if above < 0 or depth > _DEPTH:
            return f"is {self.names[note.tiers[index]]}"
        if note.tiers[above] < note.tiers[index]:
            return f"holds nothing that is lower than {self.names[note.tiers[index]]}"
        return f"stands in {self.called(note, above)}, which {self.clause(note, above, depth + 1)}"

    def container(self, note: Classified, index: int) -> int:
        """The container that a portion has its tier from: the nearest with a reason of its own."""
        at = note.note.portions[index].parent
        while at > 0 and at not in note.reasons and note.tiers[at] == note.tiers[index]:
            at = note.note.portions[at].parent
        return at

    def _is_referred(self, note: Classified, index: int) -> bool:
        portions = note.note.portions
        portion = portions[index]
        if portion.kind == Kind.BLOCK_ID:
            return (note.path, portion.name.casefold()) in self.ctx.block_refs
        kind = _REFERRED.get(portion.kind)
        return any(
            p.kind == kind and p.name.casefold() == portion.name.casefold() for p in portions
        )


_NAMED = frozenset((Kind.SECTION, Kind.FIELD, Kind.REGION))
_Say = Callable[[Because, Classified, int, Reason, int], str]
_SAY: dict[str, _Say] = {
    "label": Because.label,
    "rule": Because.by_rule,
    "default": Because.default,
    "target": Because.target,
    "content": Because.content,
    "part": Because.part,
    "reference": Because.reference,
    "outside": Because.outside,
}


def reason_data(because: Because, note: Classified, index: int) -> dict[str, Any] | None:
    """A portion's own reason as JSON data; None where it has its container's tier."""
    reason = note.reasons.get(index)
    if reason is None:
        return None
    rule, policy = reason.rule, because.ctx.policy
    return {
        "source": reason.source,
        "words": because.clause(note, index),
        "label": because.line(note, reason.portion) if reason.source == "label" else None,
        "rule": rule and {
            "kind": rule.kind,
            "patterns": list(rule.patterns),
            "file": policy.file,
            "line": rule.line,
            "reason": rule.reason,
        },
        "default": reason.detail if reason.source == "default" else None,
        "target": _target_data(because, note, index, reason),
    }  # fmt: skip


def _target_data(
    because: Because, note: Classified, index: int, reason: Reason
) -> dict[str, Any] | None:
    if reason.source not in ("target", "outside"):
        return None
    target, led_to = note.targets.get(index), because.found.notes.get(reason.detail)
    return {
        "path": reason.detail or (target.path if target else ""),
        "anchor": target.anchor if target else "",
        "reason": reason_data(because, led_to, 0) if led_to else None,
    }
