"""A comment above the level: `%% … %%`, `<!-- … -->`, or `# …` in frontmatter.

With the publication alone every comment below the highest tier is one, for authors take comments
for hidden.

Why it matters: comments are where people write what nobody is to read.

To mend it: raise `defaults.comment`, or remove the `comment` rule that let it through.
"""

from __future__ import annotations

from collections.abc import Iterator

from tierpub.audit.case import Opened, Rule
from tierpub.audit.finding import Finding
from tierpub.audit.rules import leaks


def find(opened: Opened) -> Iterator[Finding]:
    """Hidden comments."""
    yield from leaks.differences(opened, "leaked-comment", {"comment"})
    yield from leaks.needles(opened, "leaked-comment", {"comment"})
    yield from leaks.bare_comments(opened, "leaked-comment")


RULE = Rule("leaked-comment", __doc__ or "", file=find)
