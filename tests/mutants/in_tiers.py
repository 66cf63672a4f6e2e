"""Leaks in what is read and in the tier it gets: a label, rule or reference that is not heeded."""

from __future__ import annotations

from mutants.planting import Mutant

_FIXTURES = "tests/test_fixtures.py -k "

IN_TIERS = (
    Mutant(
        "a container's tier does not reach what is in it",
        "tierpub.classify.draft",
        "Draft.settle_down",
        "def mutant(self): return False",
        (_FIXTURES + "B1",),
    ),
    Mutant(
        "a label in a heading is not heeded",
        "tierpub.classify.labels",
        "LabelReader.mark",
        """
        def mutant(self, subject, rank, label):
            from tierpub.note import Kind
            if self.portions[subject].kind != Kind.SECTION:
                true(self, subject, rank, label)
        """,
        (_FIXTURES + "'B1 and label'",),
    ),
    Mutant(
        "a rule over a tag is not heeded",
        "tierpub.classify.own",
        "_OwnTiers._tags",
        "def mutant(self): ...",
        (_FIXTURES + "'B6 and tag'",),
    ),
    Mutant(
        "a comment is kept",
        "tierpub.classify.own",
        "_OwnTiers._comment",
        """
        def mutant(self, index, portion):
            return true(self, index, portion) if portion.kind == Kind.YAML_COMMENT else None
        """,
        (_FIXTURES + "B4",),
    ),
    Mutant(
        "a comment in the frontmatter is kept",
        "tierpub.classify.own",
        "_OwnTiers._comment",
        """
        def mutant(self, index, portion):
            return None if portion.kind == Kind.YAML_COMMENT else true(self, index, portion)
        """,
        (_FIXTURES + "'F1 and comment'",),
    ),
    Mutant(
        "a text rule does not look at values",
        "tierpub.classify.own",
        "_OwnTiers._text_rules",
        "def mutant(self, index, portion): return None",
        (_FIXTURES + "'F1 and matches'",),
    ),
    Mutant(
        "a footnote is kept whose reference was cut",
        "tierpub.classify.references",
        "References._reach",
        """
        def mutant(self):
            kinds = self._draft.portions
            return {i: t for i, t in true(self).items() if kinds[i].kind != Kind.FOOTNOTE}
        """,
        (_FIXTURES + "'B5 and footnote'",),
    ),
    Mutant(
        "a reference definition is kept whose links were cut",
        "tierpub.classify.references",
        "References._reach",
        """
        def mutant(self):
            kinds = self._draft.portions
            return {i: t for i, t in true(self).items() if kinds[i].kind != Kind.DEFINITION}
        """,
        (_FIXTURES + "'B5 and definition'",),
    ),
    Mutant(
        "an inline query is kept that asks for a hidden field",
        "tierpub.classify.references",
        "References._find_queries",
        "def mutant(self): return {}",
        (_FIXTURES + "'L7 and queries'",),
    ),
    Mutant(
        "a block id is kept that only hidden links name",
        "tierpub.classify.block_ids",
        "settle_block_ids",
        "def mutant(*_): ...",
        (_FIXTURES + "'B5 and block'",),
    ),
    Mutant(
        "an empty section is kept",
        "tierpub.classify.upwards",
        "_TAKE[Kind.SECTION]",
        """
        def mutant(draft, index, portion):
            return draft.tiers[draft.children[index][0]], "content"
        """,
        (_FIXTURES + "'B1 and nothing'",),
    ),
    Mutant(
        "a list or mapping is kept empty, with its key",
        "tierpub.classify.upwards",
        "_TAKE[Kind.FIELD]",
        """
        def mutant(draft, index, portion):
            return (0, "content") if index in draft.vessels else true(draft, index, portion)
        """,
        (_FIXTURES + "F2",),
    ),
    Mutant(
        "of a key that stands twice the first counts",
        "tierpub.note.yaml_spans",
        'self.faults.append(Unreadable("yaml-duplicate-key", at))',
        "pass",
        (_FIXTURES + "'F5 and duplicate'",),
    ),
    Mutant(
        "a rule over a folder tells case apart",
        "tierpub.policy.rules",
        "NoteRules.note",
        r"""
        def mutant(self, path):
            rule = true(self, path)
            heads = [re.split(r"[*?\[]", p.lstrip("!/"))[0] for p in rule.patterns] if rule else []
            return rule if any(head in path for head in heads) else None
        """,
        ("tests/test_policy_rules.py",),
    ),
    Mutant(
        "a link that escapes hide in a value is kept",
        "tierpub.note.values",
        "ValueReader._decoded",
        "def mutant(self, value): return []",
        (_FIXTURES + "F6",),
    ),
    Mutant(
        "an item whose words are hidden leaves its children",
        "tierpub.classify.upwards",
        "_TAKE[Kind.ITEM]",
        'def mutant(draft, index, portion): return 0, "content"',
        (_FIXTURES + "'B8 and item'",),
    ),
)
