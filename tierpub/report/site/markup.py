"""Text of notes as HTML. Whatever stands in a note, it is text and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from tierpub.report.site.pieces import Piece

_ODD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
)
"""What cannot be seen, or turns around the text beside it."""
_IN_SCRIPT = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"} | {"\x7f": "\\u007f"})


def text(
    found: Sequence[Piece],
    portions: Mapping[int, int],
    tiers: Sequence[int],
    links: Mapping[int, str],
    names: Sequence[str],
) -> Markup:
    """The pieces of a note as spans that a script can show and hide.

    `portions` numbers what speaks for them, `tiers` is by the same index as theirs, `links` has
    the addresses of what they lead to. At first the highest level is shown.
    """
    made, last = [], -1
    top = len(names) - 1
    for piece in found:
        tier = tiers[piece.portion]
        first = piece.portion != last and tier > 0
        last = piece.portion
        href = links.get(piece.portion)
        attributes = [
            f'class="r t{shade(tier)}{"" if piece.typed else " n"}"',
            f'data-k="{piece.levels}"',
            f'data-r="{portions[piece.portion]}"',
        ]
        if first:
            attributes.append(f'data-m="{escape(names[tier])}"')
        if not piece.levels >> top & 1:
            attributes.append("hidden")
        if href:
            attributes.append(f'href="{escape(href)}"')
        tag = "a" if href else "span"
        words = piece.text.removesuffix("\n") if tier or href else piece.text
        if words:
            made.append(f"<{tag} {' '.join(attributes)}>{_visible(words)}</{tag}>")
        if words != piece.text:  # a line's end is not coloured
            attributes[0] = f'class="r e{"" if piece.typed else " n"}"'
            rest = [a for a in attributes if not a.startswith(("data-m", "href"))]
            made.append(f"<span {' '.join(rest)}>\n</span>")
    return Markup("".join(made))  # noqa: S704 - every part of it was escaped above


def shade(tier: int) -> int:
    """Which of the eight ways to mark a tier is that of this rank."""
    return tier if tier == 0 else 1 + (tier - 1) % 7


def _visible(words: str) -> str:
    """Escaped text; what cannot be seen is wrapped, so that a style can show it and end it."""
    parts, at = [], 0
    for match in _ODD.finditer(words):
        parts.append(_escaped(words[at : match.start()]))
        parts.append(f'<span class="u" data-c="{_called(match[0])}">{match[0]}</span>')
        at = match.end()
    return "".join([*parts, _escaped(words[at:])])


def _escaped(words: str) -> str:
    # A parser takes a bare carriage return for a line feed (HTML, "preprocessing the input").
    return str(escape(words)).replace("\r", "&#13;")


def _called(character: str) -> str:
    return f"U+{ord(character):04X}"


def shown(name: str) -> str:
    """A name or message with what cannot be seen, or turns text around, spelt out."""
    return re.sub(r"[\t\n\r]", " ", _ODD.sub(lambda match: f"⟨{_called(match[0])}⟩", name))


def coded(clause: str) -> Markup:
    """A clause about a tier, in which what stands between backticks is a rule or a key."""
    made = re.sub("`([^`]*)`", r"<code>\1</code>", str(escape(clause)))
    return Markup(made)  # noqa: S704 - escaped before the tags were put in


def data(value: Any) -> Markup:  # noqa: ANN401 - whatever JSON can hold
    """`value` as JSON that stands in a script element and cannot end it."""
    made = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT)
    return Markup(made)  # noqa: S704 - no character of it can end a script element
