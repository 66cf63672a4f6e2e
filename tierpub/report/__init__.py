"""What tierpub has found, told to cleared eyes: findings, explanations and differences.

A stage of its own between what was read and what is printed: from a `Survey` come plain records
(`findings`, `explain`, `difference`), and from those text (`*_text`) or JSON data (`*_data`). It
prints nothing; the command line does. What it makes quotes notes, so it is for those alone who
may read all of the vault.
"""

from __future__ import annotations
