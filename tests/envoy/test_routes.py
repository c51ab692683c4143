"""Routes in Envoy's shape; the goldens in testdata/compilers/routes show them whole."""

from __future__ import annotations

import pytest

from tidegate.envoy import NO_BACKEND
from tidegate.envoy.routes import Target, header_changes, targets


def test_shares_of_one_backend_are_added_up() -> None:
    """Envoy wants each cluster once."""
    made = targets([Target("a", 1), Target("b", 2), Target("a", 3), Target("c", 0)])
    assert made == {"weighted_clusters": {"clusters": [{"name": "a", "weight": 4}, {"name": "b", "weight": 2}]}}


@pytest.mark.parametrize("weights", [[], [("a", 0)], [(None, 1)], [(None, 0)]])
def test_nobody_to_send_to_is_500(weights: list[tuple[str | None, int]]) -> None:
    assert targets([Target(*one) for one in weights]) == {
        "cluster": NO_BACKEND,
        "cluster_not_found_response_code": "INTERNAL_SERVER_ERROR",
    }


def test_a_percent_sign_is_no_format() -> None:
    """A header value is what the author wrote, never a substitution."""
    made = header_changes("request", overwrite=[("a", "%REQ(authorization)%")])
    assert made["request_headers_to_add"][0]["header"]["value"] == "%%REQ(authorization)%%"
