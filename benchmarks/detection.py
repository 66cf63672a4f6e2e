"""Detection: how much of what is planted into clean publications `tierpub audit` finds.

    python -m benchmarks detection [VAULT…] [--policy FILE] [--plants N]

Prints the false findings on the clean publication of each vault, recall by sort of plant, precision
by rule, and how long an audit takes against reading every published file once.
"""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyrage
import yaml

from benchmarks.measure import folder
from benchmarks.plants import PLANTERS, Bed, Plant, Tree
from tierpub import project, seal
from tierpub.audit import Finding, audit
from tierpub.policy import Policy, parse_policy
from tierpub.seal import Identity, load_identities

SAMPLE = Path(__file__).parents[1] / "vault"
ROUNDS = {True: 12, False: 1}
"""Publications with plants that are audited: of a small vault, of a large one."""
_RELABELLED = 30
SMALL = 100
"""Notes."""


@dataclass
class Tally:
    """What came of it."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: list[Plant] = field(default_factory=list)
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    strange: list[Finding] = field(default_factory=list)


@dataclass
class Bench:
    """One vault with its clean publication."""

    vault: Path
    policy: Policy
    keys: dict[int, str]
    identities: Sequence[Identity]
    trees: dict[int, Tree]
    source: dict[str, str]
    files: dict[str, bytes]

    def write(self, out: Path, trees: dict[int, Tree], extra: dict[int, list[str]]) -> None:
        """Lay a release out. `extra` are recipients that a tier should not have."""
        names = self.policy.ladder.names
        for rank, tree in trees.items():
            base = out / names[rank]
            base.mkdir(parents=True)
            if not self.policy.sealed(rank):
                for path, data in tree.items():
                    file = base / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(data)
                continue
            to = seal.recipients_for(rank, self.policy.recipients, self.policy.seal_from)
            bundle = seal.seal(seal.build(tree.items()), [*to, *extra.get(rank, [])])
            (base / f"_{names[rank]}.tar.age").write_bytes(bundle)

    def audit(self, out: Path) -> list[Finding]:
        """Everything the auditor can do."""
        return audit(out, vault=self.vault, policy=self.policy, identities=self.identities)


def measure(vaults: list[Path], policy: Path, seed: int, most: int) -> None:
    """Run the whole benchmark and print what it gave; `most` plants go into a publication."""
    tally = Tally()
    for vault in [SAMPLE, *vaults]:
        with folder() as root:
            bench = _bench(vault, policy, root)
            _clean(bench, root)
            small = len(bench.source) < SMALL
            for number in range(ROUNDS[small]):
                _planted(bench, root / "planted", tally, random.Random(f"{seed}:{number}"), most)
            _structure(bench, root, tally)
            if small:
                _labels(bench, root, tally)
    _print(tally)


def _bench(vault: Path, policy: Path, root: Path) -> Bench:
    """The vault's projections, sealed to keys made for the occasion."""
    data = yaml.safe_load(policy.read_text())
    names = [t["name"] if isinstance(t, dict) else t for t in data["tiers"]]
    sealed = names.index(data["seal_from"]) if data.get("seal_from") else len(names)
    keys, tiers = {}, []
    for rank, name in enumerate(names):
        if rank < sealed:
            tiers.append(name)
            continue
        made = pyrage.x25519.Identity.generate()
        keys[rank] = str(made.to_public())
        path = root / f"{name}.key"
        path.write_text(f"{made}\n")
        path.chmod(0o600)
        tiers.append({"name": name, "recipients": [keys[rank]]})
    data["tiers"], data["mentions"] = tiers, "off"
    stated = parse_policy(yaml.safe_dump(data), "policy.yaml", root)
    identities = load_identities([root / f"{names[-1]}.key"], {})
    trees = {rank: dict(tree) for rank, tree in project(vault, stated).items()}
    below = vault / stated.source
    source = {
        str(path.relative_to(below)): path.read_text("utf-8", "replace")
        for path in below.rglob("*.md")
    }
    files = {
        str(path.relative_to(below)): path.read_bytes()
        for path in below.rglob("*")
        if path.is_file() and path.suffix != ".md"
    }
    return Bench(vault, stated, keys, identities, trees, source, files)


