"""Leaks along links: a target that is not found, or whose tier is not asked for."""

from __future__ import annotations

from mutants.planting import Mutant

_FIXTURES = "tests/test_fixtures.py -k "

IN_LINKS = (
    Mutant(
        "names are looked up as they are typed",
        "tierpub.vault.names",
        "key",
        "def mutant(text): return _composed(text)",
        (_FIXTURES + "L6", "tests/test_vault_resolve.py"),
    ),
    Mutant(
        "names in another normalisation are not found",
        "tierpub.vault.names",
        "Table.by_key",
        """
        _composed = str

        def mutant(self, low): return _tuple(self._exact.get(low))
        """,
        (_FIXTURES + "'L6 and normalisations'",),
    ),
    Mutant(
        "a destination is not unescaped",
        "tierpub.vault.spelling",
        "percent",
        "def mutant(text): return text",
        ("tests/test_vault_resolve.py",),
    ),
    Mutant(
        "a pipe in a table hides the link",
        "tierpub.note.inline.links",
        "wikilinks",
        r"""
        def mutant(text, start, end, *, table=False, code=False):
            found = true(text, start, end, table=table, code=code)
            return [c for c in found if not table or "\\|" in text[c.start : c.end]]
        """,
        (_FIXTURES + "'L6 and pipe'",),
    ),
    Mutant(
        "a path into a tier's tree is kept in code",
        "tierpub.note.inline.tier_paths",
        "tier_paths",
        """
        def mutant(text, grammar):
            found = true(text, grammar)
            return [c for c in found if text.count("`", 0, c.start) % 2 == 0]
        """,
        (_FIXTURES + "'B7 and path'",),
    ),
    Mutant(
        "an embed is not looked at",
        "tierpub.classify.links",
        "LinkReasons.of",
        """
        def mutant(self, index, portion):
            reason = true(self, index, portion)
            return None if portion.link is not None and portion.link.embed else reason
        """,
        (_FIXTURES + "L2",),
    ),
    Mutant(
        "of notes with one name only the likeliest counts",
        "tierpub.classify.targets",
        '_BY_SORT["note"]',
        """
        def mutant(ctx, rules, target):
            return true(ctx, rules, target._replace(notes=(target.note,)))
        """,
        (_FIXTURES + "'L1 and likeliest'",),
    ),
    Mutant(
        "a link to a folder of hidden notes is kept",
        "tierpub.classify.targets",
        '_BY_SORT["folder"]',
        "def mutant(ctx, rules, target): return by_rule(rules.link(target.path))",
        (_FIXTURES + "'V1 or L8'",),
    ),
    Mutant(
        "a path to a hidden projection is kept",
        "tierpub.classify.targets",
        "target_reason",
        """
        def mutant(ctx, rules, target, raw):
            return true(ctx, rules, target._replace(tree=None), raw)
        """,
        (_FIXTURES + "'L8 and tree'",),
    ),
    Mutant(
        "an ignored file is taken for one that is not there",
        "tierpub.vault.resolve",
        "Resolver._is_outside",
        """
        def mutant(self, path, *, is_file):
            return path not in self._index.ignored and true(self, path, is_file=is_file)
        """,
        (_FIXTURES + "'L8 and ignored'",),
    ),
    Mutant(
        "an anchor to a hidden heading is kept",
        "tierpub.classify.context",
        "Context.anchor_tier",
        "def mutant(self, note, anchor): return 0",
        (_FIXTURES + "L3",),
    ),
    Mutant(
        "an anchor is kept whose heading reads otherwise",
        "tierpub.classify.context",
        "Context.steady",
        "def mutant(self, note, anchor): return 0",
        (_FIXTURES + "'L3 and otherwise'",),
    ),
    Mutant(
        "a path that a diagram opens is no link",
        "tierpub.note.inline.queries",
        "mermaid_targets",
        "def mutant(text, start, end): return []",
        (_FIXTURES + "diagram",),
    ),
    Mutant(
        "a link in mathematics is none",
        "tierpub.note.inline.links",
        "math_links",
        "def mutant(text, start, end): return []",
        (_FIXTURES + "mathematics",),
    ),
    Mutant(
        "an address in a style leads nowhere",
        "tierpub.note.inline.html_tags",
        "_addresses",
        """
        def mutant(text, attribute, start, end):
            return [] if attribute == "style" else true(text, attribute, start, end)
        """,
        (_FIXTURES + "style",),
    ),
    Mutant(
        "a comment that ends in another item is only warned of",
        "tierpub.note.across",
        "across",
        "def mutant(source): return set()",
        (_FIXTURES + "B4",),
    ),
)
