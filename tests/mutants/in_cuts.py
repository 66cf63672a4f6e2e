"""Leaks around a cut: what stays where something was."""

from __future__ import annotations

from mutants.planting import Mutant

_FIXTURES = "tests/test_fixtures.py -k "

IN_CUTS = (
    Mutant(
        "a mark is as long as what it stands for",
        "tierpub.cut.marks",
        "inline_mark",
        """
        def mutant(sheet, index):
            mark, portion = true(sheet, index), sheet.portions[index]
            return mark if mark is None else mark + "\\u2588" * (portion.end - portion.start)
        """,
        (_FIXTURES + "marks",),
    ),
    Mutant(
        "a cut block leaves a blank line",
        "tierpub.cut.joints",
        "separator",
        """
        def mutant(portions, before, after):
            return true(portions, before, after) or "\\n"
        """,
        (_FIXTURES + "B8",),
    ),
    Mutant(
        "a cut in a line leaves its blanks",
        "tierpub.cut.gaps",
        "close",
        'def mutant(pieces): return "".join(piece or "" for piece in pieces)',
        (_FIXTURES + "'B8 and gap'",),
    ),
    Mutant(
        "the words of a hidden link are kept",
        "tierpub.cut.inline",
        "Inline._left",
        """
        def mutant(self, index, portion, inside):
            if portion.link is None:
                return true(self, index, portion, inside)
            return [self.sheet.text[portion.link.alias_start : portion.link.alias_end]]
        """,
        (_FIXTURES + "L1",),
    ),
    Mutant(
        "the banner is copied",
        "tierpub.cut.edits",
        "banner_edit",
        "def mutant(classified, index, key, banner): return None",
        (_FIXTURES + "'F1 and banner'",),
    ),
    Mutant(
        "the banner counts what is hidden",
        "tierpub.cut.cutter",
        "Cutter._text",
        """
        def mutant(self, level, banner):
            names = self._sheet.ctx.policy.ladder.names
            return true(self, level, names[max(self._ranks)])
        """,
        (_FIXTURES + "'F1 and banner'",),
    ),
)
