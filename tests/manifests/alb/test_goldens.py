"""Golden cases of attached policies: what they come to, their status, and what is found."""

from __future__ import annotations

import pytest

from attached import manifests_of, settings_text, statuses_text
from compiling import files_of
from goldens import Case, Golden, cases
from tidegate.diagnostics import Found
from tidegate.diagnostics.render import render
from tidegate.manifests.alb import check_load_balancer
from tidegate.manifests.schema.gateway_api import Gateway


@pytest.mark.parametrize("case", cases("manifests/alb"))
def test_attached(case: Case, golden: Golden) -> None:
    """Settings, statuses and diagnostics are as the golden says."""
    files = files_of(case)
    found = Found()
    manifests = manifests_of(files, found)
    settings = settings_text(manifests, found)
    status = statuses_text(manifests, found)
    for gateway in manifests.of(Gateway):
        check_load_balancer(manifests, gateway, found)
    golden.compare(
        case,
        {
            "settings.txt": settings,
            "status.txt": status,
            "diag.txt": render(found.sorted(), format="full", sources=files),
        },
    )
