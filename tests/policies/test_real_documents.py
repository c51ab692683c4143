"""Whole documents in the style of those that teams run: each accepted, and those with cases do what they say.

All are our own. docs/policy-coverage.md tells what was read to know the style, and how much of it is accepted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from scripts.pages.policy_pages import SPECIFICATION
from tidegate.clock import SystemClock
from tidegate.diagnostics import Severity
from tidegate.pipeline import Compilation, Observed, Settings, compile_sources
from tidegate.runtime.policy_tests import read_suites, run_suites, to_text
from tidegate.runtime.policy_tests.tokens import Issuers
from tidegate.sources import Source, SourceSet

FOLDER: Final = Path(__file__).parent / "real_documents"
DOCUMENTS: Final = {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.xml"))}
VALUES: Final[Mapping[str, str]] = {
    "signing-key": "c2VjcmV0LW9mLXRoZS1zaG9w",
    "partner-host": "https://partner.example.com",
    "calls-a-minute": "100",
    "maintenance": "false",
}
FRAGMENT: Final = (
    '<fragment><set-header name="X-Correlation" exists-action="skip">'
    "<value>@(context.RequestId.ToString())</value></set-header></fragment>"
)


def world() -> dict[str, str]:
    """One layout with an API for each document, which its file's name is the path of."""
    root = "apimartifacts"
    files = {
        f"{root}/policy fragments/correlation/policyFragmentInformation.json": json.dumps({"properties": {}}),
        f"{root}/policy fragments/correlation/policy.xml": FRAGMENT,
        f"{root}/backends/stock/backendInformation.json": json.dumps(
            {"properties": {"url": "https://stock.example.com/v2", "protocol": "http"}}
        ),
        "cases.yaml": (FOLDER / "cases.yaml").read_text(encoding="utf-8"),
    }
    for name, value in VALUES.items():
        properties = {"displayName": name, "value": value, "secret": False}
        files[f"{root}/named values/{name}/namedValueInformation.json"] = json.dumps({"properties": properties})
    for name, text in DOCUMENTS.items():
        properties = {
            "path": name,
            "displayName": name,
            "serviceUrl": "https://orders.example.com/v1",
            "subscriptionRequired": False,
        }
        files[f"{root}/apis/{name}/apiInformation.json"] = json.dumps({"properties": properties})
        files[f"{root}/apis/{name}/specification.json"] = json.dumps(SPECIFICATION)
        files[f"{root}/apis/{name}/policy.xml"] = text
    return files


SOURCES: Final = SourceSet({name: Source(name, text) for name, text in sorted(world().items())}, (".",), {})


@pytest.fixture(scope="module")
def compilation() -> Compilation:
    return compile_sources(SOURCES, Settings(), Observed())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_accepted(compilation: Compilation, name: str) -> None:
    """Without an error at any place of it."""
    errors = [d for d in compilation.diagnostics if d.severity is Severity.ERROR]
    assert [d.concise() for d in errors if d.span is None or f"/{name}/" in d.span.file] == []


@pytest.mark.e2e
async def test_they_do_what_their_cases_say(compilation: Compilation) -> None:
    """All in one Envoy; requests are traced, as those of `tidegate policy test` are."""

    def compile_at(offset: int, issuers: Issuers) -> Compilation:
        return compile_sources(SOURCES, Settings(port_offset=offset), Observed(issuers=issuers.metadata()))

    suites = read_suites(compilation)
    assert suites, [d.concise() for d in compilation.diagnostics]
    results = await run_suites(suites, compilation.issuers_needed, compile_at, clock=SystemClock())
    assert sum(result.failed for result in results) == 0, to_text(results, verbose=False)
