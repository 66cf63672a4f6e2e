"""Which vault and which policy a verb works on, found where the user did not say."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tierpub.errors import Fault, TierpubError, refuse
from tierpub.tiers import fold

if TYPE_CHECKING:
    from tierpub.classify import Survey
    from tierpub.policy import Policy
    from tierpub.vault import Vault

POLICY = "tierpub.yaml"
_SOURCE = "_Standards"
_FEW = 5
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Workspace:
    """A vault root and the policy for it."""

    root: Path
    policy: Policy

    def rank(self, name: str) -> int:
        """The rank of the tier that an option names."""
        rank = self.policy.ladder.rank(name)
        if rank is None:
            near = self.policy.ladder.suggest(name)
            hint = f"did you mean `{near}`?" if near else ", ".join(self.policy.ladder.names)
            raise refuse("unknown-tier", f"the policy has no tier `{name}`", None, hint)
        return rank

    def survey(self) -> Survey:
        """All notes of the vault, classified; faults are in it and not raised."""
        from tierpub.classify import survey
        from tierpub.vault import scan

        return survey(scan(self.root, self.policy), self.policy)

    def note(self, found: Survey, name: str) -> str:
        """The note that an argument names, or a refusal with the name probably meant."""
        vault = found.context.vault
        note = find_note(self.root, vault.source, vault.notes, name)
        if note is None:
            raise refuse("no-such-note", f"no canonical note is called `{name}`", None,
                         _meant(vault, name))  # fmt: skip
        return note


def find_note(root: Path, source: str, notes: Iterable[str], name: str) -> str | None:
    """Which of `notes` an argument names: by a path (see `paths_of`) in any case and
    normalisation, or by its bare name, where no other of them has it. None where it is none.
    """
    known = {fold(note): note for note in notes}
    for path in paths_of(root, source, name):
        if note := known.get(fold(path)):
            return note
    hits = _ending(known.values(), name)
    return hits[0] if len(hits) == 1 else None


def paths_of(root: Path, source: str, name: str) -> list[str]:
    """The paths below the source that an argument may mean, which is one in the source, in the
    vault or in the shell, with or without `.md`. Whether anything stands there does not matter."""
    below = (root / source).resolve()
    shell = Path(name).absolute()
    found = [name, name.removeprefix(source + "/")]
    found += [
        path.relative_to(below).as_posix()
        for path in (shell, shell.parent.resolve() / shell.name)
        if path.is_relative_to(below)
    ]
    paths = [posixpath.normpath(path) for path in found]
    return [f"{path}{end}" for path in paths for end in ("", ".md")]


def _ending(notes: Iterable[str], name: str) -> list[str]:
    ends = fold("/" + name.strip("/"))
    return [note for note in notes if fold(f"/{note}").endswith((ends, ends + ".md"))]


def _meant(vault: Vault, name: str) -> str:
    """A hint for cleared eyes: the note that was probably meant."""
    import difflib

    by_name = {note.removesuffix(".md").rpartition("/")[2]: note for note in vault.notes}
    bare = Path(name).name.removesuffix(".md")
    hits = _ending(vault.notes, name) or [
        by_name[near] for near in difflib.get_close_matches(bare, by_name, n=1)
    ]
    hits = hits or [note for note in vault.notes if bare and fold(bare) in fold(note)]
    if len(hits) == 1:
        return f"did you mean `{hits[0]}`?"
    if hits:
        more = ", …" if len(hits) > _FEW else ""
        return f"which of {', '.join(f'`{hit}`' for hit in hits[:_FEW])}{more}?"
    return f"name it by its path below {vault.source or 'the vault root'}"


def workspace_options(command: _F) -> _F:
    """Add `--vault` and `--policy` to a verb."""
    folder = click.Path(path_type=Path, file_okay=False)
    file = click.Path(path_type=Path, dir_okay=False)
    policy = click.option("--policy", type=file, help="Policy. Default: the vault's tierpub.yaml.")
    vault = click.option("--vault", type=folder, help="Vault root. Default: found from here up.")
    return vault(policy(command))


def find_workspace(vault: Path | None, policy: Path | None) -> Workspace:
    """The vault and policy that were named, or else found: a vault is a folder that holds
    `tierpub.yaml` or `_Standards`, looked for from the working directory upwards, then in its
    `vault` folder; its policy is its own, or `policies/default.yaml` beside it."""
    from tierpub.policy import load_policy

    root = vault or _find_root(Path.cwd())
    return Workspace(root, load_policy(policy or _find_policy(root)))


def _find_root(start: Path) -> Path:
    for folder in (start, *start.parents):
        for root in (folder, folder / "vault"):
            if (root / POLICY).is_file() or (root / _SOURCE).is_dir():
                return root
    raise refuse(
        "no-vault",
        f"no vault here or above: no folder holds `{POLICY}` or `{_SOURCE}`",
        None,
        "run in a vault or name one with --vault DIR",
    )


def _find_policy(root: Path) -> Path:
    for file in (root / POLICY, root.parent / "policies" / "default.yaml"):
        if file.is_file():
            return file
    raise refuse(
        "no-policy",
        f"no policy: `{root / POLICY}` is not there",
        None,
        "name one with --policy FILE, or start from a copy of policies/default.yaml",
    )


def errors_of(faults: list[Fault]) -> TierpubError | None:
    """The refusal that the errors among `faults` amount to, if there are any."""
    errors = [fault for fault in faults if fault.severity == "error"]
    return TierpubError(*errors) if errors else None
