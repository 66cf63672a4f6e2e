"""Painting code: blocks by language, what links and paths in it lead to, queries in a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tierpub.audit.reading.easel import Easel, reach_of
from tierpub.audit.reading.inline import Piece, links
from tierpub.policy import fold_field

_LINKED_CODE = re.compile(
    r"\[\[[^\[\]\n]+\]\]|^[ \t>]*(?:image|(?:geojson|marker)(?:Folder|File)?)[ \t]*:[^\n]*",
    re.IGNORECASE,
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
            for start, end, path in easel.targets.trees(piece.inner):
                reach = easel.targets.reach(path, note.path, rules, markdown=True)
                canvas.lay(inside + start, inside + end, reach.tier, "path")
            canvas.lay(piece.start, piece.end, tier, "code")


def _code_lines(easel: Easel, start: int, end: int, language: str) -> None:
    """In code a line with a hidden link goes."""
    note, rules = easel.note, easel.rules
    live = language in ("leaflet", "dataview", "dataviewjs")
    if language == "mermaid":
        _diagram(easel, start, end)
    for match in re.finditer(r"[^\n]*", note.text[start:end]):
        line, at = match[0], start + match.start()
        tier = max((t for t in _called(easel, line, at) if live), default=0)
        for _, _, path in easel.targets.trees(line):
            reach = easel.targets.reach(path, note.path, rules, markdown=True)
            tier = max(tier, reach.tier)
        easel.canvas.lay(at, at + len(line), tier, "path")


def _called(easel: Easel, line: str, at: int) -> Iterator[int]:
    """The tiers of what a line of live code leads to: links, files, folders of files."""
    for found in _LINKED_CODE.finditer(line):
        key, _, value = found[0].partition(":")
        targets = [piece.target for piece in links(found[0])]
        linked = bool(targets)
        if not linked:
            bare = value.strip().strip("\"'")
            targets = [bare] if _known(easel, bare) else re.split(r"[ \t]*,[ \t]*", bare)
        for target in targets:
            yield _led(easel, target, (at, at + len(line)), folder="older" in key, linked=linked)


def _known(easel: Easel, name: str) -> bool:
    reach = easel.targets.reach(name, easel.note.path, easel.rules, markdown=False)
    return bool(reach.notes or reach.files or easel.targets.folder(name, easel.note.path))


def _led(easel: Easel, name: str, place: tuple[int, int], *, folder: bool, linked: bool) -> int:
    """The tier of one name in live code. What leads nowhere and is no link has that of rules
    alone."""
    targets, files = easel.targets, easel.targets.files
    reach = targets.reach(name, easel.note.path, easel.rules, markdown=False)
    easel.show(reach, *place)
    inside = targets.folder(name, easel.note.path) if folder else ""
    shown = files.within(inside)
    easel.canvas.shows += [(file, *place) for file in shown]
    if shown and not files.holds_notes(inside):
        return min(files.attachment(file, easel.rules) for file in shown)
    nowhere = not linked and not _known(easel, name) and reach.tier == easel.policy.defaults.link
    return 0 if nowhere else reach.tier


def _diagram(easel: Easel, start: int, end: int) -> None:
    """A diagram is as high as the notes its nodes lead to, a line that opens something as that."""
    text, path, rules = easel.note.text[start:end], easel.note.path, easel.rules
    if "internal-link" in text:
        words = {a or b for a, b in re.findall(r"\[\"?([^\]\"\n]+)|([\w-]+)", text)}
        reached = (easel.targets.reach(word, path, rules, markdown=False) for word in words)
        tier = max((reach.tier for reach in reached if reach.notes), default=0)
        easel.canvas.lay(start, end, tier, "link")
    for match in re.finditer(
        r"^[ \t]*(?:click|link)\b[^\n]*|^[^\n]*\bimg[ \t]*:[^\n]*", text, re.MULTILINE
    ):
        targets = [a or b for a, b in re.findall(r"\"([^\"]+)\"|@[ \t]*(\w\S*|/\S*)", match[0])]
        tier = max((easel.targets.reach(t, path, rules, markdown=True).tier for t in targets),
                   default=0)  # fmt: skip
        easel.canvas.lay(start + match.start(), start + match.end(), tier, "link")


def _query(easel: Easel, inner: str) -> int:
    """An inline query is as high as the fields and notes it names."""
    tier = 0
    for piece in links(inner):
        tier = max(tier, reach_of(easel, piece).tier)
    for match in re.finditer(r"(?:this|\]\])\.([\w-]+(?:\.[\w-]+)*)", inner):
        names = tuple(fold_field(part) for part in match[1].split("."))
        rule = easel.rules.field(names) or easel.rules.inline_field(match[1])
        painted = easel.ask(easel.known.field, easel.note.path, names[0])
        tier = max(tier, rule.tier if rule else 0, painted)
    return tier
