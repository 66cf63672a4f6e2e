"""Marks: what the policy leaves where something was cut."""

from __future__ import annotations

import re

from tierpub.policy import Policy

_ITEM = re.compile(r"(?P<lead>[ \t>]*(?:[-*+][ \t]+)*)(?P<number>\d+)[.)][ \t]+")


def mark_pattern(policy: Policy) -> re.Pattern[str] | None:
    """What a mark looks like, escaped or not: with any tier and any reason that the policy states,
    and no other words. None where nothing is marked."""
    redaction = policy.redaction
    if "mark" not in (redaction.block, redaction.inline):
        return None
    known = {
        "{tier}": policy.ladder.names,
        "{reason}": ("", *(rule.reason for rule in policy.rules)),
    }
    parts = re.split(r"(\{(?:tier|reason)\})", redaction.mark)
    return re.compile("".join(_any_of(known.get(part, (part,))) for part in parts))


def _any_of(words: tuple[str, ...]) -> str:
    longest = sorted(set(words), key=len, reverse=True)
    return f"(?:{'|'.join(''.join(_sign(c) for c in word) for word in longest)})"


def _sign(char: str) -> str:
    return r"\s" if char.isspace() else rf"\\?{re.escape(char)}"


def marked(text: str, pattern: re.Pattern[str] | None) -> list[tuple[int, int]]:
    """Where marks stand, each with the number of the item that is marked whole: that is counted
    anew, for the canonical one is hidden with the item."""
    return [(_numbered(text, *m.span()), m.end()) for m in pattern.finditer(text)] \
        if pattern else []  # fmt: skip


def _numbered(text: str, start: int, end: int) -> int:
    """Where a mark begins, its item's number taken in if that is the next after the item before."""
    line = text.rfind("\n", 0, start) + 1
    own = _ITEM.fullmatch(text, line, start)
    if own is None or text[end : text.find("\n", end) if "\n" in text[end:] else None].strip():
        return start
    before = re.compile(rf"^{re.escape(own['lead'])}(\d+)[.)]", re.MULTILINE)
    numbers = [int(match[1]) for match in before.finditer(text, 0, line)]
    wanted = {numbers[-1] + 1} if numbers else {0, 1}
    return own.start("number") if int(own["number"]) in wanted else start


def without_marks(text: str, pattern: re.Pattern[str] | None, *, blank: bool = False) -> str:
    """A text without its marks, or with blanks in their places."""
    for start, end in reversed(marked(text, pattern)):
        text = text[:start] + " " * (end - start if blank else 0) + text[end:]
    return text
