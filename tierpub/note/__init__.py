"""Text to portions with exact spans. Knows nothing of policy."""

from tierpub.note.grammar import Grammar
from tierpub.note.note import Note, parse_note
from tierpub.note.portions import Kind, Link, Portion, Syntax
from tierpub.note.source import Matcher

__all__ = ["Grammar", "Kind", "Link", "Matcher", "Note", "Portion", "Syntax", "parse_note"]
