"""The smallest vaults in which one slot of each kind is the only thing that differs.

The random vaults find what works together; these tell at once which sort fails, and where.
"""

from __future__ import annotations

from twin_skeleton import Pieces
from twin_slots import Slot

STAGES: dict[str, Pieces] = {
    "inline": ["# T\n\nab", Slot("inline"), " cd", Slot("inline"), ", ef\n"],
    "inline in heading": ["# T", Slot("inline"), " words\n\nab\n"],
    "inline in item": ["# T\n\n- ab", Slot("inline"), " cd\n- ef\n"],
    "inline in quote": ["# T\n\n> ab", Slot("inline"), " cd\n> ef\n"],
    "end": ["# T\n\nab", Slot("end"), "\n\ncd\n"],
    "end of item": ["# T\n\n- ab", Slot("end"), "\n- cd\n"],
    "start": ["# T\n\n", Slot("start"), "ab cd\n"],
    "start of item": ["# T\n\n- ", Slot("start"), "ab\n- cd\n"],
    "cell-inline": ["# T\n\n| a | b |\n| --- | --- |\n| c", Slot("cell-inline"), " | d |\n"],
    "line first": ["# T\n\n", Slot("line"), "ab\ncd\n"],
    "line between": ["# T\n\nab\n", Slot("line"), "cd\n"],
    "line last": ["# T\n\nab\n", Slot("line"), "\ncd\n"],
    "line in quote": ["# T\n\n> ab\n", Slot("line", "> "), "> cd\n"],
    "block first": [Slot("block"), "# T\n\nab\n"],
    "block under a tight heading": ["# T\n", Slot("block"), "ab\n"],
    "block between paragraphs": ["# T\n\nab\n\n", Slot("block"), Slot("block"), "cd\n"],
    "block after list": ["# T\n\n- ab\n- cd\n\n", Slot("block"), "ef\n"],
    "block before list": ["# T\n\nab\n\n", Slot("block"), "- cd\n"],
    "block before code": ["# T\n\nab\n\n", Slot("block"), "```\ncd\n```\n"],
    "block before heading": ["# T\n\nab\n\n", Slot("block", after="heading"), "## U\n\ncd\n"],
    "block before setext": ["# T\n\nab\n\n", Slot("block", after="setext"), "U\n---\n\ncd\n"],
    "block last": ["# T\n\nab\n\n", Slot("block", after="end")],
    "inner": ["# T\n\n> ab\n>\n", Slot("inner", "> "), "> cd\n\nef\n"],
    "inner in callout": ["# T\n\n> [!note] N\n> ab\n>\n", Slot("inner", "> "), "> cd\n\nef\n"],
    "interrupt": ["# T\n\nab\n", Slot("interrupt"), "\ncd\n"],
    "interrupt in quote": ["# T\n\n> ab\n", Slot("interrupt", "> "), ">\n> cd\n"],
    "item first": ["# T\n\nab\n\n", Slot("item"), "- cd\n- ef\n"],
    "item between": ["# T\n\n- ab\n", Slot("item"), Slot("item"), "- cd\n"],
    "item last": ["# T\n\n- ab\n", Slot("item"), "\ncd\n"],
    "item last of note": ["# T\n\n- ab\n", Slot("item")],
    "item as only child": ["# T\n\n- ab\n", Slot("item", "    "), "- cd\n"],
    "item as last child": ["# T\n\n- ab\n    - cd\n", Slot("item", "    "), "- ef\n"],
    "item in quote": ["# T\n\n> - ab\n", Slot("item", "> "), "> - cd\n"],
    "row": ["# T\n\n| a | b |\n| --- | --- |\n", Slot("row"), "| c | d |\n", Slot("row"), "\nef\n"],
    "code-line": ["# T\n\n```\nab\n", Slot("code-line"), "cd\n", Slot("code-line"), "```\n"],
    "section last": ["# T\n\nab\n\n", Slot("section", after="end", level=2)],
    "section between": ["# T\n\nab\n\n", Slot("section", after="heading", level=2), "## U\n\ncd\n"],
    "section under": ["## T\n\nab\n\n", Slot("section", after="heading", level=3), "# U\n\ncd\n"],
    "field first": ["---\n", Slot("top-field"), "a: b\n---\n\n# T\n"],
    "field between": ["---\na: b\n", Slot("top-field"), "c: d\n---\n# T\n"],
    "field last": ["---\na: b\n", Slot("top-field"), "---\n# T\n"],
    "field after list": ["---\na:\n  - b\n", Slot("top-field"), "c: d\n---\n# T\n"],
    "field after literal": ["---\na: |\n  b\n", Slot("top-field"), "c: d\n---\n# T\n"],
    "field nested": [
        "---\na:\n",
        Slot("field", "  "),
        "  b: c\n",
        Slot("field", "  "),
        "---\n# T\n",
    ],
    "entry": ["---\na:\n", Slot("entry", "  "), "  - b\n", Slot("entry", "  "), "---\n# T\n"],
    "entry unindented": ["---\na:\n", Slot("entry"), "- b\n", Slot("entry"), "c: d\n---\n# T\n"],
    "flow first": ["---\na: [", Slot("flow-first"), "b]\n---\n# T\n"],
    "flow next": ["---\na: [b", Slot("flow"), ", c", Slot("flow"), "]\n---\n# T\n"],
    "flow-pair": ["---\na: {b: c", Slot("flow-pair"), ", d: e", Slot("flow-pair"), "}\n---\n# T\n"],
    "eol": ["---\na: b", Slot("eol"), "\nc: d\n---\n# T\n"],
    "frontmatter": [Slot("frontmatter"), "# T\n\nab\n"],
}
