"""Leaks beside the text: what is printed, what lies on the disk, who can open what is sealed."""

from __future__ import annotations

from mutants.planting import Mutant

_PROJECT = "tests/test_cli_project.py -k "

IN_RUNS = (
    Mutant(
        "an attachment is copied that nothing visible refers to",
        "tierpub.classify.attachments",
        "Attachments.uses",
        """
        def mutant(self, notes):
            from dataclasses import replace
            return {path: replace(use, level=0) for path, use in true(self, notes).items()}
        """,
        ("tests/test_fixtures.py -k 'L5 and nowhere'", "tests/test_attachments.py"),
    ),
    Mutant(
        "a picture is copied with its metadata",
        "tierpub.classify.attachments",
        "Attachments._made",
        "def mutant(self, path, data, fate): return data",
        ("tests/test_fixtures.py -k 'L5 and types'", "tests/test_attachments.py"),
    ),
    Mutant(
        "the name of a copied file is not looked at",
        "tierpub.mentions.gate",
        "Gate.look_at_file",
        "def mutant(self, note, level, path): return None",
        ("tests/test_fixtures.py -k 'L5'", "tests/test_attachments.py -k mention"),
    ),
    Mutant(
        "what is hidden is counted in the output",
        "tierpub.cli.workspace",
        "find_workspace",
        """
        def mutant(vault, policy):
            space = true(vault, policy)
            notes = (space.root / space.policy.source).rglob("*.md")
            click.echo(f"of {sum(1 for _ in notes)} notes")
            return space
        """,
        (_PROJECT + "'above or hidden'",),
    ),
    Mutant(
        "warnings come in the order of what they hide",
        "tierpub.mentions.gate",
        "Gate.mentions",
        "def mutant(self): return sorted(true(self), key=lambda mention: mention.needle.text)",
        ("tests/test_told.py",),
    ),
    Mutant(
        "a fault above the level is told",
        "tierpub.cli.output",
        "visible",
        "def mutant(fault, level): return True",
        ("tests/test_refusals.py -k hidden_portion",),
    ),
    Mutant(
        "a fault is told at the lowest tier wherever it stands",
        "tierpub.errors",
        "TierpubError.__init__",
        """
        def mutant(self, *faults):
            from dataclasses import replace
            true(self, *(replace(fault, tier=0) for fault in faults))
        """,
        ("tests/test_refusals.py -k hidden_portion",),
    ),
    Mutant(
        "a message quotes the note",
        "tierpub.classify.labels",
        "LabelReader.fault",
        """
        def mutant(self, code, at, message, hint, *, warning=False):
            words = self.note.text[at:].partition("\\n")[0]
            true(self, code, at, f"{message}: {words}", hint, warning=warning)
        """,
        ("tests/test_told.py",),
    ),
    Mutant(
        "the mention gate is open",
        "tierpub.mentions.search",
        "Search.find",
        "def mutant(*_, **__): return []",
        ("tests/test_fixtures.py -k 'gate and prose'",),
    ),
    Mutant(
        "a hidden value is not looked for",
        "tierpub.mentions.search",
        "Search.__init__",
        """
        def mutant(self, needles, names):
            true(self, [needle for needle in needles if needle.what != "value"], names)
        """,
        ("tests/test_fixtures.py -k 'gate and value'",),
    ),
    Mutant(
        "a stale file is left",
        "tierpub.publish.outputs",
        "Scope.stale",
        "def mutant(self, path, tier): return False",
        ("tests/test_publish.py",),
    ),
    Mutant(
        "a file has the time of its source",
        "tierpub.publish.writing",
        "apply",
        """
        def mutant(plan, seal):
            counts = true(plan, seal)
            for write in plan.writes:
                made = plan.root / write.output.path
                for source in plan.root.glob(f"_Standards/**/{made.name.split('.')[0]}.md"):
                    os.utime(made, ns=(source.stat().st_mtime_ns,) * 2)
            return counts
        """,
        ("tests/test_told.py",),
    ),
    Mutant(
        "the plain text of a sealed tier is on the disk",
        "tierpub.seal.bundle",
        "build",
        """
        def mutant(members, recipients=()):
            import tempfile
            with tempfile.NamedTemporaryFile(delete=False) as file:
                file.write(plain := true(members, recipients))
            return plain
        """,
        ("tests/test_sealed_path.py -k plain", "tests/test_canaries.py"),
    ),
    Mutant(
        "a bundle tells how large it is",
        "tierpub.seal.bundle",
        "size_class",
        "def mutant(blocks): return blocks",
        ("tests/test_seal_bundle.py",),
    ),
    Mutant(
        "a tier is sealed to the readers of lower ones",
        "tierpub.seal.keys",
        "recipients_for",
        """
        def mutant(tier, by_tier, seal_from):
            if not true(tier, by_tier, seal_from):
                return ()
            return tuple(sorted({key for own in by_tier.values() for key in own}))
        """,
        ("tests/test_seal_keys.py",),
    ),
)
