"""What a slot in running text, a table or code may hide.

Every filling is hidden whole, in any tree of visible text around it: its words appear at no
level below its tier. What it looks like to a writer is the business of the slot (`twin_slots`).
"""

# ruff: noqa: ARG005 - all sorts have one signature
from __future__ import annotations

from twin_hand import Hand
from twin_links import BARE, HTML, MARKDOWN, PIPED, PLAIN, WIKI, Sort
from twin_policy import SOURCE, TIERS

NOTES: dict[str, Sort] = {
    "field-square": lambda h, t: f"[k{TIERS[t]}:: {h.word(t)}]",
    "field-round": lambda h, t: f"(k{TIERS[t]}:: {h.word(t)} {h.word(t)})",
    "comment": lambda h, t: f"%% {h.comment()} %%",
    "match": lambda h, t: f"XQ{t}{h.word(t)}",
    "query": lambda h, t: f"`= {WIKI['wiki'](h, t)}.name`",
}
COMMENT: dict[str, Sort] = {"html-comment": lambda h, t: f"<!-- {h.comment()} -->"}
BRACKETS: dict[str, Sort] = {
    "wiki-in-brackets": lambda h, t: f"({WIKI['wiki'](h, t)})",
    "piped-in-brackets": lambda h, t: f"({PIPED['wiki-alias'](h, t)})",
}

SPANS: dict[str, Sort] = {
    "emphasis": lambda h, t: f"*{WIKI['wiki'](h, t)}*",
    "highlight": lambda h, t: f"=={PIPED['wiki-alias'](h, t)}==",
    "strikethrough": lambda h, t: f"~~{MARKDOWN['markdown'](h, t)}~~",
    "strong": lambda h, t: f"__{WIKI['wiki-heading'](h, t)}__",
}
"""What is only a link in emphasis goes with it."""

INLINE = SPANS | PLAIN | PIPED | HTML | NOTES | COMMENT | BRACKETS
"""Between words."""
START = WIKI | MARKDOWN | BARE | PIPED | NOTES
del START["shortcut"]
"""Before the first word of a block: nothing that would open an HTML block, and no `[x]`, which
with a colon would be a definition."""
END = INLINE | {"block-id": lambda h, t: f"^{h.comment()}"}
"""After the last word of a block: also a block id that nothing refers to, which is a comment."""
CELL = PLAIN | {
    "match": NOTES["match"],
    "field-square": NOTES["field-square"],
    "escaped-pipe": lambda h, t: PIPED["wiki-alias"](h, t).replace("|", r"\|"),
    "bare-pipe": PIPED["wiki-alias"],
}


def _relation(h: Hand, t: int) -> str:
    return f"#is_/{h.word(t)} :: {WIKI['wiki'](h, t)}"


LINE: dict[str, Sort] = (
    WIKI
    | MARKDOWN
    | PIPED
    | {
        "field-line": lambda h, t: f"k{TIERS[t]}:: {h.word(t)} {h.word(t)}",
        "comment": NOTES["comment"],
        "match": NOTES["match"],
        "relation": _relation,
        "bold-link": lambda h, t: f"**{WIKI['wiki'](h, t)}**",
        "two-links": lambda h, t: f"{WIKI['wiki'](h, t)}, {PIPED['wiki-alias'](h, t)}",
        "url": BARE["url"],
        "tier-path": BARE["tier-path"],
    }
)
"""A whole line of a paragraph, hidden because all in it is."""

CODE_LINE: dict[str, Sort] = {
    "tier-path": lambda h, t: f"open {BARE['tier-path'](h, t)}",
    "blank-after": lambda h, t: f"open {BARE['tier-path'](h, t)}\n",
}
"""A line of code. A link look-alike in code is none; a tier path is one everywhere."""
DIAGRAM_LINE: dict[str, Sort] = {
    "click": lambda h, t: f'  click x "/{SOURCE}/{h.note(t).path}.md" "{h.word(t)}"',
    "click-href": lambda h, t: f'  click x href "/{SOURCE}/{h.note(t).path}.md"',
    "click-url": lambda h, t: f'  click x "{BARE["obsidian-url"](h, t)}"',
    "picture": lambda h, t: f'  x@{{ img: "/{SOURCE}/{h.picture(t)}", label: "{h.word(t)}" }}',
}
"""A line of a Mermaid diagram that leads to a hidden note or shows a hidden picture."""
ROW: dict[str, Sort] = {
    "label-square": lambda h, t: f"| {h.word(t)} [confidential:: {TIERS[t]}] | {h.word(t)} |",
    "label-tag": lambda h, t: f"| {h.word(t)} | {h.word(t)} #confidential/{TIERS[t]} |",
    "tag-rule": lambda h, t: f"| {h.word(t)} | #g{TIERS[t]}/{h.word(t)} |",
    "links": lambda h, t: f"| {WIKI['wiki'](h, t)} | {MARKDOWN['markdown'](h, t)} |",
    "link-piped": lambda h, t: f"| {WIKI['wiki'](h, t)} | {CELL['escaped-pipe'](h, t)} |",
}
