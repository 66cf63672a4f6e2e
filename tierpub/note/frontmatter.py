"""A note's frontmatter: where it is, and what stands in it with exact spans.

Readers disagree about where frontmatter begins and ends: some look behind blank lines, some
close on `----`, some read JSON. Whatever two of them would read differently is refused here, so
that an author's label is never body text to one reader and a label to another. Between the
fences only plain data is read: mappings, sequences and scalars, each key once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tierpub.errors import Fault, place_at
from tierpub.note.yaml_gaps import Unreadable
from tierpub.note.yaml_spans import MAX_DEPTH, SpanReader

if TYPE_CHECKING:
    from tierpub.note.portions import Portion

_OPENER = re.compile(r"\ufeff?---[ \t]*(?:\r?\n|\Z)")
# The closing fence (group 1) and the blank lines after it.
_CLOSER = re.compile(r"(---[ \t]*(?:\r?\n|\Z))(?:[ \t]*\r?\n)*(?:[ \t]+\Z)?")
# What may stand before a fence without being seen: white space, controls, marks of no width.
_UNSEEN = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*"
)
_LINE_END = re.compile(r"\r\n?")
_LONE_RETURN = re.compile(r"\r(?!\n)")
# What other readers take for a fence at the first line, and what then for the closing one.
_FENCES = {
    "-": re.compile(r"^-{3,}\s*$", re.MULTILINE),
    "+": re.compile(r"^\+{3,}\s*$", re.MULTILINE),
    "{": re.compile(r"^[{}]$", re.MULTILINE),
    "}": re.compile(r"^[{}]$", re.MULTILINE),
}
# Characters that YAML takes for a line's end and editors do not, or that hide.
_STRANGE = ("\x85", "\u2028", "\u2029", "\ufeff")
_SAID = {
    "frontmatter-open": (
        "frontmatter is opened by `---` and never closed",
        "close it with a line `---`, or put a blank line and other text before a thematic break",
    ),
    "frontmatter-fence": (
        "a line in frontmatter begins with `---` but is no exact closing fence",
        "close frontmatter with exactly `---`, and quote a key that begins so",
    ),
    "frontmatter-place": (
        "a block that some readers take for frontmatter does not begin the note with `---`",
        "begin the file with exactly `---`, or write `***` for a thematic break",
    ),
    "frontmatter-foreign": (
        "the note begins with a block that some readers take for JSON or TOML frontmatter",
        "write frontmatter as YAML between `---`, or put other text before the block",
    ),
    "yaml-syntax": ("frontmatter is not YAML that can be read", "quote values with special signs"),
    "yaml-tab": ("a tab where YAML allows only spaces", "indent with spaces"),
    "yaml-root": ("frontmatter is not a mapping", "write `key: value` lines"),
    "yaml-duplicate-key": ("a key stands twice in one mapping", "keep one of the two"),
    "yaml-anchor": ("an anchor in frontmatter", "quote the value, or write it out"),
    "yaml-alias": ("an alias in frontmatter", "quote the value, or write it out"),
    "yaml-merge-key": ("a merge key in frontmatter", "write the fields out"),
    "yaml-tag": ("a tag in frontmatter", "quote a value that begins with `!`"),
    "yaml-complex-key": ("a key that is no plain or quoted word", "quote the key"),
    "yaml-documents": ("more than one YAML document in frontmatter", "remove the line `...`"),
    "yaml-character": (
        "a character in frontmatter that readers take differently",
        "remove it, or escape it in a double-quoted value",
    ),
    "yaml-line-end": ("a carriage return that ends no line", "end lines with LF or CR LF"),
    "yaml-comment": (
        "a `#` without a blank before it, a comment to some readers only",
        "put a blank before `#`, or the value in quotes",
    ),
    "yaml-depth": (f"frontmatter is nested more than {MAX_DEPTH} deep", "flatten it"),
    "yaml-value": ("a value that looks like a number or date and is none", "put it in quotes"),
    "yaml-link": ("a `#` makes the rest of a link a YAML comment", "put the link in quotes"),
}


@dataclass(frozen=True, slots=True)
class Frontmatter:
    """What `parse_frontmatter` found."""

    portions: tuple[Portion, ...]
    """The FRONTMATTER, then what stands in it, in the order of the text; empty where the note has
    none. Parents are indices into the note's list, in which the note itself comes first: the
    index here and one. FIELD and ENTRY have level 1 in flow style, else 0. The inner span of a
    leaf is its value as written, of a collection from its first sign to the end of its last
    value, of a comment from `#` on."""
    values: dict[int, str]
    """Index in the note's list of a FIELD or ENTRY without children to its decoded scalar; of a
    link like `[[X]]` that YAML takes for nested sequences, the source itself."""
    end: int
    """Where the body begins. Behind a BOM where the note has no frontmatter."""
    faults: tuple[Fault, ...]
    """What is wrong, all of it errors; where there is any, the portions are not to be used."""


def parse_frontmatter(text: str, file: str) -> Frontmatter:
    """Find and read the frontmatter of the note `text`, whose faults name `file`.

    Raises nothing: whatever cannot be read, or is read differently elsewhere, is a fault.
    """
    opener = _OPENER.match(text)
    if opener is None:
        return _without(text, file)
    start = opener.end()
    at = text.find("\n---", start - 1) + 1
    if not at:
        return _refused(text, file, int(text[0] == "\ufeff"), Unreadable("frontmatter-open", 0))
    closer = _CLOSER.match(text, at)
    if closer is None:
        return _refused(text, file, len(text), Unreadable("frontmatter-fence", at))
    if strange := _strange(text, at):
        return _refused(text, file, closer.end(), *strange)
    reader = SpanReader(text, start, at, closer.end())
    # libyaml leaves a BOM out of its count, so it is shown a line end instead.
    reader.read(text[:at] if text[0] == "-" else f"\n{text[1:at]}")
    if reader.faults:
        return _refused(text, file, closer.end(), *reader.faults)
    return Frontmatter(reader.portions(), reader.values, closer.end(), ())


def _without(text: str, file: str) -> Frontmatter:
    """Look at a note that does not begin with a fence: nothing, or what others take for one."""
    end = int(text.startswith("\ufeff"))
    first = _UNSEEN.match(text).end()  # type: ignore[union-attr]
    fence = _FENCES.get(text[first : first + 1])
    if fence is None:
        return Frontmatter((), {}, end, ())
    seen = _LINE_END.sub("\n", text[first:]).rstrip()
    if not fence.match(seen) or len(fence.split(seen, 2)) < 3:  # noqa: PLR2004 - python-frontmatter's
        return Frontmatter((), {}, end, ())
    code = "frontmatter-place" if text[first] == "-" else "frontmatter-foreign"
    return _refused(text, file, end, Unreadable(code, first))


def _strange(text: str, close: int) -> list[Unreadable]:
    """Find the first of each kind of character before `close` that readers take differently."""
    found = (text.find(sign, 1, close) for sign in _STRANGE)
    faults = [Unreadable("yaml-character", at) for at in found if at > 0]
    if "\r" in text and (lone := _LONE_RETURN.search(text, 0, close)):
        faults.append(Unreadable("yaml-line-end", lone.start()))
    return faults


def _refused(text: str, file: str, end: int, *causes: Unreadable) -> Frontmatter:
    faults = tuple(_fault(text, file, cause) for cause in sorted(causes, key=lambda c: c.at))
    return Frontmatter((), {}, end, faults)


def _fault(text: str, file: str, cause: Unreadable) -> Fault:
    message, hint = _SAID[cause.code]
    if cause.detail:
        message = f"{message}: {cause.detail}"
    return Fault(cause.code, message, place_at(file, text, cause.at), hint)
