"""`tierpub open`: look into a sealed tier, or lay it out."""

from __future__ import annotations

from pathlib import Path

import click

from tierpub.cli.output import print_json
from tierpub.errors import Place, refuse


@click.command(name="open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-i",
    "--identity",
    "identities",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File with the key to open it; may be repeated. Default: $TIERPUB_IDENTITY.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write the files below. Nothing is overwritten.",
)
@click.option("--list", "listing", is_flag=True, help="Print the names and write nothing.")
@click.option("--ssh", is_flag=True, help="Admit ssh private keys as identities.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(  # noqa: PLR0913 - one for each option
    file: Path,
    identities: tuple[Path, ...],
    output: Path | None,
    *,
    listing: bool,
    ssh: bool,
    form: str,
) -> None:
    """Open FILE, a sealed tier such as `_private.tar.age`.

    What `--list` prints and `--output` writes is for the eyes of those it was sealed for. The
    seal says who may read a file and not who made it.
    """
    if listing == (output is not None):
        raise click.UsageError("give either --list or -o DIR")
    from tierpub import seal
    from tierpub.cli.identities import load

    keys = load(identities, ssh=ssh)
    found = seal.members(seal.unseal(_read(file), keys, file=str(file)), file=str(file))
    count = 0 if output is None else seal.extract(found, output)
    if form == "json":
        names = [{"name": member.name, "size": len(member.data)} for member in found]
        print_json({"folder": None if output is None else str(output), "files": names})
    elif output is None:
        # As bytes: a locale that cannot write a name must not fail here.
        click.echo("".join(f"{member.name}\n" for member in found).encode(), nl=False)
    if output is not None:
        click.echo(f"opened {count} file{'' if count == 1 else 's'} into {output}", err=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise refuse("open-failed", message, Place(str(path))) from None
