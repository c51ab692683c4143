"""Conditions of attached policies."""

from __future__ import annotations

import pytest

from tidegate.manifests.alb import conditions as tables
from tidegate.manifests.alb.conditions import Problem, conditions_of
from tidegate.manifests.conditions import Table

TABLES = {
    "HealthCheckPolicy": tables.HEALTH_CHECK,
    "RoutePolicy": tables.ROUTE_POLICY,
    "BackendLoadBalancingPolicy": tables.BACKEND_LOAD_BALANCING,
    "FrontendTLSPolicy": tables.FRONTEND_TLS,
    "BackendTLSPolicy": tables.ALB_BACKEND_TLS,
}


@pytest.mark.parametrize(("kind", "table"), TABLES.items())
def test_the_reasons_of_a_kind(kind: str, table: Table) -> None:
    """Whatever the kind, its own word for invalid, and what is wrong with references."""
    assert {"Accepted", "Pending", f"Invalid{kind}"} <= table["Accepted"]
    assert {"ResolvedRefs", "RefNotPermitted", "InvalidKind", "InvalidGroup", f"Invalid{kind}"} <= table["ResolvedRefs"]


@pytest.mark.parametrize(
    ("problems", "expected"),
    [
        ((), [("True", "Accepted", ""), ("True", "ResolvedRefs", "")]),
        (
            (Problem("ResolvedRefs", "InvalidService", "gone"),),
            [("False", "InvalidHealthCheckPolicy", "gone"), ("False", "InvalidService", "gone")],
        ),
        (
            (Problem("Accepted", "Conflicted", "taken"),),
            [("False", "Conflicted", "taken"), ("True", "ResolvedRefs", "")],
        ),
        (
            (Problem("Accepted", "OverrideNotSupported", "a"), Problem("ResolvedRefs", "InvalidService", "b")),
            [("False", "OverrideNotSupported", "a"), ("False", "InvalidService", "b")],
        ),
    ],
)
def test_problems_to_conditions(problems: tuple[Problem, ...], expected: list[tuple[str, str, str]]) -> None:
    """What does not resolve is not accepted; what is not accepted may resolve."""
    made = conditions_of(tables.HEALTH_CHECK, problems, invalid="InvalidHealthCheckPolicy", generation=3)
    assert [(c["status"], c["reason"], c["message"]) for c in made] == expected
    assert {c["observedGeneration"] for c in made} == {3}


def test_a_reason_that_the_kind_does_not_have() -> None:
    """Is a mistake of ours."""
    with pytest.raises(ValueError, match="has no reason"):
        conditions_of(tables.BACKEND_TLS, (Problem("Accepted", "InvalidService", ""),), invalid="Invalid", generation=1)
