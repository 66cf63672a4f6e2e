"""Findings of an audit as text: by rule, each with its places, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from tierpub.audit import Finding
from tierpub.errors import Place
from tierpub.report.audit_data import Audit
from tierpub.report.pen import Pen, columns, count

_FEW = 5
"""So many places of a rule are shown unless all are asked for."""


def audit_text(audit: Audit, pen: Pen, *, verbose: bool = False, confidential: bool = False) -> str:
    """The whole report, without a line end at its end."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for each in audit.findings:
        groups.setdefault((each.rule, each.confidence, each.message), []).append(each)
    blocks = [
        _group(group, pen, verbose=verbose, confidential=confidential) for group in groups.values()
    ]
    blocks.append([_verdict(audit, pen)])
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _group(group: Sequence[Finding], pen: Pen, *, verbose: bool, confidential: bool) -> list[str]:
    first = group[0]
    low = first.confidence == "low"
    word = pen("note:", "hint") if low else pen(f"{first.severity}:", first.severity)
    many = f"{len(group):,} × " if len(group) > 1 else ""
    about = f"{first.rule}, {first.confidence} confidence"
    lines = [f"{word} {many}{pen(first.message)}  {pen(about, 'dim')}"]
    shown = group if verbose or len(group) <= _FEW + 1 else group[:_FEW]
    width = max(columns(_place(each)) for each in shown)
    for each in shown:
        where = _place(each)
        line = f"    {pen(where, 'place')}"
        if confidential and each.canonical:
            line += " " * (width - columns(where)) + f"  from {pen(str(each.canonical))}"
        lines.append(line)
    if len(shown) < len(group):
        lines.append(pen(f"    {len(group) - len(shown):,} more; -v shows all", "dim"))
    return lines


def _place(finding: Finding) -> str:
    return str(Place(finding.file, finding.line, finding.column))


def _verdict(audit: Audit, pen: Pen) -> str:
    against = ", ".join(audit.against)
    read = f"held against {against}: " if against else "looked at alone: "
    more = f"; {count(audit.held_back, 'note')} of less confidence not shown" if audit.held_back \
        else ""  # fmt: skip
    if not audit.findings:
        return pen.raw(f"{read}nothing found", "green") + more
    said = count(len(audit.findings), "finding")
    hint = "; `tierpub rule NAME` explains a rule"
    return read + pen.raw(said, "error") + more + hint
