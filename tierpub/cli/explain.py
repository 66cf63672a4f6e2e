"""`tierpub explain`: the tier of each portion of a note, and why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierpub.cli.output import print_json
from tierpub.cli.paper import only_for_cleared_eyes, pen, put
from tierpub.cli.workspace import Workspace, find_workspace, workspace_options
from tierpub.errors import TierpubError

if TYPE_CHECKING:
    from tierpub.classify import Survey


@click.command(name="explain")
@click.argument("note", metavar="NOTE[:LINE]")
@workspace_options
@click.option("-v", "--verbose", is_flag=True, help="Show links and tags that change nothing, too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(note: str, *, vault: Path | None, policy: Path | None, verbose: bool, form: str) -> int:
    """Tell the tier of each portion of a note, and why.

    Shown is each portion with words or a reason of its own, in the order of the text, but links
    and tags only where they are higher than the text around them. What has no reason beside it
    has the tier of what it stands in. With a LINE, the portions of that line and
    all that they stand in. Quotes the note: it is for readers who may see the whole vault.
    """
    space = find_workspace(vault, policy)
    only_for_cleared_eyes()
    from tierpub.report.explain import explain, explanation_data
    from tierpub.report.explain_text import explanation_text

    found = space.survey()
    explanation = explain(found, *_named(space, found, note))
    if form == "json":
        print_json(explanation_data(explanation))
    else:
        put(explanation_text(explanation, pen(), verbose=verbose))
    return 0


def _named(space: Workspace, found: Survey, given: str) -> tuple[str, int | None]:
    """The note and the line that an argument names. A name may hold a colon, too."""
    try:
        return space.note(found, given), None
    except TierpubError:
        match = re.fullmatch(r"(.+):(\d+)(?::\d+)?", given)
        if match is None:
            raise
        return space.note(found, match[1]), int(match[2])
