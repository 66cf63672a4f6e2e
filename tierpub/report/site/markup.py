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
_IN_SCRIPT = tuple((c, f"\\u{ord(c):04x}") for c in "<>&\u2028\u2029\x7f")
_IN_HTML = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;"),
            # A parser takes a bare one for a line feed (HTML, "preprocessing the input").
            ("\r", "&#13;"))  # fmt: skip


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
    top = 1 << len(names) - 1
    visible = _visible if _ODD.search("".join([piece.text for piece in found])) else _escaped
    made: list[str] = []
    last = -1
    for words, levels, portion, typed in found:
        tier, href = tiers[portion], links.get(portion)
        new = "" if typed else " n"
        about = f'" data-k="{levels}" data-r="{portions[portion]}"'
        end = "" if levels & top else " hidden"
        shown = words.removesuffix("\n") if tier or href else words
        if shown:
            named = f' data-m="{_escaped(names[tier])}"' if tier and portion != last else ""
            tag, leads = ("a", f' href="{_escaped(href)}"') if href else ("span", "")
            head = f'<{tag} class="r t{shade(tier)}{new}{about}{named}{end}{leads}>'
            made.append(f"{head}{visible(shown)}</{tag}>")
        if len(shown) < len(words):  # a line's end is not coloured
            made.append(f'<span class="r e{new}{about}{end}>\n</span>')
        last = portion
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
    for character, name in _IN_HTML:
        if character in words:
            words = words.replace(character, name)
    return words


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
    made = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, name in _IN_SCRIPT:
        if character in made:
            made = made.replace(character, name)
    return Markup(made)  # noqa: S704 - no character of it can end a script element
