"""What the tests of the audit share: a small vault, a clean publication of it, and the auditor."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyrage

import tierpub
from tierpub import seal
from tierpub.audit import Finding, audit
from tierpub.policy import Policy, parse_policy
from tierpub.seal import Identity, load_identities

TIERS = ("public", "internal", "secret")
POLICY = """\
version: 1
tiers:
  - public
  - internal
  - {name: secret, recipients: [KEY]}
seal_from: secret
mentions: "off"
defaults: {note: internal, comment: secret}
rules:
  - {note: Open/**, tier: public}
  - {note: People/**, tier: secret}
  - {field: phone, tier: internal}
  - {section: "Salar*", tier: secret}
  - {attachment: "**/plan.txt", tier: internal}
"""
NOTES = {
    "Open/Office.md": """\
---
confidential: public
aliases: [The Bureau]
phone: 555 0100 2200
town: Harbour Town
---

# Office

Open words about the house by the lake. See [[Ann_Falconer|her page]] and [[Lake]].

- first item of the list
- second item [confidential:: internal]

%% the landlord wants to sell in spring %%

## Salaries of the crew

Nineteen silver coins a week.

## Opening hours

From eight to noon.[^hours]

[^hours]: But for holidays.
""",
    "Open/Lake.md": "# Lake\n\nWater, and the [[Office#Opening hours]] sign.\n",
    "Plans.md": "# Plans\n\nThe second harbour opens in autumn, says the captain.\n",
    "People/Ann_Falconer.md": "# Ann\n\nShe keeps bees behind the orangery.\n",
}
OFFICE = "public/_public/Open/Office.public.md"
PLAN = b"the plan of the cellar, drawn by hand"


@dataclass
class Bench:
    """A vault, its policy, and a clean release of it in `out`."""

    root: Path
    vault: Path
    out: Path
    policy: Policy
    policy_file: Path
    key: Path
    identities: tuple[Identity, ...]
    trees: dict[int, dict[str, bytes]] = field(default_factory=dict)

    def put(self, place: str, text: str | bytes) -> None:
        """Write one file of the publication."""
        path = self.out / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def change(self, place: str, old: str, new: str) -> None:
        """Change words of one published file."""
        text = (self.out / place).read_bytes().decode()
        assert old in text, f"{old!r} is not in {place}"
        self.put(place, text.replace(old, new, 1))

    def seal(self, members: dict[str, bytes], recipients: tuple[str, ...] | None = None) -> None:
        """Write the bundle of the sealed tier."""
        to = recipients or self.policy.recipients[2]
        self.put("secret/_secret.tar.age", seal.seal(seal.build(members.items()), to))

    def note(self, path: str, text: str) -> None:
        """Change a canonical note behind the publication's back."""
        (self.vault / "_Standards" / path).write_text(text, encoding="utf-8")

    def findings(self, *rules: str, **options) -> list[Finding]:
        """What the auditor finds, of these rules; with the vault unless `vault` says otherwise."""
        given = {"vault": self.vault, "policy": self.policy, "identities": self.identities}
        return audit(self.out, select=rules or None, **{**given, **options})


def make_bench(root: Path, notes=NOTES, policy: str = POLICY) -> Bench:
    """A vault below `root`, and its release as a clean splitter makes it."""
    made = pyrage.x25519.Identity.generate()
    key = root / "secret.key"
    key.write_text(f"{made}\n")
    key.chmod(0o600)
    text = policy.replace("KEY", str(made.to_public()))
    file = root / "policy.yaml"
    file.write_text(text)
    vault = root / "vault"
    for path, body in notes.items():
        place = vault / "_Standards" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(body, encoding="utf-8", newline="")
    (vault / "_Standards/Open/plan.txt").write_bytes(PLAN)
    stated = parse_policy(text, str(file), root)
    bench = Bench(root, vault, root / "out", stated, file, key, load_identities([key], {}))
    bench.trees = {rank: dict(t) for rank, t in tierpub.project(vault, stated).items()}
    for rank in (0, 1):
        for path, data in bench.trees[rank].items():
            bench.put(f"{TIERS[rank]}/{path}", data)
    bench.seal(bench.trees[2])
    return bench
