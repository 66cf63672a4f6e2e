"""Figures of speed as ratios that were measured in one run; `docs/benchmarks.md` says how."""
