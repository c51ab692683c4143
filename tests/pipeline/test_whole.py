"""Whole compilations, from text to xDS."""

from __future__ import annotations

import json

import pytest
import yaml

from compiling import compiled, files_of, shown, status_text
from goldens import Case, Golden, cases
from tidegate.envoy import ENDPOINT, ROUTE


@pytest.mark.parametrize("case", cases("pipeline"))
def test_whole_cases(case: Case, golden: Golden) -> None:
    """Routes and endpoints as Envoy is told them (the rest is the compilers' to show), statuses, findings."""
    files = files_of(case)
    compilation = compiled(files)
    told = {url.rpartition(".")[2]: dict(compilation.snapshot.resources[url]) for url in (ROUTE, ENDPOINT)}
    told = json.loads(json.dumps(told))  # copies, so that YAML needs no anchors
    golden.compare(
        case,
        {
            "xds.yaml": yaml.safe_dump(told, sort_keys=True, width=110),
            "status.txt": status_text(compilation, "Gateway", "HTTPRoute"),
            "diag.txt": shown(compilation, files),
        },
    )
