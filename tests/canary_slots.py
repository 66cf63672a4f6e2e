"""Where a canary can sit: every slot of the grammar, and what gives it its tier.

Written as it stands in a canonical note. In it

* `«a»` … `«h»` are tokens, `«x»` … `«z»` tokens of plain letters for where others may not stand;
* `«tier»` is the tier the slot is for; the policy of `canaries.py` names it in its rules;
* `«to»` is the name of a note of that tier, `«url»` the way there; both, `«src»` and `«dot»`
  (which end what a rule finds without a file) read otherwise in a projection: retargeted;
* `«name»` and `«pct»` are its name, plain and with escapes, where nothing is retargeted; `«enc»`
  and `«low»` its name with escapes and in small letters, where it is;
* `«own»` is a heading of the note itself that has the tier.

A line that holds any of these but `«tier»` is a line that each level from the tier up must show.
"""

from __future__ import annotations

from typing import NamedTuple


class Slot(NamedTuple):
    """One place for canaries."""

    name: str
    by: str
    """What decides its tier."""
    text: str
    tier: str = ""
    """The only tier it is for, where no rule or label can give it another."""


FIELDS = (
    Slot("plain value", "field rule", "f_«tier»_«a»: «b»"),
    Slot("value over two lines", "field rule", "f_«tier»_«a»: «b»\n  «c»"),
    Slot("single-quoted value", "field rule", "f_«tier»_«a»: '«b» it''s'"),
    Slot("double-quoted value", "field rule", 'f_«tier»_«a»: "«b» \\x41"'),
    Slot("literal block", "field rule", "f_«tier»_«a»: |\n  «b»\n\n  «c»"),
    Slot("folded block", "field rule", "f_«tier»_«a»: >-\n  «b»\n  «c»"),
    Slot("list", "field rule", "f_«tier»_«a»:\n  - «b»\n  - '«c»'"),
    Slot("list at its key's column", "field rule", "f_«tier»_«a»:\n- «b»"),
    Slot("list of lists", "field rule", "f_«tier»_«a»:\n  - - «b»\n    - «c»"),
    Slot("flow list", "field rule", 'f_«tier»_«a»: [«b», "«c»"]'),
    Slot("mapping", "field rule", "f_«tier»_«a»:\n  «b»: «c»\n  deep:\n    «d»: «e»"),
    Slot("flow mapping", "field rule", "f_«tier»_«a»: {«b»: «c»}"),
    Slot("list of mappings", "field rule", "f_«tier»_«a»:\n  - «b»: «c»\n    «d»: «e»"),
    Slot("nested key", "field rule", "«n»:\n  open: open\n  f_«tier»_«a»: «b»"),
    Slot("member of a flow mapping", "field rule", "«n»: {open: open, f_«tier»_«a»: «b»}"),
    Slot("field that a label names", "label of fields", "confidential_«tier»: [«a»]\n«a»: «b»"),
    Slot("item that is a link", "target", '«n»:\n  - open\n  - "[[«to»|«a»]]"'),
    Slot("value with a link and words", "target", '«n»: "ask [[«to»|«a»]] for «b»"'),
    Slot("link in a flow list", "target", '«n»: [open, "[[«to»|«a»]]"]'),
    Slot("link in a folded block", "target", "«n»: >\n  see [[«to»|«a»]]\n  for «b»"),
    Slot("link without quotes", "target", "«n»: [[«to»|«a»]]"),
    Slot("link that escapes hide", "target", '«n»: "\\x5b[«to»|«a»]]"'),
    Slot("link over two lines of a value", "target", '«n»: "\\x5b[«name»|«a»]] and\n  «b»"'),
    Slot("Markdown link in a value", "target", '«n»: "[«a»](«url»)"'),
    Slot("URL in a value", "link rule", "«n»: https://«tier».example/«x»"),
    Slot("alias", "text rule", "aliases:\n  - open\n  - ask tx-«tier»-«a» «b»"),
    Slot("value with a match", "text rule", "«n»: «a» tx-«tier»-«b»"),
    Slot("comment above a field", "comment rule", "# c-«tier» «a»\n«n»: open"),
    Slot("comment beside a field", "comment rule", "«n»: open # c-«tier» «a»"),
    Slot("comment without a rule", "default", "«n»: open # «a»", tier="secret"),
    Slot("field that a query asks for", "field rule", "f_«tier»_asked: «a»"),
)
"""In the frontmatter of a note that is public; `«n»` is a key of its own."""