def _clean(bench: Bench, root: Path) -> None:
    out = root / "clean"
    bench.write(out, bench.trees, {})
    start = time.perf_counter()
    size = sum(len(path.read_bytes()) for path in out.rglob("*") if path.is_file())
    reading = time.perf_counter() - start
    start = time.perf_counter()
    found = bench.audit(out)
    whole = time.perf_counter() - start
    start = time.perf_counter()
    audit(out, policy=bench.policy)
    alone = time.perf_counter() - start
    counts = Counter(each.confidence for each in found)
    print(f"{bench.vault.name}: {len(bench.source):,} notes, {size / 1e6:.1f} MB published")
    said = ", ".join(f"{counts[level]} {level}" for level in ("high", "medium", "low"))
    print(f"  findings on the clean publication: {said}")
    for each in found[:10]:
        print(f"    {each.rule} {each.confidence} {each.file}:{each.line} {each.message}")
    print(f"  reading it {reading:.2f} s; audit with the vault {whole:.2f} s ({whole / reading:.0f}"
          f" times), alone {alone:.2f} s ({alone / reading:.0f} times)")  # fmt: skip
    shutil.rmtree(out)


def _planted(bench: Bench, out: Path, tally: Tally, rng: random.Random, most: int) -> None:
    """One publication with a plant in every file that takes one, at most one a note."""
    bed = _bed(bench, rng)
    plants: list[Plant] = []
    notes = sorted(bench.source)
    rng.shuffle(notes)
    turn = rng.randint(0, len(PLANTERS))
    for note in notes[:most]:
        ranks = [r for r in bench.trees if r < bed.top and _path(bed, note, r) in bench.trees[r]]
        if not ranks:
            continue
        rank = rng.choice(ranks)
        for step in range(len(PLANTERS)):
            made = PLANTERS[(turn + step) % len(PLANTERS)](bed, rank, _path(bed, note, rank))
            if made:
                plants.append(made)
                turn += step + 1
                break
    bench.write(out, bed.trees, {})
    _score(tally, plants, bench.audit(out))
    shutil.rmtree(out)


def _bed(bench: Bench, rng: random.Random) -> Bed:
    trees = {rank: dict(tree) for rank, tree in bench.trees.items()}
    return Bed(rng, trees, bench.trees, bench.policy.ladder.names, bench.source, bench.files)


def _path(bed: Bed, note: str, rank: int) -> str:
    tier = bed.tiers[rank]
    return f"_{tier}/{note.removesuffix('.md')}.{tier}.md"


def _score(tally: Tally, plants: list[Plant], found: list[Finding]) -> None:
    """Hold findings of medium and high confidence against what was planted."""
    by_file: dict[str, set[str]] = {}
    for each in found:
        if each.confidence != "low":
            by_file.setdefault(each.file, set()).add(each.rule)
    planted = set()
    for plant in plants:
        tally.planted[plant.kind] += 1
        files = [file for file in by_file if file.endswith(plant.path)]
        planted.add(plant.path)
        rules = set().union(*(by_file[file] for file in files))
        if rules & plant.rules:
            tally.found[plant.kind] += 1
        else:
            tally.missed.append(plant)
    gone = {plant.path for plant in plants if plant.kind == "missing file"}
    for each in found:
        if each.confidence == "low":
            continue
        # What was done to a file shows at other tiers, and in links to what is gone.
        right = any(each.file.endswith(path) for path in planted) \
            or each.rule == "not-monotone" or (each.rule == "dangling-link" and gone)  # fmt: skip
        (tally.right if right else tally.wrong)[each.rule] += 1
        if not right:
            tally.strange.append(each)


