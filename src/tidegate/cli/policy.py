"""`tidegate policy`: what concerns policy documents alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import click

from tidegate.cli.failure import Failure
from tidegate.cli.options import paths_argument, settings_options

INPUT_WRONG: Final = 1
ENVIRONMENT_FAILED: Final = 3

EPILOG: Final = """\b
Examples:
  tidegate policy test apimartifacts/
  tidegate policy test apimartifacts/ --junit report.xml

\b
Cases are documents of kind PolicyTest (apiVersion tidegate.dev/v1alpha1) among the inputs; see docs/policy-tests.md.
"""


@click.group("policy", epilog=EPILOG)
def command() -> None:
    """Test policies."""


@command.command("test", epilog=EPILOG)
@paths_argument
@settings_options
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Also write JUnit XML.")
@click.option("-k", "--only", default="", metavar="TEXT", help="Only cases whose name contains this.")
@click.option("-v", "--verbose", is_flag=True, help="Also show what passed.")
def test(
    paths: tuple[str, ...],
    bind: str,
    port_offset: int,  # noqa: ARG001 - cases run on ports of their own
    sets: dict[str, str],
    use_entra: bool,
    junit: Path | None,
    only: str,
    verbose: bool,
) -> int:
    """Run the PolicyTests among the files: each request against a real Envoy, every backend stood in for.

    Nothing but Envoy is started, and nothing is called. Exit code 1 if a case fails or the files have an error.
    """
    from tidegate.adapters.files import read_sources
    from tidegate.clock import SystemClock
    from tidegate.diagnostics import Found
    from tidegate.diagnostics.render import render, summary
    from tidegate.files import write_private_file
    from tidegate.pipeline import Compilation, Observed, Settings, compile_sources, shown_texts
    from tidegate.runtime.policy_tests import read_suites, run_suites, to_junit, to_text
    from tidegate.runtime.policy_tests.plane import EnvoyFailed
    from tidegate.runtime.policy_tests.run import NoListener
    from tidegate.runtime.policy_tests.tokens import Issuers

    clock, found = SystemClock(), Found()
    sources = read_sources(paths or (".",), sets=sets, found=found, working_directory=Path.cwd())

    def compile_at(offset: int, issuers: Issuers) -> Compilation:
        settings = Settings(bind=bind, port_offset=offset, use_entra=use_entra)
        return compile_sources(sources, settings, Observed(issuers=issuers.metadata()), None)

    first = compile_sources(sources, Settings(bind=bind, use_entra=use_entra), Observed(), None)
    found.extend(first.diagnostics)
    if found.has_errors:
        click.echo(render(found, format="full", sources=shown_texts(first, sources)), nl=False)
        raise Failure(f"{summary(found)}; nothing was run", exit_code=INPUT_WRONG)
    suites = [suite.only(only) for suite in read_suites(first)]
    suites = [suite for suite in suites if suite.cases]
    if not suites:
        raise Failure("there is no PolicyTest to run among the files", exit_code=INPUT_WRONG)
    try:
        results = asyncio.run(run_suites(suites, first.issuers_needed, compile_at, clock=clock))
    except (EnvoyFailed, NoListener) as reason:
        raise Failure(str(reason), exit_code=ENVIRONMENT_FAILED) from reason
    click.echo(to_text(results, verbose=verbose))
    if junit is not None:
        try:
            write_private_file(junit, to_junit(results).encode(), mode=0o644)
        except OSError as reason:
            raise Failure(f"{junit}: {reason.strerror}", exit_code=ENVIRONMENT_FAILED) from reason
    return INPUT_WRONG if any(result.failed for result in results) else 0
