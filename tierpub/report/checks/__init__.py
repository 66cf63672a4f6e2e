"""What `check` looks for beyond what reading and classifying notes finds. One concern a file;
each check takes a `Survey` and yields warnings that quote what a cleared reader needs.

A message is a fact, or a fact, a colon and what it is about: the facts group the findings.
"""

from __future__ import annotations
