"""Painting frontmatter: fields by rules, labels, links and text; comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tierpub.audit.reading.easel import Easel, anchored, reach_of
from tierpub.audit.reading.front import Leaf
from tierpub.audit.reading.inline import Piece, links, may_link
from tierpub.policy import fold_field

_BLANK = re.compile(r"\n[ \t]*\r?\n")
_COLON = re.compile(r"[ \t]*:")
_NAMES = {"aliases", "alias", "title"}


def front(easel: Easel) -> None:
    """Fields by rules, labels, links, text; keys by the lowest of what they lead to."""
    note, canvas = easel.note, easel.canvas
    raised = _raised(easel)
    quiet = easel.rules.silent(note.text[: note.body])
    lowest: dict[tuple[int, int], int] = {}
    top = easel.policy.ladder.top
    for leaf in note.front.leaves:
        tier, kind = _leaf_tier(easel, leaf, raised, quiet=quiet)
        canvas.lay(leaf.start, leaf.end, tier, kind)
        own = _keys(easel, leaf)
        canvas.lay(leaf.start, leaf.end, own, kind)
        before = note.text[note.text.rfind("\n", 0, leaf.start) + 1 : leaf.start]
        dash = before.rstrip(" \t")
        if dash.endswith("-") and dash != before:  # it goes with its item
            canvas.lay(leaf.start - len(before) + len(dash) - 1, leaf.start, max(tier, own), kind)
        for place in leaf.parents:
            lowest[place] = min(lowest.get(place, top), max(tier, own))
    for (start, end), tier in lowest.items():
        colon = _COLON.match(note.text, end)
        canvas.lay(start, colon.end() if colon else end, tier, "key")
    for start, end in note.front.comments:
        rule = easel.rules.comment(note.text[start + 1 : end].strip())
        tier = rule.tier if rule else easel.policy.defaults.comment
        canvas.lay(start, end, max(tier, _beside(easel, start)), "comment")


def _beside(easel: Easel, at: int) -> int:
    """The tier of the value that a comment stands beside, or above without a blank line."""
    text = easel.note.text
    line = text.rfind("\n", 0, at) + 1
    near = [leaf for leaf in easel.note.front.leaves if line <= leaf.start or leaf.end > at]
    if not near or near[0].start == near[0].end or _BLANK.search(text, at, near[0].start):
        return 0
    return easel.canvas.tiers[near[0].start]


def _keys(easel: Easel, leaf: Leaf) -> int:
    """What links in a leaf's keys give it. No key is ever rewritten, so one whose anchor reads
    otherwise goes."""
    found = [link for key in leaf.keys if may_link(key) for link in links(key)]
    tiers = [max(reach_of(easel, link).tier, *anchored(easel, link)) for link in found]
    return max(tiers, default=0)


def _raised(easel: Easel) -> list[tuple[tuple[str, ...], int]]:
    """What labels over fields name: the keys, and their tier."""
    key, found = fold_field(easel.policy.label_key), []
    for leaf in easel.note.front.leaves:
        name = fold_field(leaf.keys[0]) if len(leaf.keys) == 1 else ""
        if not name.startswith(key + "_"):
            continue
        rank = easel.policy.ladder.rank(leaf.keys[0].strip()[len(key) + 1 :])
        if rank is not None:
            for one in leaf.value.split(",") if "," in leaf.value else [leaf.value]:
                path = tuple(fold_field(part) for part in one.strip().split("."))
                found.append((path, rank))
                found.append(((name, *path), rank))
    return found


def _leaf_tier(
    easel: Easel, leaf: Leaf, raised: list[tuple[tuple[str, ...], int]], *, quiet: bool
) -> tuple[int, str]:
    policy, rules = easel.policy, easel.rules
    path = tuple(fold_field(key) for key in leaf.keys)
    label = fold_field(policy.label_key)
    kind = "title" if path[0] in _NAMES else "field"
    if path == (label,):
        return 0, "label"
    tiers = [0]
    if path[0].startswith(label + "_") and len(path) == 1:
        names = tuple(fold_field(part) for part in leaf.value.strip().split("."))
        return max((tier for other, tier in raised if other == (path[0], *names)), default=0), kind
    rule = rules.field(leaf.keys)
    hits = [tier for other, tier in raised if path[: len(other)] == other]
    tiers += hits
    if rule:
        tiers.append(rule.tier)
    quiet = quiet and _as_written(easel.note.text, leaf)
    forms = () if quiet else (leaf.value, *leaf.keys)
    spoken = [each.tier for form in forms for _, _, each in rules.text(form)]
    if not rule and not hits and not spoken and policy.defaults.field is not None:
        tiers.append(policy.defaults.field)
    tiers += spoken
    return max([*tiers, *_said(easel, leaf, quiet=quiet)]), kind


def _as_written(text: str, leaf: Leaf) -> bool:
    """Whether YAML reads a leaf and its keys letter for letter as they stand there."""
    places = (*zip(leaf.keys, leaf.parents, strict=True), (leaf.value, (leaf.start, leaf.end)))
    return all(read in (text[a:b], text[a + 1 : b - 1]) for read, (a, b) in places)


def _said(easel: Easel, leaf: Leaf, *, quiet: bool) -> Iterator[int]:
    """What a value leads to and what rules over text find in it, as it is written and as YAML
    reads it."""
    note, rules = easel.note, easel.rules
    written = note.text[leaf.start : leaf.end]
    for form in dict.fromkeys((leaf.value, written)):
        for piece in links(form) if may_link(form) else ():
            reach = reach_of(easel, piece)
            link, words = anchored(easel, piece)
            easel.show(reach, leaf.start, leaf.end)
            yield max(reach.tier, link)
            if words and form[piece.start : piece.end] not in written:
                yield words  # nobody can rewrite it there
            elif words:
                easel.canvas.softs.append((leaf.start, leaf.end))
        if not quiet:
            yield from (each.tier for _, _, each in rules.text(form))
        for _, _, path in easel.targets.trees(form):
            yield easel.targets.reach(path, note.path, rules, markdown=True).tier
    bare = leaf.value.strip()
    if bare.startswith(("http", "file:", "obsidian:")):
        yield reach_of(easel, Piece("link", 0, 0, bare)).tier
    elif "." in bare and "\n" not in bare and "[[" not in bare:
        reach = reach_of(easel, Piece("link", 0, 0, bare))
        easel.show(reach, leaf.start, leaf.end)
        yield reach.tier if reach.files else 0
