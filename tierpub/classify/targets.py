"""The tier of what a link leads to."""

from __future__ import annotations

from tierpub.classify.context import Context
from tierpub.classify.reasons import Reason, by_rule, highest
from tierpub.note import Syntax
from tierpub.policy import NoteRules
from tierpub.vault import Target


def target_reason(ctx: Context, rules: NoteRules, target: Target, raw: str) -> Reason | None:
    """What gives a link to `target`, written as `raw`, its own tier; None where it has that of
    its container.

    An anchor counts, and every note that the link may mean; of a URL that leads to a note also
    what the rules say of the URL.
    """
    reason = _BY_SORT[target.sort](ctx, rules, target)
    if ":" in raw and target.sort != "external":
        reason = highest(reason, by_rule(rules.link(raw)))
    if target.tree is not None and (reason is None or target.tree > reason.tier):
        reason = Reason("target", target.tree, detail=target.path)
    if target.outside or target.sort == "outside":
        reason = highest(reason, _outside(ctx, rules, target))
    return reason


def resolve(ctx: Context, raw: str, syntax: Syntax, note: str) -> Target:
    """What `raw` names in `note`."""
    return ctx.vault.resolve(raw, Syntax.WIKI if syntax == Syntax.DECODED else syntax, note)


def looked_up(ctx: Context, raw: str, syntax: Syntax) -> frozenset[str]:
    """What is akin to any name that decides what `raw` names."""
    return ctx.vault.looked_up(raw, Syntax.WIKI if syntax == Syntax.DECODED else syntax)


def _default(ctx: Context) -> Reason | None:
    link = ctx.policy.defaults.link
    return None if link is None else Reason("default", link, detail="link")


def _note(ctx: Context, rules: NoteRules, target: Target) -> Reason | None:
    found = [by_rule(rules.link(target.path))]
    for note in target.notes:
        tier = max(ctx.tiers.get(note, ctx.top), ctx.anchor_tier(note, target.anchor))
        given = ctx.reasons.get(note)
        found.append(Reason("target", tier, rule=given.rule if given else None, detail=note))
    return highest(*found)


def _missing(ctx: Context, rules: NoteRules, target: Target) -> Reason | None:
    """By `note` rules, else `link` rules, else the default; at least as the folder it is in."""
    named = [ctx.policy.rules_for(s).note(s) for s in target.sources]
    known = highest(*(by_rule(rule) for rule in named), *map(ctx.attachments.rule, target.sources))
    known = known or by_rule(rules.link(target.path)) or _default(ctx)
    return highest(known, _hidden_folder(ctx, target))


def _hidden_folder(ctx: Context, target: Target) -> Reason | None:
    """A name that only a folder of hidden notes has is as hidden as they are, and so is a path
    that leads through one."""
    tiers = [ctx.folder_tier(path) for path in target.paths]
    through = [f"{ctx.vault.source}/{path}" for path in target.sources]
    found = [tier for tier in map(ctx.folder_above, through) if tier > 0]
    tier = max([min(tiers, default=0), *found])
    return Reason("target", tier, detail=target.path) if tier > 0 else None


def _tier(ctx: Context, rules: NoteRules, target: Target) -> Reason | None:
    """The higher of the tree's tier and the canonical note's."""
    if target.notes:
        return _note(ctx, rules, target)
    named = [ctx.policy.rules_for(s).note(s) for s in target.sources]
    found = [by_rule(rule) for rule in named] + [ctx.attachments.rule(s) for s in target.sources]
    return highest(by_rule(rules.link(target.path)), *found)


def _named(ctx: Context, rules: NoteRules, target: Target) -> Reason | None:
    known = highest(by_rule(rules.link(target.path)), ctx.attachments.rule(target.path))
    return highest(_hidden_folder(ctx, target), known or _default(ctx))


def _outside(ctx: Context, rules: NoteRules, target: Target) -> Reason | None:
    """The top tier, unless the policy speaks of it; of several files the highest."""
    found = []
    for path in target.paths or (target.path,):
        rule = rules.link(path) or rules.attachment(path)
        found.append(by_rule(rule) or Reason("outside", ctx.top, detail=path))
    return highest(*found)


def _attachment(ctx: Context, rules: NoteRules, target: Target) -> Reason | None:
    """By rules over the files that the link may mean, else the default; each is at least as
    high as the folder that it lies in."""
    ruled: list[Reason | None] = []
    folders: list[Reason | None] = []
    for path in target.paths or (target.path,):
        rule, folder = ctx.attachments.own(ctx.attachments.inside(path))
        ruled += [rule, by_rule(rules.link(path))]
        folders.append(folder)
    default = ctx.policy.defaults.attachment
    if not any(ruled) and default is not None:
        ruled.append(Reason("default", default, detail="attachment"))
    return highest(*ruled, *folders)


def _folder(ctx: Context, rules: NoteRules, target: Target) -> Reason | None:
    """A folder is as visible as the most visible note in it."""
    found = [by_rule(rules.link(target.path))]
    for path in target.paths or (target.path,):
        tier = ctx.folder_tier(path)
        found.append(Reason("target", tier, detail=path))
    return highest(*found)


def _nothing(ctx: Context, rules: NoteRules, target: Target) -> Reason | None:
    del ctx, rules, target
    return None


_BY_SORT = {
    "note": _note,
    "missing": _missing,
    "tier": _tier,
    "name": _named,
    "outside": _nothing,
    "attachment": _attachment,
    "folder": _folder,
    "external": _named,
}
