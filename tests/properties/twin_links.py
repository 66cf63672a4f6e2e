"""Links to something hidden, in every form a note may name its target.

Each takes the hand and a tier and gives text without line ends. All words in it, the alias and
the title included, have that tier. `|` stands only in those of `PIPED`, for tables.
"""

from __future__ import annotations

from collections.abc import Callable

from twin_hand import Hand
from twin_policy import SOURCE, TIERS

Sort = Callable[[Hand, int], str]


def _absolute(h: Hand, t: int) -> str:
    return f"/{SOURCE}/{h.note(t).path}.md"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _anchor(h: Hand, t: int) -> str:
    note = h.note(t)
    return f"[[{note.name}#{note.heading}]]"


def _missing(h: Hand, t: int) -> str:
    """A path below the source that no file stands at, but that a note rule speaks of."""
    return f"[[{SOURCE}/R{TIERS[t]}/{h.word(t)}]]"


def _entity_path(h: Hand, t: int) -> str:
    return f"/&#x5f;Standards&#47;{h.note(t).path}.md"


def _entity(h: Hand, t: int) -> str:
    note = h.note(t)
    return f"[{h.word(t)}](/&#95;Standards/{note.path}.md)"


def _percent(h: Hand, t: int) -> str:
    note = h.note(t)
    return f"[{h.word(t)}](/%5FStandards/{note.folder}/%{ord(note.name[0]):02X}{note.name[1:]}.md)"


def _reference(h: Hand, t: int) -> str:
    label, path = h.word(t), _absolute(h, t)
    h.defs.append(f'[{label}]: {path} "{h.word(t)}"\n\n')
    return f"[{h.word(t)}][{label}]"


def _shortcut(h: Hand, t: int) -> str:
    label = h.word(t)
    h.defs.append(f"[{label}]: <{_absolute(h, t)}>\n\n")
    return f"[{label}]"


def _obsidian(h: Hand, t: int) -> str:
    return f"obsidian://open?vault=v&file={SOURCE}%2F{h.note(t).path.replace('/', '%2F')}"


def _file(h: Hand, t: int) -> str:
    return f"file:///{SOURCE}/{h.note(t).path}.md"


def _two_anchors(h: Hand, t: int) -> str:
    note = h.note(t)
    return f"[[{note.path}#{note.heading}#^hid]]"


def _markdown_anchor(h: Hand, t: int) -> str:
    note = h.note(t)
    return f"[{h.word(t)}](<{note.path}.md#{note.heading}>)"


def _image_reference(h: Hand, t: int) -> str:
    label, path = h.word(t), _absolute(h, t)
    h.defs.append(f"[{label}]: {path}\n\n")
    return f"![{h.word(t)}][{label}]"


def _collapsed(h: Hand, t: int) -> str:
    label = h.word(t)
    h.defs.append(f"[{label}]: {_absolute(h, t)}\n\n")
    return f"[{label}][]"


def _own_heading(h: Hand, t: int) -> str:
    """A link to a hidden section of the same note."""
    heading = h.word(t)
    h.sections.append(f"###### {heading} [confidential:: {TIERS[t]}]\n\n{h.word(t)} words\n\n")
    return f"[[#{heading}]]"


def _own_block(h: Hand, t: int) -> str:
    """A link to a hidden block of the same note."""
    name = h.word(t)
    h.defs.append(f"{h.word(t)} words [confidential:: {TIERS[t]}] ^{name}\n\n")
    return f"[[#^{name}]]"


def _folder(h: Hand, t: int) -> str:
    """A folder of notes that all have the tier."""
    folder = f"{SOURCE}/R{TIERS[t]}"
    h.files[f"{folder}/{h.word(t)}.md"] = f"{h.word(t)} words\n"
    return folder


def _query(h: Hand, t: int) -> str:
    return f"[{h.word(t)}](/{SOURCE}/{h.note(t).path}.md?{h.word(t)}=1#{h.word(t)})"


def _hash(h: Hand, t: int) -> str:
    """An anchor behind an escaped sign."""
    note = h.note(t)
    return f"[{h.word(t)}](/{SOURCE}/{note.path}.md%23{note.heading})"


def _picture_in_link(h: Hand, t: int) -> str:
    return f"[![{h.word(t)}](/{SOURCE}/{h.picture(t)})]({_absolute(h, t)})"


def _tier_path(h: Hand, t: int) -> str:
    return f"/_{TIERS[t]}/Open/{h.word(t)}.{TIERS[t]}.md"


