"""`tidegate check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from tidegate.cli.options import color_for, paths_argument, settings_options

FORMATS: Final = ("full", "concise", "json", "github", "sarif")

EPILOG: Final = """\b
Examples:
  tidegate check deploy/
  tidegate check deploy/ --deny warnings
  tidegate check apimartifacts/ --steps
  tidegate check deploy/ --output-format sarif > tidegate.sarif
"""


@click.command("check", epilog=EPILOG)
@paths_argument
@settings_options
@click.option(
    "--output-format", "output", type=click.Choice(FORMATS), default="full", show_default=True, help="How to show it."
)
@click.option("--deny", type=click.Choice(["warnings"]), help="Exit with 1 on warnings too.")
@click.option("--run", "run_workloads", is_flag=True, help="Check as `up --run` would run it.")
@click.option("--steps", "shows_steps", is_flag=True, help="Also list what each policy statement became, by operation.")
def command(
    paths: tuple[str, ...],
    bind: str,
    port_offset: int,
    sets: dict[str, str],
    use_entra: bool,
    output: str,
    deny: str | None,
    run_workloads: bool,
    shows_steps: bool,
) -> int:
    """Read, resolve and compile; start nothing. Exit code 1 if anything has an error."""
    if shows_steps and output not in ("full", "concise"):
        raise click.UsageError(f"--steps is for people; leave out --output-format {output}")
    from tidegate.adapters.files import read_sources
    from tidegate.clock import SystemClock
    from tidegate.diagnostics import Found, Severity
    from tidegate.diagnostics.render import render, summary
    from tidegate.pipeline import Observed, Settings, compile_sources, shown_texts, step_lines

    found = Found()
    sources = read_sources(paths or (".",), sets=sets, found=found, working_directory=Path.cwd())
    settings = Settings(bind=bind, port_offset=port_offset, use_entra=use_entra, run_workloads=run_workloads)
    compilation = compile_sources(sources, settings, Observed(now=SystemClock().now()), None)
    found.extend(compilation.diagnostics)
    texts = shown_texts(compilation, sources)
    click.echo(render(found, format=output, sources=texts, color=color_for(sys.stdout)), nl=False)
    if shows_steps:
        for line in step_lines(compilation.world):
            click.echo(line)
    severities = {diagnostic.severity for diagnostic in found}
    if output in ("full", "concise"):
        _conclude(summary(found), files=len(texts))
    denied = {Severity.ERROR} | ({Severity.WARNING} if deny else set())
    return 1 if severities & denied else 0


def _conclude(counted: str, *, files: Any) -> None:
    """For people, on standard error: standard output has only the findings."""
    noun = "file" if files == 1 else "files"
    click.echo(f"{counted or 'no errors or warnings'} in {files} {noun}", err=True)
