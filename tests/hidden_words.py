"""A vault in which each place that may hide something holds a word of its own, and a search for
those words in several encodings."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pyrage
from cli_tools import POLICY, make_vault

SLOTS = (
    "phone", "yaml", "heading", "section", "block", "item", "row", "cell", "inline", "alias",
    "words", "title", "tag", "comment", "html", "footnote", "code", "url", "name", "folder",
    "body", "attachment", "deep",
)  # fmt: skip
"""Where something hidden stands in the vault."""
WORDS = {
    slot: f"quag{number:02}{'mire' if number % 2 else 'moss'}fen"
    for number, slot in enumerate(SLOTS)
}
PLAIN = "visibleheather"
DESK = """\
---
name: Desk
phone: {phone}
# {yaml}
---

# Desk

Visibleheather words, see [[{name}|{words}]] and [[People/{folder}/Deep|x]].

## {heading} [confidential:: secret]

{section}

{block} #confidential/private

- open
- {item} [confidential:: private]

| a | b |
| --- | --- |
| c | [[{name}]] |
| {row} | {cell} [confidential:: private] |

Visibleheather [pay:: {inline}] on, [w](/_Standards/People/{name}.md "{title}") on[^1].

%% {comment} %%

<!-- {html} -->

[^1]: {footnote} #confidential/private

#hr/{tag} is hidden.

Visible ![[{attachment}.png]] and <https://{url}.corp.example/x> on.
"""
RULES = """\
  - inline_field: pay
    tier: private
  - tag: hr/**
    tier: private
  - link: ["https://*.corp.example/**", "**/*.png"]
    tier: private
"""


def notes():
    """The vault's notes, every hidden slot filled."""
    return {
        "Open/Desk.md": DESK.format(**WORDS),
        f"People/{WORDS['name']}.md": "---\naliases: [{alias}]\n---\n\n{body}\n".format(**WORDS),
        f"People/{WORDS['folder']}/Deep.md": "{deep} ```\n{code}\n```\n".format(**WORDS),
    }


def hidden_vault(root):
    """Write the vault below `root`, its upper tiers sealed; returns its root."""
    key = str(pyrage.x25519.Identity.generate().to_public())
    tiers = f"private, {{name: secret, recipients: [{key}]}}]\nseal_from: private"
    policy = POLICY.replace("private, secret]", tiers) + RULES
    return make_vault(root, notes(), policy)


def forms(word):
    """A word as it may stand in bytes."""
    raw = word.encode()
    yield raw
    yield raw.hex().encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]


def told(data, slots=WORDS):
    """The slots whose words are found in some bytes or text, in any case."""
    data = data.encode() if isinstance(data, str) else data
    return {
        slot
        for slot in slots
        for form in forms(WORDS[slot])
        if form in data or form.lower() in data.lower()
    }


def said(done):
    """All that a process printed."""
    return done.stdout + done.stderr


def left(root, *but):
    """Name and bytes of each file below `root`, the canonical tree and `but` left out."""
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if not name.startswith(("_Standards", *but)):
            yield name, name.encode() + (path.read_bytes() if path.is_file() else b"")


def python(code, *arguments, **environment):
    """Run a program around the command line, without what the environment tells tierpub."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("TIERPUB")}
    return subprocess.run(
        [sys.executable, "-B", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**plain, "PYTHONPATH": str(Path(__file__).parents[1]), **environment},
    )
