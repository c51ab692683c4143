"""Health checks; tests/compilers/test_health_checks.py shows what they do."""

from __future__ import annotations

import pytest

from tidegate.envoy.clusters import load_assignment
from tidegate.envoy.health_checks import are_exchanged, health_checked, http_check, tcp_check, without_probes


def test_a_status_range_includes_its_end() -> None:
    """Envoy's ranges do not."""
    check = http_check(host="h", path="/", statuses=[(200, 399)], body=None, http2=False)
    assert check["http_health_check"]["expected_statuses"] == [{"start": 200, "end": 400}]


def test_the_text_of_a_body_is_searched_for_as_bytes() -> None:
    """As UTF-8, in a bounded part of the answer."""
    check = http_check(host="h", path="/", statuses=[], body="grün", http2=True)["http_health_check"]
    assert bytes.fromhex(check["receive"][0]["text"]).decode() == "grün"
    assert check["response_buffer_size"] == 64 << 10
    assert check["codec_client_type"] == "HTTP2"


def test_an_unused_cluster_is_probed_as_often_as_any() -> None:
    """Envoy by itself would ask once a minute."""
    cluster = health_checked(
        tcp_check(), interval_s=0.5, timeout_s=1, healthy_threshold=1, unhealthy_threshold=3, own_socket=False
    )
    (check,) = cluster["health_checks"]
    assert check["interval"] == check["no_traffic_interval"] == "0.5s"


def test_without_probes_a_cluster_is_the_same_but_for_them() -> None:
    cluster = {"name": "c", "health_checks": [{}], "common_lb_config": {"healthy_panic_threshold": {"value": 0}}}
    assert without_probes(cluster) == {key: value for key, value in cluster.items() if key != "health_checks"}
    assert without_probes({"name": "c"}) is None


@pytest.mark.parametrize(
    ("before", "after", "exchanged"),
    [([1], [2], True), ([1, 2], [3], True), ([1, 2], [2, 3], False), ([1], [], False), ([], [1], False)],
)
def test_endpoints_are_exchanged_when_none_stays(before: list[int], after: list[int], exchanged: bool) -> None:
    """Where there were none, or are none, nobody waits for a probe."""
    old, new = (load_assignment("c", [("127.0.0.1", port) for port in ports]) for ports in (before, after))
    assert are_exchanged(old, new) is exchanged
