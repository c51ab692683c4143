"""The routes of egress, and the second route of a program that chooses."""

from __future__ import annotations

from tidegate.envoy.egress_routes import Declared, all_declared, chosen_backend, egress_routes


def test_hosts_are_told_by_host_and_port() -> None:
    """By the header that says where to, not by what the Host header says."""
    declared = [
        Declared("http", "a.example.com", 80, "one"),
        Declared("https", "a.example.com", 80, "two"),
        Declared("http", "2001:db8::1", 81, "three"),
    ]
    table = egress_routes(declared, {})
    assert table["vhost_header"] == "x-envoy-tidegate-host"
    assert [host["domains"] for host in table["virtual_hosts"]] == [["[2001:db8::1]:81"], ["a.example.com:80"], ["*"]]
    clusters = [each["route"]["cluster"] for each in table["virtual_hosts"][1]["routes"] if "route" in each]
    assert clusters == ["one", "two", "egress-https", "egress-http"]


def test_no_header_of_ours_leaves() -> None:
    table = egress_routes([], {})
    assert all(name.startswith("x-envoy-tidegate-") for name in table["request_headers_to_remove"])
    assert len(table["request_headers_to_remove"]) == 8
    assert table["response_headers_to_remove"] == ["x-tidegate-reply"]


def test_a_chosen_backend_keeps_times_and_loses_rewrites() -> None:
    own = {
        "name": "r",
        "match": {"prefix": "/", "headers": [{"name": "x", "present_match": True}]},
        "route": {"cluster": "c", "timeout": "3s", "host_rewrite_literal": "h", "prefix_rewrite": "/p"},
        "response_headers_to_remove": ["y"],
    }
    chosen = chosen_backend(own)
    assert chosen["route"] == {"cluster_header": "x-envoy-tidegate-cluster", "timeout": "3s"}
    assert [each["name"] for each in chosen["match"]["headers"]] == ["x", "x-envoy-tidegate-cluster"]
    assert chosen["response_headers_to_remove"] == ["y", "x-tidegate-egress"]
    assert "metadata" not in own


def test_runs_without_destinations_judge_none() -> None:
    """`tidegate policy test` stands in for every cluster."""
    table = all_declared(egress_routes([], {}))
    routes = table["virtual_hosts"][0]["routes"]
    assert all(each["metadata"]["filter_metadata"] for each in routes if "route" in each)
