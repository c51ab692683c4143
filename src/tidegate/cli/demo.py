"""`tidegate demo`."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import Any, Final, Literal

import click

from tidegate.cli.failure import Failure
from tidegate.cli.options import DEFAULT_STATE, state_option
from tidegate.cli.up import start

ENVIRONMENT_FAILED: Final = 3

EPILOG: Final = """\b
Examples:
  tidegate demo
  tidegate demo --port-offset 9000 --log-requests
"""

TRY: Final = """
Three services run behind the gateway: task (two replicas), notification and audit. In a second terminal, here:

  # an admin makes a task; the notification is sent on her behalf, the audit entry written by the service itself
  TOKEN=$({tidegate} token{state} --user ada.admin@contoso.com --scope api://tasks/.default)
  curl -X POST {url}/tasks -H "Authorization: Bearer $TOKEN" \\
       -H 'Content-Type: application/json' -d '{{"title": "Water the plants"}}'
  curl {url}/tasks -H "Authorization: Bearer $TOKEN"

  # no token: the policy's own refusal; a reader may read, and not create
  curl -i {url}/tasks
  READER=$({tidegate} token{state} --user rita.reader@contoso.com --scope api://tasks/.default)
  curl -i -X POST {url}/tasks -H "Authorization: Bearer $READER" \\
       -H 'Content-Type: application/json' -d '{{"title": "No"}}'

  # what happens to a request, and why; what runs; new signing keys, and old tokens go on working
  {tidegate} explain{state} POST {url}/tasks
  {tidegate} status{state}
  {tidegate} simulate rotate-keys{state}

The files are in {files}: edit a policy there, and it is live at once.
Ctrl-C ends all of it."""


@click.command("demo", epilog=EPILOG)
@state_option
@click.option("--port-offset", type=click.IntRange(0, 60000), default=8000, show_default=True, metavar="N")
@click.option("--ready-file", metavar="FILE", help="Written when everything serves; removed at the end.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--log-requests", is_flag=True, help="One line for each request.")
def command(
    state: str, port_offset: int, ready_file: str | None, log_format: Literal["text", "json"], log_requests: bool
) -> int:
    """Run the tasks example, all of it: gateway, token service, three services. Ctrl-C ends everything."""
    manifests = find_example()
    return start(
        paths=(str(manifests),),
        state=state,
        bind="127.0.0.1",
        port_offset=port_offset,
        sets={},
        use_entra=False,
        ready_file=ready_file,
        log_format=log_format,
        run_workloads=True,
        strict=True,
        log_requests=log_requests,
        concurrency=0,
        hint=what_to_try(manifests, state=state, port_offset=port_offset),
    )


def find_example() -> Path:
    """The example's manifests: of the checkout that this package is part of, or the copy in the wheel."""
    package = Path(__file__).resolve().parent.parent
    places = (package.parent.parent / "examples" / "tasks" / "manifests", package / "_demo" / "tasks" / "manifests")
    for place in places:
        if place.is_dir():
            return place
    raise Failure(
        f"the example is not where it should be ({places[-1]}); install tidegate again", exit_code=ENVIRONMENT_FAILED
    )


def what_to_try(manifests: Path, *, state: str, port_offset: int) -> str:
    """Commands that work as they stand, in the directory where the demo was started."""
    return TRY.format(
        tidegate=shlex.quote(_program()),
        state="" if state == DEFAULT_STATE else f" --state {shlex.quote(state)}",
        url=f"http://127.0.0.1:{80 + port_offset}",
        files=_shown(manifests),
    )


def _program() -> str:
    """How the user calls us: `tidegate`, unless that is another program or none."""
    beside = Path(sys.executable).with_name("tidegate")
    found = shutil.which("tidegate")
    if found is not None and beside.exists() and Path(found).samefile(beside):
        return "tidegate"
    return str(_shown(beside)) if beside.exists() else "tidegate"


def _shown(path: Path) -> Any:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
