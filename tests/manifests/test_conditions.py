"""Conditions have only the type and reason pairs that the specification has."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiling import compiled
from goldens import TESTDATA
from tidegate.manifests.alb import conditions as attached
from tidegate.manifests.conditions import (
    GATEWAY,
    GATEWAY_CLASS,
    LISTENER,
    LISTENER_SET,
    LISTENER_SET_ENTRY,
    POLICY,
    ROUTE,
    Table,
    condition,
)
from tidegate.pipeline import Compilation

INPUTS = sorted((TESTDATA / "manifests").rglob("*.in.yaml"))
TABLES: dict[str, tuple[Table, Table]] = {
    "GatewayClass": (GATEWAY_CLASS, {}),
    "Gateway": (GATEWAY, LISTENER),
    "ListenerSet": (LISTENER_SET, LISTENER_SET_ENTRY),
    **dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"), ({}, ROUTE)),
    "BackendTLSPolicy": (attached.ALB_BACKEND_TLS, attached.BACKEND_TLS),
    "HealthCheckPolicy": (attached.HEALTH_CHECK, {}),
    "RoutePolicy": (attached.ROUTE_POLICY, {}),
    "FrontendTLSPolicy": (attached.FRONTEND_TLS, {}),
    "BackendLoadBalancingPolicy": (attached.BACKEND_LOAD_BALANCING, attached.BACKEND_LOAD_BALANCING),
    "ApplicationLoadBalancer": (attached.LOAD_BALANCER, {}),
    **dict.fromkeys(("ApimPolicy", "RateLimitPolicy"), ({}, POLICY)),
}
NOT_TRUE_OR_FALSE = {"ListenersNotValid", "PartiallyInvalid", "InsecureFrontendValidationMode", "OverlappingTLSConfig"}


def test_pair_that_is_not_defined_is_our_mistake() -> None:
    """A reason under the wrong type never leaves us."""
    with pytest.raises(ValueError, match="condition Accepted has no reason ResolvedRefs"):
        condition(ROUTE, type="Accepted", status=True, reason="ResolvedRefs", generation=1)


def test_unknown_is_a_status() -> None:
    """A condition may be neither true nor false."""
    assert condition(GATEWAY, type="Programmed", status=None, reason="Pending", generation=1)["status"] == "Unknown"


def _pairs(compilation: Compilation) -> list[tuple[Table, dict[str, str]]]:
    found: list[tuple[Table, dict[str, str]]] = []
    for key, status in compilation.statuses.items():
        own, parts = TABLES[key.kind]
        found += [(own, each) for each in status.get("conditions", ())]
        for name in ("listeners", "parents", "ancestors"):
            found += [(parts, each) for part in status.get(name, ()) for each in part["conditions"]]
    return found


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_every_status_of_the_cases_is_defined(path: Path) -> None:
    """True conditions carry the positive reason and others do not; but some reasons stand with both."""
    for table, each in _pairs(compiled(path.read_text("utf-8"))):
        assert each["reason"] in table[each["type"]], each
        positive = {"Accepted", "Programmed", "ResolvedRefs", "Ready", "AcceptedWithTimeoutConflict"}
        if each["type"] == "Conflicted":
            positive = {"HostnameConflict", "ProtocolConflict"}
        if not NOT_TRUE_OR_FALSE & {each["reason"], each["type"]}:
            assert (each["status"] == "True") == (each["reason"] in positive), each