BODY = (
    Slot("paragraph", "label", "«a» **«b»** _«c»_ ==«d»== $«e»$ `«f»` [confidential:: «tier»]"),
    Slot("paragraph of three lines", "label", "«a»\n«b» (confidential:: «tier»)\n«c»"),
    Slot("paragraph", "tag label", "«a» #confidential/«tier» «b»"),
    Slot("paragraph", "tag rule", "«a» #t-«tier»/«b» «c»"),
    Slot("section, ATX", "label", "## «a» [confidential:: «tier»]\n\n«b»\n\n### «c»\n\n«d»"),
    Slot("section, closed ATX", "tag label", "## «a» #confidential/«tier» ##\n\n«b»"),
    Slot("section, setext", "label", "«a» (confidential:: «tier»)\n-----\n\n«b»"),
    Slot("section", "section rule", "## s-«tier» «a»\n\n«b»"),
    Slot("section in a quote", "label", "> ### «a» [confidential:: «tier»]\n>\n> «b»"),
    Slot("section below a link", "target", "## [[«to»|«a»]]\n\n«b»"),
    Slot("list item", "label", "- open\n- «a» [confidential:: «tier»]\n    - «b»\n- open"),
    Slot("child of a list item", "label", "- open\n    - «a» [confidential:: «tier»]\n- open"),
    Slot("numbered item", "tag label", "1. open\n2. «a» #confidential/«tier»\n"),
    Slot("task", "label", "- [ ] open\n- [x] «a» [confidential:: «tier»]"),
    Slot("item below a link", "target", "- open\n- [[«to»|«a»]]\n    - «b»"),
    Slot("quote", "label", "> «a» [confidential:: «tier»]\n>\n> «b»"),
    Slot("quote in a quote", "tag label", "> open\n>\n> > «a» #confidential/«tier»"),
    Slot("callout", "type", "> [!«tier»] «a»\n> «b»\n>\n> - «c»"),
    Slot("callout in a callout", "type", "> [!note] open\n> open\n>\n> > [!«tier»]- «a»\n> > «b»"),
    Slot("callout", "callout rule", "> [!k-«tier»] «a»\n> «b»"),
    Slot("row", "label", "| o | p |\n| - | - |\n| «a» | «b» [confidential:: «tier»] |\n| o | o |"),
    Slot("table", "tag label", "| «a» | «b» #confidential/«tier» |\n| --- | --- |\n| «c» | «d» |"),
    Slot("cell", "target", "| o | p |\n| --- | --- |\n| o | [[«to»\\|«a»]] |"),
    Slot("cell, bare pipe", "target", "| o | p |\n| --- | --- |\n| o | [[«to»|«a»]] |"),
    Slot("code", "code rule", "```l-«tier» «a»\n«b»\n```"),
    Slot(
        "region",
        "comment pair",
        "%% confidential: «tier» %%\n\n«a»\n\n```sh «b»\n«c»\n```\n\n"
        '<div title="«d»">«e»</div>\n\n$$\n«f»\n$$\n\n    «g»\n\n| «h» |\n| --- |\n\n'
        "%% /confidential %%",
    ),
    Slot("comment in a line", "comment rule", "open %% c-«tier» «a» %% words"),
    Slot("comment block", "comment rule", "%%\nc-«tier» «a»\n\n«b»\n%%"),
    Slot("HTML comment", "comment rule", "open <!-- c-«tier» «a» --> words"),
    Slot("HTML comment block", "comment rule", "<!-- c-«tier» «a»\n\n«b» -->"),
    Slot("comment without a rule", "default", "open %% «a» %% <!-- «b» --> words", tier="secret"),
    Slot("inline field on a line", "inline_field rule", "i-«tier»:: «a»"),
    Slot("inline field, key", "inline_field rule", "i-«tier» «a»:: «b»"),
    Slot("inline field in brackets", "inline_field rule", "open [i-«tier»:: «a»] words"),
    Slot("inline field in parentheses", "inline_field rule", "open (i-«tier»-«a»:: «b») words"),
    Slot("inline field, bold", "inline_field rule", "open\n**i-«tier»**:: «a»"),
    Slot("relation", "inline_field rule", "#i-«tier» :: «a»"),
    Slot("match in a line", "text rule", "open tx-«tier»-«a» words"),
    Slot("match in a heading", "text rule", "### open tx-«tier»-«a»\n\nopen"),
    Slot("match in code", "text rule", "open `x tx-«tier»-«a»` words"),
    Slot("wikilink", "target", "open [[«to»|«a»]] words"),
    Slot("wikilink with an anchor", "target", "open [[«to»#«a»|«b»]] words"),
    Slot("wikilink with a block", "target", "open [[«to»#^«x»|«a»]] words"),
    Slot("embed", "target", "open\n\n![[«to»]]\n\n![[«to»|«a»]]"),
    Slot("anchor of the note itself", "target", "open [[#«own»|«a»]] words"),
    Slot("anchor in Markdown", "target", "open [«a»](#«own») words"),
    Slot("Markdown link", "target", 'open [«a»](«url» "«b»") words'),
    Slot("Markdown link in angles", "target", "open [«a»](<«url»>) words"),
    Slot("reference link", "target", 'open [«a»][«b»] words\n\n[«b»]: «url» "«c»"'),
    Slot("short reference link", "target", "open [«a»] words\n\n[«a»]: «url» '«b»'"),
    Slot(
        "definition of an open link",
        "reference",
        '«a» [«b»][«c»] [confidential:: «tier»]\n\n[«c»]: https://open.example/«x» "«d»"',
    ),
    Slot("link in another case", "target", "open [[«low»|«a»]] words"),
    Slot("ASCII link in another case", "target", "open [[LONE «tier»«dot»|«a»]] words"),
    Slot("name that two notes have", "target", "open [[Twin «tier»«dot»|«a»]] words"),
    Slot("HTML link", "target", 'open <a href="«url»" title="«a»">«b»</a> words'),
    Slot(
        "HTML image",
        "link rule",
        'open <img src="https://«tier».example/«x»" alt="«a»" data-x="«b»"> words',
    ),
    Slot("autolink", "link rule", "open <https://«tier».example/«x»> words"),
    Slot("bare URL", "link rule", "open https://«tier».example/«x»?«y»#«z» words"),
    Slot("image", "link rule", 'open ![«a»](https://«tier».example/«x».png "«b»") words'),
    Slot("link to nothing", "note rule", "open [[«src»/n-«tier»/«a»«dot»|«b»]] words"),
    Slot("link to a projection", "its tree", 'open [«a»](/_«tier»/«b».md "«c»") words'),
    Slot("tier's path in a line", "its tree", "open /_«tier»/«a».md words"),
    Slot("tier's path in code", "its tree", "open `/_«tier»/«a».md` words"),
    Slot("tier's path in a fence", "its tree", "```sh\nopen\ncp /_«tier»/«a».md .\n```"),
    Slot(
        "Obsidian URL", "target", "open [«a»](obsidian://open?vault=V&file=n-«tier»%2F«enc») words"
    ),
    Slot("file URL", "target", "open [«a»](file:///v/«src»/n-«tier»/«enc».md) words"),
    Slot("link in dataview", "target", '```dataview\nLIST\nFROM [[«to»]] and "«a»"\n```'),
    Slot("inline query", "field rule", 'open `= this.f_«tier»_asked + "«a»"` words'),
    Slot("footnote", "reference", "«a»[^«b»] [confidential:: «tier»]\n\n[^«b»]: «c»\n    «d»"),
    Slot("inline footnote", "target", "open^[[[«to»|«a»]]] words"),
    Slot("words of an inline footnote", "label", "«a»^[«b»] [confidential:: «tier»]"),
    Slot("block id", "reference", "open ^«x»\n\n[[#^«x»]] «a» [confidential:: «tier»]"),
    Slot("link in a heading", "target", "### open [[«to»|«a»]]\n\nopen"),
    Slot("link in bold", "target", "open **[[«to»|«a»]]** and *[«b»](«url»)* words"),
    Slot("link to a folder", "target", "open [«a»](../n-«tier»/) and [[n-«tier»/|«b»]] words"),
    Slot("URL with escapes", "link rule", "open https://«tier».example/«x»?q=«pct» words"),
    Slot(
        "srcset", "link rule", 'open <img srcset="https://«tier».example/«x» 2x" alt="«a»"> words'
    ),
    Slot(
        "link in a leaflet", "target", "```leaflet\nid: open\nmarker: default, 1, 2, [[«to»]]\n```"
    ),
    Slot(
        "link in a diagram",
        "target",
        '```mermaid\ngraph LR\n  A --> B\n  click A "obsidian://open?file=«enc»" "«a»"\n```',
    ),
    Slot("footnote of an item", "label", "- open\n- «a»[^«b»] #confidential/«tier»\n\n[^«b»]: «c»"),
    Slot("item behind a parenthesis", "label", "1) open\n2) «a» [confidential:: «tier»]"),
    Slot(
        "item over two paragraphs", "label", "- «a» [confidential:: «tier»]\n\n  «b»\n\n      «c»"
    ),
    Slot("callout in an item", "type", "- open\n\n  > [!«tier»]+ «a»\n  > «b»"),
    Slot("field in an item", "inline_field rule", "- open\n- i-«tier»:: «a»\n- open"),
    Slot("field in a cell", "inline_field rule", "| o |\n| - |\n| open [i-«tier»:: «a»] |"),
    Slot("comment in a link", "target", "open [[«to»|«a» %% «b» %%]] words", tier="secret"),
    Slot("a heading to be named", "label", "## «own»\n\n[confidential:: «tier»] «a»"),
    Slot("line of a diagram", "target", 'open\n\n```mermaid\nx\n  click x "«url»" "«a»"\n```'),
    Slot("link in mathematics", "target", "open $\\href{«url»}{«x»}$"),
    Slot("address in a style", "target", 'open <b style="a: url(«url»)">«a»</b>'),
    Slot("path in an attribute", "target", 'open <b data-a="n-«tier»/«name»">«a»</b>'),
    Slot("callout below a link", "target", "> [!note] [[«to»|«a»]]\n> «b»"),
)
"""In the body of a note that is public, each below a heading of its own."""

