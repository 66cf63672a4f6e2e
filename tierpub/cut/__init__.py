"""Classified notes and a level to projections: text with spans removed, never rendered anew.

`sheet` gathers what all levels of a note share, `leaves` the blocks it is cut by. `cutter` then
makes one level: `front` its frontmatter, `body` its blocks, `words` and `rows` the text of one
block, `inline` what is cut or edited within a line, `marks` what stands for a cut, `gaps` and
`joints` what stays around one.
"""

from tierpub.cut.cutter import Cutter, Projection, cut

__all__ = ["Cutter", "Projection", "cut"]
