"""One note read under a policy: its portions and labels, and the tier of the note as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from tierpub.classify.body_labels import BodyLabels
from tierpub.classify.context import Context
from tierpub.classify.front_labels import FrontLabels
from tierpub.classify.keys import tag_words
from tierpub.classify.labels import Labels
from tierpub.classify.reasons import Reason, by_rule, highest
from tierpub.note import Grammar, Kind, Matcher, Note, Portion, parse_note
from tierpub.tiers import Ladder

_HOLDERS = (Kind.ENTRY, Kind.FIELD)


def read_note(ctx: Context, path: str, text: str) -> tuple[Note, Labels]:
    """The portions and the labels of the note at `path`."""
    rules = ctx.policy.rules_for(path)
    matcher = None
    if rules.has_text:
        index = {id(rule): n for n, rule in enumerate(ctx.policy.rules)}
        matcher = Matcher(
            lambda s: [(a, b, str(index[id(r)])) for a, b, r in rules.text(s)], rules.silent
        )
    note = parse_note(text, f"{ctx.vault.source}/{path}", ctx.grammar, matcher)
    return note, read_labels(note, ctx.grammar, ctx.policy.ladder)


def read_labels(note: Note, grammar: Grammar, ladder: Ladder) -> Labels:
    """What the labels of a note say, and what is wrong with them."""
    labels = Labels()
    front = FrontLabels(note, grammar, ladder, labels)
    body = BodyLabels(note, grammar, ladder, labels)
    readers = {
        Kind.FIELD: front.field,
        Kind.INLINE_FIELD: body.inline_field,
        Kind.TAG: body.tag,
        Kind.CALLOUT: body.callout,
        Kind.REGION: body.region,
        Kind.COMMENT: body.comment,
    }
    for index, portion in enumerate(note.portions):
        if read := readers.get(portion.kind):
            read(index, portion)
    return labels


def note_reason(ctx: Context, path: str, note: Note, labels: Labels) -> Reason:
    """What gives the note as a whole its tier: its labels and the last rule, the highest of
    them; the default where neither speaks. Tags in frontmatter speak of the note, too."""
    rules = ctx.policy.rules_for(path)
    marked = highest(*(Reason("label", rank, portion) for rank, portion in labels.note))
    reason = highest(marked, by_rule(rules.note(path)))
    reason = reason or Reason("default", ctx.policy.defaults.note, detail="note")
    tags = (by_rule(rules.tag(tag), index) for index, tag in _frontmatter_tags(note))
    return highest(reason, *tags) or reason


def _frontmatter_tags(note: Note) -> list[tuple[int, str]]:
    tags = []
    portions = note.portions
    held: dict[int, bool] = {}  # of mappings and lists so far: whether all in them is tags
    for index, value in note.values.items():
        parent = portions[index].parent
        if portions[parent].kind in _HOLDERS:
            found = held.get(parent)
            if found is None:
                found = held[parent] = _is_tags(portions, parent)
        else:
            found = _is_tags(portions, index)
        if found:
            tags += [(index, word) for word in tag_words(value)]
    return tags


def _is_tags(portions: Sequence[Portion], at: int) -> bool:
    """Whether the field at the top that a field or item stands in is one of tags."""
    while portions[portions[at].parent].kind in _HOLDERS:
        at = portions[at].parent
    name = portions[at].name
    return name[:1] in ("t", "T") and name.casefold() in ("tags", "tag")
