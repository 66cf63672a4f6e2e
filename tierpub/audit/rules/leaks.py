"""What the rules about leaks share."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tierpub.audit.case import Opened
from tierpub.audit.finding import CONFIDENCES, Finding
from tierpub.audit.hit import Hit, confidence
from tierpub.audit.reading.blocks import read_blocks, walk
from tierpub.audit.reading.scan import scan
from tierpub.policy import fold_field

_PAIR = re.compile(r"\s*/?\s*([\w -]+?)\s*(?:::?\s*\S+)?\s*")
"""The comments that mark blocks with a label."""
_PICTURE = re.compile(r"\.(?:jpe?g|jpe|jfif|a?png|gif|webp)$", re.IGNORECASE)
"""Types that go out without a rule for them."""
OTHERS = frozenset({"field", "key", "text", "note", "code", "url", "label"})
_WHAT = {
    "link": "a link to something above the level",
    "title": "a name of something above the level",
    "path": "a path above the level",
    "anchor": "an anchor above the level",
    "heading": "a heading above the level",
    "comment": "a comment above the level",
}
_NEEDLE = {
    "value": "text above the level",
    "title": "the name of a note above the level",
    "path": "a path above the level",
    "anchor": "a heading above the level",
    "comment": "a comment above the level",
    "attachment": "the name of an attachment above the level",
}


def differences(opened: Opened, rule: str, kinds: frozenset[str] | set[str]) -> Iterator[Finding]:
    """Hidden text that stands in the projection of its own note."""
    for each in opened.differences:
        if each.sort == "leaked" and each.kind in kinds and opened.note:
            message = _WHAT.get(each.kind, "text above the level")
            yield opened.finding(
                rule, message, at=each.at, confidence=each.confidence,
                canonical=opened.case.canonical(opened.note, each.source),
            )  # fmt: skip


def needles(opened: Opened, rule: str, kinds: set[str]) -> Iterator[Finding]:
    """Hidden strings in a file's bytes, one a line, and in its name."""
    reported = {
        opened.text.count("\n", 0, each.at) + 1
        for each in opened.differences if each.sort == "leaked"
    }  # fmt: skip
    best: dict[int, Hit] = {}
    for hit in opened.hits:
        if hit.needle.kind in kinds and hit.line not in reported:
            best[hit.line] = max(best.get(hit.line, hit), hit, key=_weight)
    for line, hit in best.items():
        yield _needle(opened, rule, hit, line, hit.column)
    named = [hit for hit in opened.name_hits if hit.needle.kind in kinds]
    if named:
        yield _needle(opened, rule, max(named, key=_weight), None, None)


def _weight(hit: Hit) -> tuple[int, int]:
    """Of several strings on one line the surest and longest is told."""
    return CONFIDENCES.index(confidence(hit)), len(hit.needle.text)


def _needle(opened: Opened, rule: str, hit: Hit, line: int | None, column: int | None) -> Finding:
    sure = confidence(hit)
    where = "" if line else " in the file's name"
    form = "" if hit.form == "plain" else f", as {hit.form}"
    return opened.finding(
        rule, f"{_NEEDLE[hit.needle.kind]}{form}{where}", line=line, column=column,
        severity="warning" if sure == "low" else "error", confidence=sure,
        canonical=opened.case.canonical(hit.needle.note, hit.needle.at),
    )  # fmt: skip


def names(opened: Opened, rule: str) -> Iterator[Finding]:
    """A projection of a note that is above the level as a whole."""
    canvas = opened.canvas
    if canvas is not None and canvas.ground > opened.file.rank and opened.note:
        yield opened.finding(
            rule, "the projection of a note that is above the level",
            canonical=opened.case.canonical(opened.note),
        )  # fmt: skip


def higher_trees(opened: Opened, rule: str) -> Iterator[Finding]:
    """Links into the trees of higher tiers, which no canonical note is needed to see."""
    case, rank = opened.case, opened.file.rank
    if not opened.is_note or not case.layout.ranked or case.reading is not None:
        return
    higher = range(rank + 1, len(case.layout.ladder))
    trees = "|".join(re.escape(case.layout.tree(each)) for each in higher)
    suffixes = "|".join(re.escape(case.layout.suffix(each)) for each in higher)
    if not trees or not case.layout.may_lead_higher(opened.text, rank):
        return
    pattern = rf"(?<![\w.-])(?:{trees})(?=[/\\]|%2F)|(?:{suffixes})(?=\.md\b|\]\]|\||#|\))"
    for match in re.compile(pattern, re.IGNORECASE).finditer(opened.text):
        yield opened.finding(rule, "a link into the tree of a higher tier", at=match.start())


def bare_comments(opened: Opened, rule: str) -> Iterator[Finding]:
    """Comments in a publication that no canonical note explains."""
    top = opened.case.layout.ladder.top
    if opened.case.reading is not None or not opened.is_note or opened.file.rank >= top:
        return
    if opened.case.policy and opened.case.policy.defaults.comment <= opened.file.rank:
        return
    text = opened.text
    if "%%" not in text and "<!--" not in text:
        return
    indented = [(b.start, b.end) for b in walk(read_blocks(text)) if b.kind == "indented"]
    for piece in scan(text, indented):
        label = _PAIR.fullmatch(piece.inner)
        pair = label and fold_field(label[1]) == fold_field(opened.case.layout.label_key)
        if piece.sort == "comment" and not pair:
            yield opened.finding(rule, "a comment", at=piece.start, confidence="medium")


def attachments(opened: Opened, rule: str) -> Iterator[Finding]:
    """A file of the vault that the level has no right to."""
    case = opened.case
    if case.reading is None:
        return
    origins = {path: attachment_tier(opened, path) for path in _origins(opened)}
    if not origins:
        return
    lowest = min(origins, key=lambda path: origins[path])
    if origins[lowest] > opened.file.rank:
        canonical = case.canonical("../" + lowest)
        yield opened.finding(rule, "an attachment above the level", canonical=canonical)


def _origins(opened: Opened) -> list[str]:
    """The files of the vault with the bytes of a published one, wherever they stand: what one of
    them shows is no secret. Where there are none, the one that stands in its place.

    A file in that place of another tree is a copy that was made under another ladder.
    """
    case, reading = opened.case, opened.case.reading
    if reading is None:
        return []
    source = reading.listing.source + "/"
    below = opened.file.path.removeprefix(case.layout.tree(opened.file.rank) + "/")
    places = [path for path in reading.listing.others if path in (below, source + below)]
    same = case.digests.get(opened.digest, [])
    if places:
        same = [p for p in same if p.startswith(source) or not p.endswith("/" + below)]
    return same or places[:1]


def attachment_tier(opened: Opened, origin: str) -> int:
    """The tier of a file of the vault: its rule's, else the lowest of what refers to it; above
    all tiers where it is never copied."""
    reading = opened.case.reading
    if reading is None:
        return 0
    inside = origin.removeprefix(reading.listing.source + "/")
    if origin in reading.listing.withheld:
        return opened.case.layout.ladder.top + 1
    rule = reading.policy.rules_for(inside).attachment(inside)
    if rule:
        return max(rule.tier, reading.targets.files.around(origin))
    nowhere = opened.case.layout.ladder.top + 1
    lowest = reading.shown.get(origin, nowhere) if _PICTURE.search(origin) else nowhere
    own = reading.targets.files.around(origin)
    return max(lowest, own, reading.policy.defaults.attachment or 0)
