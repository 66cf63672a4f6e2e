"""The canary sweep: no token above the level leaves, and every other token is there.

`tierpub project --all` runs on a vault that has a token in every slot at every tier
(`canary_slots.py`), once for each sort of line end and once with marks; the sealed tiers are
opened with their keys.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from canaries import SEALED, TIERS, TOKEN, Sweep, forms, planted, policy, slug, word
from canary_slots import BODY, FIELDS, NOTES
from cli_tools import tierpub

MARKS = "redaction: {block: mark, inline: mark}"
SORTS = {"LF": ("", "\n", ""), "CRLF": ("", "\r\n", ""), "BOM": ("\ufeff", "\n", "")}
SORTS["marks"] = ("", "\n", MARKS)
"""What a note begins with, how its lines end, and what the policy has besides."""
VAULT, FILLERS = planted()
TOP = len(TIERS) - 1


@cache
def sweep() -> Sweep:
    """The search for all tokens."""
    return Sweep(VAULT.tokens)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the command line left and said."""

    end: str
    trees: dict[int, dict[str, bytes]]
    """For each level its files, by path; those of sealed tiers as they were opened."""
    said: bytes
    files: dict[str, bytes]
    """All that lies in the vault but its source and policy, and in the folder for temporary
    files."""


def write(root: Path, sort: str, keys: dict[str, str]) -> None:
    """Write the vault in one sort."""
    start, end, besides = SORTS[sort]
    for name, text in VAULT.files.items():
        path = root / "_Standards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((start + text.replace("\n", end)).encode())
    (root / "tierpub.yaml").write_text(policy(keys, besides), encoding="utf-8")


def run(place: Path, sort: str) -> Run:
    """Make keys, write all tiers, and open those that are sealed."""
    keys = {}
    for tier in TIERS[SEALED:]:
        keys[tier] = re.findall(r"age1\w+", tierpub("keygen", "-o", place / tier).stderr)[0]
    root, temp = place / "vault", place / "temp"
    temp.mkdir()
    write(root, sort, keys)
    done = tierpub("project", "--all", "--vault", root, env={"TMPDIR": str(temp)})
    assert (done.returncode, done.stderr) == (0, "")
    trees = {level: read(root, f"_{TIERS[level]}/") for level in range(SEALED)}
    for level in range(SEALED, len(TIERS)):
        out = place / f"opened-{TIERS[level]}"
        bundle = root / f"_{TIERS[level]}.tar.age"
        opened = tierpub("open", bundle, "--identity", place / TIERS[level], "--output", out)
        assert opened.returncode == 0, opened.stderr
        trees[level] = read(out)
    sources = ("_Standards/", "tierpub.yaml")
    files = {p: d for p, d in read(root).items() if not p.startswith(sources)}
    return Run(SORTS[sort][1], trees, (done.stdout + done.stderr).encode(), files | read(temp))


