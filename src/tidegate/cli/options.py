"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from tidegate.config import read_environment

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_STATE: Final = ".tidegate"
MAX_PORT: Final = 65535


def paths_argument(function: F) -> F:
    # Existence is not click's business: a missing path is a diagnostic like any other wrong input.
    return click.argument("paths", nargs=-1, metavar="[PATH]...")(function)


def state_option(function: F) -> F:
    return click.option(
        "--state",
        default=DEFAULT_STATE,
        show_default=True,
        metavar="DIR",
        callback=directory_name,
        help="Where keys, the local CA, logs and sockets are kept.",
    )(function)


def settings_options(function: F) -> F:
    """What changes the compilation."""
    for option in reversed(
        (
            click.option(
                "--bind", default="127.0.0.1", show_default=True, metavar="ADDR", help="Address that listeners bind to."
            ),
            click.option(
                "--port-offset",
                type=click.IntRange(0, MAX_PORT - 1),
                default=8000,
                show_default=True,
                metavar="N",
                help="Listener port P is reached at P + N.",
            ),
            click.option(
                "--set",
                "sets",
                multiple=True,
                metavar="NAME=VALUE",
                callback=_sets,
                help="Replace ${NAME} in the files. May be given several times.",
            ),
            click.option(
                "--use-entra",
                is_flag=True,
                help="Take login.microsoftonline.com's keys from Microsoft, not from the local token service.",
            ),
        )
    ):
        function = option(function)
    return function


def color_for(stream: Any) -> bool:
    """Whether to colour what goes to this stream."""
    terminal = bool(getattr(stream, "isatty", lambda: False)())
    return read_environment().use_color(is_terminal=terminal)


def stdout_color() -> bool:
    return color_for(sys.stdout)


def directory_name(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    # An empty text (an unset variable of a script) would be the working directory, and fill it.
    if not given:
        raise click.BadParameter("the name is empty")
    return given


def _sets(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{name or item!r} has no value; write NAME=VALUE")
        values[name] = value
    return values
