"""Pathological notes: for each way a text may be hostile, the note with `n` pieces of it.

`Hid` is a note above the level. Shapes are grouped by what does the work; a name says what there
is much of. `LARGE` are those whose cost would be in one call of a pattern or a search, where no
count of calls can see it: they are read at a size at which the square of it would take minutes.
"""

from __future__ import annotations

from collections.abc import Callable

Shape = Callable[[int], str]


def _each(piece: str) -> Shape:
    """Pieces in which `@` is their number."""
    return lambda n: "".join(piece.replace("@", str(i)) for i in range(n))


def _front(piece: str, before: str = "", after: str = "") -> Shape:
    return lambda n: f"---\n{before}{_each(piece)(n)}{after}\n---\nx\n"


def _code(language: str, piece: str) -> Shape:
    return lambda n: f"```{language}\n{_each(piece)(n)}```\n"


NESTED: dict[str, Shape] = {
    "quotes": lambda n: "> " * n + "x\n",
    "lists in one line": lambda n: "- " * n + "x\n",
    "lists": lambda n: "".join("  " * (i % 120) + "- a\n" for i in range(n)),
    "callouts": lambda n: "".join("> " * (i % 120) + "> [!note] a\n" for i in range(n)),
    "brackets": lambda n: "[" * n + "a" + "]" * n,
    "emphasis": lambda n: "*" * n + "a" + "*" * n,
    "parentheses": lambda n: "[a](" + "(" * n + ")" * n + ")",
    "regions": lambda n: (
        "%% confidential: public %%\n\n" * n + "# a\n\n" * n + "%% /confidential %%\n\n" * n
    ),
    "wikilinks in wikilinks": lambda n: "[[a " * n + "]]",
    "parts of a tag": lambda n: "#" + "a/" * n + "a",
    "parts of a path": lambda n: "[[" + "a/" * n + "a]]",
    "steps up": lambda n: "[[" + "../" * n + "a]]",
    "parts of an anchor": lambda n: "# a\n\n[[" + "#a" * n + "]]",
    "counts of a slug": lambda n: "# a\n\n[[#b" + "-1" * n + "]]",
    "flow": lambda n: "---\na: " + "[" * n + "]" * n + "\n---\nx\n",
    "mappings": lambda n: "---\n" + "".join(f"{' ' * i}a:\n" for i in range(n)) + "---\nx\n",
}
OPENERS: dict[str, Shape] = {
    f"{sign!a} without end": _each(sign)
    for sign in (
        "[", "[[", "[[a ", "![[a|", "[a](b ", "[a](<b ", '[a](b "c ', "[a][", "^[", "[a:: ",
        "(a:: ", "a :: ", "::", "*a ", "_a ", "~~a ", "==a ", "`a ", "$a ", "$$a ", "<a ",
        '<a href="', "<!-- ", "<!-- a\n\n", "%% a %% %%", "a %%\n\n", "\\<!-- ", "```a\n",
        "> ```\n", "&#", "\\", "]]", "--> ", "%% confidential: public %%\n\na\n\n",
        "#confidential", "confidential:", "a://", "/_secret/", "_Standards/", "a@", "[^", "[^a]: ",
        "[a]: ", "|", "!", "<", "</a>", "<? ", "<![CDATA[ ",
    )
}  # fmt: skip
MANY: dict[str, Shape] = {
    "links": _each("[[Hid]] "),
    "links in words": _each("a [[Hid]] b\n"),
    "links in items": _each("- [[Hid]]\n"),
    "links in cells": lambda n: "| a | b |\n|---|---|\n" + "| [[Hid|x]] | d |\n" * n,
    "links in brackets": lambda n: "(" * n + "[[Hid]]" + ")" * n,
    "links in a diagram": _code("mermaid", "x@[Hid]\nclass x@ internal-link;\n"),
    "nodes of a class": lambda n: (
        "```mermaid\nclass " + ",".join(f"x{i}" for i in range(n)) + " internal-link\n```\n"
    ),
    "Markdown links": _each('[a](Hid.md "b") '),
    "HTML links": _each('<a href="Hid.md">a</a> '),
    "addresses": _each("https://secret.example/@ "),
    "paths of tiers": _each("[a](/_secret/b.md) "),
    "headings and links to them": _each("# a@\n\n[[#a@]]\n\n"),
    "links to no heading": _each("# a@\n\n[[#b@]]\n\n"),
    "headings alike": _each("# a\n\n[[#a]]\n\n"),
    "sections of a link": _each("## [[Hid]]\n\na\n\n"),
    "block ids and links to them": _each("a ^b@\n\n[[#^b@]]\n\n"),
    "footnotes": _each("a[^@]\n\n[^@]: [[Hid]]\n\n"),
    "footnotes of one label": lambda n: "a[^1] " * n + "\n\n" + "[^1]: b\n\n" * n,
    "footnotes in footnotes": lambda n: "a[^0]\n\n" + _each("[^@]: b[^@]\n\n")(n),
    "definitions": _each("[a][@]\n\n[@]: Hid.md\n\n"),
    "definitions of one label": lambda n: "[a][1] " * n + "\n\n" + "[1]: Hid.md\n\n" * n,
    "comments": _each("a %%b%% *c* "),
    "comments on lines": _each("a\n\n%%b%%\n\n"),
    "HTML comments": _each("a <!-- b --> "),
    "code spans and tags": _each("`a` #b "),
    "code spans and fields": _each("`a` b:: c\n"),
    "code spans and labels": _each("`a` [confidential:: public] "),
    "fields in brackets": _each("[a:: b] "),
    "lines that are fields": _each("a:: [[Hid]]\n"),
    "queries and fields": lambda n: _each("a@:: b\n\n")(n) + _each("`= this.a@` ")(n),
    "queries of one field": lambda n: "a:: b\n\n" * n + "`= this.a` " * n,
    "labels": _each("a [confidential:: secret]\n\n"),
    "labels of the note": _each("confidential: public\n\n"),
    "faults": _each("a [confidential:: seceet]\n\n"),
    "matches": _each("XQ5@a *XQ5b* "),
    "lines of code": _code("", "/_secret/a.md\nb\n"),
    "fences": _each("```\na\n```\n\n"),
    "rows": lambda n: "| a | b |\n|---|---|\n" + "| c [confidential:: secret] | d |\n" * n,
    "columns": lambda n: "|a" * n + "|\n" + "|-" * n + "|\n" + "|b" * n + "|\n",
    "lines": _each("a b c\n"),
    "line ends": _each("a\r\n\r\n"),
    "letters beyond ASCII": _each("é𝕏 "),
    "fields of the frontmatter": _front("a@: '[[Hid]]'\n"),
    "labels of fields": lambda n: (
        "---\nconfidential_public:\n" + _each("  - a@\n")(n) + _each("a@: b\n")(n) + "---\nx\n"
    ),
    "labels of one field": lambda n: (
        "---\nconfidential_public:\n" + "  - a\n" * n + _each("a: b\n")(1) + "---\nx\n"
    ),
    "items": _front("  - '[[Hid]]'\n", "a:\n"),
    "items in flow": _front("'[[Hid]]', b, ", "a: [", "b]"),
    "pairs in flow": _front("b@: c, ", "a: {", "}"),
    "YAML comments": _front("# c\n", "", "a: b"),
    "YAML comments beside": _front("a@: b # c\n"),
    "lines of a scalar": _front("  b [[Hid]]\n", "a: |\n"),
    "escapes": _front("\\x5b[Hid]] ", 'a: "', '"'),
    "duplicate keys": _front("a: b\n"),
    "YAML tags": _front("a@: !!str b\n"),
    "YAML aliases": _front("a@: *x\n", "a: &x b\n"),
}
SMALL = NESTED | OPENERS | MANY

