"""The canary sweep: a vault with a unique token in every slot at every tier, and the search.

`planted` makes the vault from the tables of `canary_slots`. Each token has a tier, letters that
differ by case and by normal form, and a core that no other has. `Sweep` finds tokens in bytes,
however they are written there.
"""

from __future__ import annotations

import base64
import html
import html.entities
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick
from canary_slots import BODY, FIELDS, NOTES, Slot

TIERS = ("public", "internal", "protect", "private", "personal", "secret")
SEALED = 3
"""The lowest tier that is sealed."""
RULES = (
    ("note", "n-{}/**"), ("note", "q-{}/**"), ("body", "B-{}/**"), ("field", "f_{}_*"),
    ("inline_field", "i-{}*"), ("section", "s-{} *"), ("link", "https://{}.example/**"),
    ("tag", "t-{}/**"), ("text", r"tx-{}-[\pL\pN]+"), ("code", "l-{}"), ("callout", "k-{}"),
    ("comment", "c-{} *"),
)  # fmt: skip
_SYLLABLES = [c + v for c in "bdfgkmnprstv" for v in "aiou"]
_MACROS = {
    "to": "{target}{dot}", "name": "{target}", "low": "{low}{dot}", "pct": "{quoted}",
    "url": "../n-{tier}/{quoted}{dot}.md", "enc": "{quoted}{dot}",
}  # fmt: skip
"""What is one thing in a canonical note and, but for `name` and `pct`, another in a projection."""


def policy(keys: dict[str, str], besides: str) -> str:
    """The policy of the vault, its sealed tiers for the public `keys`, with a line `besides`."""
    tiers = [f"{{name: {t}, recipients: [{keys[t]}]}}" if t in keys else t for t in TIERS]
    rules = [
        f"  - {kind}: '{pattern.format(t)}'\n    tier: {t}"
        for t in TIERS
        for kind, pattern in RULES
    ]
    return "\n".join(
        ["version: 1", f"tiers: [{', '.join(tiers)}]", f"seal_from: {TIERS[SEALED]}",
         "defaults: {note: public, comment: secret}", besides, "rules:", *rules, ""]
    )  # fmt: skip


def word(number: int, *, plain: bool = False) -> str:
    """Token `number`: its core between letters that differ by case and, unless `plain`, by normal
    form. All are equally long, so that none is part of another."""
    core = ""
    for _ in range(3):
        number, rest = divmod(number, len(_SYLLABLES))
        core += _SYLLABLES[rest]
    return f"Zq{core}Xw" if plain else f"Z\u00f6{core}\u00c5q"


@dataclass(slots=True)
class Planted:
    """A vault, and what is to become of it."""

    files: dict[str, str] = field(default_factory=dict)
    """Canonical notes, by path below the source."""
    tokens: dict[str, int] = field(default_factory=dict)
    """Each token with its tier."""
    shown: list[tuple[str, int, str, str]] = field(default_factory=list)
    """A slot's name, its tier, the note it stands in and its canonical text."""
    slots: int = 0
    """How many places there are, over all tiers."""

    def token(self, tier: int, *, plain: bool = False) -> str:
        """A token that was not there before."""
        new = word(len(self.tokens), plain=plain)
        self.tokens[new] = tier
        return new


class Filler:
    """Fills the slots of one tier."""

    def __init__(self, vault: Planted, tier: int) -> None:
        self.vault, self.tier = vault, tier
        self.target, self.own = vault.token(tier), vault.token(tier)
        self._keys = 0

    def fill(self, slot: Slot, path: str, *, names: str = "") -> tuple[str, str]:
        """The slot's text with tokens in it, for the note at `path`; and `names` so filled."""
        text = names + "\0" + slot.text
        for letter in "abcdefghxyz":
            if f"\u00ab{letter}\u00bb" in text:
                token = self.vault.token(self.tier, plain=letter in "xyz")
                text = text.replace(f"\u00ab{letter}\u00bb", token)
        self._keys += 1
        known = {"n": f"open{self._keys}", "tier": TIERS[self.tier], "own": self.own}
        for name, value in known.items():
            text = text.replace(f"\u00ab{name}\u00bb", value)
        names, _, text = text.partition("\0")
        self.vault.slots += 1
        self.vault.shown.append((f"{slot.name} ({slot.by})", self.tier, names or path, text))
        return names, text

    def at(self, text: str, level: int | None) -> str:
        """A filled text as the canonical note has it, or as the projection of `level` does."""
        tier = TIERS[self.tier]
        values = {
            "target": self.target, "low": self.target.casefold(), "quoted": quote(self.target),
            "tier": tier, "dot": "" if level is None else f".{TIERS[level]}",
        }  # fmt: skip
        for name, macro in _MACROS.items():
            text = text.replace(f"\u00ab{name}\u00bb", macro.format_map(values))
        text = text.replace("\u00abdot\u00bb", values["dot"])
        return text.replace(
            "\u00absrc\u00bb", "_Standards" if level is None else f"_{TIERS[level]}"
        )


