"""The auditor's own reader: which characters of a canonical note are of which tier.

It shares nothing with the splitter but the policy. That builds a tree of portions and hands tiers
down and up in it; here a note is a strip of characters that is painted: everything that has a
tier of its own paints the range it covers, and a character keeps the highest tier that ever
touched it. Parts: `scan` (code and comments), `front` (frontmatter), `blocks` (Markdown blocks),
`inline` (what stands in lines), `vault` and `targets` (what links lead to), `paint`.
"""

from __future__ import annotations
