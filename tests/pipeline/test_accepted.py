"""Whatever the pipeline makes of an input, right or wrong, real Envoy accepts."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiling import compiled, files_of
from goldens import Case, cases
from real_envoy import inlined, refusal
from tidegate.adapters.files import read_sources
from tidegate.diagnostics import Found
from tidegate.pipeline import Observed, Settings, compile_sources

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AREAS = ("manifests/schema", "manifests/attach", "manifests/backends", "manifests/coverage", "manifests/apiops")


@pytest.mark.parametrize("case", [case for area in AREAS for case in cases(area)])
def test_envoy_accepts_every_case(case: Case) -> None:
    """A mistake in one object never makes a configuration that Envoy refuses."""
    snapshot = compiled(files_of(case)).snapshot
    assert refusal(inlined(snapshot)) == ""


def test_envoy_accepts_the_examples() -> None:
    """With the programs of their policies, and keys still to come."""
    sources = read_sources([EXAMPLES / "tasks" / "manifests", EXAMPLES / "apiops"], sets={}, found=Found())
    assert refusal(inlined(compile_sources(sources, Settings(), Observed()).snapshot)) == ""
