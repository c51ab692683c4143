"""Status conditions: which type/reason pairs the specification has, and their JSON shape.

A condition is built from named parts against this table, so that a reason can never land under the wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

JsonObject = dict[str, Any]
"""Kubernetes' own JSON shape; `Any` because that shape is Kubernetes', not ours."""

EPOCH: Final = "1970-01-01T00:00:00Z"
"""lastTransitionTime is required and compiling knows no clock; the shell that saw the transition may write its own."""

GATEWAY_CLASS: Final = {"Accepted": frozenset(("Accepted", "InvalidParameters", "Pending", "Unsupported"))}
GATEWAY: Final = {
    "Accepted": frozenset(
        (
            "Accepted", "ListenersNotValid", "Pending", "UnsupportedAddress", "Invalid", "InvalidParameters",
            "NotReconciled",
        )
    ),
    "Programmed": frozenset(
        ("Programmed", "Pending", "Invalid", "AddressNotAssigned", "AddressNotUsable", "NoResources")
    ),
    "ResolvedRefs": frozenset(
        ("ResolvedRefs", "RefNotPermitted", "InvalidClientCertificateRef", "ListenersNotResolved")
    ),
    "InsecureFrontendValidationMode": frozenset(("ConfigurationChanged",)),
}  # fmt: skip
_CONFLICTS: Final = ("HostnameConflict", "ProtocolConflict")
LISTENER: Final = {
    # A listener in a conflict is not accepted for the reason of the conflict: so do the conformance tests have it.
    "Accepted": frozenset(
        (
            "Accepted", "PortUnavailable", "UnsupportedProtocol", "UnsupportedValue", "NoValidCACertificate", "Pending",
            *_CONFLICTS,
        )
    ),
    "Conflicted": frozenset(("NoConflicts", *_CONFLICTS)),
    "ResolvedRefs": frozenset(
        (
            "ResolvedRefs", "InvalidCertificateRef", "InvalidRouteKinds", "RefNotPermitted", "InvalidCACertificateRef",
            "InvalidCACertificateKind",
        )
    ),
    "Programmed": frozenset(("Programmed", "Invalid", "Pending", *_CONFLICTS)),
    "OverlappingTLSConfig": frozenset(("OverlappingHostnames", "OverlappingCertificates")),
}  # fmt: skip
LISTENER_SET: Final = {
    "Accepted": frozenset(
        ("Accepted", "Invalid", "NotAllowed", "ParentNotAccepted", "ListenersNotValid", "Pending")
    ),
    "Programmed": frozenset(
        (
            "Programmed", "Invalid", "NotAllowed", "ParentNotProgrammed", "ListenersNotValid", "PortUnavailable",
            "Pending",
        )
    ),
}  # fmt: skip
LISTENER_SET_ENTRY: Final = {
    **LISTENER,
    "Accepted": LISTENER["Accepted"] | {"TooManyListeners"},
    "Conflicted": LISTENER["Conflicted"] | {"ListenerConflict"},
    "Programmed": LISTENER["Programmed"] | {"PortUnavailable"},
}
ROUTE: Final = {
    "Accepted": frozenset(
        (
            "Accepted", "NotAllowedByListeners", "NoMatchingListenerHostname", "NoMatchingParent", "UnsupportedValue",
            "Pending", "IncompatibleFilters",
        )
    ),
    "ResolvedRefs": frozenset(
        ("ResolvedRefs", "RefNotPermitted", "InvalidKind", "BackendNotFound", "UnsupportedProtocol"),
    ),
    "PartiallyInvalid": frozenset(("UnsupportedValue", "IncompatibleFilters")),
}  # fmt: skip
POLICY: Final = {"Accepted": frozenset(("Accepted", "Conflicted", "Invalid", "TargetNotFound"))}

Table = Mapping[str, frozenset[str]]


def condition(
    table: Table, *, type: str, status: bool | None, reason: str, generation: int, message: str = ""
) -> JsonObject:
    """One condition; `status` None is Unknown. Raises ValueError for a pair that the specification does not have."""
    if reason not in table.get(type, frozenset()):
        raise ValueError(f"condition {type} has no reason {reason}; it has {sorted(table.get(type, ()))}")
    return {
        "type": type,
        "status": "Unknown" if status is None else str(status),
        "reason": reason,
        "message": message,
        "observedGeneration": generation,
        "lastTransitionTime": EPOCH,
    }
