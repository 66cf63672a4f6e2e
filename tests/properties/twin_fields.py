"""Hidden frontmatter: fields, entries of lists in both styles, comments."""

# ruff: noqa: ARG005 - all sorts have one signature
from __future__ import annotations

from twin_hand import Hand
from twin_links import MARKDOWN, PIPED, WIKI, Sort
from twin_policy import TIERS


def _key(h: Hand, t: int) -> str:
    """A key that a field rule speaks of."""
    return f"{h.word(t)}_{TIERS[t]}_f"


def _labelled(h: Hand, t: int) -> str:
    """A field that a `confidential_…` label names; once in a note, for keys are unique."""
    label = f"confidential_{TIERS[t]}"
    if label in h.keys:
        return f"{_key(h, t)}: {h.word(t)}\n"
    h.keys.add(label)
    key = h.word(t)
    return f"{key}: {h.word(t)}\n{label}: [{key}]\n"


def _around(before: str, make: Sort, after: str) -> Sort:
    return lambda h, t: f"{before}{make(h, t)}{after}"


def _keyed(make: Sort) -> Sort:
    return lambda h, t: f"{h.word(t)}: {make(h, t)}\n"


def _escaped(h: Hand, t: int) -> str:
    return '"\\x5b' + WIKI["wiki"](h, t)[1:] + '"'


VALUE: dict[str, Sort] = {
    "link": lambda h, t: f'"{WIKI["wiki"](h, t)}"',
    "link-single": lambda h, t: f"'{PIPED['wiki-alias'](h, t)}'",
    "link-markdown": lambda h, t: f'"{MARKDOWN["markdown"](h, t)}"',
    "link-escaped": _escaped,
    "link-and-words": lambda h, t: f'"{h.word(t)} {WIKI["wiki"](h, t)} words"',
    "file": lambda h, t: h.picture(t).rpartition("/")[2],
    "file-path": lambda h, t: f"'{h.picture(t)}'",
    "file-escaped": lambda h, t: '"' + h.picture(t).replace(".", "\\x2e") + '"',
    "match": lambda h, t: f"XQ{t}{h.word(t)}",
    "url": lambda h, t: f"https://{TIERS[t]}.example/{h.word(t)}",
}
"""A value hidden by itself: an entry of a list, or with a key that goes with it."""

FIELD: dict[str, Sort] = {
    "rule": lambda h, t: f"{_key(h, t)}: {h.word(t)}\n",
    "rule-quoted": lambda h, t: f'{_key(h, t)}: "{h.word(t)}: #{h.word(t)}"\n',
    "rule-list": lambda h, t: f"{_key(h, t)}:\n  - {h.word(t)}\n  - {h.word(t)}\n",
    "rule-mapping": lambda h, t: f"{_key(h, t)}:\n  {h.word(t)}: {h.word(t)}\n",
    "rule-literal": lambda h, t: f"{_key(h, t)}: |\n  {h.word(t)}\n\n  # {h.word(t)}\n",
    "rule-folded": lambda h, t: f"{_key(h, t)}: >-\n  {h.word(t)}\n  {h.word(t)}\n",
    "rule-commented": lambda h, t: f"{_key(h, t)}: {h.word(t)} # {h.comment()}\n",
    "rule-blank-after": lambda h, t: f"{_key(h, t)}: {h.word(t)}\n\n",
    "rule-empty": lambda h, t: f"{_key(h, t)}:\n",
    "mapping-of-rule": lambda h, t: f"{h.word(t)}:\n  {_key(h, t)}: {h.word(t)}\n",
    "list-of-links": lambda h, t: f"{h.word(t)}:\n  - {VALUE['link'](h, t)}\n",
    "bare-link": lambda h, t: f"{h.word(t)}: {WIKI['wiki'](h, t)}\n",
    "plain-link-and-words": lambda h, t: f"{h.word(t)}: {h.word(t)} {WIKI['wiki'](h, t)}\n",
    "link-in-key": lambda h, t: f'"{WIKI["wiki"](h, t)}": {h.word(t)}\n',
    "link-in-literal": lambda h, t: f"{h.word(t)}: |\n  {h.word(t)}\n  {WIKI['wiki'](h, t)}\n",
    "link-in-folded": lambda h, t: f"{h.word(t)}: >\n  {PIPED['wiki-alias'](h, t)}\n  words\n",
    "link-in-plain-lines": lambda h, t: f"{h.word(t)}: {h.word(t)}\n  {WIKI['wiki'](h, t)}\n",
    "link-in-quoted-lines": lambda h, t: f'{h.word(t)}: "{h.word(t)}\n  {WIKI["wiki"](h, t)}"\n',
    "list-of-lists": lambda h, t: f"{h.word(t)}: [[{VALUE['link'](h, t)}, {h.word(t)}]]\n",
    "comment": lambda h, t: f"# {h.comment()}: {h.comment()}\n",
} | {name: _keyed(make) for name, make in VALUE.items()}
TOP_FIELD = FIELD | {"label": _labelled}
FLOW_PAIR: dict[str, Sort] = {
    "rule": lambda h, t: f"{_key(h, t)}: {h.word(t)}",
    "link": lambda h, t: f"{h.word(t)}: {VALUE['link'](h, t)}",
    "rule-list": lambda h, t: f"{_key(h, t)}: [{h.word(t)}, {h.word(t)}]",
}
ENTRY: dict[str, Sort] = {name: _around("- ", make, "\n") for name, make in VALUE.items()} | {
    "mapping": lambda h, t: f"- {_key(h, t)}: {h.word(t)}\n  {_key(h, t)}: {h.word(t)}\n",
    "commented": lambda h, t: f"- {VALUE['link'](h, t)} # {h.comment()}\n",
    "comment": lambda h, t: f"# {h.comment()}\n",
}
EOL: dict[str, Sort] = {"comment": lambda h, t: f" # {h.comment()}"}
FRONTMATTER: dict[str, Sort] = {
    name: _around("---\n", make, "---\n\n") for name, make in FIELD.items()
}
