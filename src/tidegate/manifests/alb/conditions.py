"""Conditions of attached policies: the reasons that each kind's own types have, and how a judgement becomes them.

`Conflicted` is GEP-713's; of the product's kinds only BackendLoadBalancingPolicy has it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tidegate.manifests.conditions import JsonObject, Table, condition

_REFERENCE: Final = ("RefNotPermitted", "InvalidGroup", "InvalidKind", "InvalidName", "NoTargetReference")


def _table(invalid: str, *more: str, accepted: Sequence[str] = (), resolved: Sequence[str] = ()) -> Table:
    """Both conditions of one kind: a policy that does not resolve is not accepted either."""
    return {
        "Accepted": frozenset(("Accepted", "Pending", "Conflicted", invalid, *accepted, *more)),
        "ResolvedRefs": frozenset(("ResolvedRefs", invalid, *_REFERENCE, *resolved, *more)),
    }


HEALTH_CHECK: Final = _table(
    "InvalidHealthCheckPolicy",
    "SectionNamesNotPermitted",
    "OverrideNotSupported",
    "UnsupportedStatusCodes",
    "InvalidPort",
    resolved=("InvalidService", "BackendTLSPolicyNotFound"),
)
ROUTE_POLICY: Final = _table(
    "InvalidRoutePolicy",
    "SectionNamesNotPermitted",
    "OverrideNotSupported",
    accepted=("AcceptedWithTimeoutConflict",),
    resolved=("InvalidHTTPRoute", "InvalidGRPCRoute"),
)
BACKEND_LOAD_BALANCING: Final = _table("InvalidBackendLoadBalancingPolicy", resolved=("InvalidService", "Conflicted"))
FRONTEND_TLS: Final = _table(
    "InvalidFrontendTLSPolicy",
    "OverrideNotSupported",
    "InvalidPolicyName",
    "InvalidPolicyType",
    resolved=("InvalidGateway", "InvalidCertificateRef"),
)
ALB_BACKEND_TLS: Final = _table(
    "InvalidBackendTLSPolicy", "OverrideNotSupported", resolved=("ServiceNotFound", "InvalidCertificateRef", "Degraded")
)
LOAD_BALANCER: Final[Table] = {
    "Accepted": frozenset(("Accepted", "Pending")),
    "Deployment": frozenset(("Ready", "InProgress")),
}
BACKEND_TLS: Final[Table] = {
    "Accepted": frozenset(("Accepted", "Conflicted", "Invalid", "TargetNotFound", "NoValidCACertificate")),
    "ResolvedRefs": frozenset(("ResolvedRefs", "InvalidCACertificateRef", "InvalidKind")),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a condition of a policy is not True."""

    condition: str
    """Accepted or ResolvedRefs."""
    reason: str
    message: str


def conditions_of(
    table: Table, problems: Sequence[Problem], *, invalid: str, generation: int, accepted: str = "Accepted"
) -> list[JsonObject]:
    """Accepted and ResolvedRefs. What does not resolve is not accepted either, for the reason `invalid`."""
    resolved = next((p for p in problems if p.condition == "ResolvedRefs"), None)
    refused = next((p for p in problems if p.condition == "Accepted"), None)
    if refused is None and resolved is not None:
        refused = Problem("Accepted", invalid, resolved.message)
    return [
        condition(
            table,
            type="Accepted",
            status=refused is None,
            reason=refused.reason if refused else accepted,
            generation=generation,
            message=refused.message if refused else "",
        ),
        condition(
            table,
            type="ResolvedRefs",
            status=resolved is None,
            reason=resolved.reason if resolved else "ResolvedRefs",
            generation=generation,
            message=resolved.message if resolved else "",
        ),
    ]
