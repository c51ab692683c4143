"""`tidegate token`."""

from __future__ import annotations

import json
from typing import Any, Final

import click

from tidegate.cli.instance import ask_instance
from tidegate.cli.options import state_option

EPILOG: Final = """\b
Examples:
  tidegate token --user ada.admin@contoso.com --scope api://tasks/.default
  tidegate token --app api://tasks --scope api://audit/.default -o json
  curl -H "Authorization: Bearer $(tidegate token --user ada.admin@contoso.com --scope api://tasks/.default)" ...
"""


@click.command("token", epilog=EPILOG)
@state_option
@click.option("--user", metavar="NAME", help="Its userPrincipalName or id.")
@click.option("--app", metavar="NAME", help="An application's client id, display name or identifier URI.")
@click.option(
    "--scope", required=True, metavar="SCOPE", help="For example api://tasks/.default or api://tasks/Tasks.Read."
)
@click.option("--tenant", metavar="NAME", help="Id or domain; needed only when it is not clear.")
@click.option("-o", "--output", type=click.Choice(["token", "json"]), default="token", show_default=True)
def command(state: str, user: str | None, app: str | None, scope: str, tenant: str | None, output: str) -> int:
    """Get an access token as a user or an application from the running instance.

    Whoever can read the state directory may; no password or secret is asked for. The token is printed and nothing of it
    is logged.
    """
    if bool(user) == bool(app):
        raise click.UsageError("give either --user or --app")
    request: dict[str, Any] = {"command": "token", "user": user, "app": app, "scope": scope, "tenant": tenant}
    answer = ask_instance(state, request)
    click.echo(json.dumps(answer, indent=2) if output == "json" else answer["access_token"])
    return 0
