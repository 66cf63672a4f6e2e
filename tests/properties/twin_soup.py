"""Arbitrary text, biased to what Markdown, YAML and Obsidian take for a delimiter."""

from __future__ import annotations

from hypothesis import strategies as st

_DELIMITERS = (
    "---", "----", "\n", "\n\n", "\r\n", "\r", "\ufeff", " ", "    ", "\t", "# ", "## ", "- ",
    "* ", "1. ", "> ", "> [!note] ", "> [!secret]- ", "```", "~~~", "`", "``", "$$", "%%",
    "<!--", "-->", "[[", "]]", "![[", "[", "]", "(", ")", "](", "[^", "[^1]: ", "^[", "^id",
    "|", r"\|", "| a | b |", "|---|---|", "\\", "&#91;", '<a href="', '">', "</a>", "<div>",
    "==", "**", "_", "~~", "::", ":: ", ": ", "confidential", "[confidential:: secret]",
    "#confidential/private", "secret", "%% confidential: private %%", "%% /confidential %%",
    "confidential: public", "tags: [a, ", "a: ", "- a\n", "{a: 1, ", "}", '"', "'", "''",
    "|\n", ">-\n", "&x ", "*x", "!!str ", "<<: ", "_Standards/", "/_secret/", ".secret", ".md",
    "a", "b", "word", "https://secret.example/x", "obsidian://open?file=a", "XQ5abc", "#g",
    "`= this.a`", "===", "\u2028", "\x85", "\x00", "é", "𝕏",
)  # fmt: skip


def soup() -> st.SearchStrategy[str]:
    """Delimiters and letters in any order, sometimes behind frontmatter, sometimes in CRLF."""
    piece = st.one_of(
        st.sampled_from(_DELIMITERS), st.sampled_from(_DELIMITERS), st.text(max_size=3)
    )
    text = st.lists(piece, max_size=40).map("".join)
    front = st.tuples(text, text).map(lambda t: f"---\na: b\n{t[0]}\n---\n{t[1]}")
    plain = st.one_of(text, front)
    return st.one_of(
        plain, plain.map(lambda t: t.replace("\n", "\r\n")), plain.map("\ufeff".__add__)
    )
