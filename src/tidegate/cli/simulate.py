"""`tidegate simulate`: things that happen to a system sooner or later, now."""

from __future__ import annotations

from typing import Final

import click

from tidegate.cli.instance import ask_instance
from tidegate.cli.options import state_option

EPILOG: Final = """\b
Examples:
  tidegate simulate rotate-keys
"""


@click.group("simulate", epilog=EPILOG)
def command() -> None:
    """Make something happen in a running instance."""


@command.command("rotate-keys")
@state_option
def rotate_keys(state: str) -> int:
    """Rotate the token service's signing keys, now. Tokens signed by the old key stay valid until they expire."""
    answer = ask_instance(state, {"command": "rotate-keys"})
    current = ", ".join(answer["keys"].get("current", ()))
    click.echo(f"tokens are signed by {current} from now on")
    if not answer["gateway_knows"]:
        click.echo("warning: Envoy has not taken the new keys yet", err=True)
    return 0
