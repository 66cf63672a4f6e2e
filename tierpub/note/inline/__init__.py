"""Inline portions, by kind: each module's scanners read a stretch of text and return candidates.

Code spans, Markdown links and HTML tags come from the Markdown parser, whose ranges are given in;
everything that Obsidian and Dataview add is found here by small patterns that a plain `find`
gates. `nest` orders the candidates into portions below a block.
"""

from tierpub.note.inline.links import WIKILINK
from tierpub.note.inline.nesting import Candidate, nest

__all__ = ["WIKILINK", "Candidate", "nest"]
