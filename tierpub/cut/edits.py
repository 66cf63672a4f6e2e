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
_YAML_SIGNS = re.compile(r"['\"\\:#,\[\]{}&*!|>%@`]")
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
    if target.sort == "attachment":  # whether it is fit to be copied is asked where it is visible
        return ctx.policy.retarget and ctx.attachments.may_go(ctx.attachments.inside(target.path))
    names_folder = portion.name.partition("#")[0].endswith("/")
    if _is_missing_file(target) or (names_folder and target.sort == "note"):
        return False  # a folder that is not there: no name of a note can follow it
    if any(ctx.steady(n, target.anchor) for n in target.notes):
        return True
    return target.sort in _MOVED and ctx.policy.retarget


def link_edits(
    ctx: Context, classified: Classified, index: int, level: int
) -> list[tuple[int, int, str]]:
    """What to replace in the visible link `index`, which `may_move`, at `level`: start, end and
    new text of each."""
    portion = classified.note.portions[index]
    link, target = portion.link, classified.targets[index]
    if link is None:
        return []
    raw = portion.name
    typed = classified.note.text[link.dest_start : link.dest_end]
    tier = ctx.policy.ladder.names[level]
    new = kept = raw
    if ctx.policy.retarget:
        new = ctx.vault.retarget(raw, link.syntax, target, classified.path, tier) or raw
    if target.anchor and any(ctx.steady(note, target.anchor) > level for note in target.notes):
        own = classified.path.rpartition("/")[2].removesuffix(".md")
        kept = _ANCHOR.sub("", raw) or own
        new = _ANCHOR.sub("", new) or (
            _own_name(ctx, classified.path, tier, link) if ctx.policy.retarget else own
        )
    if (
        new == raw
        or not ctx.attachments.is_moved(target)
        or _breaks_yaml(classified, index, raw, new)
    ):
        return []
    if raw == f"{typed}/":  # a folder that stands without it
        new, kept = new.removesuffix("/"), typed
    elif raw != typed:
        escaped = "\\" in typed
        new, kept = _quoted(new, double=escaped), _quoted(kept, double=escaped)
    edits = [(link.dest_start, link.dest_end, new)]
    if not ctx.policy.retarget:
        return edits
    if (
        link.syntax == Syntax.WIKI
        and link.alias_start == link.alias_end
        and not (link.embed or link.code)
    ):
        pipe = "\\|" if link.escaped_pipe else "|"
        if link.alias_start == link.dest_end:
            edits.append((link.dest_end, link.dest_end, pipe + _seen(kept)))
    return edits


def _breaks_yaml(classified: Classified, index: int, raw: str, new: str) -> bool:
    """Whether the folders that are set before an attachment's name cannot stand where the
    frontmatter has the name alone."""
    target, front = classified.targets[index], classified.note.portions[1]
    in_front = front.kind == Kind.FRONTMATTER and classified.note.portions[index].start < front.end
    if not in_front or target.sort != "attachment":
        return False
    return bool(set(_YAML_SIGNS.findall(new)) - set(_YAML_SIGNS.findall(raw)))


def _is_missing_file(target: Target) -> bool:
    return target.sort == "missing" and (target.path.endswith("/") or is_attachment(target.path))


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
