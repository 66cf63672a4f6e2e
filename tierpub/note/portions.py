"""What a note is made of: portions, nested by their parents, in the order of the text.

Offsets are of characters into the note's text. A portion owns the text from `start` to `end`;
a block owns whole lines, the prefix of its container (`> `, indentation) and the blank lines
after it included. A portion lies within its parent; portions with one parent do not overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum, auto
from functools import partial
from typing import Any, NamedTuple


class Kind(IntEnum):
    """What sort of portion it is."""

    NOTE = auto()
    # frontmatter
    FRONTMATTER = auto()  # the fences and all between, and the blank lines after
    FIELD = auto()  # one entry of a mapping: its lines, or in flow style its text
    ENTRY = auto()  # one item of a sequence
    YAML_COMMENT = (
        auto()
    )  # from `#` (and the blanks before it, or its whole line) to the line's end
    # blocks
    SECTION = auto()  # a heading and all below it, within one container
    HEADING = auto()
    PARAGRAPH = auto()
    LINE = auto()  # one line of a paragraph
    LIST = auto()
    ITEM = auto()
    QUOTE = auto()
    CALLOUT = auto()
    TABLE = auto()
    ROW = auto()
    CELL = auto()
    CODE = auto()
    CODE_LINE = auto()
    HTML = auto()
    RULE = auto()  # a thematic break
    REGION = auto()  # comment pair: from `%% confidential: x %%` to `%% /confidential %%`
    FOOTNOTE = auto()  # footnote definition
    DEFINITION = auto()  # link reference definition
    # inline
    COMMENT = auto()  # `%% %%` or `<!-- -->`
    LINK = auto()  # every link and embed but a bare URL
    URL = auto()  # a bare or bracketed URL
    TIER_PATH = auto()  # a path into a tier's tree that is no link to any parser
    TAG = auto()
    INLINE_FIELD = auto()
    QUERY = auto()  # an inline Dataview query
    FOOTNOTE_REF = auto()
    INLINE_FOOTNOTE = auto()
    BLOCK_ID = auto()
    TANGLE = auto()  # constructs that cross: cut or kept as one
    MATCH = auto()  # text that a rule of the policy matched


class Syntax(IntEnum):
    """How a link is written, which decides how its destination is decoded and rewritten."""

    WIKI = auto()  # [[dest#anchor|alias]] and ![[…]]
    MARKDOWN = auto()  # [text](dest "title") and ![…](…), reference definitions too
    ANGLE = auto()  # [text](<dest>), <scheme:dest>
    HTML = auto()  # an attribute's value
    PLAIN = auto()  # a bare URL or path in running text, code or a value
    REFERENCE = auto()  # [text][label]: its destination stands in a definition
    DECODED = auto()  # stands in a value only once its escapes are read; never rewritten


class Link(NamedTuple):
    """The parts of a link, as offsets into the text of its note."""

    syntax: Syntax
    dest_start: int
    """Where the destination begins, anchor included, alias and title not."""
    dest_end: int
    alias_start: int
    """Where the words a reader sees begin; equals `alias_end` where the link has none."""
    alias_end: int
    embed: bool
    escaped_pipe: bool = False
    """Whether a new alias must be set off by `\\|` (in a table)."""
    code: bool = False
    """Whether it stands in code or a leaflet block, where no alias is added."""


class Portion(NamedTuple):
    """One portion of a note."""

    kind: Kind
    start: int
    end: int
    parent: int
    """Index of the portion it stands in; -1 for the note itself."""
    name: str = ""
    """What rules match: a dotted field path, a heading's text, a language, a tag, a key."""
    inner_start: int = 0
    """Where its content begins: a value, a heading's words, an item's text after the marker."""
    inner_end: int = 0
    link: Link | None = None
    level: int = 0
    """Heading level of a SECTION or HEADING."""


new_link: Callable[[tuple[Any, ...]], Link] = partial(tuple.__new__, Link)
"""A link of all its parts in order. Called for nearly all that a note consists of, as is the next:
the class itself takes twice as long."""
new_portion: Callable[[Sequence[Any]], Portion] = partial(tuple.__new__, Portion)
"""A portion of all its parts in order."""
