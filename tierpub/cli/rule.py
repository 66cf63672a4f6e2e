"""`tierpub rule`: what a rule of the audit finds, why it matters, how to mend it."""

from __future__ import annotations

import click

from tierpub.cli.paper import put
from tierpub.errors import refuse


@click.command(name="rule")
@click.argument("name", required=False)
def command(*, name: str | None) -> None:
    """Explain a rule of `tierpub audit`, or list all."""
    from tierpub.audit import RULES, rule_called

    if name is None:
        width = max(len(rule.name) for rule in RULES)
        put("\n".join(f"{rule.name:<{width}}  {rule.summary}" for rule in RULES))
        return
    rule = rule_called(name)
    if rule is None:
        import difflib

        near = difflib.get_close_matches(name, [each.name for each in RULES], n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`tierpub rule` lists all"
        raise refuse("unknown-rule", f"no rule is called `{name}`", None, hint)
    put(f"{rule.name}\n\n{rule.doc.strip()}")