def _structure(bench: Bench, root: Path, tally: Tally) -> None:
    """Seals: a tier in the clear, a recipient too many, one too few, a file that is no age file."""
    names = bench.policy.ladder.names
    stranger = str(pyrage.x25519.Identity.generate().to_public())
    out = root / "structure"
    small = {r: dict(sorted(t.items())[:20]) for r, t in bench.trees.items()}
    for kind, rules in (("unsealed tier", "unsealed-tier"), ("plaintext bundle", "unsealed-tier"),
                        ("wrong recipient", "wrong-recipients"),
                        ("missing recipient", "wrong-recipients")):  # fmt: skip
        for rank in bench.keys:
            bundle = f"{names[rank]}/_{names[rank]}.tar.age"
            bench.write(out, small, {rank: [stranger]} if kind == "wrong recipient" else {})
            path = bundle
            if kind == "unsealed tier":
                path = next(iter(small[rank]))
                (out / names[rank] / path).parent.mkdir(parents=True)
                (out / names[rank] / path).write_bytes(small[rank][path])
            elif kind == "plaintext bundle":
                (out / bundle).write_bytes(seal.build(small[rank].items()))
            elif kind == "missing recipient":
                own = [bench.keys[rank]] if rank < max(bench.keys) else [stranger]
                (out / bundle).write_bytes(seal.seal(seal.build(small[rank].items()), own))
            found = audit(out, policy=bench.policy, identities=bench.identities,
                          select=[rules])  # fmt: skip
            _score(tally, [Plant(kind, rank, path, frozenset({rules}))], found)
            shutil.rmtree(out)


def _labels(bench: Bench, root: Path, tally: Tally) -> None:
    """Labels of the vault lowered, raised or taken away behind the publication's back."""
    out = root / "labels"
    bench.write(out, bench.trees, {})
    for note, label, text in _relabelled(bench):
        vault = root / "relabelled"
        shutil.copytree(bench.vault, vault)
        (vault / bench.policy.source / note).write_text(text, encoding="utf-8", newline="")
        found = replace(bench, vault=vault).audit(out)
        shutil.rmtree(vault)
        stem = f"/{note.removesuffix('.md')}."
        kinds = TEXT_OR_FILES
        hit = any(each.rule in kinds and stem in each.file and each.confidence != "low"
                  for each in found)  # fmt: skip
        tally.planted[label] += 1
        tally.found[label] += hit
        if not hit:
            tally.missed.append(Plant(label, 0, note, kinds))
    shutil.rmtree(out)


TEXT_OR_FILES = frozenset({
    "leaked-value", "leaked-title", "leaked-path", "lost-text", "altered-text", "missing-file",
    "stale-file", "mislabelled-banner",
})  # fmt: skip


def _relabelled(bench: Bench) -> Iterator[tuple[str, str, str]]:
    """Canonical notes with one label changed, at most thirty of them."""
    label = re.compile(r"([\[(]confidential:: ?|#confidential/|^confidential: )(\w+)", re.MULTILINE)
    count = 0
    for note, text in sorted(bench.source.items()):
        for match in label.finditer(text):
            rank = bench.policy.ladder.rank(match[2])
            if rank is None or count >= _RELABELLED:
                continue
            other = "public" if rank else "secret"
            if match[1].startswith("confidential: "):
                other = "secret"  # a rule may keep a note from being lower
                if rank == bench.policy.ladder.top:
                    continue
            count += 1
            kind = "label lowered" if other == "public" else "label raised"
            yield note, kind, text[: match.start(2)] + other + text[match.end(2) :]


def _print(tally: Tally) -> None:
    planted, found = sum(tally.planted.values()), sum(tally.found.values())
    print(f"\nplanted {planted}, found {found}: recall {found / planted:.3f}")
    for kind, count in sorted(tally.planted.items()):
        print(f"  {kind:24} {tally.found[kind]:4} of {count:4}")
    for plant in tally.missed[:20]:
        print(f"    missed: {plant.kind} in {plant.path}")
    print("\nprecision by rule, findings of medium and high confidence")
    for rule in sorted({*tally.right, *tally.wrong}):
        right, wrong = tally.right[rule], tally.wrong[rule]
        print(f"  {rule:24} {right / (right + wrong):.3f}  ({right} of {right + wrong})")
    for each in tally.strange[:20]:
        print(f"    not planted: {each.rule} {each.confidence} {each.file}:{each.line}")
    with contextlib.suppress(BrokenPipeError):
        print(end="", flush=True)