def planted() -> tuple[Planted, dict[int, Filler]]:
    """The whole vault, with LF; and who filled the slots of each tier."""
    vault = Planted()
    fillers = {tier: Filler(vault, tier) for tier in range(len(TIERS))}
    for tier, filler in fillers.items():
        path = f"Open/Note {tier}.md"
        own = [s for s in FIELDS if s.tier in ("", TIERS[tier])]
        fields = [filler.fill(slot, path)[1] for slot in own if slot.name != "alias"]
        fields += [filler.fill(slot, path)[1] for slot in own if slot.name == "alias"]
        body = [filler.fill(s, path)[1] for s in BODY if s.tier in ("", TIERS[tier])]
        parts = ["---", "confidential: public", *fields, "---", "", "# Open", ""]
        for number, text in enumerate(body):
            parts += [f"## Slot {number}", "", "open", "", text, ""]
        vault.files[path] = filler.at("\n".join([*parts, "## End", "", "open", ""]), None)
        target = unicodedata.normalize("NFD", filler.target)
        vault.files[f"n-{TIERS[tier]}/{target}.md"] = "Target.\n"
        vault.files[f"n-{TIERS[tier]}/Lone {TIERS[tier]}.md"] = "Lone.\n"
        for folder in ("Open", f"n-{TIERS[tier]}"):
            vault.files[f"{folder}/Twin {TIERS[tier]}.md"] = "Twin.\n"
        for name, slot in NOTES.items():
            if slot.tier not in ("", TIERS[tier]):
                continue
            path, text = filler.fill(slot, "", names=name)
            vault.files[path] = filler.at(text + "\n", None)
    return vault, fillers


_NAMED = {
    character: f"&{name}"
    for name, character in html.entities.html5.items()
    if name.endswith(";") and len(character) == 1 and not character.isascii()
}
TOKEN = re.compile("Z\u00f6[a-z]{6}\u00c5q|Zq[a-z]{6}Xw")
"""A token as it is planted."""

# The search.


def forms(token: str) -> Iterator[bytes]:
    """Every way of writing a token down that is looked for byte by byte."""
    for form in ("NFC", "NFD"):
        whole = unicodedata.normalize(form, token)
        for text in {whole, whole.casefold(), whole.upper()}:
            data = text.encode()
            yield from (data, text.encode("utf-16-le"), data.hex().encode())
            yield data.hex().upper().encode()
            yield from _base64(data)
            yield quote(text).encode()
            yield quote(text).lower().encode()
            yield from (escape.encode() for escape in _escaped(text))


def _base64(data: bytes) -> Iterator[bytes]:
    """The characters that are the same whatever stands around, at the three alignments."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            first, last = (before * 8 + 5) // 6, (before + len(data)) * 8 // 6
            yield encode(bytes(before) + data)[first:last]


def _escaped(text: str) -> Iterator[str]:
    """As HTML, YAML and JSON escape it: what is not ASCII, or all of it."""
    for ways in ("&#{:d};", "&#x{:x};", "&#x{:X};", "\\u{:04x}", "\\u{:04X}"):
        yield "".join(ways.format(ord(c)) for c in text)
        yield "".join(c if c.isascii() else ways.format(ord(c)) for c in text)
    yield "".join(_NAMED.get(c, c) for c in text)


def slug(token: str) -> str:
    """A token as addresses have it: small ASCII letters."""
    return unicodedata.normalize("NFD", token).encode("ascii", "ignore").decode().casefold()


def folded(text: str) -> str:
    """In one normal form and one case."""
    return unicodedata.normalize("NFC", text).casefold()


class Sweep:
    """Finds tokens in bytes."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = list(tokens)
        written = [(form, n) for n, token in enumerate(self.tokens) for form in {*forms(token)}]
        self._written = [n for _, n in written]
        self._bytes = BytesAhoCorasick([form for form, _ in written])
        self._texts = AhoCorasick([f(t) for t in self.tokens for f in (folded, slug)])
        self.forms = len(written) + 2 * len(self.tokens)

    def find(self, data: bytes) -> set[str]:
        """The tokens that stand in `data` in any form, URL- and HTML-escapes undone as well."""
        found = {
            self._written[n]
            for n, *_ in self._bytes.find_matches_as_indexes(data, overlapping=True)
        }
        text = data.decode("utf-8", "replace")
        for seen in {text, unquote(text), html.unescape(text), unquote(html.unescape(text))}:
            for n, *_ in self._texts.find_matches_as_indexes(folded(seen), overlapping=True):
                found.add(n // 2)
        return {self.tokens[n] for n in found}