def read(folder: Path, below: str = "") -> dict[str, bytes]:
    """All files below `folder` whose path begins with `below`."""
    found = ((p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if p.is_file())
    return {name: path.read_bytes() for name, path in found if name.startswith(below)}


# What may be wrong with a run, each as a list of complaints.


def leaks(run: Run) -> list[str]:
    """Tokens above the level in the bytes or names of what was written for it."""
    return [
        f"{where} in {path} at {TIERS[level]}"
        for level, tree in run.trees.items()
        for path, data in tree.items()
        for where in above(level, path.encode() + b"\0" + data)
    ]


def remains(run: Run) -> list[str]:
    """Tokens of sealed tiers anywhere on the disk; text of any tier in state; anything said."""
    names = sweep().find("\0".join(path for path in run.files if path[0] == "_").encode())
    found = [f"{token} said" for token in sorted(sweep().find(run.said))]
    for path, data in run.files.items():
        found += [f"{where} in {path}" for where in above(SEALED - 1, path.encode() + b"\0" + data)]
        if path.startswith(".tierpub/"):
            found += [f"{token} in {path}" for token in sorted(sweep().find(data) - names)]
    return found


def losses(run: Run) -> list[str]:
    """Lines that a level should have and has not."""
    found = []
    for level in run.trees:
        for name, path, line in expected(level):
            if line not in lines_of(run, level, path):
                found.append(f"{name}: {line!r} of {path} at {TIERS[level]}")
        everything = b"\0".join(p.encode() + b"\0" + d for p, d in run.trees[level].items())
        there = sweep().find(everything)
        tokens = VAULT.tokens.items()
        found += [
            f"{t} at {TIERS[level]}" for t, tier in tokens if tier <= level and t not in there
        ]
    return found


def above(level: int, data: bytes) -> list[str]:
    """The tokens in `data` that are above `level`, each with the slot it was planted in."""
    found = [token for token in sweep().find(data) if VAULT.tokens[token] > level]
    names = {t: next((s[0] for s in VAULT.shown if t in s[3]), "a target") for t in found}
    return [f"{token} of {names[token]}" for token in sorted(found)]


def expected(level: int) -> Iterator[tuple[str, str, str]]:
    """Slot, note and text of every line with a token that `level` is to have."""
    for name, tier, path, text in VAULT.shown:
        if tier <= level:
            for line in FILLERS[tier].at(text, level).split("\n"):
                if TOKEN.search(line):
                    yield name, path, line


def lines_of(run: Run, level: int, note: str) -> set[str]:
    """The lines of a note's projection; none where it has none."""
    tier = TIERS[level]
    data = run.trees[level].get(f"_{tier}/{note.removesuffix('.md')}.{tier}.md", b"")
    return set(data.decode().removeprefix("\ufeff").split(run.end))


@pytest.mark.parametrize("sort", SORTS)
def test_canaries(tmp_path: Path, sort: str, tell) -> None:
    """Nothing above a level stands in any byte or name of what is written for it, or is said or
    left beside it; and each line at or below the level is there as it was written."""
    made = run(tmp_path, sort)
    assert len(made.trees) == len(TIERS)
    assert all(made.trees.values())
    assert made.said
    assert {path.partition("/")[0] for path in made.files} >= {".tierpub", "_secret.tar.age"}
    wrong = [*leaks(made), *remains(made), *losses(made)]
    assert not wrong, "\n".join(wrong)
    tell(f"canaries, {sort}: {told(made)}")


def told(made: Run) -> str:
    """How much was planted, in how many forms it was looked for, and where."""
    kinds = len(FIELDS) + len(BODY) + len(NOTES)
    files = sum(map(len, made.trees.values())) + len(made.files)
    lines = sum(1 for level in made.trees for _ in expected(level))
    return (
        f"{VAULT.slots} slots of {kinds} kinds, {len(VAULT.tokens)} tokens, {sweep().forms} forms "
        f"of them looked for in {files} files; {lines} lines that had to be there"
    )


def test_there_are_canaries_enough() -> None:
    """Every kind of slot has tokens at every tier that it can have."""
    for slot in (*FIELDS, *BODY, *NOTES.values()):
        tiers = {tier for name, tier, *_ in VAULT.shown if name == f"{slot.name} ({slot.by})"}
        assert tiers == ({TOP} if slot.tier else set(range(TOP + 1)))
    assert all(TOKEN.fullmatch(token) for token in VAULT.tokens)
    assert not [path for path, text in VAULT.files.items() if "\u00ab" in path + text]


# The sweep can fail.


def still(note: str, text: str) -> Run:
    """A run that made nothing but one public file."""
    tier = TIERS[0]
    tree = {f"_{tier}/{note.removesuffix('.md')}.{tier}.md": text.encode()}
    return Run("\n", {0: tree}, b"", {})


def secret() -> str:
    """A token of the highest tier."""
    return next(token for token, tier in VAULT.tokens.items() if tier == TOP)


def test_a_leak_is_seen_in_text_and_in_names() -> None:
    """A token above the level is told, with its slot, wherever it stands."""
    token = secret()
    assert len(leaks(still("N.md", f"open {token} words"))) == 1
    assert len(leaks(still(f"{token}/N.md", "open"))) == 1
    assert not leaks(still("N.md", "open"))


def test_a_remnant_is_seen_on_the_disk_and_on_the_screen() -> None:
    """A token in state, in a temporary file or in what is said is told."""
    token = secret().encode()
    clean = still("N.md", "open")
    assert not remains(clean)
    for file in (".tierpub/state", "tmp1234", "_private.tar.age"):
        assert remains(replace(clean, files={file: b"a " + token}))
    assert remains(replace(clean, said=token))
    public = next(token for token, tier in VAULT.tokens.items() if tier == 0).encode()
    assert remains(replace(clean, files={".tierpub/state": public}))


def test_a_loss_is_seen() -> None:
    """A line that is missing or is another is told by its slot."""
    name, path, line = next(expected(0))
    assert [
        loss for loss in losses(still(path, f"{line}x")) if loss.startswith(f"{name}: {line!r}")
    ]
    assert not [loss for loss in losses(still(path, line)) if loss.startswith(f"{name}: {line!r}")]


@pytest.mark.parametrize("plain", [False, True])
def test_the_sweep_sees_through_encodings(plain) -> None:
    """A token is found in each form, in the middle of other bytes, at any alignment."""
    token = word(7, plain=plain)
    small = Sweep([word(6), token, word(8)])
    written = [*forms(token), slug(token).encode(), quote(token[:4]).encode() + token[4:].encode()]
    written += [base64.b64encode(b"x" * n + token.encode() + b"yz") for n in range(3)]
    assert [form for form in written if small.find(b"ab " + form + b" c") != {token}] == []


def test_the_sweep_sees_only_what_is_there() -> None:
    """What differs from a token by a letter of its core is not it."""
    assert Sweep([word(1)]).find(word(2).encode() + base64.b64encode(word(3).encode())) == set()


def test_tokens_are_unlike() -> None:
    """Tokens differ in every form that is looked for, and none is a part of another."""
    tokens = [word(n, plain=n % 3 == 0) for n in range(4000)]
    assert len({slug(token) for token in tokens}) == len(tokens)
    assert len({len(slug(token)) for token in tokens}) == 1
