"""The audit itself: read what there is, hand each file to each rule, sort what they say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tierpub import seal
from tierpub.audit import layout as layouts
from tierpub.audit.case import Case, Rule, Statements
from tierpub.audit.finding import Finding
from tierpub.audit.hidden import needles_of
from tierpub.audit.look import look
from tierpub.audit.publication import MANIFEST, Opener, Publication, open_publication
from tierpub.audit.reading.levels import read_vault
from tierpub.audit.rules import RULES
from tierpub.errors import refuse
from tierpub.policy import Policy


def audit(  # noqa: PLR0913 - what an auditor may have
    publication: Path,
    *,
    vault: Path | None = None,
    policy: Policy | None = None,
    identities: Sequence[seal.Identity] = (),
    key: Path | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    statements: Statements | None = None,
    sealed: Mapping[int, bytes] | None = None,
) -> list[Finding]:
    """All findings against the publication in a folder, sorted, of any confidence.

    `vault` and `policy` go together: with them the text is held against the canonical notes.
    `identities` open sealed tiers, in memory; `sealed` is what was in them, by rank, where whoever
    sealed them asks. `statements` holds a tier's folder against its
    manifest, whose signature is checked by the public key in the file `key`. Raises `TierpubError`:
    `no-publication`, `no-policy` for a vault without one, `no-statements` for a key that nothing
    would check, `unknown-rule`, and what reading the vault raises.
    """
    rules = _chosen(select, ignore)
    if not publication.is_dir():
        raise refuse("no-publication", f"`{publication}` is no folder", None, "name a publication")
    if vault is not None and policy is None:
        raise refuse("no-policy", "a vault is audited by its policy", None, "name it: --policy")
    if key is not None and statements is None:
        hint = "leave the key out; the rest can be audited without it"
        raise refuse("no-statements", "signatures of manifests cannot be checked yet", None, hint)
    layout = layouts.of_policy(policy) if policy else layouts.guessed(publication)
    opener = _opener(identities, sealed or {})
    case = Case(open_publication(publication, layout, opener), layout, policy)
    case.identities = identities
    if statements is not None:
        _ask(case, statements, key)
    if vault is not None and policy is not None:
        case.reading = read_vault(vault, policy, layout)
        case.needles = needles_of(case.reading, layout)
        _digest(case, vault)
    return sorted(set(look(case, rules)), key=in_order)


def in_order(finding: Finding) -> tuple[object, ...]:
    """By place, and what stands at one place always in the same order."""
    return (*finding.order, finding.severity, finding.confidence, str(finding.canonical))


def _opener(identities: Sequence[seal.Identity], sealed: Mapping[int, bytes]) -> Opener:
    def opener(rank: int, data: bytes, place: str) -> bytes | None:
        if rank in sealed:
            return sealed[rank]
        return seal.unseal(data, identities, file=place) if identities else None

    return opener


def counted(publication: Publication) -> int:
    """How many files an audit can look into."""
    return sum(len(files) for files in publication.files.values()) + len(publication.bundles)


def _chosen(select: Iterable[str] | None, ignore: Iterable[str]) -> list[Rule]:
    known = {rule.name for rule in RULES}
    wanted, unwanted = set(select or known), set(ignore)
    for name in sorted((wanted | unwanted) - known):
        raise refuse(
            "unknown-rule", f"no rule is called `{name}`", None, "`tierpub rule` lists all"
        )
    return [rule for rule in RULES if rule.name in wanted - unwanted]


def _ask(case: Case, statements: Statements, key: Path | None) -> None:
    """What the manifests say of each tier that has one, or should have by the key given."""
    for rank, folder in case.publication.tier_folders.items():
        named = (folder / (case.layout.tree(rank) + MANIFEST)).is_file()
        if named or key is not None:
            case.problems[rank] = list(statements(folder, key))


def _digest(case: Case, vault: Path) -> None:
    """Digests of the vault's other files, to know them again whatever they are called."""
    if case.reading is None:
        return
    for path in case.reading.listing.others:
        digest = hashlib.sha256()
        with (vault / path).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        case.digests.setdefault(digest.digest(), []).append(path)
