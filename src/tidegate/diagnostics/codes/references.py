"""TG4: references between objects, and attachment."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

BACKEND_NOT_FOUND: Final = error(
    "TG4101", "backend-not-found", "{route} sends to Service {service}, which does not exist"
)
BACKEND_NOT_PERMITTED: Final = error(
    "TG4102",
    "backend-not-permitted",
    "{route} sends to Service {service} of another namespace, and no ReferenceGrant allows it",
)
BACKEND_KIND: Final = error(
    "TG4103", "backend-kind-unknown", "{route} sends to a {kind}; only a Service can be sent to"
)
BACKEND_PORT_UNKNOWN: Final = error(
    "TG4104", "backend-port-unknown", "{route} sends to port {port}, which Service {service} does not have"
)
BACKEND_PROTOCOL: Final = error(
    "TG4106",
    "backend-protocol-unsupported",
    "{route} sends to port {port} of Service {service}, which speaks {protocol}",
)
BACKEND_EMPTY: Final = warning("TG4107", "backend-without-endpoints", "nothing serves port {port} of Service {service}")

PARENT_NOT_FOUND: Final = error("TG4201", "parent-not-found", "{route} wants to attach to {parent}, which {problem}")
LISTENER_NOT_FOUND: Final = error("TG4202", "listener-not-found", "{route} wants {wanted} of {gateway}, which has none")
ROUTE_NOT_ALLOWED: Final = error(
    "TG4203", "route-not-allowed", "{gateway} does not allow routes of namespace `{namespace}` at {listeners}"
)
HOSTNAME_NO_MATCH: Final = error(
    "TG4204", "hostname-without-listener", "no listener of {gateway} serves a hostname of {route}"
)
CLASS_UNKNOWN: Final = error(
    "TG4205", "gateway-class-unknown", "{gateway} is of class `{name}`, which no GatewayClass declares"
)
CLASS_ASSUMED: Final = warning(
    "TG4206", "gateway-class-undeclared", "no GatewayClass `{name}` is declared; {gateway} is served as {controller}"
)
CLASS_FOREIGN: Final = warning(
    "TG4207", "gateway-class-foreign", "{gateway} belongs to controller {controller}, not to Tidegate"
)
LISTENER_CONFLICT: Final = error(
    "TG4208", "listener-conflict", "listeners {names} of {gateway} {conflict} on port {port}"
)
LISTENER_PROTOCOL: Final = error(
    "TG4209", "listener-protocol-unsupported", "listener {listener} of {gateway} has protocol {protocol}"
)
CERTIFICATE_REFERENCE: Final = error(
    "TG4210", "certificate-reference-unresolved", "listener {listener} of {gateway} {problem}"
)
ADDRESS_TAKEN: Final = error(
    "TG4211", "gateway-address-taken", "{gateway} and {other} both want port {port} of {address}"
)
ROUTE_KIND: Final = error(
    "TG4212", "route-kind-unsupported", "listener {listener} of {gateway} allows {kind}, which it does not take"
)
CLASS_MISTAKEN: Final = warning(
    "TG4213",
    "gateway-class-mistaken",
    "{gateway} is of class `{name}`, which does not exist; it is served as `{meant}`",
)
NO_PARENT: Final = warning("TG4214", "route-without-parent", "{route} has no `parentRefs`; nothing serves it")

POLICY_TARGET_NOT_FOUND: Final = error(
    "TG4301", "policy-target-not-found", "{policy} targets {target}, which does not exist"
)
POLICY_CONFLICT: Final = error("TG4302", "policy-target-taken", "{policy} targets {target}, which {other} already has")
POLICY_FILE_NOT_FOUND: Final = error(
    "TG4303", "policy-file-not-found", "{policy} names `{file}`, which is not among the inputs"
)
POLICY_UNREADABLE: Final = error(
    "TG4304", "policies-unreadable", "{file} may hold policies and cannot be read, so every route answers 503"
)

ENVIRONMENT_REFERENCE: Final = error(
    "TG4401",
    "environment-reference-unresolved",
    "{object}: variable {variable} comes from {target}, which does not exist",
)

CODES: Final = (
    BACKEND_NOT_FOUND,
    BACKEND_NOT_PERMITTED,
    BACKEND_KIND,
    BACKEND_PORT_UNKNOWN,
    BACKEND_PROTOCOL,
    BACKEND_EMPTY,
    PARENT_NOT_FOUND,
    LISTENER_NOT_FOUND,
    ROUTE_NOT_ALLOWED,
    HOSTNAME_NO_MATCH,
    CLASS_UNKNOWN,
    CLASS_ASSUMED,
    CLASS_FOREIGN,
    LISTENER_CONFLICT,
    LISTENER_PROTOCOL,
    CERTIFICATE_REFERENCE,
    ADDRESS_TAKEN,
    ROUTE_KIND,
    CLASS_MISTAKEN,
    NO_PARENT,
    POLICY_TARGET_NOT_FOUND,
    POLICY_CONFLICT,
    POLICY_FILE_NOT_FOUND,
    POLICY_UNREADABLE,
    ENVIRONMENT_REFERENCE,
)
