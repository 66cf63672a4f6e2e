"""Running the tool on a tree in memory, and telling what went wrong so that one can read it."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest
from twin_hand import WORD
from twin_policy import policy
from twin_vault import Tree, Twins, write

from tierpub.errors import TierpubError

Outputs = dict[int, Tree]


def size(examples: int) -> int:
    """How many examples to try: `TIERPUB_EXAMPLES` where it is set."""
    return int(os.environ.get("TIERPUB_EXAMPLES", examples))


def run(tree: Tree, default: str, levels: Sequence[int] | None = None) -> Outputs:
    """The projections of `tree`; a refusal fails the test and shows the vault."""
    made = run_or_refuse(tree, default, levels)
    if not isinstance(made, TierpubError):
        return made
    faults = "\n".join(f"{fault.code}: {fault}" for fault in made.faults)
    return fail(f"refused\n{faults}", canonical=tree)


def run_or_refuse(
    tree: Tree, default: str, levels: Sequence[int] | None = None
) -> Outputs | TierpubError:
    """The projections of `tree`, or why they were refused; any other error shows the vault."""
    from tierpub import project  # noqa: PLC0415 - the generator works without it

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(tree, root)
        try:
            return dict(project(root, policy(default, root), levels))
        except TierpubError as error:
            return error
        except Exception as error:
            error.add_note(f"canonical\n{shown(tree)}")
            raise


def words(tree: Tree) -> set[str]:
    """The planted words in names and contents."""
    every = "\n".join([*tree, *(data.decode("utf-8", "replace") for data in tree.values())])
    return set(WORD.findall(every.casefold()))


def shown(tree: Tree) -> str:
    """`tree` as text; ends of lines other than LF are made visible."""
    parts = []
    for path, data in sorted(tree.items()):
        text = data.decode() if path.endswith(".md") else repr(data)
        parts.append(f"=== {path}\n" + text.replace("\r\n", "␍\n"))
    return "\n".join(parts)


def diff(a: Tree, b: Tree) -> str:
    """Unified diff of two trees."""
    lines = (shown(tree).splitlines() for tree in (a, b))
    return "\n".join(difflib.unified_diff(*lines, "a", "b", lineterm=""))


def fail(message: str, **trees: Tree) -> NoReturn:
    """Fail with `message` and the trees that show why."""
    parts = (f"\n##### {name}\n{shown(tree)}" for name, tree in trees.items())
    pytest.fail(message + "".join(parts), pytrace=False)


def check_same(twins: Twins, a: Tree, b: Tree, outputs: tuple[Tree, Tree]) -> None:
    """The two outputs at the level are one; else both vaults, both outputs and their diff."""
    if outputs[0] == outputs[1]:
        return
    told = f"twins can be told apart at level {twins.level}\n{diff(*outputs)}\n"
    fail(
        told + f"hidden: {', '.join(twins.fillings)}",
        **{"canonical a": a, "canonical b": b, "output a": outputs[0], "output b": outputs[1]},
    )


def check_words(message: str, wrong: Iterable[str], tree: Tree, output: Tree) -> None:
    """No word is wrong; else which, the vault, and what came out."""
    if found := sorted(wrong):
        fail(f"{message}: {', '.join(found)}", canonical=tree, output=output)
