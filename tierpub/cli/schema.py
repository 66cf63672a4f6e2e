"""`tierpub schema`: what a policy may hold."""

from __future__ import annotations

import click


@click.command(name="schema")
def command() -> None:
    """Print the JSON Schema of a policy, for editors.

    Write it beside the policy (`tierpub schema > policy.schema.json`) and name it in the policy's
    first line: `# yaml-language-server: $schema=policy.schema.json`.
    """
    import json

    from tierpub.policy import policy_schema

    click.echo(json.dumps(policy_schema(), indent=2))
