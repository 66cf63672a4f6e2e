"""The tiers of a note's links: by what each leads to, and by what is written in it."""

from __future__ import annotations

import re

from tierpub.classify.draft import Draft
from tierpub.classify.reasons import Reason, by_rule, highest
from tierpub.classify.targets import resolve, target_reason
from tierpub.note import Kind, Link, Portion, Syntax
from tierpub.vault import Target

_UNPLAIN = re.compile(r"[%&\\]")


class LinkReasons:
    """What gives the links of one note their tiers. Takes down where each leads."""

    def __init__(self, draft: Draft, *, silent: bool) -> None:
        """`silent`: whether no `text` rule speaks of what is written in the note."""
        self._draft, self._silent = draft, silent
        self._ctx, self._rules = draft.ctx, draft.rules
        self._known = draft.ctx.known.setdefault(id(draft.rules), {})
        self._wikilinks: dict[str, tuple[Target, Reason | None]] = {}
        """Those of this note so far, by destination: nearly all come several times."""

    def of(self, index: int, portion: Portion) -> Reason | None:
        """What gives the link `index` its own tier; of a reference its definition does."""
        known = self._wikilinks.get(portion.name)
        link = portion.link
        if known is not None and link is not None and link.syntax == Syntax.WIKI:
            self._draft.targets[index], reason = known
            return reason
        return self._found(index, portion, link)

    def _found(self, index: int, portion: Portion, link: Link | None) -> Reason | None:
        if link is None or link.syntax == Syntax.REFERENCE:
            return None
        raw = portion.name
        target = resolve(self._ctx, raw, link.syntax, self._draft.path)
        if not _is_link(portion, link, target):
            return None  # a word with a dot in it
        self._draft.targets[index] = target
        if target.anchor:
            reason = self._anchored(target, raw, link.syntax)
        else:
            reason = self._plain(target, raw)
        unseen = target.sort == "attachment"  # the copy's path says more than the link
        if not self._silent or unseen or _UNPLAIN.search(raw):
            reason = highest(reason, self.by_text(target.path), self.by_text(target.anchor))
        if link.syntax == Syntax.WIKI:
            self._wikilinks[raw] = target, reason
        return reason

    def by_text(self, text: str) -> Reason | None:
        """The highest `text` rule that matches in `text`."""
        rules = [rule for _, _, rule in self._rules.text(text)] if text else ()
        return by_rule(max(rules, key=lambda rule: rule.tier, default=None))

    def _plain(self, target: Target, raw: str) -> Reason | None:
        key = (id(target), raw)
        known = self._known.get(key)
        if known is None:  # the target is kept so that its id stays its own
            found = target_reason(self._ctx, self._rules, target, raw)
            known = self._known[key] = (target, found)
        return known[1]

    def _anchored(self, target: Target, raw: str, syntax: Syntax) -> Reason | None:
        if target.notes:
            self._draft.anchored = True
        reason = target_reason(self._ctx, self._rules, target, raw)
        in_tree = syntax == Syntax.PLAIN and target.tree is not None
        if syntax == Syntax.DECODED or in_tree:  # the anchor cannot be taken off
            steady = max((self._ctx.steady(n, target.anchor) for n in target.notes), default=0)
            if steady:
                tier = min(steady, self._ctx.top)
                reason = highest(reason, Reason("target", tier, detail=target.path))
        return reason


def _is_link(portion: Portion, link: Link, target: Target) -> bool:
    """Whether what may be a mere word leads somewhere: a value of the frontmatter to an
    attachment, what a leaflet block names to anything that has a place."""
    if portion.kind != Kind.LINK or link.syntax != Syntax.PLAIN:
        return True
    if link.code:
        return target.sort not in ("name", "external")
    return target.sort == "attachment"
