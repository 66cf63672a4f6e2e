"""Painting frontmatter: fields by rules, labels, links and text; comments."""

from __future__ import annotations

from tierpub.audit.reading.easel import Easel, anchored, reach_of
from tierpub.audit.reading.front import Leaf
from tierpub.audit.reading.inline import Piece, links
from tierpub.policy import fold_field

_NAMES = {"aliases", "alias", "title"}


def front(easel: Easel) -> None:
    """Fields by rules, labels, links, text; keys by the lowest of what they lead to."""
    note, canvas = easel.note, easel.canvas
    raised = _raised(easel)
    lowest: dict[tuple[int, int], int] = {}
    for leaf in note.front.leaves:
        tier, kind = _leaf_tier(easel, leaf, raised)
        canvas.lay(leaf.start, leaf.end, tier, kind)
        for place in leaf.parents:
            lowest[place] = min(lowest.get(place, tier), tier)
    for (start, end), tier in lowest.items():
        canvas.lay(start, end, tier, "key")
    for start, end in note.front.comments:
        rule = easel.rules.comment(note.text[start + 1 : end].strip())
        tier = rule.tier if rule else easel.policy.defaults.comment
        canvas.lay(start, end, max(tier, _beside(easel, start)), "comment")


def _beside(easel: Easel, at: int) -> int:
    """The tier of the value that a comment stands beside, or above."""
    line = easel.note.text.rfind("\n", 0, at) + 1
    near = [leaf for leaf in easel.note.front.leaves if line <= leaf.start or leaf.end > at]
    return easel.canvas.tiers[near[0].start] if near and near[0].start < near[0].end else 0


def _raised(easel: Easel) -> list[tuple[tuple[str, ...], int]]:
    """What labels over fields name: the keys, and their tier."""
    key, found = fold_field(easel.policy.label_key), []
    for leaf in easel.note.front.leaves:
        name = fold_field(leaf.keys[0]) if len(leaf.keys) == 1 else ""
        rank = easel.policy.ladder.rank(leaf.keys[0].strip()[len(key) + 1 :]) if name else None
        if name.startswith(key + "_") and rank is not None:
            for one in leaf.value.split(",") if "," in leaf.value else [leaf.value]:
                path = tuple(fold_field(part) for part in one.strip().split("."))
                found.append((path, rank))
                found.append(((name, *path), rank))
    return found


def _leaf_tier(
    easel: Easel, leaf: Leaf, raised: list[tuple[tuple[str, ...], int]]
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
    tiers += [reach_of(easel, link).tier for key in leaf.keys for link in links(key)]
    if rule:
        tiers.append(rule.tier)
    elif not hits and policy.defaults.field is not None:
        tiers.append(policy.defaults.field)
    for form in dict.fromkeys((leaf.value, easel.note.text[leaf.start : leaf.end])):
        for piece in links(form):
            tiers.append(reach_of(easel, piece).tier)
            link, words = anchored(easel, piece)
            tiers.append(link)
            if words:
                easel.canvas.softs.append((leaf.start, leaf.end))
        tiers += [each.tier for _, _, each in rules.text(form)]
        for match in easel.targets.tree_in_text.finditer(form):
            tiers.append(easel.targets.reach(match[0], easel.note.path, rules, markdown=True).tier)
    if not any("[[" in leaf.value for _ in "x") and "/" in leaf.value:
        tiers.append(reach_of(easel, Piece("link", 0, 0, leaf.value)).tier
                     if leaf.value.startswith(("http", "file:", "obsidian:")) else 0)  # fmt: skip
    return max(tiers), kind
