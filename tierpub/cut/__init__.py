"""Classified notes and a level to projections: text with spans removed, never rendered anew."""

from tierpub.cut.cut import Cutter, Projection, cut

__all__ = ["Cutter", "Projection", "cut"]
