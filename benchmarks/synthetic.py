"""A vault of made-up notes: any number, 4.6 KB each, 14 cuts in each, the same for one seed."""

from __future__ import annotations

import random
from pathlib import Path

TIERS = ("public", "internal", "protect", "private", "personal", "secret")
POLICY = """\
version: 1
tiers: [public, internal, protect, private, personal, secret]
defaults: {note: public}
mentions: "off"
rules:
  - {field: [street, phone], tier: protect}
  - {field: record, tier: internal}
  - {section: "Salar*", tier: personal}
  - {link: "https://*.wikipedia.org/**", tier: public}
  - {text: 'K[0-9]{8}', tier: private}
"""
SIZE = 4600
_WORDS = (
    "river", "bridge", "council", "market", "harbour", "winter", "letter", "engine",
    "garden", "office", "record", "valley", "station", "window", "paper", "summer",
    "border", "village", "castle", "report", "school", "forest", "number",
)  # fmt: skip


def write(root: Path, notes: int, seed: int = 1) -> None:
    """Write a vault of that many notes below `root`, fifty to a folder."""
    source = random.Random(seed)
    for number in range(notes):
        path = root / "_Standards" / name(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(note(source, number, notes), encoding="utf-8")


def name(number: int) -> str:
    """Path of a note, relative to the source."""
    return f"area-{number // 50}/Place-{number}.md"


def note(source: random.Random, number: int, notes: int) -> str:
    """A note with 14 portions above the lowest tier: four in its frontmatter, ten in its body."""
    place = f"area-{number // 50}/Place-{number}"
    others = [f"Place-{source.randrange(notes)}" for _ in range(6)]
    footer = "".join(
        f"### #is_/same_as :: [[/_{tier}/{place}.{tier}|Place-{number}.{tier}]]\n\n"
        for tier in TIERS
    )
    text = f"""\
---
aliases: [Place {number}, P{number}]
confidential: public
street: {source.randrange(99)} Lake Road
phone: 0{source.randrange(10**8)}
record: {number}
part_of: "[[{others[0]}]]"
same_as:
  - "[[/_Standards/{place}|Place-{number}]]"
  - "[[/_secret/{place}.secret|Place-{number}.secret]]"
---

# [[Place-{number}]]

[Population:: {source.randrange(10**6)}] part_of = `=this.part_of`

{_words(source, 60)} [[{others[1]}]] and [[{others[2]}|another]] %% a remark %%

> [!private]
> {_words(source, 20)}

- {_words(source, 8)} [confidential:: protect]
- [[{others[3]}]]
- K{source.randrange(10**7, 10**8)}0 {_words(source, 6)}

## Salaries

{_words(source, 30)}

## History

{_words(source, 40)} [river](https://en.wikipedia.org/wiki/River) [[{others[4]}]]

"""
    tail = f"\n## Confidential Links & Embeds:\n\n{footer}"
    while len(text) + len(tail) < SIZE - 40:
        text += f"{_words(source, 60)} [[{others[5]}]]\n\n"[: SIZE - len(text) - len(tail) - 2]
        text = text.rstrip().removesuffix("[[").rstrip() + "\n\n"
    return text + tail


def _words(source: random.Random, count: int) -> str:
    return " ".join(source.choices(_WORDS, k=count)).capitalize() + "."
