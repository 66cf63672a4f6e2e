"""Which vault and which policy a verb works on, found where the user did not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tierpub.errors import Fault, TierpubError, refuse

if TYPE_CHECKING:
    from tierpub.policy import Policy

POLICY = "tierpub.yaml"
_SOURCE = "_Standards"
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


def workspace_options(command: _F) -> _F:
    """Add `--vault` and `--policy` to a verb."""
    folder = click.Path(path_type=Path, file_okay=False)
    file = click.Path(path_type=Path, dir_okay=False)
    command = click.option("--policy", type=file, help="Policy file. Default: the vault's tierpub.yaml.")(command)  # fmt: skip
    return click.option("--vault", type=folder, help="Vault root. Default: found from here upwards.")(command)  # fmt: skip


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
