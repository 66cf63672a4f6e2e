"""Fuzzing that follows the code which inputs reach, by atheris (libFuzzer).

Only the project's own modules are instrumented, and as they are imported: atheris would else go
through every function that Python has loaded, and not come back.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any, NoReturn

from tests.fuzz.seeds import SIGNS, seeds

NAMES = ("note", "frontmatter", "policy")
"""The targets, whose module is imported late."""
FOLLOWED = "tierpub"
"""What is instrumented of all that a target imports."""
SIGN_FILE = "signs.dict"
LONGEST = 4096
"""Bytes of an input."""


def missing() -> str:
    """Why this cannot be done here; empty where it can."""
    if importlib.util.find_spec("atheris"):
        return ""
    return "atheris is not installed: it is for CPython on Linux and macOS, `pip install atheris`"


def options(target: str, corpus: Path, *, runs: int, seconds: int) -> list[str]:
    """What libFuzzer is told: it goes on until either limit is reached, where that is not 0."""
    limits = [f"-runs={runs}"] if runs else []
    limits += [f"-max_total_time={seconds}"] if seconds else []
    places = [f"-artifact_prefix={corpus.parent}/{target}-", f"-dict={corpus.parent}/{SIGN_FILE}"]
    return [*limits, f"-max_len={LONGEST}", "-timeout=20", "-print_final_stats=1", *places]


def dictionary() -> str:
    """The delimiters, as libFuzzer reads them."""
    spelt = ("".join(f"\\x{byte:02x}" for byte in sign) for sign in SIGNS)
    return "".join(f'"{sign}"\n' for sign in spelt)


def guided(target: str, corpus: Path, *, runs: int, seconds: int) -> NoReturn:
    """Run a target until a limit; inputs that reach new code are kept in `corpus`.

    Ends the process: with 0, or with another code and the input in a file beside `corpus` where a
    promise does not hold.
    """
    atheris: Any = importlib.import_module("atheris")
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(data[:LONGEST])
    (corpus.parent / SIGN_FILE).write_text(dictionary())
    with atheris.instrument_imports(include=[FOLLOWED], enable_loader_override=False):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    told = options(target, corpus, runs=runs, seconds=seconds)
    atheris.Setup([sys.argv[0], *told, str(corpus)], targets[target])
    atheris.Fuzz()
    raise SystemExit
