"""What a report of a made-up vault takes, against making the projections that it shows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks import synthetic
from benchmarks.measure import folder, say

_LEVELS = ("secret", "protect")
"""The highest level, at which nothing is hidden, and one below which half of the cuts lie."""
_RUN = """
import json, resource, sys
from pathlib import Path
from tierpub.cli.main import main
sys.argv = ["tierpub", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    code = end.code
own, forked = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
status = Path("/proc/self/status")
peak = next((int(line.split()[1]) for line in status.read_text().splitlines()
             if line.startswith("VmHWM:")), 0) if status.exists() else own.ru_maxrss
spent = sum(each.ru_utime + each.ru_stime for each in (own, forked))
print(json.dumps({"code": code, "seconds": spent, "megabytes": peak / 1024}), file=sys.stderr)
"""


def measure(notes: int, seed: int) -> None:
    """Print time and memory of a report up to two levels, and the size of its overview."""
    with folder() as root:
        synthetic.write(root / "vault", notes, seed)
        (root / "vault/tierpub.yaml").write_text(synthetic.POLICY)
        say("notes", notes, "")
        for level in _LEVELS:
            made, out = root / f"made-{level}", root / "report"
            shutil.rmtree(root / "vault/.tierpub", ignore_errors=True)  # or little is made anew
            chosen = [f"--level={name}" for name in _up_to(level)]
            project = _run("project", *chosen, "--out", str(made), vault=root / "vault")
            report = _run("report", str(out), "--max-level", level, vault=root / "vault")
            size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
            say(f"up to {level}: processor time", report["seconds"], "s")
            say(f"up to {level}: against writing its projections",
                report["seconds"] / project["seconds"])  # fmt: skip
            say(f"up to {level}: peak of memory", report["megabytes"], "MB")
            say(f"up to {level}: size of the site", size / 1e6, "MB")
            say(f"up to {level}: size of its overview",
                (out / "index.html").stat().st_size / 1e6, "MB")  # fmt: skip


def _up_to(level: str) -> tuple[str, ...]:
    return synthetic.TIERS[: synthetic.TIERS.index(level) + 1]


def _run(*arguments: str, vault: Path) -> dict[str, float]:
    """Run a verb in a process of its own; what it took, and what it forked."""
    command = [sys.executable, "-c", _RUN, *arguments, "--vault", str(vault)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    if found["code"]:
        raise RuntimeError(done.stderr)
    return found
