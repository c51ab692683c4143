"""`tidegate`: the table of commands, loaded when asked for, and the one place that catches what nobody expected."""

from __future__ import annotations

import importlib
import sys
import tempfile
import traceback
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

from tidegate import __version__
from tidegate.cli.failure import Failure
from tidegate.telemetry.redaction import redact_text

OWN_BUG: Final = 70
INTERRUPTED: Final = 130

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "up": "Run everything that the files describe; watch and reload.",
        "check": "Read, resolve and compile; start nothing.",
        "status": "Show what runs, with .status filled in.",
        "explain": "Show a request's way, or what a diagnostic means.",
        "policy": "Test policies.",
        "token": "Get a token as a user or an application.",
        "demo": "Run the tasks example, all of it.",
        "simulate": "Make something happen in a running instance.",
    }
)
"""Name -> one line. The command itself is `command` in the module of that name, imported when it is used."""


class LazyCommands(click.Group):
    """A group whose commands are imported one at a time: `tidegate --help` and `up` stay fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"tidegate.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"tidegate.cli.{cmd_name}.command is no click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


EPILOG: Final = """\b
Examples:
  tidegate demo                                  the example system, ready to try
  tidegate check deploy/                         is everything right?
  tidegate up deploy/ --run                      run it, with local replicas
  tidegate token --user ada.admin@contoso.com --scope api://tasks/.default
  tidegate explain GET http://127.0.0.1:8080/tasks
  tidegate explain TG1204

Exit codes: 0 fine, 1 the input is wrong, 2 the command line is wrong, 3 the environment failed, 70 our own bug.
"""


@click.group(cls=LazyCommands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="tidegate %(version)s")
def tidegate() -> None:
    """Service connectivity without permanent trust: Gateway API, API Management policies and Entra identities, run on
    Envoy."""


def main(arguments: list[str] | None = None) -> None:
    """The entry point of the `tidegate` script."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """One command; its exit code."""
    try:
        result = tidegate.main(arguments, prog_name="tidegate", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        return 2
    except click.ClickException as mistake:
        mistake.show()
        return 2
    except Failure as failure:
        click.echo(f"error: {failure}", err=True)
        return failure.exit_code
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # `tidegate ... | head`: the reader has what it wanted.
        sys.stderr.close()
        return 0
    except Exception as bug:  # noqa: BLE001 - the very top: a bug becomes one line and a report
        return _report(bug)
    return result if isinstance(result, int) else 0


def _report(bug: Exception) -> int:
    """Write what we need to know to a file, without values of variables, and say where it is."""
    text = redact_text("".join(traceback.format_exception(bug)))
    with tempfile.NamedTemporaryFile(
        "w", prefix="tidegate-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"tidegate {__version__}, Python {sys.version}, {sys.platform}\n\n{text}")
    click.echo(
        f"error: this is a bug in tidegate ({type(bug).__name__}); look through the report in {file.name} and attach it"
        " to an issue",
        err=True,
    )
    return OWN_BUG
