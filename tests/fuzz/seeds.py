"""Seeds and mutations: the project's own notes and policies, and what is done to them."""

from __future__ import annotations

import random
import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
SIGNS = (
    b"---\n", b"[[", b"]]", b"![[", b"](", b"[^1]", b"[^1]: ", b"^[", b"^id", b"%%", b"<!--",
    b"-->", b"::", b": ", b"`", b"```\n", b"$$", b"|", b"\\", b"#", b"> ", b"- ", b"\n", b"\r\n",
    b"\n\n",
    b"    ", b"\t", b"&#95;", b"%5F", b"_secret/", b"confidential", b"secret", b"'", b'"', b"{",
    b"}", b"[", b"]", b"&a ", b"*a", b"!!str ", b"<<: ", b"? ", b"|\n", b">-\n", b"\xef\xbb\xbf",
    b"\x00",
    b"\xe2\x80\xa8", b"\xf0\x9d\x95\x8f", b"\xff", b"=", b"~", b"*", b"<a href=", b"(", b")", b",",
)  # fmt: skip
"""What Markdown, YAML and Obsidian take for a delimiter."""


def seeds(target: str) -> list[bytes]:
    """Inputs to begin with: for a policy the shipped ones, else notes of the sample vault and of
    the fixtures, or what stands between the fences of their frontmatter."""
    if target == "policy":
        shipped = sorted((_ROOT / "policies").glob("*.yaml"))
        return [path.read_bytes() for path in shipped]
    paths = [
        *sorted((_ROOT / "vault" / "_Standards").rglob("*.md")),
        *sorted((_ROOT / "tests" / "fixtures").glob("*.md")),
    ]
    found = [path.read_bytes()[:8192] for path in paths]
    if target == "note":
        return found
    fronts = (re.match(rb"---\r?\n(.*?)\n---", data, re.DOTALL) for data in found)
    return [match[1] for match in fronts if match]


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """`data` with a few pieces cut, doubled, replaced by a sign or by a piece of `other`."""
    text = bytearray(data[: chance.choice((200, 1000, 8192))])
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(text))
        end = min(len(text), at + chance.choice((0, 0, 1, 2, 8, 64)))
        start = chance.randint(0, max(0, len(other) - 1))
        text[at:end] = chance.choice(
            (
                b"",
                chance.choice(SIGNS),
                chance.choice(SIGNS) * chance.randint(1, 9),
                other[start : start + chance.randint(1, 80)],
                bytes(text[at:end]) * 2,
            )
        )
    return bytes(text)