NOTES = {
    "n-«tier»/«a»/«b».md": Slot("note, folder", "note rule", "---\ntitle: «c»\naliases: [«d»]\n"
                                "---\n\n# «e»\n\n«f»\n\n- «g»"),
    "Q-«tier»/«a».md": Slot("note, folder in another case", "note rule", "«b»"),
    "L/«a».md": Slot("note", "frontmatter label", "---\nconfidential: «tier»\n«b»: «c»\n---\n«d»"),
    "L/«a» «b».md": Slot("note", "frontmatter tag label", "---\ntags: [o, confidential/«tier»]\n"
                         "---\n\n# «c»\n\n«d»"),
    "L/«a», «b».md": Slot("note", "frontmatter tag rule", "---\ntags:\n  - t-«tier»/«c»\n---\n«d»"),
    "L/«a»(«b»).md": Slot("note", "label on a line", "# «c»\n\nconfidential:: «tier»\n\n«d»"),
    "L/Unclosed.md": Slot("unclosed comment", "default", "open\n\n%% «a»\n\n# «b»", tier="secret"),
    "B-«tier»/Plain.md": Slot("body", "body rule", "---\nopen: open\n---\n\n# «a»\n\n«b»"),
}  # fmt: skip
"""Whole notes, by the path they stand at."""
