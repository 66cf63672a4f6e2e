"""Text to portions with exact spans. Knows nothing of policy."""

from tierpub.note.body import Matcher
from tierpub.note.grammar import Grammar
from tierpub.note.note import Note, parse_note
from tierpub.note.portions import Kind, Link, Portion, Syntax

__all__ = ["Grammar", "Kind", "Link", "Matcher", "Note", "Portion", "Syntax", "parse_note"]
