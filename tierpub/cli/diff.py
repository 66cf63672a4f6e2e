"""`tierpub diff`: what one level reads of a note and another does not, and why."""

from __future__ import annotations

from pathlib import Path

import click

from tierpub.cli.output import print_json
from tierpub.cli.paper import only_for_cleared_eyes, pen, put
from tierpub.cli.workspace import find_workspace, workspace_options


@click.command(name="diff")
@click.argument("note", metavar="NOTE")
@click.option("--from", "before", required=True, metavar="TIER", help="Level to start from.")
@click.option("--to", "after", required=True, metavar="TIER", help="Level to compare it with.")
@workspace_options
@click.option(
    "-v", "--verbose", is_flag=True, help="Explain every cut, not the first few of each hunk."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(  # noqa: PLR0913 - one for each option
    note: str,
    *,
    before: str,
    after: str,
    vault: Path | None,
    policy: Path | None,
    verbose: bool,
    form: str,
) -> int:
    """Show what one level reads and another does not.

    A unified diff of the text that the two levels keep of NOTE; below each hunk stands which
    portions made it, their tier and the reason. Link targets and the banner are shown as in the
    canonical note, so that they make no difference. Quotes the note: it is for readers who may
    see the whole vault.

    Exits with 0 whether or not there is a difference.
    """
    space = find_workspace(vault, policy)
    levels = space.rank(before), space.rank(after)
    only_for_cleared_eyes()
    from tierpub.report.difference import difference, difference_data
    from tierpub.report.difference_text import difference_text

    names = space.policy.ladder.names
    found = space.survey()
    made = difference(found, space.note(found, note), *levels)
    if form == "json":
        print_json(difference_data(made, names))
    elif made.hunks:
        put(difference_text(made, names, pen(), verbose=verbose))
    else:
        click.echo(_same(made.seen, names[levels[0]], names[levels[1]]), err=True)
    return 0


def _same(seen: tuple[bool, bool], before: str, after: str) -> str:
    if not any(seen):
        return f"neither {before} nor {after} gets this note"
    return f"{before} and {after} read the same"
