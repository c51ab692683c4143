"""TG45: listeners, ListenerSets, addresses, and the certificates of both sides."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

LISTENER_TAKEN: Final = error(
    "TG4501",
    "listener-taken",
    "listener {listener} of {owner} is in conflict with {other} on port {port}, which comes first",
)
LISTENER_SET_PARENT: Final = error(
    "TG4502", "listener-set-parent-not-found", "{listener_set} wants to join {parent}, which {problem}"
)
LISTENER_SET_NOT_ALLOWED: Final = error(
    "TG4503", "listener-set-not-allowed", "{gateway} lets no ListenerSet of namespace `{namespace}` in"
)
ADDRESS_UNUSABLE: Final = error("TG4504", "gateway-address-unusable", "{gateway} asks for address {address}: {problem}")
CLIENT_AUTHORITY: Final = error(
    "TG4505", "client-authority-unresolved", "the check of client certificates of {gateway} {problem}"
)
CLIENT_CERTIFICATE: Final = error(
    "TG4506", "gateway-client-certificate-unresolved", "the certificate that {gateway} shows to backends {problem}"
)
CERTIFICATE_OUT_OF_DATE: Final = warning(
    "TG4507", "certificate-out-of-date", "the certificate of listener {listener} of {owner}, Secret {secret}, {why}"
)
CERTIFICATE_HOSTNAME: Final = warning(
    "TG4508", "certificate-for-other-hosts", "no certificate of listener {listener} of {owner} is valid for {hostname}"
)
ROUTE_KIND_NOT_ALLOWED: Final = error("TG4509", "route-kind-not-allowed", "{gateway} takes no {kind} at {listeners}")
CLIENT_VALIDATION_PORT: Final = error(
    "TG4510",
    "client-validation-without-listener",
    "{gateway} validates clients at port {port}, where it has no HTTPS listener",
)

CODES: Final = (
    LISTENER_TAKEN,
    LISTENER_SET_PARENT,
    LISTENER_SET_NOT_ALLOWED,
    ADDRESS_UNUSABLE,
    CLIENT_AUTHORITY,
    CLIENT_CERTIFICATE,
    CERTIFICATE_OUT_OF_DATE,
    CERTIFICATE_HOSTNAME,
    ROUTE_KIND_NOT_ALLOWED,
    CLIENT_VALIDATION_PORT,
)
