"""`python -m benchmarks path [VAULT]`, and the rest: see `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import auditing, detection, incremental, others, path, report, synthetic
from benchmarks.measure import folder

_DEFAULT = Path(__file__).parents[1] / "policies" / "default.yaml"


def main() -> None:
    """Run one benchmark, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        choices=[
            "path", "audit", "growth", "start", "seal", "all", "peak", "detection", "incremental",
            "report",
        ],
    )  # fmt: skip
    parser.add_argument(
        "vault",
        nargs="*",
        type=Path,
        help="else a made-up one is measured; of `report` and `incremental` how many notes it has",
    )
    parser.add_argument("--policy", type=Path, default=_DEFAULT, help="policy of VAULT")
    parser.add_argument("--notes", type=int, default=10_000, help="of the made-up vault")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plants", type=int, default=400, help="of `detection`, in a publication")
    args = parser.parse_args()
    if args.what == "detection":
        detection.measure(args.vault, args.policy, args.seed, args.plants)
    if args.what == "incremental":
        count = int(str(args.vault[0])) if args.vault else 30_000
        incremental.measure(count, args.runs, args.seed)
    args.vault = args.vault[0] if args.vault else None
    if args.what == "report":
        report.measure(int(str(args.vault)) if args.vault else args.notes, args.seed)
    if args.what == "peak":
        path.peak_here(args.vault, path.unsealed(args.policy.read_text()))
    if args.what in ("path", "all"):
        _path(args)
    if args.what in ("audit", "all"):
        _audit(args)
    if args.what in ("growth", "all"):
        sizes = tuple(sorted({args.notes // 10, args.notes}))
        others.growth(args.runs, sizes, args.seed)
    if args.what in ("start", "all"):
        others.start(max(args.runs, 10))
    if args.what in ("seal", "all"):
        others.seal(args.runs, 100, args.seed)


AUDITED = 1_000
"""So many notes of a made-up vault are audited."""


def _audit(args: argparse.Namespace) -> None:
    if args.vault:
        auditing.measure(args.vault, path.unsealed(args.policy.read_text()), args.runs)
        return
    with folder() as root:
        synthetic.write(root, min(args.notes, AUDITED), args.seed)
        auditing.measure(root, path.unsealed(synthetic.POLICY), args.runs)


def _path(args: argparse.Namespace) -> None:
    if args.vault:
        path.measure(args.vault, path.unsealed(args.policy.read_text()), args.runs)
        path.peak(args.vault, str(args.policy))
        return
    with folder() as root:
        synthetic.write(root, args.notes, args.seed)
        (root / "policy.yaml").write_text(synthetic.POLICY)
        path.measure(root, path.unsealed(synthetic.POLICY), args.runs)
        path.peak(root, str(root / "policy.yaml"))


if __name__ == "__main__":
    main()
