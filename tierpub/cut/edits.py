"""The declared edits of kept text: link targets and the banner."""

from __future__ import annotations

import re

from tierpub.classify import Classified
from tierpub.classify.context import Context
from tierpub.note import Kind, Link, Portion, Syntax
from tierpub.vault import Target
from tierpub.vault.extensions import is_attachment

_ANCHOR = re.compile(r"(?:#|%23).*\Z|&(?:heading|block)=[^&]*", re.IGNORECASE | re.DOTALL)
"""The anchor of a destination, as it is spelled in links and in `obsidian:` URLs."""
_MOVED = frozenset(("note", "missing", "folder"))
_NEVER_MOVED = frozenset((Syntax.REFERENCE, Syntax.DECODED))


def may_move(ctx: Context, classified: Classified, index: int) -> bool:
    """Whether the link `index` reads otherwise at some level than in the canonical note."""
    portion = classified.note.portions[index]
    link, target = portion.link, classified.targets.get(index)
    if link is None or target is None:
        return False
    if link.syntax in _NEVER_MOVED or portion.kind == Kind.TIER_PATH:
        return False  # a tier's path says itself where it leads
    if _is_attachment(target):
        return False  # attachments are withheld
    if portion.name.partition("#")[0].endswith("/") and target.sort == "note":
        return False  # it names a folder that is not there: no name of a note can follow it
    if any(ctx.steady(n, target.anchor) for n in target.notes):
        return True
    return target.sort in _MOVED and ctx.policy.retarget


class MovingLink:
    """A link that `may_move`: what all levels share of how it reads is found once."""

    __slots__ = ("_alias", "_classified", "_ctx", "_escaped", "_link", "_plan", "_quoted", "_raw",
                 "_steady")  # fmt: skip

    def __init__(self, ctx: Context, classified: Classified, index: int) -> None:
        portion, target = classified.note.portions[index], classified.targets[index]
        link = portion.link
        assert link is not None  # noqa: S101 - or it would not move
        self._ctx, self._classified, self._link = ctx, classified, link
        self._raw = raw = portion.name
        typed = classified.note.text[link.dest_start : link.dest_end]
        self._quoted, self._escaped = raw != typed, "\\" in typed
        self._steady = 0
        if target.anchor:
            self._steady = max((ctx.steady(n, target.anchor) for n in target.notes), default=0)
        self._plan = None
        self._alias = False
        if ctx.policy.retarget:
            self._plan = ctx.vault.plan(raw, link.syntax, target, classified.path)
            self._alias = (
                link.syntax == Syntax.WIKI
                and link.alias_start == link.alias_end == link.dest_end
                and not (link.embed or link.code)
            )

    def at(self, level: int) -> list[tuple[int, int, str]]:
        """What to replace in the link, which is visible at `level`: start, end and new text of
        each edit."""
        raw, link = self._raw, self._link
        new, kept = raw, raw
        if self._plan is not None:
            new = self._ctx.vault.fill(self._plan, self._ctx.policy.ladder.names[level])
        if self._steady > level:
            new, kept = self._without_anchor(new, level)
        if new == raw:
            return []
        if self._quoted:
            new = _quoted(new, double=self._escaped)
            kept = _quoted(kept, double=self._escaped)
        edit = (link.dest_start, link.dest_end, new)
        if not self._alias:
            return [edit]
        pipe = "\\|" if link.escaped_pipe else "|"
        return [edit, (link.dest_end, link.dest_end, pipe + _seen(kept))]

    def _without_anchor(self, new: str, level: int) -> tuple[str, str]:
        """The destination, and the words shown for it, where the anchor reads otherwise."""
        ctx, path = self._ctx, self._classified.path
        own = path.rpartition("/")[2].removesuffix(".md")
        here = own
        if ctx.policy.retarget:
            here = _own_name(ctx, path, ctx.policy.ladder.names[level], self._link)
        return _ANCHOR.sub("", new) or here, _ANCHOR.sub("", self._raw) or own


def _is_attachment(target: Target) -> bool:
    if target.sort == "missing":
        return target.path.endswith("/") or is_attachment(target.path)
    return target.sort == "attachment"


def _quoted(text: str, *, double: bool) -> str:
    """`text` as it stands within a quoted scalar (YAML 1.1, sections 9.1.1 and 9.1.2)."""
    if double:
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("'", "''")


def _own_name(ctx: Context, path: str, tier: str, link: Link) -> str:
    """The note's own projection, where only an anchor named it."""
    name = ctx.vault.projection_path(path, tier).rpartition("/")[2]
    if link.syntax == Syntax.WIKI:
        return name.removesuffix(".md")
    return name.replace(" ", "%20").replace("(", "%28").replace(")", "%29")


def _seen(raw: str) -> str:
    """The words that a link without an alias shows: the name, and the anchor as it is typed."""
    path, mark, anchor = raw.partition("#")
    return path.rpartition("/")[2] + mark + anchor


def banner_edit(
    classified: Classified, index: int, key: str, banner: str
) -> tuple[int, int, str] | None:
    """What to replace in the note's own label `index`, so that it reads `banner`."""
    portion: Portion = classified.note.portions[index]
    raw = classified.note.text[portion.inner_start : portion.inner_end]
    if classified.note.values[index].strip().casefold() == banner.casefold():
        return None
    tag = re.compile(rf"({re.escape(key)}/)[^\s,\"'\]#]+", re.IGNORECASE)
    if tag.search(raw):
        new = tag.sub(lambda m: m[1] + banner, raw)
    else:
        quote = raw[0] if raw[:1] in "\"'" else ""
        new = quote + banner + quote
    return (portion.inner_start, portion.inner_end, new) if new != raw else None