PIPED: dict[str, Sort] = {
    "wiki-alias": lambda h, t: f"[[{h.note(t).name}|{h.word(t)} {h.word(t)}]]",
    "wiki-path-alias": lambda h, t: f"[[{SOURCE}/{h.note(t).path}|{h.word(t)}]]",
    "wiki-anchor-alias": lambda h, t: f"[[{h.note(t).name}#^hid|{h.word(t)}]]",
    "embed-size": lambda h, t: f"![[{h.picture(t)}|{h.word(t)}|100x100]]",
}
HTML: dict[str, Sort] = {
    "html-picture": lambda h, t: f'<img src="/{SOURCE}/{h.picture(t)}" title="{h.word(t)}">',
    "html-img": lambda h, t: f'<img src="{_absolute(h, t)}" alt="{h.word(t)}">',
    "html-srcset": lambda h, t: f'<img srcset="{_absolute(h, t)} 1x, {_absolute(h, t)} 2x">',
    "html-data": lambda h, t: f"<b data-href='{_absolute(h, t)}'>{h.word(t)}</b>",
    "html-escaped": lambda h, t: f'<a href="{_entity_path(h, t)}">{h.word(t)}</a>',
    "html-single": lambda h, t: f"<a href='{_absolute(h, t)}'>{h.word(t)}</a>",
    "html-bare": lambda h, t: f"<a href={_absolute(h, t)} title={h.word(t)}>{h.word(t)}</a>",
    "html-capitals": lambda h, t: f'<A HREF = "{_absolute(h, t)}">{h.word(t)}</A>',
    "html-video": lambda h, t: f'<video poster="/{SOURCE}/{h.picture(t)}"></video>',
    "html-a": lambda h, t: f'<a href="{_absolute(h, t)}" title="{h.word(t)}">{h.word(t)}</a>',
}
WIKI: dict[str, Sort] = {
    "wiki": lambda h, t: f"[[{h.note(t).name}]]",
    "wiki-case": lambda h, t: f"[[{h.note(t).name.upper()}]]",
    "wiki-path": lambda h, t: f"[[{h.note(t).path}]]",
    "wiki-source": lambda h, t: f"[[{SOURCE}/{h.note(t).path}]]",
    "wiki-absolute": lambda h, t: f"[[{_absolute(h, t)}]]",
    "wiki-heading": _anchor,
    "wiki-block": lambda h, t: f"[[{h.note(t).name}#^hid]]",
    "wiki-missing": _missing,
    "wiki-projection": lambda h, t: f"[[{h.word(t)}.{TIERS[t]}]]",
    "wiki-picture": lambda h, t: f"[[{_name(h.picture(t))}]]",
    "wiki-picture-path": lambda h, t: f"[[{h.picture(t)}]]",
    "embed-picture": lambda h, t: f"![[{SOURCE}/{h.picture(t)}]]",
    "embed": lambda h, t: f"![[{h.note(t).name}]]",
    "wiki-backslash": lambda h, t: f"[[{h.note(t).path.replace('/', chr(92))}]]",
    "wiki-folder": lambda h, t: f"[[{_folder(h, t)}/]]",
    "wiki-spaced": lambda h, t: f"[[ {h.note(t).path} ]]",
    "wiki-md": lambda h, t: f"[[{h.note(t).name}.md]]",
    "wiki-two-anchors": _two_anchors,
    "wiki-own-heading": _own_heading,
    "wiki-own-block": _own_block,
    "embed-heading": lambda h, t: "!" + _anchor(h, t),
    "embed-block": lambda h, t: f"![[{h.note(t).name}#^hid]]",
}
MARKDOWN: dict[str, Sort] = {
    "markdown": lambda h, t: f"[{h.word(t)}]({h.note(t).path}.md)",
    "markdown-title": lambda h, t: f'[{h.word(t)}]({_absolute(h, t)} "{h.word(t)}")',
    "markdown-angle": lambda h, t: f"[{h.word(t)}](<{_absolute(h, t)}>)",
    "markdown-title-single": lambda h, t: f"[{h.word(t)}]({_absolute(h, t)} '{h.word(t)}')",
    "markdown-title-round": lambda h, t: f"[{h.word(t)}]({_absolute(h, t)} ({h.word(t)}))",
    "markdown-spaced": lambda h, t: f"[{h.word(t)}]( <{_absolute(h, t)}> )",
    "markdown-bare": lambda h, t: f"[{h.word(t)}]({h.note(t).name})",
    "markdown-folder": lambda h, t: f"[{h.word(t)}](/{_folder(h, t)}/)",
    "markdown-hash": _hash,
    "markdown-query": _query,
    "markdown-picture-in-link": _picture_in_link,
    "markdown-image": lambda h, t: f"![{h.word(t)}]({_absolute(h, t)})",
    "markdown-picture": lambda h, t: f"![{h.word(t)}](/{SOURCE}/{h.picture(t)})",
    "markdown-picture-name": lambda h, t: f"![{h.word(t)}]({_name(h.picture(t))})",
    "markdown-entity": _entity,
    "markdown-percent": _percent,
    "markdown-tier-path": lambda h, t: f"[{h.word(t)}]({_tier_path(h, t)})",
    "markdown-external": lambda h, t: f"[{h.word(t)}](https://{TIERS[t]}.example/{h.word(t)})",
    "markdown-anchor": _markdown_anchor,
    "markdown-escaped": lambda h, t: rf"[{h.word(t)}](/\_Standards/{h.note(t).path}.md)",
    "markdown-file": lambda h, t: f"[{h.word(t)}]({_file(h, t)})",
    "image-reference": _image_reference,
    "collapsed": _collapsed,
    "reference": _reference,
    "shortcut": _shortcut,
    "obsidian": lambda h, t: f"[{h.word(t)}]({_obsidian(h, t)})",
}
BARE: dict[str, Sort] = {
    "autolink": lambda h, t: f"<https://{TIERS[t]}.example/{h.word(t)}>",
    "url": lambda h, t: f"https://{TIERS[t]}.example/{h.word(t)}",
    "obsidian-url": _obsidian,
    "obsidian-autolink": lambda h, t: f"<{_obsidian(h, t)}>",
    "file-url": _file,
    "tier-path": _tier_path,
}
PLAIN = WIKI | MARKDOWN | BARE
"""Those that may stand anywhere in running text, tables included."""
