"""Hidden blocks, list items, sections and fields, as lines without the container's prefix.

A block here ends in a line end and holds no blank line after it: the slot adds as many as it
likes, since a block owns the blank lines after it (design, section 8). `INTERRUPTING` blocks
may stand right under a paragraph. Headings are never among them, for what stands below a
heading is its own: sections have a table of their own, and slots where nothing follows.
"""

# ruff: noqa: ARG005 - all sorts have one signature
from __future__ import annotations

from twin_fillings import NOTES
from twin_hand import Hand
from twin_links import HTML, MARKDOWN, PIPED, WIKI, Sort
from twin_policy import TIERS, TOP


def _labels(h: Hand, t: int) -> str:
    """The label in one of the forms that mark a block by its own text."""
    name = TIERS[t]
    forms = (
        f"[confidential:: {name}]",
        f"(confidential:: {name})",
        f"#confidential/{name}",
        f"[confidential:: {name.upper()}]",
        f"[Confidential:: {name}]",
        f"[ confidential ::{name} ]",
        f"[**confidential**:: {name}]",
        f"#Confidential/{name.title()}",
    )
    return forms[h.turn(len(forms))]


def _footnote(h: Hand, t: int) -> str:
    """A footnote that only hidden text refers to."""
    note = h.word(t)
    return f"{h.word(t)}[^{note}] {_labels(h, t)}\n\n[^{note}]: {h.word(t)} words\n"


def _definition(h: Hand, t: int) -> str:
    """A reference definition that only hidden text refers to."""
    label = h.word(t)
    link = f"[{h.word(t)}][{label}]"
    return f"{link} words {_labels(h, t)}\n\n[{label}]: https://open.example/{h.word(t)}\n"


def _region(h: Hand, t: int) -> str:
    inner = f"{h.word(t)} words\n\n- {h.word(t)}\n- {h.word(t)}"
    return f"%% confidential: {TIERS[t]} %%\n\n{inner}\n\n%% /confidential %%\n"


def _table(h: Hand, t: int) -> str:
    head = f"| {h.word(t)} {_labels(h, t)} | {h.word(t)} |\n| --- | --- |\n"
    return head + f"| {h.word(t)} | {h.word(t)} |\n"


def _mermaid(h: Hand, t: int) -> str:
    return f"```mermaid\ngraph LR\nx[{h.note(t).name}]\nclass x internal-link\n```\n"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _nested(h: Hand, t: int) -> str:
    return f"> [!note] {h.word(t)} {_labels(h, t)}\n> {h.word(t)}\n>\n> > [!tip] {h.word(t)}\n"


INTERRUPTING: dict[str, Sort] = {
    "list": lambda h, t: f"- {h.word(t)} {_labels(h, t)}\n",
    "list-of-links": lambda h, t: f"- {WIKI['wiki'](h, t)}\n- {PIPED['wiki-alias'](h, t)}\n",
    "task": lambda h, t: f"- [x] {h.word(t)} {_labels(h, t)}\n    - {h.word(t)}\n",
    "quote": lambda h, t: f"> {h.word(t)} {_labels(h, t)}\n> {h.word(t)}\n",
    "quote-of-link": lambda h, t: f"> {WIKI['wiki'](h, t)}\n",
    "callout-type": lambda h, t: f"> [!{TIERS[t]}] {h.word(t)}\n> {h.word(t)}\n",
    "callout-rule": lambda h, t: f"> [!c{TIERS[t]}]- {h.word(t)}\n>\n> {h.word(t)}\n",
    "callout-label": _nested,
    "code-rule": lambda h, t: f"```l{TIERS[t]}\n{h.word(t)}\n\n# {h.word(t)}\n```\n",
    "html-comment": lambda h, t: f"<!-- {h.comment()}\n\n# {h.comment()}\n-->\n",
}
BLOCK: dict[str, Sort] = INTERRUPTING | {
    "label": lambda h, t: f"{h.word(t)} {_labels(h, t)}\n",
    "label-first": lambda h, t: f"{_labels(h, t)} {h.word(t)}\n{h.word(t)} words\n",
    "tag-rule": lambda h, t: f"{h.word(t)} #g{TIERS[t]}/{h.word(t)} words\n",
    "link": lambda h, t: WIKI["wiki"](h, t) + "\n",
    "link-alias": lambda h, t: PIPED["wiki-alias"](h, t) + "\n",
    "link-markdown": lambda h, t: MARKDOWN["markdown-title"](h, t) + "\n",
    "link-html": lambda h, t: HTML["html-a"](h, t) + "\n",
    "embed": lambda h, t: WIKI["embed"](h, t) + "\n",
    "relation": lambda h, t: f"#is_/{h.word(t)} :: {WIKI['wiki'](h, t)}\n",
    "field-line": lambda h, t: f"k{TIERS[t]}:: {h.word(t)}\n",
    "match": lambda h, t: NOTES["match"](h, t) + "\n",
    "attachment": lambda h, t: f"{h.word(t)} ![[{h.attachment(t)}]] {_labels(h, t)}\n",
    "comment": lambda h, t: f"%% {h.comment()} %%\n",
    "comment-blocks": lambda h, t: f"%%\n{h.comment()}\n\n# {h.comment()}\n%%\n",
    "html-block": lambda h, t: f"<div>\n{HTML['html-a'](h, t)}\n</div>\n\n",
    "leaflet": lambda h, t: f"```leaflet\nmarker: default, 1, 2, {WIKI['wiki'](h, t)}\n```\n",
    "dataview": lambda h, t: f"```dataview\nLIST FROM {WIKI['wiki'](h, t)}\n```\n",
    "leaflet-folder": lambda h, t: f"```leaflet\nimage: [[{_name(h.picture(t))}]]\n```\n",
    "dataviewjs": lambda h, t: f'```dataviewjs\ndv.page("{WIKI["wiki"](h, t)}")\n```\n',
    "mermaid": _mermaid,
    "footnote-inline": lambda h, t: f"{h.word(t)} ^[{h.word(t)}] {_labels(h, t)}\n",
    "footnote": _footnote,
    "footnote-lost": lambda h, t: f"[^{h.comment()}]: {h.comment()} words\n",
    "definition": _definition,
    "definition-lost": lambda h, t: f"[{h.comment()}]: https://open.example/{h.comment()}\n",
    "region": _region,
    "table": _table,
}

