"""Findings as text: errors one by one, warnings by what they have in common, then defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tierpub.errors import Fault, Place
from tierpub.report.defaults import Defaulted
from tierpub.report.findings import Findings
from tierpub.report.pen import Pen, columns, count

_FEW = 3
"""So many places of one warning, or of one default, are shown unless all are asked for."""


def findings_text(findings: Findings, pen: Pen, *, verbose: bool = False) -> str:
    """The whole report, without a line end at its end."""
    blocks = [_error(fault, pen) for fault in findings.errors]
    blocks += [_group(group, pen, verbose=verbose) for group in _groups(findings.warnings)]
    if findings.defaults:
        blocks.append(_defaults(findings.defaults, pen, verbose=verbose))
    blocks.append([_verdict(findings, pen)])
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _error(fault: Fault, pen: Pen) -> list[str]:
    where = pen(f"{fault.place}:", "place") + " " if fault.place else ""
    lines = [f"{pen('error:', 'error')} {where}{pen(fault.message)}  {pen(fault.code, 'dim')}"]
    if fault.hint:
        lines.append(f"  {pen('hint:', 'hint')} {pen(fault.hint)}")
    return lines


def _groups(faults: Sequence[Fault]) -> list[list[Fault]]:
    """Warnings of one code and fact, in the order in which the first of each stands."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.code, _fact(fault)[0]), []).append(fault)
    return list(groups.values())


def _fact(fault: Fault) -> tuple[str, str]:
    """What a warning says in general, and what it says of this place."""
    fact, _, detail = fault.message.partition(": ")
    return fact, detail


def _group(faults: list[Fault], pen: Pen, *, verbose: bool) -> list[str]:
    first = faults[0]
    hints = {fault.hint for fault in faults}
    many = f"{len(faults):,} × " if len(faults) > 1 else ""
    head = f"{pen('warning:', 'warning')} {many}{pen(_fact(first)[0])}  {pen(first.code, 'dim')}"
    lines = [head]
    if len(hints) == 1 and first.hint:
        lines.append(f"  {pen('hint:', 'hint')} {pen(first.hint)}")
    shown = faults if verbose or len(faults) <= _FEW + 1 else faults[:_FEW]
    width = max(columns(str(fault.place or "")) for fault in shown)
    lines += [_where(fault, pen, width, hint=len(hints) > 1) for fault in shown]
    if len(shown) < len(faults):
        lines.append(pen(f"    {len(faults) - len(shown):,} more; -v shows all", "dim"))
    return lines


def _where(fault: Fault, pen: Pen, width: int, *, hint: bool) -> str:
    where = str(fault.place or "")
    parts = [part for part in (_fact(fault)[1], fault.hint if hint else "") if part]
    if not parts:
        return f"    {pen(where, 'place')}"
    padding = " " * max(width - columns(where), 0)
    return f"    {pen(where, 'place')}{padding}  {pen('; '.join(parts))}"


def _defaults(defaults: tuple[Defaulted, ...], pen: Pen, *, verbose: bool) -> list[str]:
    lines = [pen("decided by a default alone", "bold")]
    kinds = max(columns(each.kind) for each in defaults)
    tiers = max(columns(each.tier) for each in defaults)
    counts = max(len(f"{len(each.places):,}") for each in defaults)
    for each in defaults:
        head = f"  {len(each.places):>{counts},} {each.kind:<{kinds}}  {each.tier:<{tiers}}"
        if verbose:
            lines += [pen(head), *(f"      {pen(str(p))}" for p in each.places)]
        else:
            lines += _some(head, each.places, pen)
    return lines


def _some(head: str, places: Sequence[Place], pen: Pen) -> Iterator[str]:
    """A kind on its line with the first of its places, one below the other."""
    yield f"{pen(head)}  {pen(str(places[0]), 'dim')}"
    for each in places[1:_FEW]:
        yield " " * (columns(head) + 2) + pen(str(each), "dim")
    if len(places) > _FEW:
        yield " " * (columns(head) + 2) + pen(f"{len(places) - _FEW:,} more; -v shows all", "dim")


def _verdict(findings: Findings, pen: Pen) -> str:
    errors, warnings = len(findings.errors), len(findings.warnings)
    read = count(findings.notes, "note") + " read: "
    if not findings.notes:
        read = "the vault is not looked at until the policy can be read: "
    if not errors and not warnings:
        return pen.raw(f"{read}nothing to mend", "green")
    said = [count(errors, "error")] if errors else []
    said += [count(warnings, "warning")] if warnings else []
    style = "error" if errors else "warning"
    end = "; nothing can be published until the errors are mended" if errors else ""
    return read + pen.raw(" and ".join(said), style) + end
