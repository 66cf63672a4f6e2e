"""Painting code: blocks by language, what links and paths in it lead to, queries in a line."""

from __future__ import annotations

import re

from tierpub.audit.reading.easel import Easel, reach_of
from tierpub.audit.reading.inline import Piece, links
from tierpub.policy import fold_field

_LINKED_CODE = re.compile(
    r"\[\[[^\[\]\n]+\]\]|(?:geojson|marker)(?:Folder|File)?[ \t]*:[^\n]*", re.IGNORECASE
)


def code(easel: Easel) -> None:
    """Code by language; links and paths of tiers in it; queries in a line."""
    note, canvas, rules = easel.note, easel.canvas, easel.rules
    for piece in note.ranges:
        if piece.sort in ("fence", "indented"):
            rule = rules.code(piece.inner)
            if rule:
                canvas.lay(piece.start, piece.end, rule.tier, "code")
        if piece.sort == "fence":
            _code_lines(easel, piece.start, piece.end, piece.inner.lower())
        elif piece.sort == "span":
            inner = piece.inner.strip()
            easel.pieces.append(Piece("span", piece.start, piece.end))
            program = rules.code("dataviewjs") if inner.startswith("$=") else None
            canvas.lay(piece.start, piece.end, program.tier if program else 0, "code")
            tier = _query(easel, inner[1:]) if inner.startswith(("=", "$=")) else 0
            inside = piece.start + note.text[piece.start : piece.end].index(piece.inner)
            for match in easel.targets.tree_in_text.finditer(piece.inner):
                reach = easel.targets.reach(match[0], note.path, rules, markdown=True)
                canvas.lay(inside + match.start(), inside + match.end(), reach.tier, "path")
            canvas.lay(piece.start, piece.end, tier, "code")


def _code_lines(easel: Easel, start: int, end: int, language: str) -> None:
    """In code a line with a hidden link goes."""
    note, rules = easel.note, easel.rules
    live = language in ("leaflet", "dataview", "dataviewjs")
    if language == "mermaid":
        _diagram(easel, start, end)
    for match in re.finditer(r"[^\n]*", note.text[start:end]):
        line, at = match[0], start + match.start()
        tier = 0
        if live or "[[" not in line:
            for found in _LINKED_CODE.finditer(line) if live else ():
                for piece in links(found[0]):
                    tier = max(tier, reach_of(easel, piece).tier)
                name, colon, value = found[0].partition(":")
                if colon and not name.startswith("[["):
                    reach = easel.targets.reach(value.strip(), note.path, rules, markdown=False)
                    tier = max(tier, reach.tier)
        for found in easel.targets.tree_in_text.finditer(line):
            reach = easel.targets.reach(found[0], note.path, rules, markdown=True)
            tier = max(tier, reach.tier)
            easel.canvas.lay(at + found.start(), at + found.end(), reach.tier, "path")
        if tier and live:
            easel.canvas.lay(at, at + len(line), tier, "link")


def _diagram(easel: Easel, start: int, end: int) -> None:
    """A diagram is as high as the notes its nodes lead to, a `click` or `link` as its target."""
    text, path, rules = easel.note.text[start:end], easel.note.path, easel.rules
    if "internal-link" in text:
        words = {a or b for a, b in re.findall(r"\[\"?([^\]\"\n]+)|([\w-]+)", text)}
        reached = (easel.targets.reach(word, path, rules, markdown=False) for word in words)
        tier = max((reach.tier for reach in reached if reach.notes), default=0)
        easel.canvas.lay(start, end, tier, "link")
    for match in re.finditer(r"^[ \t]*(?:click|link)[^\n]*", text, re.MULTILINE):
        targets = [a or b for a, b in re.findall(r"\"([^\"]+)\"|@[ \t]*(\S+)", match[0])]
        tier = max((easel.targets.reach(t, path, rules, markdown=True).tier for t in targets),
                   default=0)  # fmt: skip
        easel.canvas.lay(start + match.start(), start + match.end(), tier, "link")


def _query(easel: Easel, inner: str) -> int:
    """An inline query is as high as the fields and notes it names."""
    easel.canvas.depends = True
    tier = 0
    for piece in links(inner):
        tier = max(tier, reach_of(easel, piece).tier)
    paints = easel.known.field_tiers
    for match in re.finditer(r"(?:this|\]\])\.([\w-]+(?:\.[\w-]+)*)", inner):
        names = tuple(fold_field(part) for part in match[1].split("."))
        rule = easel.rules.field(names) or easel.rules.inline_field(match[1])
        tier = max(tier, rule.tier if rule else 0, paints.get((easel.note.path, names[0]), 0))
    return tier
