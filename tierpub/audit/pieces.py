"""How a hidden text is cut into the strings that are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 32
"""Characters of a needle; a longer string is looked for in pieces."""
EDGES = " \t\r>*-#|.;:!?,。[]"
"""Signs at the ends of a string that are none of its own."""
RUN = 14
"""Characters of the shortest run of words that is looked for."""
_PARTS = re.compile(r"[^\W_](?:[^\s/_]*[^\W_])?")


def runs(text: str) -> Iterator[str]:
    """Two words or more from each word of a line on, and long words alone, so that no part of it
    gets out unseen. Parts of a path or a name are words."""
    for line in text.splitlines():
        words = [match.span() for match in _PARTS.finditer(line)]
        for first, (start, end) in enumerate(words):
            if end - start >= RUN:
                yield line[start:end]
            stop = next((e for _, e in words[first + 1 :] if e - start >= RUN), 0)
            if stop:
                yield line[start:stop]


def pieces(text: str) -> Iterator[str]:
    """A text in strings of a good length, cut at ends of sentences, then at blanks."""
    for sentence in re.split(r"(?<=[.;:!?。])\s+|\n+", text):
        part = sentence.strip(EDGES)
        while len(part) > LONGEST:
            cut = max(part.rfind(sign, LONGEST // 2, LONGEST) for sign in " /")
            cut = cut if cut > 0 else LONGEST
            yield part[:cut].strip(EDGES)
            # The last piece reaches back, so that it is no shorter than the others.
            back = part.find(" ", max(len(part) - LONGEST - 1, 1))
            part = part[back if 0 < back < cut else cut :].strip()
        if part:
            yield part.strip(EDGES)