LARGE: dict[str, tuple[Shape, int]] = {
    "half a megabyte on one line": (_each("word "), 100_000),
    "openers of wikilinks": (_each("["), 250_000),
    "openers of embeds": (_each("![[a|"), 100_000),
    "openers of fields": (_each("[a:: "), 100_000),
    "openers of footnotes": (_each("^["), 100_000),
    "blanks in a field": (lambda n: "[" + " " * n + "\na:: b\n", 20_000),
    "blanks in a class": (lambda n: "```mermaid\nclass " + " " * n + "x\n```\n", 20_000),
    "nodes of a class": (MANY["nodes of a class"], 20_000),
    "an attribute": (lambda n: "<div>\n" + "a" * n + " =\n", 50_000),
    "escaped comments": (lambda n: "# " + "\\<!-- " * n, 60_000),
    "an open destination": (lambda n: "---\na: x [b](" + "b" * n + "\n---\n", 100_000),
    "closing parentheses": (lambda n: "https://a.example/" + ")" * n, 200_000),
    "paths on one line": (_each("[a](/_secret/b.md) "), 30_000),
    "a long word in a comment": (lambda n: "%% confidential " + "a" * n + " %%\n", 50_000),
    "blanks in a comment": (lambda n: "%%" + " " * n + "confidential: b c%%\n", 20_000),
    "blanks in a name": (lambda n: "[[a" + " " * n + "b]]\n", 100_000),
    "a long number": (lambda n: "---\na: " + "1:" * n + "1\n---\nx\n", 200_000),
    "a quote in a quote": (lambda n: "> " * n + "x\n", 50_000),
}
