"""`tierpub keygen`: make an age identity."""

from __future__ import annotations

import os
import stat
import sys
from datetime import datetime
from pathlib import Path

import click

from tierpub.cli.output import print_json
from tierpub.errors import Place, TierpubError, refuse


@click.command(name="keygen")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to create, readable by you alone. Never overwrites.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(output: Path | None, form: str) -> None:
    """Make an age identity: the key that opens what is sealed to it.

    Writes it to a new file, or to standard output. The public key, which goes into a policy's
    `recipients`, is shown on standard error.
    """
    text, public = _identity()
    if output is None:
        _warn_if_shared()
    else:
        _create(output, text)
    if form == "json":
        where = {"file": str(output)} if output else {"identity": text.split("\n")[2]}
        print_json({"public_key": public, **where})
    elif output is None:
        click.echo(text, nl=False)
    click.echo(f"Public key: {public}", err=True)


def _identity() -> tuple[str, str]:
    """The text of a new identity file as `age-keygen` writes it, and its public key."""
    import pyrage

    key = pyrage.x25519.Identity.generate()
    public = str(key.to_public())
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    return f"# created: {created}\n# public key: {public}\n{key}\n", public


def _create(path: Path, text: str) -> None:
    """Create `path` with mode 0600 and write `text`; nothing is left when that fails."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(path, flags, 0o600)
    except FileExistsError:
        message = "stands there already and is not overwritten"
        raise refuse("keygen-failed", message, Place(str(path)), "name another file") from None
    except OSError as error:
        raise _failed(path, error) from None
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            os.fchmod(handle, 0o600)
            file.write(text)
            file.flush()
            os.fsync(handle)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _failed(path, error) from None
        raise


def _failed(path: Path, error: OSError) -> TierpubError:
    return refuse("keygen-failed", f"cannot be written: {error.strerror}", Place(str(path)))


def _warn_if_shared() -> None:
    """Warn when standard output is a file that others may read."""
    try:
        mode = os.fstat(sys.stdout.fileno()).st_mode
    except (OSError, ValueError):
        return
    if stat.S_ISREG(mode) and mode & 0o077:
        click.echo("warning: writing a secret key to a file that others may read", err=True)