ITEM: dict[str, Sort] = {
    "label": lambda h, t: f"- {h.word(t)} {_labels(h, t)}\n",
    "label-children": lambda h, t: f"- {h.word(t)} {_labels(h, t)}\n    - {h.word(t)}\n",
    "link": lambda h, t: f"- {WIKI['wiki'](h, t)}\n",
    "link-children": lambda h, t: f"- {PIPED['wiki-alias'](h, t)}\n    - {h.word(t)} words\n",
    "bold-link": lambda h, t: f"- **{WIKI['wiki'](h, t)}**\n",
    "task": lambda h, t: f"- [ ] {h.word(t)} {_labels(h, t)}\n",
    "tag-rule": lambda h, t: f"- {h.word(t)} #g{TIERS[t]}/{h.word(t)}\n",
    "field": lambda h, t: f"- k{TIERS[t]}:: {h.word(t)}\n",
    "comment": lambda h, t: f"- %% {h.comment()} %%\n",
    "continued": lambda h, t: f"- {h.word(t)} {_labels(h, t)}\n  {h.word(t)}\n",
    "two-paragraphs": lambda h, t: f"- {h.word(t)} {_labels(h, t)}\n\n  {h.word(t)}\n",
}


def _sections(h: Hand, t: int, mark: str) -> str:
    """A section marked in its heading, with a subsection."""
    return f"{mark}\n\n{h.word(t)} words\n\n@# {h.word(t)}\n\n- {h.word(t)}\n"


SECTION: dict[str, Sort] = {
    "label": lambda h, t: _sections(h, t, f"@ {h.word(t)} {_labels(h, t)}"),
    "label-closed": lambda h, t: _sections(h, t, f"@ {h.word(t)} {_labels(h, t)} @"),
    "rule": lambda h, t: _sections(h, t, f"@ Hs{TIERS[t]} {h.word(t)}"),
    "tag-rule": lambda h, t: _sections(h, t, f"@ {h.word(t)} #g{TIERS[t]}/{h.word(t)}"),
    "link": lambda h, t: _sections(h, t, f"@ {WIKI['wiki'](h, t)}"),
    "link-relation": lambda h, t: f"@ #is_/{h.word(t)} :: {MARKDOWN['markdown'](h, t)}\n",
    "hidden-content": lambda h, t: f"@ {h.word(t)}\n\n{h.word(t)} {_labels(h, t)}\n",
    "hidden-subsection": lambda h, t: (
        f"@ {h.word(t)}\n\n" + SECTION["label"](h, t).replace("@", "@#")
    ),
    "comment-only": lambda h, t: f"@ {h.word(TOP)}\n\n%% {h.comment()} %%\n",
}
"""`@` stands for as many `#` as the slot asks."""
