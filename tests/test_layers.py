"""The layers: a module imports only from those below it, and only the command line prints."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "tierpub"
ORDER = (
    "errors", "crew", "tiers", "media", "policy", "note", "vault", "classify", "cut", "mentions",
    "path", "seal", "manifest", "publish", "audit", "report", "cli",
)  # fmt: skip
"""Lowest first."""
STRICTER = {
    "note": {"errors", "tiers"},
    "media": {"errors"},
    "seal": {"errors", "tiers"},
    # A bug in the splitter must not blind the auditor.
    "audit": {"errors", "crew", "tiers", "policy", "seal", "manifest"},
}
OUTERMOST = {"__init__", "__main__"}
"""They export and start the rest, and nothing below the command line imports them."""
PRINTS = {"print", "input", "exit", "quit", "breakpoint"}
CHANNELS = {("sys", "exit"), ("sys", "stdout"), ("sys", "stderr"), ("os", "_exit")}
FORKS = {"crew"}
"""What it forks must end without running what its parent has yet to run."""


def allowed(layer: str) -> set[str]:
    """The layers that `layer` may import from, itself included."""
    if layer in OUTERMOST:
        return {*ORDER, *OUTERMOST}
    below = STRICTER.get(layer, set(ORDER[: ORDER.index(layer)]))
    return {*below, layer, *({"__init__"} if layer == "cli" else ())}


def layer_of(module: str) -> str:
    """`tierpub.policy.rules` → `policy`; the package itself is `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imported(node: ast.AST, package: str) -> list[str]:
    """Full names of our own modules that an import statement or call names."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *([base] if base else [])])
        # `from tierpub import x`: x is a layer, or something that the package exports.
        known = {*ORDER, *OUTERMOST}
        names = [base] if base != "tierpub" else [
            f"tierpub.{a.name}" if a.name in known else "tierpub" for a in node.names
        ]  # fmt: skip
    else:
        names = []
    return [name for name in names if name.split(".")[0] == "tierpub"]


def imports_by_name(node: ast.AST) -> bool:
    """Whether it is a call that imports a module by a name this test cannot read."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in {"import_module", "__import__", "exec", "eval"} or (
        name == "compile" and getattr(node.func, "id", "") == "compile"
    )


def talks(node: ast.AST) -> bool:
    """Whether it prints, exits, or reaches for the terminal."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", "") in PRINTS
    if isinstance(node, ast.Attribute):
        return (getattr(node.value, "id", ""), node.attr) in CHANNELS
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in {"click", "rich"} for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        names = {(node.module, alias.name) for alias in node.names}
        return (node.module or "").split(".")[0] in {"click", "rich"} or bool(names & CHANNELS)
    return False


def violations(module: str, source: str, *, package: bool = False) -> list[str]:
    """What `source`, the text of `module`, does that its layer may not."""
    layer = layer_of(module)
    if layer not in {*ORDER, *OUTERMOST}:
        return [f"{module} has no layer"]
    found = []
    inside = module if package else module.rpartition(".")[0]
    outer = layer == "cli" or layer in OUTERMOST
    for node in ast.walk(ast.parse(source)):
        found += [
            f"{module} imports {name}"
            for name in imported(node, inside)
            if layer_of(name) not in allowed(layer)
        ]
        forked = layer in FORKS and isinstance(node, ast.Attribute) and node.attr == "_exit"
        if not outer and not forked and talks(node):
            found.append(f"{module} prints or exits")
        if not outer and imports_by_name(node):
            found.append(f"{module} imports by name")
    return found


def test_layers():
    """Every module of tierpub keeps to its layer."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        package = path.stem == "__init__" and len(parts) > 2
        module = ".".join(parts[:-1] if package else parts)
        found += violations(module, path.read_text(encoding="utf-8"), package=package)
    assert found == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("tierpub.tiers", "from tierpub.policy import Policy"),
        ("tierpub.tiers", "import tierpub.policy.rules as rules"),
        ("tierpub.tiers", "from tierpub import policy"),
        ("tierpub.tiers", "import tierpub"),
        ("tierpub.tiers", "from tierpub import load_policy"),
        ("tierpub.tiers", "from . import policy"),
        ("tierpub.tiers", "from .policy import Policy"),
        ("tierpub.note.body", "from ..policy import Policy"),
        ("tierpub.note.body", "from tierpub.policy import Policy"),
        ("tierpub.seal.age", "from tierpub.note import Note"),
        ("tierpub.audit.rules", "from tierpub.note import parse_note"),
        ("tierpub.audit.rules", "from tierpub.cut import cut"),
        ("tierpub.audit.rules", "def late():\n    from tierpub.vault import Vault"),
        ("tierpub.audit.rules", "if TYPE_CHECKING:\n    from tierpub.vault import Vault"),
        ("tierpub.audit.rules", "importlib.import_module('tierpub.note')"),
        ("tierpub.audit.rules", "__import__('tierpub.note')"),
        ("tierpub.cut", "print('x')"),
        ("tierpub.cut", "import sys\nsys.stdout.write('x')"),
        ("tierpub.cut", "from sys import stderr"),
        ("tierpub.cut", "import click"),
        ("tierpub.cut", "from rich.table import Table"),
        ("tierpub.cut", "raise sys.exit(1)"),
        ("tierpub.report", "from tierpub.cli.output import say"),
        ("tierpub.helpers", ""),
    ],
)
def test_a_planted_violation_is_caught(module, source):
    """The walk itself sees every way in which a module could reach above its layer."""
    assert violations(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("tierpub.policy.rules", "from tierpub.tiers import fold\nfrom .schema import x"),
        ("tierpub.audit.rules", "from tierpub.policy import Policy\nimport re\nre.compile('x')"),
        ("tierpub.note.body", "from . import inline\nfrom .. import errors"),
        ("tierpub.cli.main", "import click\nprint('x')\nfrom tierpub import publish"),
        ("tierpub.__init__", "from tierpub.policy import load_policy"),
    ],
)
def test_what_keeps_to_its_layer_passes(module, source):
    """Imports from below, from one's own layer and from elsewhere are fine."""
    assert violations(module, source) == []
