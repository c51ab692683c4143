"""`tidegate up`."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import Any, Literal

import click

from tidegate.cli.options import paths_argument, settings_options, state_option, stdout_color
from tidegate.clock import SystemClock
from tidegate.config import child_environment

EPILOG = """\b
Examples:
  tidegate up                                    the files in this directory
  tidegate up deploy/ --run                      also start Deployments that have tidegate.dev/run
  tidegate up deploy/ --port-offset 0            the real ports (80 needs a privilege)
  tidegate up deploy/ --set REGION=west --ready-file ready.json
"""


def _destinations(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    from tidegate.envoy.egress import egress_rules

    try:
        egress_rules(given)
    except ValueError as reason:
        raise click.BadParameter(str(reason)) from None
    return given


def _valkey(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    """Checked before anything is started; the text may hold a password, and is not shown."""
    from tidegate.adapters.valkey import ValkeyAddress

    if given:
        try:
            ValkeyAddress.parse(given)
        except ValueError as reason:
            raise click.BadParameter(str(reason)) from None
    return given


@click.command("up", epilog=EPILOG)
@paths_argument
@state_option
@settings_options
@click.option("--ready-file", metavar="FILE", help="Written when everything serves; removed at the end.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--run", "run_workloads", is_flag=True, help="Start the local replicas of Deployments (tidegate.dev/run)."
)
@click.option("--strict", is_flag=True, help="Stop if any file has an error, instead of serving the rest.")
@click.option(
    "--allow-egress",
    multiple=True,
    metavar="HOST|CIDR",
    callback=_destinations,
    help="Policies may call it, although it is this machine or link-local. May be given several times.",
)
@click.option("--refuse-private-egress", is_flag=True, help="Policies may not call private networks either.")
@click.option(
    "--valkey",
    default="",
    metavar="URL",
    callback=_valkey,
    envvar="TIDEGATE_VALKEY",
    help="Share rate limits with other machines: valkey://host:port, valkeys:// with TLS, or unix:///path.",
)
@click.option(
    "--refuse-without-valkey",
    is_flag=True,
    help="While Valkey is away, refuse what is limited; by default each machine counts for itself then.",
)
@click.option("--log-requests", is_flag=True, help="One line for each request.")
@click.option(
    "--concurrency",
    type=click.IntRange(0, 128),
    default=0,
    metavar="N",
    help="Envoy's worker threads; by default one per core.",
)
def command(**given: Any) -> int:  # click passes options by name
    """Run everything that the files describe; watch them and reload.

    PATH is a file or a directory, read recursively; by default the current directory. Ctrl-C drains and stops all of
    it.
    """
    return start(**given)


def start(
    *,
    paths: tuple[str, ...],
    state: str,
    bind: str,
    port_offset: int,
    sets: dict[str, str],
    use_entra: bool,
    ready_file: str | None,
    log_format: Literal["text", "json"],
    run_workloads: bool,
    strict: bool,
    log_requests: bool,
    concurrency: int,
    allow_egress: tuple[str, ...] = (),
    refuse_private_egress: bool = False,
    valkey: str = "",
    refuse_without_valkey: bool = False,
    hint: str = "",
) -> int:
    """Resolve the options and run; also for `demo`. `hint` is shown when everything serves."""
    from tidegate.runtime.options import IDENTITY_PORT, UpOptions
    from tidegate.runtime.up import run_up

    clock = SystemClock()
    began = clock.monotonic()
    if not _is_loopback(bind):
        click.echo(
            f"warning: --bind {bind} is no loopback address: whoever can reach this machine can reach the gateway and "
            "the token service",
            err=True,
        )
    if port_offset + IDENTITY_PORT > 65535:
        raise click.BadParameter(
            f"at most {65535 - IDENTITY_PORT}, so that the token service has a port", param_hint="--port-offset"
        )
    options = UpOptions(
        paths=paths or (".",),
        state=str(Path(state).absolute()),
        working_directory=str(Path.cwd()),
        bind=bind,
        port_offset=port_offset,
        sets=sets,
        ready_file=str(Path(ready_file).absolute()) if ready_file else None,
        log_format=log_format,
        run=run_workloads,
        strict=strict,
        use_entra=use_entra,
        log_requests=log_requests,
        color=stdout_color() and log_format == "text",
        concurrency=concurrency,
        allow_egress=allow_egress,
        refuse_private_egress=refuse_private_egress,
        valkey=valkey,
        refuse_without_valkey=refuse_without_valkey,
        hint=hint,
    )
    sys.stdout.flush()
    return run_up(options, environment=child_environment({}), clock=clock, began=began)


def _is_loopback(bind: str) -> bool:
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        raise click.BadParameter(f"{bind!r} is no IP address", param_hint="--bind") from None
