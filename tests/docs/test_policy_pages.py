"""The examples of docs/policies do what their pages say, in a real Envoy."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.pages.policy_pages import pages, read_page, render
from tidegate.clock import SystemClock
from tidegate.diagnostics import Severity
from tidegate.pipeline import Compilation, Observed, Settings, compile_sources
from tidegate.policies.catalogue import CATALOGUE
from tidegate.runtime.policy_tests import Suite, read_suites, run_suites
from tidegate.runtime.policy_tests.tokens import Issuers
from tidegate.sources import Source, SourceSet

ROOT = Path(__file__).parents[2]
PAGES = pages(ROOT)


def test_every_policy_has_its_page() -> None:
    """And no page is of a policy that is not there."""
    files = {path.stem for path in (ROOT / "docs" / "policies").glob("*.md")} - {"README"}
    assert sorted(files) == sorted(CATALOGUE)


@pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))
def test_an_example_is_accepted_and_becomes_what_its_page_shows(path: Path) -> None:
    """Without an error; `make docs` brings the Lua up to date."""
    found = [d.concise() for d in read_page(path).compiled().diagnostics if d.severity is Severity.ERROR]
    assert found == []
    assert render(path) == path.read_text(encoding="utf-8")


@pytest.mark.e2e
@pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))
async def test_an_example_does_what_its_page_says(path: Path) -> None:
    """Every case of the page, by `tidegate policy test`'s own runner."""
    world = read_page(path).world()
    sources = SourceSet({name: Source(name, text) for name, text in sorted(world.items())}, (".",), {})

    def compile_at(offset: int, issuers: Issuers) -> Compilation:
        return compile_sources(sources, Settings(port_offset=offset), Observed(issuers=issuers.metadata()))

    first = compile_sources(sources, Settings(), Observed())
    suites: tuple[Suite, ...] = read_suites(first)
    assert suites, [d.concise() for d in first.diagnostics]
    results = await run_suites(suites, first.issuers_needed, compile_at, clock=SystemClock())
    problems = {case.name: case.problems for result in results for case in result.cases if case.problems}
    assert not problems
