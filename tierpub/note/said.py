"""What the reader of bodies refuses or warns of, said once.

`{key}` in a hint stands for the policy's label key.
"""

from __future__ import annotations

from typing import NamedTuple

from tierpub.errors import Severity

MAX_DEPTH = 128
"""Blocks within blocks."""


class Said(NamedTuple):
    """A kind of fault: its code, the fact, and how to mend it."""

    code: str
    message: str
    hint: str
    severity: Severity = "error"


TANGLED_COMMENTS = Said(
    "tangled-comments",
    "comments and code cannot be told apart",
    "keep code fences and comments out of one another",
)
UNCLOSED_COMMENT = Said(
    "unclosed-comment",
    "comment without an end",
    "close it; until then all to the end of its container is a comment",
    "warning",
)
COMMENT_ACROSS = Said(
    "comment-across-blocks",
    "a comment that ends outside of the item, quote or footnote that it begins in",
    "close it there, and open another one behind; or move both signs to lines of their own",
)
UNCLOSED_FENCE = Said(
    "unclosed-fence",
    "a code fence without an end",
    "close it; until then all to the end of its container is code",
    "warning",
)
NESTED_TOO_DEEP = Said(
    "nested-too-deep",
    "blocks that stand in one another too deeply",
    f"at most {MAX_DEPTH} are read",
)
TOO_MANY_FIELDS = Said(
    "nested-too-deep",
    "too many inline fields in one line",
    f"less than {MAX_DEPTH} are read; put some in brackets or on lines of their own",
)
PAIR_ENDS_IN_SECTION = Said(
    "region-splits-section",
    "a comment pair ends within a section",
    "close the pair at the end of the section, or put the heading outside",
)
HEADING_IN_PAIR = Said(
    "region-splits-section",
    "a heading within a comment pair ends a section outside it",
    "open the pair before the section's heading",
)
UNOPENED_REGION = Said(
    "unopened-region",
    "end of a comment pair that was not opened here",
    "open and close a pair in one container, at one depth",
)
UNCLOSED_REGION = Said(
    "unclosed-region",
    "comment pair without an end",
    "close it in the same container: `%% /{key} %%`",
)
MISPLACED_LABEL = Said(
    "misplaced-label",
    "a label where it has no meaning",
    "a comment pair stands alone on its lines: `%% key: tier %%` … `%% /key %%`",
)
UNREAD_LABEL = Said(
    "unread-label",
    "what reads like a label but is none where it stands",
    "write `[key:: tier]`, or put it in code if it is only talked of",
)
LATE_CALLOUT = Said(
    "unread-label",
    "a label where no callout begins",
    "put a blank line before the callout, and `>` before its type",
)
SINGLE_COLON_LABEL = Said(
    "single-colon-label",
    "a label written with one colon",
    "write two: `key:: tier`",
    "warning",
)
ODD_LINK = Said(
    "odd-link",
    "a link whose ends cannot be found exactly",
    "write it on one line",
)
ODD_DEFINITION = Said(
    "odd-definition",
    "a link definition that cannot be read exactly",
    "write it on one line: `[label]: destination`",
)
UNREAD_TEXT = Said(
    "unread-text",
    "text that the Markdown reader passes over",
    "is it a link definition given twice? then remove one",
)
